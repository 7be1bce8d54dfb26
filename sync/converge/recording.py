"""Recording what was done: the mirror, the pair with what each side showed when it was agreed, the finding."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from sync.converge.errand import Errand
from sync.converge.holds import end_holds
from sync.converge.house import House
from sync.decide.as_placed import as_placed
from sync.decide.linking import made_where
from sync.model import Appointment, LeaveReason, Place, Step, StepKind, Written
from sync.store import findings, mirror, pairs, runs


def record_step(
    conn: Connection,
    house: House,
    errand: Errand,
    step: Step,
    written: Written | None,
    visit: int | None,
) -> None:
    """Record one step in the caller's transaction. Agreed is kept per side as it answered; nothing is read again.

    Of what was placed that is what was put there: whoever moved or cancelled it before the answer came has changed it.
    """
    now = house.now()
    there = written.appointment if written is not None else None
    shown = as_placed(step.write, there) if there is not None and isinstance(step.write, Place) else there
    if written is not None:
        mirror.record(conn, written.ref, written.appointment, now, now)
    if step.kind is StepKind.PLACE and written is not None and visit is not None:
        pairs.add_partner(conn, visit, written.ref, shown, now)
    elif step.kind is StepKind.PLACE_AGAIN and written is not None and visit is not None and step.ref is not None:
        pairs.make_former(conn, step.ref, now)
        pairs.add_partner(conn, visit, written.ref, shown, now)
    elif step.kind is StepKind.WITHDRAW and step.ref is not None:
        pairs.make_former(conn, step.ref, now)
    elif step.kind in (StepKind.MOVE, StepKind.CANCEL, StepKind.REINSTATE) and written is not None:
        pairs.agree(conn, written.ref, written.appointment, now)
    elif written is None:
        _record_inside(conn, errand, step, now)
    if written is not None:
        end_holds(conn, [written.ref], now)


def _record_inside(conn: Connection, errand: Errand, step: Step, now: datetime) -> None:
    """Steps that change nothing outside: link, unlink, accept, leave, reopen."""
    request, finding = errand.request, errand.finding
    if step.kind is StepKind.LINK and step.before and step.after:
        _link(conn, step.before, step.after, now)
    elif step.kind is StepKind.UNLINK and step.ref is not None:
        pairs.unlink(conn, step.ref, now)
    elif step.kind is StepKind.ACCEPT and finding is not None and finding.detail.get("what") == "calendar_small":
        who = request.asked_by if request else ""
        runs.call_real(conn, step.side, who, now)
        runs.ask(conn, f"pull-{step.side}", who, now)
    elif step.kind is StepKind.ACCEPT and step.ref is not None:
        pairs.agree_as_shown(conn, step.ref, now)
    elif step.kind is StepKind.LEAVE and request is not None and request.finding and finding is not None:
        reason = request.choice.reason or LeaveReason.OTHER
        findings.leave(conn, request.finding, reason, request.asked_by, finding.seen)
    elif step.kind is StepKind.REOPEN and request is not None and request.finding:
        findings.reopen(conn, request.finding)


def _link(conn: Connection, one: Appointment, other: Appointment, now: datetime) -> None:
    """Make one visit of the two; where one of them is linked already, the other joins its visit."""
    for linked, joining in ((one, other), (other, one)):
        visit = pairs.visit_of(conn, linked.ref)
        if visit is not None:
            pairs.add_partner(conn, visit, joining.ref, joining, now)
            return
    pairs.link(conn, made_where(one, other), [(one.ref, one), (other.ref, other)], now)
