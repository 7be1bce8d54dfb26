"""How a finding is put together: its key, what it is about, and the visits as the sentences need them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sync.decide.view import View
from sync.model import Appointment, Concerned, Finding, Kind, Ref, Side, digest, plain

LONGEST_KEY = 200
GONE = "gone"
"""The standing, in a finding's detail, of an appointment that its side no longer has."""


def key_of(kind: Kind, *names: str) -> str:
    """A finding's identity from run to run; one that would be too long ends in a hash."""
    key = "|".join((kind.value, *names))
    return key if len(key) <= LONGEST_KEY else f"{key[: LONGEST_KEY - 33]}|{digest(key)}"


def unit_names(concerned: Iterable[Concerned]) -> list[str]:
    """ "bookly:ROW" and "square:ID", sorted."""
    return sorted({f"{c.side}:{c.unit}" for c in concerned})


def about(*appointments: Appointment) -> tuple[Concerned, ...]:
    """What a finding about these is about: each unit with the visits on it, sorted."""
    refs: dict[tuple[Side, str], set[Ref]] = {}
    for appointment in appointments:
        for unit in appointment.units:
            refs.setdefault((appointment.ref.side, unit), set()).add(appointment.ref)
    return tuple(Concerned(side, unit, tuple(sorted(refs[side, unit]))) for side, unit in sorted(refs))


def finding(
    view: View,
    kind: Kind,
    concerned: tuple[Concerned, ...],
    person: str,
    start: datetime,
    end: datetime,
    *,
    gone: Mapping[Ref, Appointment] | None = None,
    key: str = "",
    **detail: Any,
) -> Finding:
    """A finding of the kind, its visits described in time order. `gone` are appointments that their side no longer has,
    as last seen."""
    last = gone or {}
    shown = [(c, a) for c in concerned for ref in c.refs if (a := view.appointments.get(ref) or last.get(ref))]
    shown.sort(key=lambda pair: (_span(pair[1], pair[0].unit)[0], pair[1].ref, pair[0].unit))
    return Finding(
        key=key or key_of(kind, *unit_names(concerned)),
        kind=kind,
        person=person,
        staff=view.staff_name(person),
        start=start,
        end=end,
        concerned=concerned,
        seen=seen_of(appointment for _, appointment in shown if appointment.ref in view.appointments),
        detail={"visits": [_described(appointment, c.unit, view) for c, appointment in shown], **detail},
    )


def seen_of(appointments: Iterable[Appointment]) -> str:
    """What a person saw: a hash over the present content of the appointments a finding is about, each counted once.

    Another hash means that something changed since: a finding left alone comes back, a click is asked again.
    """
    return digest(sorted({(str(appointment.ref), appointment.fingerprint) for appointment in appointments}))


def first_person(view: View, appointment: Appointment) -> str:
    """The person id of whoever an appointment begins with; empty for one without a time."""
    parts = sorted(appointment.parts, key=lambda part: part.span.start)
    return view.person_id(appointment.ref.side, parts[0].span.staff) if parts else ""


def times(appointment: Appointment, otherwise: datetime) -> tuple[datetime, datetime]:
    """Start and end; `otherwise` for both where an appointment has no time."""
    return (appointment.start, appointment.end) if appointment.parts else (otherwise, otherwise)


def _span(appointment: Appointment, unit: str) -> tuple[str, str]:
    spans = [part.span for part in appointment.parts if part.unit == unit]
    if not spans:
        return "", ""
    return plain(min(span.start for span in spans)), plain(max(span.end for span in spans))


def _described(appointment: Appointment, unit: str, view: View) -> dict[str, Any]:
    start, end = _span(appointment, unit)
    services = [part.service_name for part in appointment.parts if part.unit == unit and part.service_name]
    return {
        "side": appointment.ref.side.value,
        "unit": unit,
        "ref": str(appointment.ref),
        "clients": [client.name for client in appointment.clients if client.name],
        "service": ", ".join(dict.fromkeys(services)) or appointment.label,
        "start": start,
        "end": end,
        "standing": appointment.standing.value if appointment.ref in view.appointments else GONE,
        "persons": appointment.persons,
        "unpaid": appointment.unpaid,
    }
