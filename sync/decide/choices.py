"""The ways to settle a finding, least harm first, at most one of them suggested, never a cancellation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync.decide.chairs import Standing, owner_ref, person_spans, shifts, standing
from sync.decide.plan import plan
from sync.model import Appointment, Board, Choice, ChoiceKind, Finding, Kind, LeaveReason, Ref, Side


@dataclass(frozen=True, slots=True)
class Case:
    """What choices are offered for. `held` is what stands on the board (`chairs.standing`)."""

    finding: Finding
    board: Board
    held: Standing


GRID = timedelta(minutes=15)
"""Starts are offered on the quarter hour, as both calendars' own pickers do."""
MOST_TIMES = 3
"""More than three times to read is more than ten seconds."""


def choices(finding: Finding, board: Board) -> tuple[Choice, ...]:
    """The choices that can be carried out now, in the order they are shown. Each has been planned on this board."""
    if finding.kind not in _ORDER:  # unmapped staff and services are settled on the Set-up page
        return ()
    held = standing(board)

    def possible(choice: Choice) -> bool:
        return not plan(choice, finding, board, held).refused

    return _suggest_first(tuple(filter(possible, _ORDER[finding.kind](Case(finding, board, held)))), finding)


def _suggest_first(found: tuple[Choice, ...], finding: Finding) -> tuple[Choice, ...]:
    """The first choice that does no harm is suggested, with a word for why."""
    for number, choice in enumerate(found):
        why = _why(choice, finding)
        if why:
            return (*found[:number], replace(choice, suggested=True, why=why), *found[number + 1 :])
    return found


def _why(choice: Choice, finding: Finding) -> str:
    if choice.kind is ChoiceKind.OTHER_STYLIST:
        return "free_and_does"
    if choice.kind is ChoiceKind.OTHER_TIME:
        return "nearest_time"
    if choice.kind is ChoiceKind.SEND_ACROSS:
        return "not_there_yet"
    if choice.kind is ChoiceKind.LINK and finding.kind is Kind.SAME_VISIT and finding.detail.get("likely"):
        return "same_client"
    return ""


# --- two visits, one chair ------------------------------------------------------------------------------------


def _clash(case: Case) -> Iterator[Choice]:
    visits = list(_visits(case.finding, case.board))
    yield from _stylists(case.board, visits)
    yield from _times(case, visits)
    yield from _leave_reasons()
    yield Choice(ChoiceKind.SHOW_BOTH)
    yield from (Choice(ChoiceKind.CANCEL, ref=visit.ref) for visit in visits)


def _over_capacity(case: Case) -> Iterator[Choice]:
    visits = list(_visits(case.finding, case.board))
    yield from _stylists(case.board, visits)
    yield from _times(case, visits)
    yield from _leave_reasons()


def _visits(finding: Finding, board: Board) -> Iterator[Appointment]:
    """The visits concerned as their owner sides show them, the one made last first: it is the one to give way."""
    refs = dict.fromkeys(owner_ref(board, ref) for concerned in finding.concerned for ref in concerned.refs)
    found = [visit for ref in refs if (visit := board.appointments.get(ref)) and visit.stands]
    epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    yield from sorted(found, key=lambda visit: (visit.made_at or epoch, visit.ref), reverse=True)


def _stylists(board: Board, visits: Iterable[Appointment]) -> Iterator[Choice]:
    for visit in visits:
        for person in sorted(board.people, key=lambda person: person.name):
            if person.id not in {span.staff for span in person_spans(board, visit)}:
                yield Choice(ChoiceKind.OTHER_STYLIST, ref=visit.ref, person=person.id)


def _times(case: Case, visits: Iterable[Appointment]) -> Iterator[Choice]:
    """For each visit the nearest free starts of the same day with the same stylist, within the hours they work."""
    for visit in visits:
        nearest = sorted(_starts(case.board, visit), key=lambda start: (abs(start - visit.start), start))
        offered = (Choice(ChoiceKind.OTHER_TIME, ref=visit.ref, start=start) for start in nearest)
        yield from _first(
            MOST_TIMES, offered, lambda choice: not plan(choice, case.finding, case.board, case.held).refused
        )


