"""In what an appointment is another than when all was last agreed, as far as it matters to the other side. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sync.model import Appointment, Part, Standing

CARRIED = frozenset({Standing.STANDS, Standing.CANCELLED})
"""Only a change from the one to the other is ever carried (ENGINE, "Status table")."""


def differences(then: Appointment | None, now: Appointment | None) -> frozenset[str]:
    """Words for what differs: "unknown" (nothing was agreed), "gone", "standing", "time", "staff", "service", "client",
    "persons" (how many come to a class), "paid" (what was not paid yet is).

    `then` is what the same side showed when all was agreed, `now` what it shows; None where there was or is nothing.
    """
    if now is None:
        return frozenset({"gone"})
    if then is None:
        return frozenset({"unknown"})
    if {then.standing, now.standing} == CARRIED:
        return frozenset({"standing"})
    return frozenset(_contents(then, now)) if then.stands and now.stands else frozenset()


def _contents(then: Appointment, now: Appointment) -> Iterator[str]:
    if sorted((p.span.start, p.span.end) for p in then.parts) != sorted((p.span.start, p.span.end) for p in now.parts):
        yield "time"
    if [p.span.staff for p in _in_order(then)] != [p.span.staff for p in _in_order(now)]:
        yield "staff"
    if [p.service for p in _in_order(then)] != [p.service for p in _in_order(now)]:
        yield "service"
    if _other_client(then, now):
        yield "client"
    if now.is_class and then.persons != now.persons:
        yield "persons"
    if then.unpaid and not now.unpaid:
        yield "paid"


def _in_order(appointment: Appointment) -> list[Part]:
    return sorted(appointment.parts, key=lambda part: (part.span.start, part.unit))


def _other_client(then: Appointment, now: Appointment) -> bool:
    """Somebody else comes. In a class people come and go; where nobody was named, somebody now is no change."""
    if then.is_class or now.is_class:
        return False
    before, after = ({client.key for client in a.clients if client.key} for a in (then, now))
    return bool(before and after and before != after)
