"""In what an appointment is another than when all was last agreed, as far as it matters to the other side. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sync.decide.likeness import like_name, same_mail, same_phone
from sync.model import Appointment, Client, Part, Side, Standing

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
    still_there = then.standing in (Standing.STANDS, Standing.OVER)  # one who did not come may be expected again
    return frozenset(_contents(then, now)) if still_there and now.stands else frozenset()


def _contents(then: Appointment, now: Appointment) -> Iterator[str]:
    if _times(then) != _times(now):
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


def _times(appointment: Appointment) -> list[tuple[datetime, ...]]:
    """From when to when; in Square with the time kept free around it, which a block shuts as well."""
    spans = [part.span for part in appointment.parts]
    if appointment.ref.side is Side.SQUARE:
        return sorted((s.start, s.end, s.busy_start, s.busy_end) for s in spans)
    return sorted((s.start, s.end) for s in spans)


def _in_order(appointment: Appointment) -> list[Part]:
    return sorted(appointment.parts, key=lambda part: (part.span.start, part.unit))


def _other_client(then: Appointment, now: Appointment) -> bool:
    """Somebody else comes. In a class people come and go; where nobody was named, somebody now is no change."""
    if then.is_class or now.is_class:
        return False
    before, after = ({client.key: client for client in a.clients if client.key} for a in (then, now))
    went = [client for key, client in before.items() if key not in after]
    came = [client for key, client in after.items() if key not in before]
    merged = len(went) == len(came) and all(any(_same_person(one, other) for other in came) for one in went)
    return bool(before and after) and before.keys() != after.keys() and not merged


def _same_person(one: Client, other: Client) -> bool:
    """Another profile of the same person: both calendars merge those they find twice (ENGINE, "What has changed")."""
    reached = same_phone(one.phone, other.phone, None) or same_mail(one.email, other.email)
    return reached and like_name(one.name, other.name)
