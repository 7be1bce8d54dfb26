"""Who is one human being on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sync.model.appointments import StaffMember
from sync.model.plans import Person


def people(
    bookly: Iterable[StaffMember], square: Iterable[StaffMember], staff_map: Mapping[str, str]
) -> tuple[Person, ...]:
    """One Person for each human: joined only by `staff_map` (Bookly's id to Square's), as confirmed. By id."""
    there = {member.id: member for member in square}
    joined = [Person(f"bookly:{m.id}", m.name, m, there.pop(staff_map.get(m.id, ""), None)) for m in bookly]
    alone = [Person(f"square:{m.id}", m.name, None, m) for m in there.values()]
    return tuple(sorted(joined + alone, key=lambda person: person.id))
