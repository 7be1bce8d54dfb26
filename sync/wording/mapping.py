"""Who is who and which service is which in the two calendars, in words."""

from __future__ import annotations

from sync.model import Side
from sync.wording.names import counted

_BY = {
    "name": "the name is the same",
    "mail": "the mail address is the same",
    "email": "the mail address is the same",
    "phone": "the phone number is the same",
    "use": "it keeps time for nobody in particular",
}


def suggestion(name: str, by: str) -> str:
    """Whom we take somebody for, and why: "Mia Larsen: the name is the same"."""
    return f"{name}: {_BY.get(by, 'they look alike')}"


def confirm_all(count: int, noun: str) -> str:
    """The button that confirms every suggestion, with the count first."""
    return f"Confirm {counted(count, 'suggestion')} for {noun}"


def all_matched(count: int, noun: str) -> str:
    """That nothing of Bookly waits for an answer: `noun` is staff or services."""
    return f"All of Bookly's {noun} are matched: {count}."


def confirmed(bookly: str, square: str) -> str:
    """A couple somebody confirmed."""
    return f"{bookly} in Bookly is {square} in Square."


def open_question(side: Side, name: str, *, service: bool = False) -> str:
    """What is asked of a person for somebody, or for a service, without a partner."""
    return f"{'Which service' if service else 'Who'} is {name} in {side.other.brand}?"


def link_all(count: int) -> str:
    """The button that links all likely twins."""
    return f"Link {counted(count, 'visit')} that stand in both calendars" if count != 1 else "Link 1 visit"


def send_all(count: int, side: Side) -> str:
    """The button that sends what is missing to a side."""
    return f"Put {counted(count, 'visit')} into {side.brand}"


def writes_words(on: bool, allowed: bool) -> str:
    """Whether Slotkeeper writes, and what switches it."""
    if not allowed:
        return (
            "Slotkeeper only watches: the setting WRITES is off, so nothing is written whatever is clicked. "
            "Whoever looks after it can set WRITES=on; then it can be switched on here."
        )
    if on:
        return "Slotkeeper carries changes between Bookly and Square, and writes what somebody clicks."
    return "Slotkeeper only watches: nothing is written, whatever is clicked."


def bulk_changes(do: str) -> tuple[str, ...]:
    """What settling many at once changes: `do` is link, send_square or send_bookly."""
    if do == "link":
        return ("Each couple is taken as one visit from now on.", "Nothing is written in Bookly or in Square.")
    if do == "send_square":
        return ("In Square a booking is made for each. In Bookly nothing changes.",
                "Square may write to these clients: not known.")  # fmt: skip
    return ("In Bookly a blocked time is put in for each. In Square nothing changes.",
            "Bookly sends nothing to anybody for a change made here.")  # fmt: skip
