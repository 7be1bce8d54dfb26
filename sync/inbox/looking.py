"""The worker's looks at dead letters, asked for on a screen: what sending one again would do just now.

A look reads both calendars, which takes a second where they are well and much longer where they are not. So no page
waits for it: the screen leaves a row, the worker answers in it, one letter after the other. Nothing is written outside.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from sync import logs
from sync.converge.house import House
from sync.decide.resending import NOTHING_KNOWN, Now, Verdict, verdict
from sync.inbox.planning import plan_of
from sync.model import End
from sync.store import hints, looks
from sync.store.connection import reading, writing
from sync.store.hints import Hint

REST_SECONDS = 0.5
"""How long to rest when nobody asks."""

PlanOf = Callable[[House, Hint], Now]


def look_until(stop: threading.Event, house: House) -> None:
    """Answer what is asked until `stop` is set."""
    while not stop.is_set():
        try:
            looked = look_at_one(house)
        except Exception as error:  # the store was away for a moment: what was asked for is still there
            logs.failed("look_not_made", error)
            looked = False
        if not looked:
            stop.wait(REST_SECONDS)


def look_at_one(house: House, plan_of: PlanOf = plan_of) -> bool:
    """Look at the letter that is asked about next; False when none is."""
    with reading(house.engine) as conn:
        number = looks.next_asked(conn)
        letter = hints.get(conn, number) if number is not None else None
    if number is None:
        return False
    found, present = _judged(house, letter, plan_of)
    with writing(house.engine) as conn:
        looks.answer(conn, number, found.value, present.writes, house.clock())
    return True


def _judged(house: House, letter: Hint | None, plan_of: PlanOf) -> tuple[Verdict, Now]:
    """A letter that nobody has to send any more is true already; one at which the look fails is not judged."""
    if letter is None or letter.state != End.DEAD.value or letter.closed_at is not None:
        return Verdict.ALREADY_TRUE, NOTHING_KNOWN
    try:
        present = plan_of(house, letter)
    except Exception as error:
        logs.failed("look_stopped", error, hint=letter.id, side=letter.ref.side)
        present = NOTHING_KNOWN
    return verdict(letter.permanent, present), present