def _starts(board: Board, visit: Appointment) -> Iterator[datetime]:
    staff = person_spans(board, visit)[0].staff
    person = board.person(staff)
    if person is None:
        return
    length = visit.end - visit.start
    for opens, closes in shifts(board, person, visit.start):
        start = opens
        while start + length <= closes:
            if start != visit.start and start > board.now:
                yield start
            start += GRID


def _first(count: int, offered: Iterable[Choice], test: Callable[[Choice], bool]) -> Iterator[Choice]:
    for choice in offered:
        if count == 0:
            return
        if test(choice):
            count -= 1
            yield choice


def _leave_reasons() -> Iterator[Choice]:
    yield from (
        Choice(ChoiceKind.LEAVE, reason=reason) for reason in LeaveReason if reason is not LeaveReason.TWO_VISITS
    )


# --- one visit, one side --------------------------------------------------------------------------------------


def _missing(case: Case) -> Iterator[Choice]:
    for visit in _visits(case.finding, case.board):
        yield Choice(ChoiceKind.SEND_ACROSS, ref=visit.ref)
        yield from (Choice(ChoiceKind.LINK, ref=visit.ref, other=other) for other in _candidates(case.board, visit))
    yield Choice(ChoiceKind.LEAVE, reason=LeaveReason.OTHER)


NEAR = timedelta(hours=2)
"""An appointment this near with the same stylist may be the same visit written down by hand."""


def _candidates(board: Board, visit: Appointment) -> tuple[Ref, ...]:
    """Appointments of the other side that may be this visit: unlinked, same person, near in time; nearest first."""
    people = {span.staff for span in person_spans(board, visit)}
    near = [
        other
        for ref, other in board.appointments.items()
        if ref.side is visit.ref.side.other
        and other.stands
        and board.pair_of(ref) is None
        and abs(other.start - visit.start) <= NEAR
        and people & {span.staff for span in person_spans(board, other)}
    ]
    return tuple(a.ref for a in sorted(near, key=lambda a: (abs(a.start - visit.start), a.ref))[:MOST_TIMES])


def _drift(case: Case) -> Iterator[Choice]:
    ref = next((ref for concerned in case.finding.concerned for ref in concerned.refs), None)
    if ref is not None:
        owner = owner_ref(case.board, ref)
        yield from (Choice(ChoiceKind.TAKE_SIDE, ref=owner, side=side) for side in (owner.side, owner.side.other))
        if owner not in case.board.appointments:  # gone where it was made: one side has nothing to take
            yield Choice(ChoiceKind.LEAVE, reason=LeaveReason.OTHER)


def _same_visit(case: Case) -> Iterator[Choice]:
    refs = [ref for concerned in case.finding.concerned for ref in concerned.refs]
    bookly = [ref for ref in refs if ref.side is Side.BOOKLY]
    square = [ref for ref in refs if ref.side is Side.SQUARE]
    yield from (Choice(ChoiceKind.LINK, ref=here, other=there) for here in bookly for there in square)
    yield Choice(ChoiceKind.LEAVE, reason=LeaveReason.TWO_VISITS)


def _anomaly(case: Case) -> Iterator[Choice]:
    if case.finding.detail.get("what") in ("calendar_small", "vanished"):
        yield Choice(ChoiceKind.IS_REAL)
    yield Choice(ChoiceKind.LEAVE, reason=LeaveReason.OTHER)


_ORDER: dict[Kind, Callable[[Case], Iterator[Choice]]] = {
    Kind.DOUBLE_BOOKING: _clash,
    Kind.PADDING_CLASH: _clash,
    Kind.OVER_CAPACITY: _over_capacity,
    Kind.MISSING_IN_SQUARE: _missing,
    Kind.MISSING_IN_BOOKLY: _missing,
    Kind.DRIFT: _drift,
    Kind.SAME_VISIT: _same_visit,
    Kind.ANOMALY: _anomaly,
}
