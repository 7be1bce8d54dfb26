"""What stands in either calendar, in one form, so that people can choose a time that is free, or one that is not.

Pure but for nothing: made from rows and answers that somebody else read. Times are UTC, intervals half-open.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from practice_salon.truth import Side

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's time taken on one side. `unit` is Bookly's appointment id or Square's booking id.

    `core` runs to the end with extras, `busy` has paddings or transition too. `seats` are the
    customer_appointments that stand; `clients` phones and mails, lower case, digits only for phones.
    """

    side: Side
    unit: int | str
    staff: int | None
    core: Span
    busy: Span
    clients: frozenset[str] = frozenset()
    seats: tuple[int, ...] = ()
    service: int | None = None
    capacity: int = 1

    def meets(self, span: Span) -> bool:
        """Whether the busy time meets that span."""
        return meet(self.busy, span)


@dataclass(slots=True)
class Board:
    """Everything that stands on both sides in some stretch of time; grows with what is booked meanwhile."""

    standings: list[Standing]

    def of(self, staff: int) -> Iterator[Standing]:
        """What one person has, on either side."""
        return (one for one in self.standings if one.staff == staff)

    def free(self, staff: int, span: Span) -> bool:
        """Whether nothing of that person's meets the span, on either side, paddings included."""
        return not any(one.meets(span) for one in self.of(staff))

    def comes_on(self, phone: str, span: Span) -> bool:
        """Whether that client has anything that meets the span."""
        known = digits(phone)
        return any(known in one.clients and one.meets(span) for one in self.standings)

    def clashes(self, one: Standing) -> bool:
        """Whether somebody else's visit meets its core with the same person, on either side."""
        others = (other for other in self.standings if other.staff == one.staff and other.clients)
        return any(meet(other.core, one.core) and not other.clients & one.clients for other in others)

    def add(self, *standings: Standing) -> None:
        """Remember what was just booked."""
        self.standings.extend(standings)

    def drop(self, *standings: Standing) -> None:
        """Forget what was just cancelled, moved or deleted."""
        gone = {(one.side, one.unit) for one in standings}
        self.standings = [one for one in self.standings if (one.side, one.unit) not in gone]

    def pairs(self) -> list[tuple[Standing, Standing]]:
        """(Bookly's, Square's) that look like one visit: same person and start, a client in common or none on one."""
        by_place: dict[tuple[int | None, datetime], list[Standing]] = {}
        for one in self.standings:
            if one.side == "square":
                by_place.setdefault((one.staff, one.core[0]), []).append(one)
        return [
            (one, other)
            for one in self.standings
            if one.side == "bookly"
            for other in by_place.get((one.staff, one.core[0]), ())
            if not one.clients or not other.clients or one.clients & other.clients
        ]


def meet(a: Span, b: Span) -> bool:
    """Half-open: what touches does not meet."""
    return a[0] < b[1] and b[0] < a[1]


def digits(phone: str) -> str:
    """A phone as its last ten digits, which is what two calendars have in common."""
    return "".join(sign for sign in phone if sign.isdigit())[-10:]


def identity(phone: str, email: str) -> frozenset[str]:
    """What a client can be known by."""
    return frozenset({digits(phone), email.strip().lower()} - {""})


def segments(start: datetime, lengths: Sequence[tuple[str, int, int]]) -> Iterator[tuple[str, Span]]:
    """(team member, span) of each of a booking's segments given as (member, minutes, gap after it in minutes)."""
    for member, minutes, gap in lengths:
        end = start + timedelta(minutes=minutes)
        yield member, (start, end)
        start = end + timedelta(minutes=gap)


def starts(spans: Iterable[Span], step: timedelta) -> Iterator[datetime]:
    """Every step within the spans, on the step's own grid of the hour."""
    for begin, end in spans:
        start = round_up(begin, step)
        while start < end:
            yield start
            start += step


def round_up(moment: datetime, step: timedelta) -> datetime:
    """To the next full step since the epoch."""
    over = moment.timestamp() % step.total_seconds()
    return moment if not over else moment + step - timedelta(seconds=over)
