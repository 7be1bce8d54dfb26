"""Whether a time may be held for a client, and what becomes of holds when a visit stands. Pure.

A hold is a wish, so what stands there refuses it. It is judged as clashes are: by each visit's owner side, paddings
included. A class with room takes one more, as long as the holds on the same seats leave any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.decide.chairs import in_the_way, person_span, standing
from sync.model import Appointment, Board, Ref, Side, Span
from sync.model.holds import Hold, HoldState, Refusal

SAME_TIME = timedelta(minutes=1)
"""Starts nearer than this are one start: Bookly sells minutes."""

CLOCKS_DIFFER = timedelta(minutes=2)
"""How much the clocks of the website and of this machine may differ before a booking seems older than its hold."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many holds are open at once, for one client and in all; how long one lasts; how far ahead it may be."""

    each_client: int = 3
    in_all: int = 200
    longest: timedelta = timedelta(minutes=15)
    ahead: timedelta = timedelta(days=400)


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wants: a person's span (its `staff` is the person id), Bookly's service id, who asks."""

    span: Span
    service: str
    client: str

    def is_in_place_of(self, hold: Hold) -> bool:
        """Whether granting it ends that hold: a client who chooses again lets go of what overlaps."""
        return hold.client == self.client and hold.meets(self.span)

    def repeats(self, hold: Hold) -> bool:
        """Whether it is just what that hold already is: the answer to the first request was lost, or a second click."""
        span = self.span
        mine = hold.client == self.client and hold.person == span.staff
        return mine and (hold.start, hold.end) == (span.busy_start, span.busy_end)


def out_of_bounds(wish: Wish, now: datetime, limits: Limits = LIMITS) -> Refusal | None:
    """Only times ahead can be had, and not further than a salon plans."""
    if wish.span.start <= now:
        return Refusal.PAST
    return Refusal.TOO_FAR if wish.span.start > now + limits.ahead else None


def over_the_limits(of_client: int, in_all: int, limits: Limits = LIMITS) -> Refusal | None:
    """Whether one more hold is too many beside those that are open; what it takes the place of is not counted."""
    if of_client >= limits.each_client:
        return Refusal.TOO_MANY_YOURS
    return Refusal.TOO_MANY if in_all >= limits.in_all else None


def obstacle(board: Board, wish: Wish, holds: Iterable[Hold]) -> Refusal | None:
    """What keeps the wish from being granted: `board` has what stands near it, `holds` are those that live."""
    classes = dict(_joinable(board, wish))
    if in_the_way(standing(board), [wish.span], frozenset(classes)):
        return Refusal.TAKEN
    others = [hold for hold in holds if hold.meets(wish.span) and hold.client != wish.client]
    if not others:
        return None
    seats = min(classes.values(), default=0)
    on_seats = all(_same_start(hold, wish.span) for hold in others)
    return None if on_seats and len(others) < seats else Refusal.HELD


def _joinable(board: Board, wish: Wish) -> Iterator[tuple[Ref, int]]:
    """The class of that service that starts just then with that person, and how many more it takes."""
    for ref, there in board.appointments.items():
        room = there.capacity - there.unit_persons
        if there.stands and there.is_class and room > 0 and ref.side is Side.BOOKLY:
            spans = (person_span(board, ref.side, part) for part in there.parts if part.service == wish.service)
            if any(span.staff == wish.span.staff and span.start == wish.span.start for span in spans):
                yield ref, room


def _same_start(hold: Hold, span: Span) -> bool:
    return abs(hold.start - span.busy_start) < SAME_TIME


def became_of(
    holds: Sequence[Hold], visit: Appointment, spans: Iterable[Span], client: str = ""
) -> tuple[tuple[Hold, HoldState], ...]:
    """What a visit that stands makes of the holds that live: those it ends, each consumed or lost.

    `spans` are the visit's with person ids for staff. `client` is the checkout the visit came from, where that is
    known. Else a hold is taken to have become the visit when the visit was made in Bookly after the hold, with the
    same person from the same start: nobody else was let through there. A class ends only the holds it has no room for.
    """
    if not visit.stands:
        return ()
    met = [(hold, span) for hold in holds for span in spans if hold.meets(span)]
    met = list({hold.id: (hold, span) for hold, span in reversed(met)}.values())[::-1]
    seated = [hold for hold, span in met if visit.is_class and _same_start(hold, span)]
    kept = {hold.id for hold in _with_room(seated, visit, client)}
    return tuple((hold, _end(hold, span, visit, client)) for hold, span in met if hold.id not in kept)


def _with_room(seated: Sequence[Hold], visit: Appointment, client: str) -> Sequence[Hold]:
    """Those that can still become a seat: the class's own booking is taken to have come from the oldest."""
    waiting = sorted((hold for hold in seated if not client or hold.client != client), key=lambda h: (h.made_at, h.id))
    room = max(0, visit.capacity - visit.unit_persons)
    return waiting[len(waiting) - room :] if room < len(waiting) else waiting


def _end(hold: Hold, span: Span, visit: Appointment, client: str) -> HoldState:
    if client:
        return HoldState.CONSUMED if hold.client == client else HoldState.LOST
    made = visit.made_at
    is_later = visit.ref.side is Side.BOOKLY and made is not None and made > hold.made_at - CLOCKS_DIFFER
    return HoldState.CONSUMED if is_later and _same_start(hold, span) else HoldState.LOST
