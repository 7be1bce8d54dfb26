"""What a client at the checkout is told about a time: refused and why, or how a hold stands."""

from __future__ import annotations

from sync.model.holds import HoldState, Refusal

REFUSED = {
    Refusal.PAST: "This time is over. Please choose another one.",
    Refusal.TOO_FAR: "This time is too far ahead to be booked. Please choose an earlier one.",
    Refusal.TOO_MANY_YOURS: "You have chosen several times already. Please finish or cancel one of them first.",
    Refusal.TOO_MANY: "Very many people are booking just now. Please try again in a few minutes.",
    Refusal.TAKEN: "This time has just been taken. Please choose another one.",
    Refusal.HELD: "Somebody else is just booking this time. Please choose another one, or try again in a few minutes.",
    Refusal.BLOCKED: "This time is not available. Please choose another one.",
    Refusal.BEING_BOOKED: "This time is being booked right now. Please choose another one, or try again in a moment.",
}
"""One sentence a client can read for each reason why a time cannot be had."""

STANDS = {
    HoldState.HELD: "This time is kept for you.",
    HoldState.CONSUMED: "This time has been booked.",
    HoldState.LOST: "This time was booked by somebody else meanwhile. Please choose another one.",
    HoldState.RELEASED: "This time is no longer kept for you. Please choose it again.",
    HoldState.EXPIRED: "This time was kept for you until a moment ago. Please choose it again.",
}
"""One sentence for each way a hold can stand."""

CANNOT_ASK = "The calendars cannot be asked just now. Please try again in a moment."
NOT_SIGNED = "This request is not signed with BOOKLY_WEBHOOK_SECRET: give the plugin the same secret as Slotkeeper."
NO_SUCH_HOLD = "There is no such hold; ask for the time again."
TOO_LONG = "This request is too long: send only staff, service, start, minutes, keep_minutes and client."
TOO_SLOW = "This request did not come to its end in time: send it again."
TOO_OFTEN = "There are too many requests from this address: come again after the seconds in Retry-After."
BROKEN_OFF = "This request broke off: send it again."
