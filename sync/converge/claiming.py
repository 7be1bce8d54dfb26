"""What must be held while a plan is carried out: the visits themselves and every span they have, had or will have."""

from __future__ import annotations

from collections.abc import Iterable

from sync.decide.chairs import own_refs, owner_ref, person_id
from sync.locking.contract import Claim
from sync.model import Appointment, Board, Ref, Side, Step


def claims_of(steps: Iterable[Step], board: Board) -> frozenset[Claim]:
    """All claims of a plan's steps (ENGINE, "Claims"): present on both sides, agreed, and planned."""
    found: set[Claim] = set()
    for step in steps:
        if step.ref is not None:
            found |= claims_on(step.ref, board)
        for appointment in (step.before, step.after):
            if appointment is not None:
                found |= spans_of(board, appointment.ref.side, appointment)
    return frozenset(found)


def claims_on(ref: Ref, board: Board) -> frozenset[Claim]:
    """A visit as a whole, and every span that it has on either side or had when last agreed."""
    found = {Claim.visit(str(owner_ref(board, ref)))}
    for one in own_refs(board, ref):
        found |= spans_of(board, one.side, board.appointments.get(one))
    return frozenset(found | agreed_spans(board, ref))


def agreed_spans(board: Board, ref: Ref) -> set[Claim]:
    """What the visit's partners held when last agreed."""
    pair = board.pair_of(ref)
    partners = pair.partners if pair else ()
    return {claim for partner in partners for claim in spans_of(board, partner.ref.side, partner.agreed)}


def spans_of(board: Board, side: Side, appointment: Appointment | None) -> set[Claim]:
    """The busy times of an appointment as claims on people's time."""
    if appointment is None:
        return set()
    return {
        Claim.span(person_id(board, side, part.span.staff), part.span.busy_start, part.span.busy_end)
        for part in appointment.parts
        if part.span.busy_start < part.span.busy_end
    }
