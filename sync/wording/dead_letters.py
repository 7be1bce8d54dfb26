"""Dead letters in words: why one lies there, what sending it again would do, and what came of asking for that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sync.model import Side
from sync.wording.names import capital, counted, together
from sync.wording.scene import Scene
from sync.wording.sides import Said, Tone
from sync.wording.times import in_how_long, when

CAUSES = {
    "unreached": "{side} could not be reached.",
    "no_answer": "{side} was asked and gave no answer.",
    "trouble": "{side} had trouble of its own.",
    "asked_to_wait": "{side} asked for fewer calls.",
    "not_let_in": "{side} lets nobody in: a setting has to be mended first.",
    "not_allowed": "{side} does not allow this: a right or a plan is missing there.",
    "not_shown": "{side} said it was done, and did not show it.",
    "not_shown_yet": "{side} did not show the change that it told of.",
    "half_written": "{side} was in the middle of writing it, for too long.",
    "refused": "{side} said no.",
    "taken": "The time is taken in {side}.",
    "changed": "The visit was changed in {side} at the same moment.",
    "client_gone": "{side} no longer has the client.",
    "not_mapped_staff": "Nobody has said who this stylist is in the other calendar.",
    "not_mapped_service": "Nobody has said which service this is in the other calendar.",
    "side_unreadable": "One of the calendars could not be read.",
    "unknown_result": "It is not certain whether {side} took it.",
    "lease_lost": "It took longer than the time was kept for it.",
    "stopped": "Something went wrong inside Slotkeeper.",
    "worker_died": "Slotkeeper stopped each time it came to this visit.",
}
"""Why it could not be carried, by the reason word. {side} is the calendar that failed."""

BECOMES_A_QUESTION = "It becomes a question for a person, on the page Conflicts; nothing is written before that."
UNKNOWN_CAUSE = "It could not be carried, and nothing more is known."
NAMELESS = "a calendar"

VERDICTS = {
    "still_needed": "It is still needed: the two calendars differ here.",
    "already_true": "Nothing is left to do: both calendars show it by now. Sending it again changes nothing.",
    "would_overwrite": "Somebody has changed this visit since. Sending it again asks what is right before anything is "
    "overwritten.",
    "cannot_help": "Sending it again would fail the same way until somebody mends the cause.",
    "cannot_say": "Whether it is still needed shows when both calendars are looked at, which is the first thing done "
    "with it.",
}
"""What sending it again would do, by the verdict."""

RESENT = {
    "sent": "It is on its way again.",
    "on_its_way": "It is on its way already{by}.",
    "done_with": "It has been dealt with meanwhile: nothing is left to send.",
    "unknown": "There is no such letter.",
}
"""What came of asking for one, by its word."""


def cause(reason: str, side: Side | None = None, sentence: str = "") -> str:
    """Why it lies there, in a sentence. `side`: the calendar that failed; `sentence`: what was said then, which counts
    where the reason word says nothing to people."""
    said = CAUSES.get(reason)
    if said is None:
        return sentence or UNKNOWN_CAUSE
    return capital(said.format(side=side.brand if side else NAMELESS))


def would_do(verdict: str, steps: Sequence[str] = ()) -> str:
    """What sending it again would do, with the steps (whole sentences) where something would be written."""
    said = VERDICTS.get(verdict, VERDICTS["cannot_say"])
    return " ".join((said, *steps)) if verdict == "still_needed" else said


def plan_of_many(verdicts: Sequence[str]) -> str:
    """What sending all of them would do, counted: "Of 12 letters 9 are still needed and 3 are true already."."""
    if not verdicts:
        return "No letter matches: nothing would be sent."
    counts = [(verdicts.count(verdict), said) for verdict, said in _COUNTED.items()]
    told = [f"{count} {said[count != 1]}" for count, said in counts if count]
    return f"Of {counted(len(verdicts), 'letter')} {together(told)}."


_COUNTED = {
    "still_needed": ("is still needed", "are still needed"),
    "already_true": ("is true already", "are true already"),
    "would_overwrite": ("meets something newer", "meet something newer"),
    "cannot_help": ("would fail again", "would fail again"),
    "cannot_say": ("cannot be judged before it is sent", "cannot be judged before they are sent"),
}


def send_all(count: int, most: int, *, narrowed: bool) -> str:
    """The button for all that match. `most` are sent in one go, the soonest visits first: beyond, it says so."""
    which = f"all {count}" if count <= most else f"the {most} soonest of {count}"
    return f"Send {which}{' that match' if narrowed else ''} again"


def only_the_soonest(sent: int, count: int) -> str:
    """That the question is about the first of those that match; empty where it is about all."""
    if sent >= count:
        return ""
    return f"These are the {sent} soonest of {count} letters: no more are sent in one go. Ask again for the others."


def looked_at(answered: int, count: int) -> str:
    """At how many of those that are meant somebody has looked."""
    return f"{answered} of {counted(count, 'letter')} looked at."


def judged(verdict: str, sides: Sequence[Side] = ()) -> str:
    """What sending one of many again would do, after its name: "is still needed: it would write to Bookly"."""
    said = _COUNTED.get(verdict, _COUNTED["cannot_say"])[0]
    if verdict != "still_needed":
        return said
    where = f"it would write to {together([side.brand for side in sides])}" if sides else "nothing is written at once"
    return f"{said}: {where}"


def resent(word: str, by: str = "") -> str:
    """What came of asking for one; `by` is who asked for it first."""
    return RESENT[word].format(by=f", asked for by {by}" if by else "")


def many_resent(sent: int, on_their_way: int) -> str:
    """What came of asking for many."""
    if not sent and not on_their_way:
        return "No letter matches: nothing was sent."
    were = f" {counted(on_their_way, 'letter')} {'was' if on_their_way == 1 else 'were'} on the way already."
    started = f"{counted(sent, 'letter')} {'is' if sent == 1 else 'are'} on the way again." if sent else "None is new."
    return f"{started}{were if on_their_way else ''}"


def redriven(sent: int, well: bool) -> str:
    """What the machine sent round by itself."""
    if not well:
        return "A calendar does not answer, so nothing is sent again yet."
    if not sent:
        return "Nothing waited to be sent again."
    return f"{counted(sent, 'letter')} {'was' if sent == 1 else 'were'} sent again, the soonest visit first."


# --- the list ---------------------------------------------------------------------------------------------------------

URGENT = timedelta(hours=24)


def lie_there(count: int, lasting: int, soonest: datetime | None, who: str, scene: Scene) -> Said:
    """How many lie there, which visit comes first, and how many wait for a person. `soonest`: the first visit that is
    still to come; `who`: with whom it is."""
    if not count:
        return Said(Tone.GOOD, "No dead letter waits: every hint was carried, or somebody is done with it.")
    lie = counted(count, "dead letter waits", "dead letters wait")
    first = f"; the soonest visit is {_visit(soonest, who, scene)}" if soonest else ", none for a visit still to come"
    tone = Tone.ACT if soonest is not None and soonest - scene.now < URGENT else Tone.LOOK
    return Said(tone, f"{lie}{first}. {_who_sends(count, lasting)}")


def _visit(start: datetime, who: str, scene: Scene) -> str:
    soon = in_how_long(start, scene.now)
    said = f"{when(start, scene.now, scene.zone)}{f', {soon},' if soon else ''}"
    return f"{said} with {who}" if who else said.rstrip(",")


def _who_sends(count: int, lasting: int) -> str:
    if not lasting:
        return "Slotkeeper sends them again by itself as long as both calendars answer."
    if lasting == count:
        return "Trying again cannot help before somebody mends the cause."
    return f"{count - lasting} are sent again by themselves, {lasting} only after somebody has mended the cause."


def done_with_meanwhile(count: int) -> str:
    """That some that were meant are dealt with; empty for none."""
    return f"{counted(count, 'letter')} {'was' if count == 1 else 'were'} dealt with meanwhile." if count else ""


def on_its_way(by: str, at: datetime, scene: Scene) -> str:
    """That a letter is on its way again, since when and by whom."""
    who = f", asked for by {by}" if by else ", by itself"
    return f"On its way again since {when(at, scene.now, scene.zone)}{who}."


def resent_so_far(ended: int, dead: int, waiting: int) -> str:
    """How far what was sent again is: "7 of 12 carried, 1 died again, 4 to go"."""
    again = f", {dead} died again" if dead else ""
    left = f", {waiting} to go" if waiting else ""
    return f"{ended} of {ended + dead + waiting} ended well{again}{left}"


def would_write(verdict: str, sides: Sequence[Side]) -> str:
    """Where sending it again would write, by the look at the present; empty where nothing was found to be needed."""
    if verdict != "still_needed":
        return ""
    if not sides:
        return "Nothing is written at once: it ends as a question on Conflicts, or as a note inside."
    return f"It would write to {together([side.brand for side in sides])}."
