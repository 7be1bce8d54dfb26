"""The one road: look at both sides, lock, look again, decide, act, record. Every change to a calendar takes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sync.calendars import CalendarError, OutcomeUnknown, ReadFailed, WriteRefused
from sync.converge.acting import Acted, act, done_before
from sync.converge.claiming import claims_of
from sync.converge.errand import Errand
from sync.converge.grip import Grip, LeaseLost
from sync.converge.house import House
from sync.converge.look import look, remembered
from sync.converge.settling import is_unsettled, settle_open
from sync.converge.strangers import strangers
from sync.converge.waiting import BUSY, KEPT_CHANGING, SOON, UNSETTLED, Waiting, not_now
from sync.decide.plan import plan as plan_choice
from sync.decide.shape import seen_of
from sync.decide.undo import undo
from sync.locking.contract import Busy, LocksUnavailable
from sync.locking.fencing import Superseded
from sync.model import Board, ChoiceKind, DoneStep, Finding, Kind, Outcome, Plan, Ref, Step, plain
from sync.model.stored import outcome_from, plan_from
from sync.store import findings, intents, keeping, ledger, pairs, requests
from sync.store.connection import reading, writing
from sync.store.requests import Request

GROWN = 3
"""How often the claims may turn out larger on the second look before the request goes back to wait."""

UNWRITTEN = ("side_unreadable", "refused")
"""The words that say that nothing was written."""

JUST_BEFORE = timedelta(seconds=10)
"""A card stays open this long at most after it was settled: whoever clicks then is told by whom it was. What settled it
at an earlier time, for another visit on the same row, is no answer."""


def converge(house: House, request: Request) -> Outcome | Waiting:
    """Carry one request down the road and say how it ended. Nothing is raised for what a calendar does.

    A request that was begun before (its plan is stored) goes on with that plan, never with a new one.
    """
    finding = _finding(house, request)
    if finding is None:
        return _told_who(house, request)
    ended = _walked(house, request, finding)
    if isinstance(ended, Outcome) and ended.state == "half":
        _disagree(house, ended.left)
    elif isinstance(ended, Outcome) and finding.kind is Kind.DRIFT and request.choice.kind is ChoiceKind.UNDO:
        _disagree(house, (one.step for one in ended.done))
    changed = isinstance(ended, Outcome) and (ended.state, ended.word) == ("refused", "changed")
    return (_by_somebody(house, request) or ended) if changed else ended


def _walked(house: House, request: Request, finding: Finding) -> Outcome | Waiting:
    """The road itself; what a calendar or the locks do on it is a wait or an end."""
    try:
        unsettled = _settled(house, request, finding)
        if unsettled is not None:
            return unsettled
        return _under_lease(house, request, finding)
    except (ReadFailed, OutcomeUnknown, WriteRefused) as error:
        return not_now(error) or _failed(error)
    except LocksUnavailable as error:
        return Waiting(str(error), attempt=False)
    except Superseded:
        _late_write_refused(house, request)
        return Waiting("Somebody else was let in before this was written down; looking again.", attempt=True)
    except LeaseLost:
        _late_write_refused(house, request)
        return Waiting("The lock ran out before the calendar was asked; nothing was sent.", attempt=False)


def _failed(error: CalendarError) -> Outcome | Waiting:
    """`reason` is what the person is told in the end, should every try fail so."""
    if isinstance(error, OutcomeUnknown):
        return Waiting(str(error), attempt=True, reason="unknown_result")
    if isinstance(error, WriteRefused):
        return Waiting(str(error), attempt=True, reason="refused")
    if error.permanent:
        return Outcome("refused", word="side_unreadable", error=str(error))
    return Waiting(str(error), attempt=True, reason="side_unreadable")


def _late_write_refused(house: House, request: Request) -> None:
    with writing(house.engine) as conn:
        ledger.note(conn, ledger.LATE_WRITE_REFUSED, house.now(), ref=request.choice.ref)


def _settled(house: House, request: Request, finding: Finding) -> Waiting | None:
    """Settle what is open for the request and for all that anything may be written about: a choice need not name the
    visits ("show both", an undo)."""
    about = _about(request, finding)
    return settle_open(
        house, Errand(request, finding), about, lambda refs: remembered(house, finding, request.choice, refs)
    )


def _about(request: Request, finding: Finding) -> frozenset[Ref]:
    if request.choice.kind is ChoiceKind.LEAVE:
        return frozenset()
    return frozenset({*request.refs, *(ref for concerned in finding.concerned for ref in concerned.refs)})


def given_up(house: House, request: Request, word: str, error: str) -> Outcome:
    """How a request ends that was tried often enough, or stopped in the middle: half done, if any of it was done. While
    the end of a call of its own is not known, that is what is told, whatever the last try met."""
    with reading(house.engine) as conn:
        kept = requests.get(conn, request.id)
        word = "unknown_result" if word in UNWRITTEN and intents.open_for(conn, request.id) else word
    done = done_before(house, request)
    if kept is None or kept.plan is None or not done:
        return Outcome("refused", word=word, error=error)
    begun = plan_from(kept.plan)
    left = tuple(step for number, step in enumerate(begun.steps) if number not in done)
    _disagree(house, left)
    carried = tuple(done.values())
    state = "half" if left else "done"
    return Outcome(state, word=word, error=error, done=carried, left=left, tell=_tell(begun, carried))


def _disagree(house: House, left: Iterable[Step]) -> None:
    """What was not done, or was taken back, leaves the two sides apart: nobody agreed to that, so they are compared
    again."""
    with writing(house.engine) as conn:
        for ref in dict.fromkeys(_refs(left)):
            pairs.agree(conn, ref, None, house.now())


def _by_somebody(house: House, request: Request) -> Outcome | Waiting | None:
    """What changed since it was seen, changed by another request for the same finding: who, or wait until it is known.
    None when nobody here did it."""
    with reading(house.engine) as conn:
        asked = requests.for_finding(conn, request.finding) if request.finding else ()
    others = [other for other in asked if other.id != request.id]
    if any(other.state == "done" and other.ended_at and other.ended_at >= request.asked_at for other in others):
        return _told_who(house, request)
    if any(other.state == "working" for other in others):
        return Waiting("Somebody else is settling this right now.", attempt=False, seconds=SOON)
    return None


def _under_lease(house: House, request: Request, finding: Finding) -> Outcome | Waiting:
    board, plan = _decide(house, request, finding, neighbours=False)
    for _ in range(GROWN):
        stop = _stop(house, request, plan)
        if stop is not None:
            return stop
        lease = house.locks.acquire(claims_of(plan.steps, board), house.owner, house.lease_seconds)
        if isinstance(lease, Busy):
            return BUSY
        grip = Grip(house, lease)
        try:
            if is_unsettled(house, Errand(request, finding), _about(request, finding)):
                return UNSETTLED
            board, plan = _decide(house, request, finding, neighbours=True)
            if claims_of(plan.steps, board) <= frozenset(lease.claims):
                return _stop(house, request, plan) or _acted(house, grip, Errand(request, finding), plan, board)
        finally:
            house.locks.release(grip.lease)
    return KEPT_CHANGING


def _acted(house: House, grip: Grip, errand: Errand, plan: Plan, board: Board) -> Outcome:
    with writing(house.engine) as conn:
        requests.keep_plan(conn, errand.request_id or 0, plain(plan))
    return _outcome(plan, act(house, grip, errand, plan.steps, board))


def _decide(house: House, request: Request, finding: Finding, *, neighbours: bool) -> tuple[Board, Plan]:
    """Look at the present and decide on it. A plan already begun stands."""
    choice = request.choice
    if request.plan is not None:
        begun = plan_from(request.plan)
        return look(house, finding, choice, _refs(begun.steps), neighbours=neighbours), begun
    if choice.kind is ChoiceKind.UNDO:
        return _decide_undo(house, request, finding, neighbours=neighbours)
    if choice.kind is ChoiceKind.IS_REAL:
        board = remembered(house, finding, choice)
        return board, plan_choice(choice, finding, board)
    board = look(house, finding, choice, neighbours=neighbours)
    if _seen_now(finding, board) != request.seen:
        return board, Plan(choice, refused="changed")
    return board, plan_choice(choice, finding, board)


def _decide_undo(house: House, request: Request, finding: Finding, *, neighbours: bool) -> tuple[Board, Plan]:
    with reading(house.engine) as conn:
        undone = requests.get(conn, request.undo_of) if request.undo_of else None
    if undone is None or undone.outcome is None or undone.state not in ("done", "half"):
        return look(house, finding, request.choice, neighbours=False), Plan(request.choice, refused="nothing_to_do")
    done = outcome_from(undone.outcome).done
    touched = (*_refs(one.step for one in done), *(one.ref for one in done if one.ref))
    board = look(house, finding, request.choice, touched, neighbours=neighbours)
    clash = frozenset(ref for concerned in finding.concerned for ref in concerned.refs)
    return board, undo(done, board, clash)


def _refs(steps: Iterable[Step]) -> tuple[Ref, ...]:
    return tuple(step.ref for step in steps if step.ref)


def _seen_now(finding: Finding, board: Board) -> str:
    refs = [ref for concerned in finding.concerned for ref in concerned.refs]
    return seen_of(a for ref in refs if (a := board.appointments.get(ref)))


def _stop(house: House, request: Request, plan: Plan) -> Outcome | None:
    """Why nothing more may be done; half done, when an earlier try had begun."""
    stop = _reason_to_stop(house, plan)
    done = tuple(done_before(house, request).values()) if stop and request.plan is not None else ()
    return replace(stop, state="half", done=done, left=plan.steps[len(done) :]) if stop and done else stop


def _reason_to_stop(house: House, plan: Plan) -> Outcome | None:
    """The plan refuses, writing is paused, we only watch, or another installation is at work."""
    if plan.refused:
        return Outcome("refused", word=plan.refused, overlaps=plan.in_the_way)
    if not any(step.write for step in plan.steps):
        return None
    with reading(house.engine) as conn:
        if keeping.paused(conn):
            return Outcome("refused", word="paused", left=plan.steps)
        if not keeping.writes_on(conn, house.writes):
            return Outcome("would", word="watching", left=plan.steps)
        if strangers(conn, house.now()):
            return Outcome("refused", word="another_installation", left=plan.steps)
    return None


def _outcome(plan: Plan, acted: Acted) -> Outcome:
    left = plan.steps[len(acted.done) :]
    if not left:
        state, word = ("half", "met_another") if acted.overlaps else ("done", "")
        return Outcome(state, word=word, done=acted.done, tell=_tell(plan, acted.done), overlaps=acted.overlaps)
    return Outcome(
        "half" if acted.done else "refused",
        word=acted.word,
        done=acted.done,
        left=left,
        error=acted.error,
        tell=_tell(plan, acted.done),
        overlaps=acted.overlaps,
    )


def _tell(plan: Plan, done: tuple[DoneStep, ...]) -> tuple[Ref, ...]:
    carried = {one.step.ref for one in done}
    return tuple(ref for ref in plan.tell if ref in carried)


def _finding(house: House, request: Request) -> Finding | None:
    """The finding, while it is still there to be settled; an undo and a begun plan go on whatever its state.

    One that closed by itself while the request waited is still asked about: the look at the present decides.
    """
    with reading(house.engine) as conn:
        kept = findings.get(conn, request.finding) if request.finding else None
        settled = requests.settled_by(conn, request.finding) if request.finding else None
    if kept is None:
        return None
    goes_on = request.plan is not None or request.choice.kind is ChoiceKind.UNDO
    by_now = settled is not None and settled.ended_at is not None and settled.ended_at > request.asked_at - JUST_BEFORE
    waits = kept.state == "open" or (kept.state == "closed" and not by_now)
    return kept.finding if goes_on or waits else None


def _told_who(house: House, request: Request) -> Outcome:
    """Somebody or something settled it first: say who."""
    with reading(house.engine) as conn:
        other = requests.settled_by(conn, request.finding) if request.finding else None
    if other is None:
        return Outcome("refused", word="settled_already")
    return Outcome(
        "refused",
        word="settled_already",
        by=other.asked_by,
        by_at=other.ended_at.timestamp() if other.ended_at else 0.0,
    )
