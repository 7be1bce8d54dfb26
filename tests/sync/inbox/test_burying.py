"""What is written on a dead letter: which visit it is about and when that is, however the hint came to its end."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Engine

from sync.converge import Ended, Waiting
from sync.inbox.crew import Crew
from sync.model import End, Ref, Side, Source
from sync.store import hints, mirror, pairs
from sync.store.connection import reading, writing
from sync.store.dead_letters import EVERY, matching
from sync.store.hints import Hint
from tests.sync.store.made import NOON, at, bookly, square, visit

WEB, STAFF = bookly(1), square("S1")
BURIED = Ended(End.DEAD, "refused", sentence="Square refused it.", permanent=True)
NO_ANSWER = Waiting("Square gave no answer.", attempt=True, seconds=0.0, reason="no_answer")


def crew(store: Engine, ended: Ended | Waiting) -> Crew:
    return Crew(store, "one", lambda _: ended, lambda _hint, _ended: None, lambda: NOON, chance=lambda: 0.5)


def letter(store: Engine, ref: Ref, ended: Ended | Waiting = BURIED, attempts: int = 0) -> Hint:
    """The dead letter of a hint that had so many tries before it ended so."""
    with writing(store) as conn:
        number = hints.put(conn, ref, Source.WEBHOOK, NOON)
        for _ in range(attempts):
            (hint,) = hints.claim(conn, "another", NOON, at(1) - NOON, 1)
            hints.put_back(conn, hint, "another", NOON, "no_answer", attempt=True)
    crew(store, ended).work_off()
    with reading(store) as conn:
        found = hints.get(conn, number)
    assert found is not None and found.state == End.DEAD
    return found


def known(store: Engine, ref: Ref, start: float) -> None:
    """The mirror has it, so many minutes after noon."""
    with writing(store) as conn:
        mirror.record(conn, ref, visit(ref, start), NOON, NOON)


def linked(store: Engine, owner: Side) -> int:
    with writing(store) as conn:
        return pairs.link(conn, owner, [(WEB, None), (STAFF, None)], NOON)


ENDS = {"refused at once": (BURIED, 0), "tried to the end": (NO_ANSWER, 3), "worn out": (NO_ANSWER, 4)}


@pytest.mark.parametrize(("ended", "attempts"), ENDS.values(), ids=ENDS)
def test_a_dead_letter_says_which_visit_it_is_about_and_when_that_is(
    store: Engine, ended: Ended | Waiting, attempts: int
) -> None:
    known(store, STAFF, 90)
    number = linked(store, Side.SQUARE)
    found = letter(store, STAFF, ended, attempts)
    assert (found.visit, found.visit_start) == (number, at(90))


def test_when_the_two_sides_differ_the_one_that_made_the_visit_says_when_it_is(store: Engine) -> None:
    known(store, WEB, 30)
    known(store, STAFF, 90)
    linked(store, Side.BOOKLY)
    assert letter(store, STAFF).visit_start == at(30)


def test_what_is_on_one_side_only_has_a_time_and_no_visit(store: Engine) -> None:
    known(store, STAFF, 90)
    found = letter(store, STAFF)
    assert (found.visit, found.visit_start) == (None, at(90))


def test_what_is_gone_has_the_time_that_it_had(store: Engine) -> None:
    known(store, STAFF, 90)
    with writing(store) as conn:
        mirror.record(conn, STAFF, None, at(1), at(1))
    assert letter(store, STAFF).visit_start == at(90)


def test_of_what_was_never_read_nothing_is_known(store: Engine) -> None:
    found = letter(store, STAFF)
    assert (found.visit, found.visit_start) == (None, None)


def test_what_the_road_knew_itself_is_believed(store: Engine) -> None:
    known(store, STAFF, 90)
    number = linked(store, Side.SQUARE)
    ended = Ended(End.DEAD, "refused", visit=number, start=at(120))
    assert letter(store, STAFF, ended).visit_start == at(120)


def test_the_letters_of_both_ends_of_a_visit_are_one_and_the_soonest_visit_comes_first(store: Engine) -> None:
    known(store, WEB, 300)
    known(store, STAFF, 300)
    known(store, soon := square("soon"), 20)
    linked(store, Side.BOOKLY)
    for ref in (STAFF, WEB, soon):
        letter(store, ref)
    with reading(store) as conn:
        assert [one.ref for one in matching(conn, EVERY, datetime.fromtimestamp(0, NOON.tzinfo))] == [soon, WEB]
