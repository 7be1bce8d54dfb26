"""How a request ended, in words: done, refused and why, half done and what to do by hand, and who has not been told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sync.model import Client, Finding, Kind, Outcome, Side, Step, StepKind
from sync.wording.names import capital, clients, service, together
from sync.wording.plans import changed, heard_from, to_tell
from sync.wording.scene import Scene
from sync.wording.times import clock, day, stretch, when

REFUSED = {
    "taken": "Not done: that time was taken meanwhile. Choose another way.",
    "past": "Not done: that time is over.",
    "changed": "Not done: the visit changed since you looked. Look again and choose once more.",
    "not_mapped_staff": "Not done: nobody has said yet who this stylist is in the other calendar. Set-up asks for it.",
    "not_mapped_service": "Not done: nobody has said yet which service this is in the other calendar. "
    "Set-up asks for it.",
    "paused": "Not done: Slotkeeper is paused. Press Go on first.",
    "watching": "Nothing was written: Slotkeeper only watches. Set-up switches writing on.",
    "cannot_do_service": "Not done: that stylist does not do this service.",
    "not_working": "Not done: that stylist does not work then.",
    "nothing_to_do": "Nothing had to be done: both calendars show it already.",
    "side_unreadable": "Not done: one of the calendars could not be read just now. Try again in a moment.",
    "unknown_result": "It is not certain whether the calendar took it. Slotkeeper looks again before anything else.",
    "class_needs_people": "Not done: a class cannot be cancelled as a whole here. "
    "Cancel its people one by one in Bookly.",
    "stopped": "Not done: something went wrong inside Slotkeeper. Look at both calendars before you try again.",
    "another_installation": "Not done: another Slotkeeper has written to these calendars within a day. Stop that one, "
    "or ask whoever looks after it to say that this is the only one.",
    "settled_already": "Somebody settled this already.",
}
"""One sentence for each reason why a request was not carried out."""


def result(outcome: Outcome, scene: Scene) -> str:
    """What came of a request, in a sentence or two."""
    return _RESULTS[outcome.state](outcome, scene) if outcome.state in _RESULTS else asked()


def refused(word: str, by: str = "", by_at: float = 0.0, scene: Scene | None = None) -> str:
    """Why it was not done; "Dana settled this today 10:42." when somebody was first (`by_at` in epoch seconds)."""
    if word == "settled_already" and by:
        at = datetime.fromtimestamp(by_at, UTC)
        return f"{by} settled this{_when(at, scene)}."
    return REFUSED.get(word, "Not done: this cannot be done as things stand now.")


def _when(at: datetime, scene: Scene | None) -> str:
    if scene is None or at.timestamp() <= 0:
        return ""
    if day(at, scene.now, scene.zone) == "today":
        return f" at {clock(at, scene.zone)}"
    return f" {when(at, scene.now, scene.zone)}"


def not_sent(word: str, finding: Finding) -> str:
    """Why what one calendar lacks cannot be put there from here, and what to do instead."""
    there = Side.SQUARE if finding.kind is Kind.MISSING_IN_SQUARE else Side.BOOKLY
    why = _NOT_SENT.get(word, "as things stand now")
    return f"It cannot be put into {there.brand} from here: {why.format(there=there.brand)}."


_NOT_SENT = {
    "taken": "that time is taken in {there}. Settle that first",
    "past": "it is over",
    "changed": "it has changed. The next look shows how",
    "nothing_to_do": "it is there by now. The next look takes this card away",
    "not_mapped_staff": "nobody has said who this stylist is in {there}. Set-up asks for it",
    "not_mapped_service": "this service has no counterpart in {there}. Match it on Set-up, or enter the visit in "
    "{there} by hand",
}


def not_told(outcome: Outcome) -> tuple[Client, ...]:
    """The clients who have not heard of what was done, with the numbers to call."""
    return to_tell((one.step for one in outcome.done), outcome.tell)


def not_told_words(who: Iterable[Client]) -> str:
    """ "Sam has not been told."; empty when nobody needs a call."""
    names = [client.name for client in who if client.name]
    if not names:
        return ""
    return f"{together(names)} {'has' if len(set(names)) == 1 else 'have'} not been told."


def asked(waits_for: str = "") -> str:
    """After a click that was taken: it is on its way, or what it waits for (the stable word of a wait)."""
    return _ASKED.get(waits_for, "Asked for. It is being done now.")


_ASKED = {
    "busy": "Asked for. The same visit or the same stylist's time is being changed right now; this comes next.",
    "breaker": "Asked for. One of the calendars does not answer just now. It is done as soon as it does; "
    "there is no need to click again.",
    "asked_to_wait": "Asked for. One of the calendars is overrun just now. It is done in a moment.",
    "paused": "Asked for. Slotkeeper is paused, so it waits for Go on.",
}
"""By the reason of the wait. One that is over within a second or two has no sentence of its own."""


def done_at_once() -> str:
    """After a click that nobody has to carry: it is done."""
    return "Done."


def already_asked(by: str = "") -> str:
    """After a click on what was clicked before."""
    return f"{by} has asked for this already." if by else "This has been asked for already."


def stale() -> str:
    """After a click on something that is no longer what the person saw."""
    return "This changed while you were looking. Look again before you choose."


def not_allowed() -> str:
    """After a click by somebody who may only look."""
    return "You may look at this, not change it. Choose who you are at the top, or ask the manager."


# --- by state -----------------------------------------------------------------------------------------------------


def _done(outcome: Outcome, scene: Scene) -> str:
    steps = [one.step for one in outcome.done]
    also = ("Somebody else was put into that time meanwhile: look at the new card.",) if outcome.overlaps else ()
    return " ".join(("Done.", changed(steps, scene), *heard_from(steps), *also))


def _refused(outcome: Outcome, scene: Scene) -> str:
    if outcome.error and outcome.word not in REFUSED:
        return f"Not done. {outcome.error}"
    return refused(outcome.word, outcome.by, outcome.by_at, scene)


def _half(outcome: Outcome, scene: Scene) -> str:
    steps = [one.step for one in outcome.done]
    left = " ".join(_by_hand(step, scene) for step in outcome.left)
    why = f" {outcome.error}" if outcome.error else ""
    done = changed(steps, scene) if steps else "nothing."
    sure = " Look first whether it went through all the same." if outcome.word == "unknown_result" else ""
    return f"Half done.{why} Done: {done} Please do the rest by hand: {left or 'look at both calendars.'}{sure}"


def _would(outcome: Outcome, scene: Scene) -> str:
    said = changed(outcome.left, scene)
    return f"Nothing was written: Slotkeeper only watches. It would have done this: {said}".strip()


_RESULTS: dict[str, Callable[[Outcome, Scene], str]] = {
    "done": _done,
    "refused": _refused,
    "half": _half,
    "would": _would,
}


def _by_hand(step: Step, scene: Scene) -> str:
    visit = step.after or step.before
    if visit is None:
        return f"look at {step.side.brand}'s calendar."
    staff = together(scene.name_on(visit.ref.side, part.span.staff) for part in visit.parts)
    at = f"{day(visit.start, scene.now, scene.zone)} {stretch(visit.start, visit.end, scene.zone)}"
    what = _BY_HAND.get(step.kind, "see that {thing} stands with {staff}, {at}")
    kind = "the blocked time for " if step.projection and step.side is Side.BOOKLY else ""
    thing = f"{kind}{clients(visit) or service(visit)}"
    return f"In {step.side.brand}, {what.format(thing=thing, staff=staff, at=at)}."


_BY_HAND = {
    StepKind.PLACE: "enter {thing} with {staff}, {at}",
    StepKind.PLACE_AGAIN: "book {thing} again with {staff}, {at}",
    StepKind.MOVE: "move {thing} to {staff}, {at}",
    StepKind.CANCEL: "cancel {thing}, {staff}, {at}",
    StepKind.WITHDRAW: "delete {thing}, {staff}, {at}",
    StepKind.REINSTATE: "set {thing}, {staff}, {at}, back to approved",
}


def by_words(who: str, at: datetime, scene: Scene) -> str:
    """Who asked for it and when it ended, or was asked for while it has not: "Dana, today 10:42"."""
    return f"{capital(who)}, {when(at, scene.now, scene.zone)}"
