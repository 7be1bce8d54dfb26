"""What is known when findings are looked for: both calendars as last read, the pairs, the people, and the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sync.model import Appointment, Pair, Person, Ref, Service, Side, Window

Scope = frozenset[tuple[Side, str]]
"""Units (Bookly's appointment row id, Square's booking id) that a look is limited to."""


@dataclass(frozen=True, slots=True)
class WholeRead:
    """A side read whole: when that read began (UTC) and the window of starts it covered."""

    began_at: datetime
    window: Window


@dataclass(frozen=True)
class View:
    """Both calendars at one moment.

    appointments: what each side shows, cancelled ones included, those that are gone left out.
    changed: when each appointment last changed (UTC), by what we know; one that is not named changed long ago.
    pairs: the pair of every appointment given, and of the visits in question.
    people: one a human; both of their ids on one Person only where the staff map is confirmed.
    services: of both sides. service_map, clients: Bookly's id to Square's, as confirmed or linked.
    reads: the last whole read of each side that was read; only from such a read is anything concluded to be missing.
    timezone: Bookly's zone. region: the two-letter country whose phone numbers clients type without "+"; None guesses
    it from the zone.
    told_apart: couples (Bookly's, Square's) of which a person said that they are two visits.
    under_way: appointments with a click or a hint not yet carried out: they are on their way, not missing.
    judged: appointments that were just looked at live and left for a person, each with the reason: nothing about them
    is on its way.
    vanished: what a side no longer has, as last seen, where nobody is known to have meant it.
    withheld: absences and moves of a side that a calendar suddenly small keeps back.
    staff_ahead, services_ahead: how many visits ahead each (side, id) has; counted from `appointments` when None.
    """

    now: datetime
    appointments: Mapping[Ref, Appointment]
    changed: Mapping[Ref, datetime] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    people: tuple[Person, ...] = ()
    services: tuple[Service, ...] = ()
    service_map: Mapping[str, str] = field(default_factory=dict)
    clients: Mapping[str, str] = field(default_factory=dict)
    reads: Mapping[Side, WholeRead] = field(default_factory=dict)
    timezone: str = "UTC"
    region: str | None = None
    told_apart: frozenset[tuple[Ref, Ref]] = frozenset()
    under_way: frozenset[Ref] = frozenset()
    judged: Mapping[Ref, str] = field(default_factory=dict)
    vanished: Mapping[Ref, Appointment] = field(default_factory=dict)
    withheld: Mapping[Side, tuple[Ref, ...]] = field(default_factory=dict)
    staff_ahead: Mapping[tuple[Side, str], int] | None = None
    services_ahead: Mapping[tuple[Side, str], int] | None = None

    @cached_property
    def _person_of(self) -> dict[tuple[Side, str], Person]:
        return {(side, member.id): person for person in self.people for side in Side if (member := person.on(side))}

    @cached_property
    def _pair_of(self) -> dict[Ref, Pair]:
        return {partner.ref: pair for pair in self.pairs for partner in pair.partners if partner.current}

    @cached_property
    def _square_to_bookly(self) -> dict[str, frozenset[str]]:
        return _inverse(self.service_map)

    @cached_property
    def bookly_clients(self) -> Mapping[str, frozenset[str]]:
        """Square's customer id to the Bookly clients linked with it."""
        return _inverse(self.clients)

    @cached_property
    def units(self) -> Mapping[tuple[Side, str], tuple[Appointment, ...]]:
        """The appointments on each unit, in the order of their names."""
        found: dict[tuple[Side, str], list[Appointment]] = {}
        for ref in sorted(self.appointments):
            appointment = self.appointments[ref]
            for unit in appointment.units:
                found.setdefault((ref.side, unit), []).append(appointment)
        return {unit: tuple(appointments) for unit, appointments in found.items()}

    def person_of(self, side: Side, staff: str) -> Person | None:
        """Who a side's staff id is; None for an id that is in no directory."""
        return self._person_of.get((side, staff))

    def person_id(self, side: Side, staff: str) -> str:
        """The person id of a side's staff id; "side:id" for one that is in no directory."""
        person = self._person_of.get((side, staff))
        return person.id if person else f"{side}:{staff}"

    def staff_name(self, person_id: str) -> str:
        """The name of a person id; the bare id of one that is in no directory."""
        return self._names.get(person_id) or person_id.partition(":")[2]

    @cached_property
    def _names(self) -> dict[str, str]:
        return {person.id: person.name for person in self.people}

    def is_mapped(self, side: Side, staff: str) -> bool:
        """Whether a person confirmed who this staff member is on the other side."""
        person = self._person_of.get((side, staff))
        return person is not None and person.on(side.other) is not None

    def pair_of(self, ref: Ref) -> Pair | None:
        """The pair in which `ref` is a current partner."""
        return self._pair_of.get(ref)

    def is_projection(self, ref: Ref) -> bool:
        """Whether `ref` only shows a visit whose owner side's end is known here."""
        return ref in self._projections

    @cached_property
    def _projections(self) -> frozenset[Ref]:
        return frozenset(
            partner.ref
            for pair in self.pairs
            if any(owner.ref in self.appointments for owner in pair.current(pair.owner))
            for partner in pair.current(pair.owner.other)
        )

    def mapped_services(self, side: Side, service: str) -> frozenset[str]:
        """The other side's ids of a service, by the confirmed map; empty where it has none."""
        if side is Side.SQUARE:
            return self._square_to_bookly.get(service, frozenset())
        partner = self.service_map.get(service)
        return frozenset({partner}) if partner else frozenset()


def _inverse(mapping: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for bookly, square in mapping.items():
        found.setdefault(square, set()).add(bookly)
    return {square: frozenset(bookly) for square, bookly in found.items()}
