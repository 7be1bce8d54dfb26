"""Linked visits whose two sides no longer say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from sync.decide.following import SLACK
from sync.decide.shape import about, finding, first_person
from sync.decide.view import View
from sync.model import Appointment, Client, Finding, Kind, Pair, Part, Person, Ref, Side, Span, Standing
from sync.model.zones import zone

SETTLING = timedelta(minutes=2)
"""A difference younger than this is on its way (DESIGN 5)."""

_CARRIED = frozenset({Standing.STANDS, Standing.CANCELLED})


def drift_findings(view: View, pairs: Iterable[Pair]) -> Iterator[Finding]:
    """One finding for each of these pairs whose sides differ: two minutes old, and not for a visit that has ended."""
    for pair in pairs:
        ends = _Ends(view, pair)
        if not ends.settling() and (differs := ends.differs()) and ends.ahead():
            yield ends.finding(differs)


class _Ends:
    """The current partners of a pair, as each side has them now; `gone` are those that a side no longer has."""

    def __init__(self, view: View, pair: Pair) -> None:
        self.view, self.pair = view, pair
        self.partners = tuple(partner for partner in pair.partners if partner.current)
        self.there: dict[Side, list[Appointment]] = {
            side: [view.appointments[p.ref] for p in pair.current(side) if p.ref in view.appointments] for side in Side
        }
        self.gone = {
            p.ref: view.vanished.get(p.ref) or p.agreed for p in self.partners if p.ref not in view.appointments
        }

    def settling(self) -> bool:
        """Whether something of it is still on its way, or not read well enough to say."""
        refs = [partner.ref for partner in self.partners]
        if any(ref in self.view.judged for ref in refs):
            return False
        return (
            any(ref in self.view.under_way for ref in refs)
            or any(self.view.now - self.view.changed[ref] < SETTLING for ref in refs if ref in self.view.changed)
            or not all(self._surely_gone(ref, last) for ref, last in self.gone.items())
        )

    def _surely_gone(self, ref: Ref, last: Appointment | None) -> bool:
        read = self.view.reads.get(ref.side)
        if read is None or ref in self.view.withheld.get(ref.side, ()):
            return False
        start = last.start if last and last.parts else self._somewhere().start
        return read.window.start <= start < read.window.end

    def differs(self) -> tuple[str, ...]:
        """What differs: of "time", "staff", "standing", "client", "service", in this order."""
        here = [appointment for side in Side for appointment in self.there[side]]
        if not here or any(a.standing not in _CARRIED or a.anomaly for a in here):
            return ()
        if not self.gone and self._as_agreed(here):
            return ()
        if not any(a.stands for a in here):
            return ()
        if self.gone or not all(a.stands for a in here):
            return ("standing",)
        return tuple(self._contents())

    def _as_agreed(self, here: list[Appointment]) -> bool:
        """Each side shows exactly what it showed when all was agreed: then they are in step, whatever they hold."""
        agreed = {partner.ref: partner.agreed for partner in self.partners}
        return all((then := agreed[a.ref]) is not None and _same(then, a) for a in here)

    def _contents(self) -> Iterator[str]:
        if self._times_differ():
            yield "time"
        if self._staff_differ():
            yield "staff"
        bookly, square = ([part for a in self.there[side] for part in a.parts] for side in Side)
        if _clients_differ(self.view, self._clients(Side.BOOKLY), self._clients(Side.SQUARE)):
            yield "client"
        if _services_differ(self.view, bookly, square):
            yield "service"

    def _clients(self, side: Side) -> list[Client]:
        return [client for a in self.there[side] if not a.is_class for client in a.clients]

    def _times_differ(self) -> bool:
        square = self.there[Side.SQUARE]
        here = _stretches((p.span.start, p.span.end) for a in self.there[Side.BOOKLY] for p in a.parts)
        spans = [part.span for a in square for part in a.parts]
        wanted = [_stretches(_core(span) for span in spans)]
        if any(_is_block(a) for a in self.there[Side.BOOKLY]):
            busy = [_busy(span) for span in spans]
            wanted += [_stretches(busy), _stretches(_in_digits(stretch, self.view.timezone) for stretch in busy)]
        return not any(_alike(here, stretches) for stretches in wanted)

    def _staff_differ(self) -> bool:
        bookly, square = (
            {
                (self.view.person_id(side, p.span.staff), self.view.person_of(side, p.span.staff))
                for a in self.there[side]
                for p in a.parts
            }
            for side in Side
        )
        if {name for name, _ in bookly} == {name for name, _ in square}:
            return False
        return _is_known(person for _, person in bookly) or _is_known(person for _, person in square)

    def ahead(self) -> bool:
        """Whether the visit has not ended, by whichever side has it later."""
        return max(a.end for side in Side for a in self.there[side]) > self.view.now

    def _somewhere(self) -> Appointment:
        """The visit as its owner side has it, else as the other."""
        owner = self.there[self.pair.owner] or self.there[self.pair.owner.other]
        return owner[0] if owner else next(a for a in self.gone.values() if a is not None)

    def finding(self, differs: tuple[str, ...]) -> Finding:
        shown = self._somewhere()
        last = {ref: appointment for ref, appointment in self.gone.items() if appointment is not None}
        here = [a for side in Side for a in self.there[side]]
        return finding(
            self.view,
            Kind.DRIFT,
            about(*here, *last.values()),
            first_person(self.view, shown),
            shown.start,
            shown.end,
            gone=last,
            differs=list(differs),
        )


def _same(then: Appointment, now: Appointment) -> bool:
    """Equal in what matters. Looking at all of it first is far cheaper than hashing what matters."""
    return then == now or then.fingerprint == now.fingerprint


def _core(span: Span) -> tuple[datetime, datetime]:
    return span.start, span.end


def _busy(span: Span) -> tuple[datetime, datetime]:
    return span.busy_start, span.busy_end


def _is_block(appointment: Appointment) -> bool:
    """Time shut in Bookly for nobody in particular."""
    return not appointment.clients and not appointment.is_class


def _in_digits(stretch: tuple[datetime, datetime], timezone: str) -> tuple[datetime, datetime]:
    """As Bookly's local digits can hold it: in the hour that a clock repeats, always its first pass."""
    start, end = (_first_pass(moment, zone(timezone)) for moment in stretch)
    return start, end


