"""What stands on a button, why it is suggested, and what the second tap says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sync.model import CHAIR, Appointment, Board, Choice, ChoiceKind, Finding, Kind, LeaveReason, Part, Side
from sync.wording.names import clients, does, of, service
from sync.wording.scene import Scene, scene_of
from sync.wording.times import clock, day, minutes, when

REASONS = {
    LeaveReason.SAME_CLIENT: "Same client",
    LeaveReason.ASSISTANT_HELPS: "An assistant helps",
    LeaveReason.COLOUR_DEVELOPS: "Colour develops meanwhile",
    LeaveReason.TWO_VISITS: "They are two visits",
    LeaveReason.OTHER: "Another reason",
}
"""Why two visits may stay as they are, as the tap says it."""


GROUPS = {
    ChoiceKind.OTHER_STYLIST: "Another stylist, same time",
    ChoiceKind.OTHER_TIME: "Same stylist, another time",
    ChoiceKind.LEAVE: "Leave it as it is",
    ChoiceKind.SHOW_BOTH: "Keep both",
    ChoiceKind.CANCEL: "Cancel a visit",
    ChoiceKind.SEND_ACROSS: "Put it into the other calendar",
    ChoiceKind.LINK: "It is already there",
    ChoiceKind.TAKE_SIDE: "One calendar is right",
    ChoiceKind.IS_REAL: "It is meant so",
    ChoiceKind.UNDO: "Take it back",
}
"""The heading over the buttons of one kind."""


def button(choice: Choice, finding: Finding, board: Board) -> str:
    """What the button says: what will be done, and for whom."""
    return _BUTTONS[choice.kind](choice, finding, board)


def would(text: str) -> str:
    """The same while Slotkeeper only watches: nothing will be written."""
    begins = text[1:2].islower() and not text.startswith(tuple(side.brand for side in Side))
    return f"Would do: {text[:1].lower()}{text[1:]}" if begins else f"Would do: {text}"


def reason(choice: Choice, finding: Finding, board: Board) -> str:
    """Why the suggested choice is suggested; empty for any other."""
    if not choice.suggested:
        return ""
    return _WHY[choice.kind](choice, finding, board) if choice.kind in _WHY else ""


def second_tap(choice: Choice, board: Board) -> str:
    """What a cancellation asks once more, naming the client and the time."""
    visit = _visit(choice, board)
    if visit is None:
        return "Yes, cancel this visit"
    return f"Yes, cancel {clients(visit)}, {when(visit.start, board.now, board.timezone)}"


# --- buttons ------------------------------------------------------------------------------------------------------


def _visit(choice: Choice, board: Board) -> Appointment | None:
    return board.appointments.get(choice.ref) if choice.ref else None


def _who(choice: Choice, board: Board) -> str:
    visit = _visit(choice, board)
    return clients(visit) if visit else "this visit"


def _give(choice: Choice, _finding: Finding, board: Board) -> str:
    return f"Give {_who(choice, board)} to {scene_of(board).name_of(choice.person or '')}"


def _start(choice: Choice, _finding: Finding, board: Board) -> str:
    if choice.start is None:
        return f"Give {_who(choice, board)} another time"
    at = clock(choice.start, board.timezone)
    visit = _visit(choice, board)
    moved = f", {_by(choice.start - visit.start)}" if visit else ""
    return f"Start {_who(choice, board)} at {at}{moved}"


def _by(length: timedelta) -> str:
    count = round(abs(length).total_seconds() / 60)
    return f"{minutes(count)} {'later' if length > timedelta(0) else 'earlier'}"


def _leave(choice: Choice, finding: Finding, _board: Board) -> str:
    if finding.kind is Kind.SAME_VISIT:
        return "No, these are two visits"
    if finding.kind not in CHAIR:
        return "Leave it as it is"
    return f"Leave it: {REASONS[choice.reason or LeaveReason.OTHER].lower()}"


def _show_both(_choice: Choice, _finding: Finding, _board: Board) -> str:
    return "Show both in both calendars"


def _cancel(choice: Choice, _finding: Finding, board: Board) -> str:
    return f"Cancel {_who(choice, board)}"


def _send(choice: Choice, finding: Finding, board: Board) -> str:
    visit = _visit(choice, board)
    side = visit.ref.side.other if visit else _other_side(finding)
    return f"Put {_who(choice, board)} into {side.brand} too"


def _other_side(finding: Finding) -> Side:
    return finding.concerned[0].side.other if finding.concerned else Side.SQUARE


def _link(choice: Choice, finding: Finding, board: Board) -> str:
    if finding.kind is Kind.SAME_VISIT:
        return "Yes, it is one visit"
    other = board.appointments.get(choice.other) if choice.other else None
    if other is None:
        return "It is already there"
    scene = scene_of(board)
    staff = scene.name_on(other.ref.side, other.parts[0].span.staff)
    at = when(other.start, board.now, board.timezone)
    return f"It is there already: {clients(other)} with {staff}, {at}"


def _take(choice: Choice, finding: Finding, board: Board) -> str:
    side = choice.side or Side.BOOKLY
    return f"{side.brand} is right: {value_on(side, finding, board)}"


def value_on(side: Side, finding: Finding, board: Board) -> str:
    """What one side shows of the visit a finding is about: "today 14:00 with Mia, Haircut", or that it is cancelled."""
    refs = [ref for concerned in finding.concerned if concerned.side is side for ref in concerned.refs]
    found = [board.appointments[ref] for ref in refs if ref in board.appointments]
    if not found or not found[0].stands:
        return "cancelled" if found else "not there"
    return _value(found[0], finding, scene_of(board))


def _value(shown: Appointment, finding: Finding, scene: Scene) -> str:
    differs = finding.detail.get("differs") or ()
    staff = scene.name_on(shown.ref.side, shown.parts[0].span.staff)
    words = [f"{when(shown.start, scene.now, scene.zone)} to {clock(shown.end, scene.zone)} with {staff}"]
    if "client" in differs:
        words.insert(0, clients(shown))
    if "service" in differs and service(shown):
        words.append(service(shown))
    return ", ".join(words)


def _is_real(_choice: Choice, finding: Finding, _board: Board) -> str:
    if finding.detail.get("what") == "calendar_small":
        return "Yes, those visits are really gone"
    return "Yes, the visit is really gone"


def _undo(_choice: Choice, _finding: Finding, _board: Board) -> str:
    return "Undo"


_BUTTONS: dict[ChoiceKind, Callable[[Choice, Finding, Board], str]] = {
    ChoiceKind.OTHER_STYLIST: _give,
    ChoiceKind.OTHER_TIME: _start,
    ChoiceKind.LEAVE: _leave,
    ChoiceKind.SHOW_BOTH: _show_both,
    ChoiceKind.CANCEL: _cancel,
    ChoiceKind.SEND_ACROSS: _send,
    ChoiceKind.LINK: _link,
    ChoiceKind.TAKE_SIDE: _take,
    ChoiceKind.IS_REAL: _is_real,
    ChoiceKind.UNDO: _undo,
}


# --- why it is suggested ------------------------------------------------------------------------------------------


def _free_and_does(choice: Choice, finding: Finding, board: Board) -> str:
    name = scene_of(board).name_of(choice.person or "")
    visit = _visit(choice, board)
    part = _given(visit, finding, board) if visit else None
    skill = f" does {does(part.service_name)}," if part and part.service_name else ""
    return f"{name} is free,{skill} the time stays."


def _given(visit: Appointment, finding: Finding, board: Board) -> Part:
    """The part that changes hands: the one with the stylist whose chair is sold twice."""
    for part in visit.parts:
        person = board.person_of(visit.ref.side, part.span.staff)
        if person and person.id == finding.person:
            return part
    return visit.parts[0]


def _nearest_time(choice: Choice, finding: Finding, board: Board) -> str:
    visit = _visit(choice, board)
    if visit is None or choice.start is None:
        return ""
    same_day = day(choice.start, board.now, board.timezone)
    return f"{finding.staff} is free then: {same_day}, {_by(choice.start - visit.start)}, the stylist stays."


def _not_there_yet(choice: Choice, finding: Finding, board: Board) -> str:
    visit = _visit(choice, board)
    side = visit.ref.side.other if visit else _other_side(finding)
    staff = f"{of(finding.staff)} time" if finding.staff else "that time"
    return f"{side.brand} does not know that {staff} is taken."


def _same(_choice: Choice, finding: Finding, _board: Board) -> str:
    by = {"phone": "The phone number is the same", "mail": "The mail address is the same"}
    said = by.get(str(finding.detail.get("by")), "The name is the same")
    if finding.detail.get("by") == "block":
        said = "The blocked time is the same"
    return f"{said} and the times meet; nothing is written."


_WHY: dict[ChoiceKind, Callable[[Choice, Finding, Board], str]] = {
    ChoiceKind.OTHER_STYLIST: _free_and_does,
    ChoiceKind.OTHER_TIME: _nearest_time,
    ChoiceKind.SEND_ACROSS: _not_there_yet,
    ChoiceKind.LINK: _same,
}
