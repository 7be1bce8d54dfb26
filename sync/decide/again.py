"""A cancelled visit that is to stand again, on the side where it was made."""

from __future__ import annotations

from sync.model import Appointment, Place, PlacedPart, Ref, Reinstate, Side, Step, StepKind


def stand_again(now: Appointment, before: Appointment, ignoring: tuple[Ref, ...]) -> Step:
    """The step that makes `now`, which is cancelled, stand as `before` did.

    Bookly's line is set back to its status. A cancelled Square booking is final, so the client gets a new one with the
    same services and times. `ignoring`: who may stand in the same chair (its own other end, the clash gone back to).
    """
    if now.ref.side is Side.BOOKLY:
        write = Reinstate(now.ref, key="", seen=now.fingerprint, status=before.status, ignoring=ignoring)
        return Step(StepKind.REINSTATE, Side.BOOKLY, now.ref, now, before, write)
    place = Place(
        side=Side.SQUARE,
        parts=tuple(PlacedPart(p.span.staff, p.span.start, p.span.end, p.service) for p in before.parts),
        mark="",
        label="",
        key="",
        client=before.clients[0].key if before.clients else None,
        ignoring=ignoring,
    )
    return Step(StepKind.PLACE_AGAIN, Side.SQUARE, now.ref, None, before, place)
