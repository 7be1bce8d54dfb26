"""How a hint ended, or what it waits for, in a sentence each: for the developer's screens and `queries story`."""

from __future__ import annotations

from collections.abc import Mapping

from sync.model import End
from sync.wording.dead_letters import UNKNOWN_CAUSE, cause

_CARRIED = {
    "standing": "It was cancelled, or made to stand again, and the other calendar followed.",
    "staff": "Another stylist does it now, and the other calendar followed.",
    "time": "It was moved, and the other calendar followed.",
    "service": "Another service was chosen, and the other calendar followed.",
    "client": "Somebody else comes, and the time taken for it was put right as well.",
    "paid": "It was paid, so its booking in Square was given its client.",
    "persons": "Another number of people comes to the class, and the note in Square says so.",
    "gone": "It was deleted by somebody who meant it, and the other calendar followed.",
    "carried": "It was changed, and the other calendar followed.",
    "shown": "Only one calendar had it, or a part of it; now both do.",
    "put_back": "The time that it takes was changed in Bookly, and was put back: Square's booking decides.",
    "meant_to_be_gone": "It was deleted in Bookly by somebody who meant it, so its booking in Square was cancelled.",
}

_TRUE = {
    "in_step": "Both calendars say what they said when they last agreed.",
    "same_on_both": "It was changed in both calendars, to the same.",
    "not_there": "Its calendar does not have it, and nothing else knew it.",
    "nothing_stands": "It does not stand, and the other calendar has nothing of it.",
    "past": "It is over; nothing is written about what is over.",
    "not_carried": "It is over, waiting, or has a status of the salon's own; none of that is carried.",
    "standing": "It was cancelled, or made to stand again, and the other calendar says so already.",
    "staff": "Another stylist does it now, and the other calendar says so already.",
    "time": "It was moved, and the other calendar says so already.",
    "service": "Another service was chosen, and the other calendar need not change for it.",
    "client": "Somebody else comes; the other calendar only shows the time, so nothing changes there.",
    "paid": "It was paid, and the other calendar need not change for it.",
    "persons": "Another number of people comes, and the other calendar need not change for it.",
    "gone": "It was deleted by somebody who meant it, and the other calendar says so already.",
    "carried": "It was changed in nothing that the other calendar shows.",
    "put_back": "The time that it takes was changed in Bookly, and is right again already.",
    "meant_to_be_gone": "It was deleted by somebody who meant it, and nothing in Square is left of it.",
}

_SUPERSEDED = {"former": "It names what no longer shows the visit: that was cancelled or replaced."}

_ASKED = {
    "taken": "The time is taken in the other calendar, so it was not written there by itself.",
    "met_another": "It was written, and somebody else was put into the same time at that moment.",
    "same_visit": "It probably stands in both calendars already, typed in by hand: somebody has to say so.",
    "before_writing": "It stood before writing was switched on, so it crosses only by a click.",
    "both_changed": "It was changed in both calendars, differently.",
    "not_agreed": "What the calendars showed when they last agreed is not known, so neither side is taken for right.",
    "vanished": "It disappeared from its calendar, and nothing shows that anybody meant it.",
    "calendar_small": "Its calendar suddenly shows far less than before, so what it lacks is not believed.",
    "client": "Somebody else comes in one of the calendars; profiles are never changed by Slotkeeper.",
    "service": "Another service was chosen in Square; the service of a visit in Bookly is never changed from there.",
    "changed": "It has other parts in the two calendars, and what is missing cannot be made by Slotkeeper.",
    "class_needs_people": "A class was cancelled in Square; its people have to be cancelled one by one in Bookly.",
    "past": "One calendar has it in the past and the other still ahead; nothing is written about what is over.",
    "block_changed": "The time that it takes was put back three times within an hour, and was changed again.",
    "not_mapped_staff": "Nobody has said who this stylist is in the other calendar; what could be shown is shown.",
    "not_mapped_service": "Nobody has said which service this is in Square.",
    "unknown_mark": "It carries a mark of Slotkeeper's, and Slotkeeper does not know it.",
    "watching": "Slotkeeper only watches, so nothing was written.",
    "another_installation": "Another Slotkeeper wrote to these calendars within a day, so this one does not.",
    "service_without_client": "A service is booked without a client, and stays so.",
    "no_end": "It has no end.",
    "not_positive_length": "It ends before it begins.",
    "unknown_status": "It has a status that Slotkeeper does not know.",
    "no_persons": "It is booked for nobody.",
    "no_staff": "It has no stylist.",
    "stray_mark": "It carries a mark of Slotkeeper's, and Slotkeeper does not know it.",
}

_WAITS = {
    "": "It has not been taken up yet.",
    "busy": "Somebody is changing the same visit, or the same stylist's time, right now.",
    "breaker": "The calendar is left alone until it answers again.",
    "asked_to_wait": "The calendar asked to be left alone for a while.",
    "half_written": "Bookly is in the middle of writing it.",
    "not_shown_yet": "The calendar does not show the change yet that it told of.",
    "paused": "Slotkeeper is paused, or writing is off while an earlier try is not settled.",
    "joined": "It changed once more while it was carried, so it is carried again.",
    "changed": "It was changed at the very moment of writing, so it is looked at again.",
    "kept_changing": "What stands around it kept changing, so it is looked at again.",
    "overtaken": "Somebody else was let in before it was written down, so it is looked at again.",
    "locks_away": "The lock cannot be asked for just now.",
    "lease_lost": "The lock ran out before the calendar was asked; nothing was sent.",
    "unsettled": "An earlier try lost its answer meanwhile; what became of that is learnt first.",
    "ours": "It is one of ours that was not known yet, so it is looked at again.",
    "unreached": "The calendar could not be reached; it is tried again.",
    "no_answer": "The calendar gave no answer; it is tried again.",
    "trouble": "The calendar had trouble of its own; it is tried again.",
    "not_let_in": "The calendar lets nobody in until a setting is mended.",
    "not_allowed": "The calendar does not allow this until a right is given.",
    "not_shown": "The calendar did not show yet what it said was done; it is tried again.",
    "refused": "The calendar said no for now; it is tried again.",
    "stopped": "Something went wrong inside Slotkeeper; it is tried again.",
    "side_unreadable": "One of the calendars could not be read; it is tried again.",
}

SENTENCES: Mapping[str, Mapping[str, str]] = {
    End.APPLIED: _CARRIED,
    End.ALREADY_TRUE: _TRUE,
    End.SUPERSEDED: _SUPERSEDED,
    End.CONFLICT: _ASKED,
    "waiting": _WAITS,
}
"""By the hint's state, then by its reason; dead letters have their words in `dead_letters`."""

WORKING = "It is being carried now."


def why(state: str, reason: str, sentence: str = "") -> str:
    """How a hint of this state and reason ended, or what it waits for. `sentence`: what was said when it happened, for
    a reason that has no words of its own."""
    if state == "working":
        return WORKING
    if state == End.DEAD:
        return cause(reason, None, sentence)
    return SENTENCES.get(state, {}).get(reason) or sentence or UNKNOWN_CAUSE