def _first_pass(moment: datetime, place: tzinfo) -> datetime:
    return moment.astimezone(place).replace(fold=0).astimezone(UTC)


def _stretches(times: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Touching and overlapping stretches joined, in order: one block may show two segments."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(times):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _alike(one: list[tuple[datetime, datetime]], other: list[tuple[datetime, datetime]]) -> bool:
    return len(one) == len(other) and all(
        abs(a - b) < SLACK for mine, theirs in zip(one, other, strict=True) for a, b in zip(mine, theirs, strict=True)
    )


def _is_known(people: Iterable[Person | None]) -> bool:
    """Whether somebody of these is mapped, so that being somebody else is certain."""
    return any(person is not None and person.bookly is not None and person.square is not None for person in people)


def _clients_differ(view: View, bookly: list[Client], square: list[Client]) -> bool:
    """Whether the clients map says that these are different people; no word of it where the map knows neither."""
    here = {client.key for client in bookly if client.key}
    there = {client.key for client in square if client.key}
    if not here or not there:
        return False
    known = {view.clients[key] for key in here if key in view.clients}
    known_back = {key for client in there for key in view.bookly_clients.get(client, ())}
    return bool(known or known_back) and not (known & there) and not (known_back & here)


def _services_differ(view: View, bookly: list[Part], square: list[Part]) -> bool:
    """Whether a service on one side is mapped to none on the other side, where all are mapped."""
    here = {part.service for part in bookly if part.service}
    there = {part.service for part in square if part.service}
    if not here or not there:
        return False
    expected = [view.mapped_services(Side.BOOKLY, service) for service in sorted(here)]
    back = [view.mapped_services(Side.SQUARE, service) for service in sorted(there)]
    if not all(expected) or not all(back):
        return False
    return not all(services & there for services in expected) or not all(services & here for services in back)
