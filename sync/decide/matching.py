"""Who is who on both sides: people joined by what a person confirmed, and suggestions for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sync.decide.likeness import folded, phone
from sync.model import OWN_TIME, Service, Side, StaffMember

Thing = TypeVar("Thing", StaffMember, Service)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A staff member or service of Bookly and of Square that are probably the same; `by` says by what: "mail", "phone"
    or "name". A person confirms it; nothing is done by it."""

    bookly: str
    square: str
    by: str

    def on(self, side: Side) -> str:
        return self.bookly if side is Side.BOOKLY else self.square


def suggest_staff(
    bookly: Collection[StaffMember], square: Collection[StaffMember], region: str | None = None
) -> tuple[Suggestion, ...]:
    """Staff of both sides that share a mail, a phone or a name that nobody else has; by Bookly's id.

    Where two of these point at different people there is no suggestion: never a guess. `region` is the country of
    phone numbers without "+".
    """
    tests: tuple[tuple[str, Callable[[StaffMember], str]], ...] = (
        ("mail", lambda member: member.email.strip().casefold()),
        ("phone", lambda member: phone(member.phone, region)[-9:] if member.phone else ""),
        ("name", lambda member: folded(member.name)),
    )
    edges = _edges(bookly, square, tests)
    here, there = {mine for mine, _ in edges}, {theirs for _, theirs in edges}
    left = _by_first_name([m for m in bookly if m.id not in here], [m for m in square if m.id not in there])
    return tuple(sorted((*_undisputed(edges), *left), key=lambda suggestion: suggestion.bookly))


def suggest_services(bookly: Collection[Service], square: Collection[Service]) -> tuple[Suggestion, ...]:
    """Services of both sides that share a name, or name and length, that no other has; by Bookly's id."""
    tests: tuple[tuple[str, Callable[[Service], str]], ...] = (
        ("name", lambda service: _service_name(service.name)),
        ("name", lambda service: f"{_service_name(service.name)} {service.minutes}"),
        ("use", _own_time),
    )
    return tuple(_undisputed(_edges(bookly, square, tests)))


def _by_first_name(bookly: list[StaffMember], square: list[StaffMember]) -> Iterator[Suggestion]:
    """ "Maria", "Maria A." and "Maria Alvarez" are one, where no other Maria is left on either side."""
    names = {(m.side, m.id): _first_and_rest(m.name) for m in (*bookly, *square)}
    for here, there in _only_ones(bookly, square, lambda member: names[member.side, member.id][0]):
        one, other = names[Side.BOOKLY, here][1], names[Side.SQUARE, there][1]
        if one.startswith(other) or other.startswith(one):
            yield Suggestion(here, there, "name")


def _first_and_rest(name: str) -> tuple[str, str]:
    first, _, rest = name.strip().partition(" ")
    return folded(first), folded(rest)


_NAMES = ("Blocked time", "Time block", "Block", "Blocked", "Personal time", "Other")
OWN_NAMES = frozenset(folded(name) for name in _NAMES)
"""What salons call the service in Square that keeps time for nobody in particular."""


def _own_time(service: Service) -> str:
    """Equal for Bookly's time without a service and for the service of Square's that is meant for such."""
    if service.side is Side.BOOKLY:
        return OWN_TIME.id if service.id == OWN_TIME.id else ""
    return OWN_TIME.id if _service_name(service.name) in OWN_NAMES else ""


def _service_name(name: str) -> str:
    """Square's variations carry the item's name and a word such as "Regular" behind it."""
    words = folded(name).split()
    return " ".join(word for word in words if word not in {"regular", "standard"}) or " ".join(words)


def _edges(
    bookly: Collection[Thing], square: Collection[Thing], tests: Iterable[tuple[str, Callable[[Thing], str]]]
) -> dict[tuple[str, str], str]:
    """Ids that some test takes for the same, each with the first test that does."""
    found: dict[tuple[str, str], str] = {}
    for by, test in tests:
        for pair in _only_ones(bookly, square, test):
            found.setdefault(pair, by)
    return found


def _undisputed(edges: Mapping[tuple[str, str], str]) -> Iterator[Suggestion]:
    """Those of which neither end is also taken for somebody else."""
    here, there = Counter(mine for mine, _ in edges), Counter(theirs for _, theirs in edges)
    for (mine, theirs), by in sorted(edges.items()):
        if here[mine] == there[theirs] == 1:
            yield Suggestion(mine, theirs, by)


def _only_ones(
    bookly: Collection[Thing], square: Collection[Thing], test: Callable[[Thing], str]
) -> Iterator[tuple[str, str]]:
    """Ids that share a value of the test which nobody else on either side has."""
    here, there = _unique(bookly, test), _unique(square, test)
    yield from ((here[value], there[value]) for value in here.keys() & there.keys())


def _unique(things: Collection[Thing], test: Callable[[Thing], str]) -> dict[str, str]:
    values = [(test(thing), thing.id) for thing in things]
    times = Counter(value for value, _ in values)
    return {value: thing for value, thing in values if value and times[value] == 1}
