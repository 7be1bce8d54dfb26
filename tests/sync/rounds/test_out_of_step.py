"""Reconcile gives what is out of step to the road, once; what is on its way is no finding; and a whole read is asked
for where something waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.model import End, Kind, Ref, Side, Source
from sync.rounds.out_of_step import ask_for_reads, hint_apart
from sync.rounds.reconcile import GRACE, reconcile, reconcile_changes
from sync.store import hints, keeping, pairs, runs
from sync.store.connection import reading, writing
from tests.sync.converge.conftest import NOON
from tests.sync.rounds.busy import FORMS, Busy
from tests.sync.rounds.looking import Watch, given

LATER = NOON + GRACE


@pytest.fixture
def apart(busy: Busy) -> Busy:
    """A website visit was moved in Bookly, the mirror knows it, and nobody gave a hint."""
    busy.both()
    busy.salon.people.moves_in_office(busy.website[0], busy.salon.at(17))
    assert busy.pull(Side.BOOKLY).whole
    return busy


def moved(busy: Busy) -> Ref:
    return Ref(Side.BOOKLY, f"ca:{busy.website[0].seats[0]}")


def apart_now(busy: Busy, writes: str = "on") -> int:
    return hint_apart(busy.salon.house.engine, writes, LATER)


def test_a_pair_that_is_out_of_step_is_hinted_once(apart: Busy) -> None:
    watch = Watch(apart, Side.BOOKLY)
    assert apart_now(apart) == 1
    assert given(watch.engine) == [(moved(apart).key, Source.RECONCILE, None)]
    assert apart_now(apart) == 0
    watch.carry()
    assert apart_now(apart) == 0
    apart.salon.people.moves_in_office(apart.website[0], apart.salon.at(18))
    assert apart.pull(Side.BOOKLY).whole
    assert apart_now(apart) == 1


def test_in_step_nothing_is_hinted(busy: Busy) -> None:
    busy.both()
    assert apart_now(busy) == 0 and given(busy.salon.house.engine) == []


def test_a_visit_that_is_gone_is_out_of_step(busy: Busy) -> None:
    busy.both()
    busy.salon.people.deletes_in_office(busy.website[0])
    assert busy.pull(Side.BOOKLY).whole
    assert apart_now(busy) == 1


@pytest.mark.parametrize("how", ["setting", "switch", "pause"])
def test_while_nothing_would_be_written_nothing_is_hinted_and_afterwards_it_is(apart: Busy, how: str) -> None:
    engine = apart.salon.house.engine
    assert apart_now(apart) == 1
    Watch(apart, Side.BOOKLY).carry()
    with writing(engine) as conn:
        if how == "switch":
            keeping.set_writes(conn, False, "Dana", LATER)
        if how == "pause":
            keeping.set_paused(conn, True, "Dana", LATER)
    assert apart_now(apart, "off" if how == "setting" else "on") == 0
    with writing(engine) as conn:
        keeping.set_writes(conn, True, "Dana", LATER)
        keeping.set_paused(conn, False, "Dana", LATER)
    assert apart_now(apart) == 1


def test_what_waits_for_a_person_or_lies_dead_is_not_hinted(apart: Busy) -> None:
    engine = apart.salon.house.engine
    reconcile(engine, LATER)
    assert [one.finding.concerned for one in apart.salon.found(Kind.DRIFT)]
    assert apart_now(apart) == 0
    apart.salon.people.moves_in_office(apart.website[0], apart.salon.at(18))
    assert apart.pull(Side.BOOKLY).whole
    with writing(engine) as conn:
        number = hints.put(conn, moved(apart), Source.POLL, LATER)
        (taken,) = hints.claim(conn, "w", LATER, timedelta(minutes=1), 1)
        assert taken.id == number and hints.finish(conn, taken, "w", End.DEAD, "refused", LATER)
    assert apart_now(apart) == 0


def test_a_visit_made_since_writing_was_switched_on_is_hinted_and_an_older_one_is_not(busy: Busy) -> None:
    busy.both()
    salon = busy.salon
    engine = salon.house.engine
    treat = salon.cut()
    with writing(engine) as conn:
        keeping.set_writes(conn, True, "Dana", NOON - timedelta(hours=1))
    new = salon.people.books_on_website(salon.stylists(treat)[2], treat, salon.at(17, days=5), FORMS[9])
    assert busy.pull(Side.BOOKLY).whole
    assert apart_now(busy) == 1
    assert [key for key, _, _ in given(engine)] == [f"ca:{new.seats[0]}"]
    Watch(busy, Side.BOOKLY).carry()
    with writing(engine) as conn:
        keeping.set_writes(conn, True, "Dana", NOON + timedelta(hours=1))
    assert apart_now(busy) == 0


def test_what_is_on_its_way_is_no_finding_until_it_has_ended(apart: Busy) -> None:
    engine = apart.salon.house.engine
    assert apart_now(apart) == 1
    assert reconcile_changes(engine, LATER).whole
    assert not apart.salon.found(Kind.DRIFT)
    with writing(engine) as conn:
        (taken,) = hints.claim(conn, "w", LATER, timedelta(minutes=1), 1)
        assert hints.finish(conn, taken, "w", End.CONFLICT, "both_changed", LATER)
    assert reconcile_changes(engine, LATER + timedelta(minutes=20)).whole
    assert apart.salon.found(Kind.DRIFT)


def test_a_card_stays_while_what_it_tells_is_on_its_way(apart: Busy) -> None:
    engine = apart.salon.house.engine
    reconcile(engine, LATER)
    (card,) = apart.salon.found(Kind.DRIFT)
    with writing(engine) as conn:
        hints.put(conn, moved(apart), Source.WEBHOOK, LATER)
    apart.salon.ask(card, apart.salon.offered(card)[0])
    reconcile(engine, LATER)
    assert [one.id for one in apart.salon.found(Kind.DRIFT)] == [card.id]


def test_a_visit_that_waits_to_be_called_missing_has_the_other_side_read_whole(busy: Busy) -> None:
    busy.both()
    salon, engine = busy.salon, busy.salon.house.engine
    treat = salon.cut()
    new = salon.people.books_on_website(salon.stylists(treat)[2], treat, salon.at(17, days=5), FORMS[9])
    assert busy.pull(Side.BOOKLY).whole
    ref = Ref(Side.BOOKLY, f"ca:{new.seats[0]}")
    assert ask_for_reads(engine, NOON + timedelta(minutes=1)) == frozenset()
    with writing(engine) as conn:
        number = hints.put(conn, ref, Source.POLL, NOON)
    assert ask_for_reads(engine, LATER) == frozenset()
    Watch(busy, Side.BOOKLY).carry()
    assert number and ask_for_reads(engine, LATER) == {Side.SQUARE}
    with writing(engine) as conn:
        asked = runs.take_asked(conn, LATER)
    assert asked is not None and (asked.job, asked.asked_by) == ("pull-square", "the schedule")
    assert busy.pull(Side.SQUARE).whole
    assert ask_for_reads(engine, LATER) == frozenset()
    busy.look()
    assert (ref,) in [one.finding.concerned[0].refs for one in salon.found(Kind.MISSING_IN_SQUARE)]


def test_what_is_linked_waits_for_no_read(apart: Busy) -> None:
    engine = apart.salon.house.engine
    with reading(engine) as conn:
        assert pairs.visit_of(conn, moved(apart)) is not None
    assert ask_for_reads(engine, LATER) == frozenset()
