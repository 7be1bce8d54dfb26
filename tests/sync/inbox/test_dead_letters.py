"""Dead letters sent again: once however often it is asked for, soonest visit first, and never round and round."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from sync.decide.resending import Now
from sync.inbox.dead_letters import (
    APART,
    MANY_RESENT,
    PUT_AWAY,
    RESENT,
    Resent,
    known_of,
    put_away,
    redrive,
    resend,
    resend_many,
)
from sync.model import Breaker, BreakerState, End, Ref, Side, Source
from sync.store import breakers, hints
from sync.store.connection import reading, writing
from sync.store.dead_letters import EVERY, Filter, matching
from sync.store.hints import Hint, Measured
from sync.store.tables import audit

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOLDING = timedelta(seconds=90)
ANNA, BEN, CLEO, DEE = (Ref(Side.SQUARE, key) for key in ("anna", "ben", "cleo", "dee"))
WEB = Ref(Side.BOOKLY, "ca:1")


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def end(store: Engine, as_: End, at: datetime = NOW, reason: str = "no_answer", **also: object) -> Hint:
    """Whatever is due is taken up and ends so."""
    permanent = bool(also.pop("permanent", False))
    with writing(store) as conn:
        (hint,) = hints.claim(conn, "worker", at, HOLDING, 1)
        measured = Measured(**also)  # type: ignore[arg-type]
        assert hints.finish(conn, hint, "worker", as_, reason, at, permanent=permanent, measured=measured)
    return hint


def bury(store: Engine, ref: Ref, at: datetime = NOW, **also: object) -> int:
    """A dead letter about that appointment; returns its number."""
    with writing(store) as conn:
        hints.put(conn, ref, Source.WEBHOOK, at, version=3)
    return end(store, End.DEAD, at, **also).id  # type: ignore[arg-type]


def send(store: Engine, letter: int, who: str = "Theo", at: datetime = NOW) -> Resent:
    with writing(store) as conn:
        return resend(conn, letter, who, at)


def drive(store: Engine, at: datetime = NOW, most: int = 100) -> int:
    with writing(store) as conn:
        return redrive(conn, at, most=most)


def under_way(store: Engine) -> list[Hint]:
    """The hints that are not ended, in the order in which they will be taken up."""
    with reading(store) as conn:
        found = [one for ref in hints.open_refs(conn) for one in hints.of(conn, [ref]) if not one.ended_at]
    return sorted(found, key=lambda hint: (hint.due_at, hint.id))


def actions(store: Engine) -> list[tuple[str, str]]:
    with reading(store) as conn:
        return [(row.who, row.what) for row in conn.execute(sa.select(audit).order_by(audit.c.id))]


def letters(store: Engine, wanted: Filter = EVERY, at: datetime = NOW) -> list[int]:
    with reading(store) as conn:
        return [letter.id for letter in matching(conn, wanted, at)]


# --- one ------------------------------------------------------------------------------------------------------------


def test_a_resend_is_a_new_hint_that_names_who_asked(store: Engine) -> None:
    letter = bury(store, ANNA)
    done = send(store, letter)
    (hint,) = under_way(store)
    assert done == Resent(letter, "sent", hint.id, "Theo")
    assert (hint.ref, hint.source, hint.asked_by, hint.version, hint.due_at) == (ANNA, Source.RESEND, "Theo", 3, NOW)
    assert actions(store) == [("Theo", RESENT)]


def test_an_impatient_finger_sends_it_once(store: Engine) -> None:
    letter = bury(store, ANNA)
    first, *again = [send(store, letter, at=later(n / 60)) for n in range(5)]
    assert {one.word for one in again} == {"on_its_way"} and {one.hint for one in again} == {first.hint}
    (hint,) = under_way(store)
    assert hint.counter == 1
    assert actions(store) == [("Theo", RESENT)]


def test_of_two_people_at_once_one_sends_it_and_the_other_hears_who(store: Engine) -> None:
    letter, start = bury(store, ANNA), Barrier(2)

    def click(who: str) -> Resent:
        start.wait(20)
        return send(store, letter, who)

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(click, ("Ida", "Theo")), key=lambda one: one.word)
    assert [one.word for one in told] == ["on_its_way", "sent"]
    assert told[0].by == told[1].by
    assert len(actions(store)) == len(under_way(store)) == 1


def test_what_is_carried_anyway_is_asked_for_by_the_person_too(store: Engine) -> None:
    letter = bury(store, ANNA)
    with writing(store) as conn:
        poll = hints.put(conn, ANNA, Source.POLL, NOW, due_at=later(5))
    assert send(store, letter) == Resent(letter, "sent", poll, "Theo")
    (hint,) = under_way(store)
    assert (hint.asked_by, hint.due_at) == ("Theo", NOW)
    assert send(store, letter, "Ida").word == "on_its_way"


def test_a_success_ends_the_letter_and_a_late_click_sends_nothing(store: Engine) -> None:
    letter = bury(store, ANNA)
    send(store, letter)
    end(store, End.ALREADY_TRUE)
    assert letters(store) == []
    assert send(store, letter).word == "done_with"
    assert under_way(store) == []


def test_one_that_dies_again_can_be_sent_again_and_there_is_one_letter(store: Engine) -> None:
    letter = bury(store, ANNA)
    send(store, letter)
    again = end(store, End.DEAD).id
    assert letters(store) == [again]
    assert send(store, again).word == "sent"


@pytest.mark.parametrize("ended", [End.APPLIED, End.CONFLICT])
def test_what_is_no_dead_letter_is_not_sent(store: Engine, ended: End) -> None:
    with writing(store) as conn:
        hints.put(conn, ANNA, Source.WEBHOOK, NOW)
    assert send(store, end(store, ended).id).word == "done_with"
    assert send(store, 4711).word == "unknown"
    assert under_way(store) == [] and actions(store) == []


def test_a_person_can_be_done_with_a_letter_without_sending_it(store: Engine) -> None:
    letter = bury(store, ANNA, permanent=True)
    with writing(store) as conn:
        assert put_away(conn, letter, "Theo", NOW)
        assert not put_away(conn, letter, "Ida", NOW)
        assert not put_away(conn, 4711, "Ida", NOW)
    assert letters(store) == []
    assert actions(store) == [("Theo", PUT_AWAY)]
    assert send(store, letter).word == "done_with"


# --- many -----------------------------------------------------------------------------------------------------------


def test_many_are_sent_the_soonest_visit_first_the_past_ones_last(store: Engine) -> None:
    for ref, start in ((ANNA, later(-30)), (BEN, None), (CLEO, later(90)), (DEE, later(20))):
        bury(store, ref, visit_start=start)
    with writing(store) as conn:
        done = resend_many(conn, EVERY, "Theo", NOW)
    assert [hint.ref for hint in under_way(store)] == [DEE, CLEO, BEN, ANNA]
    assert [hint.id for hint in under_way(store)] == list(done.hints)
    assert actions(store) == [("Theo", MANY_RESENT)]


def test_a_second_click_on_many_sends_nothing_more(store: Engine) -> None:
    bury(store, ANNA)
    bury(store, BEN)
    with writing(store) as conn:
        resend_many(conn, EVERY, "Theo", NOW)
        again = resend_many(conn, EVERY, "Ida", NOW)
    assert (again.hints, again.on_their_way) == ((), 2)
    assert len(under_way(store)) == 2 and len(actions(store)) == 1


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EVERY, {ANNA, BEN, WEB}),
        (Filter(cause="refused"), {BEN}),
        (Filter(side=Side.BOOKLY), {WEB}),
        (Filter(since=later(5)), {WEB}),
        (Filter(starts_before=later(100)), {ANNA}),
        (Filter(permanent=True), {BEN}),
        (Filter(permanent=False, side=Side.SQUARE), {ANNA}),
        (Filter(cause="nonsense"), set()),
    ],
    ids=["every", "cause", "side", "since", "starts before", "for a person", "both", "nothing"],
)
def test_a_filter_finds_what_it_names(store: Engine, wanted: Filter, found: set[Ref]) -> None:
    bury(store, ANNA, visit_start=later(60))
    bury(store, BEN, visit_start=later(200), reason="refused", permanent=True)
    bury(store, WEB, at=later(10))
    with reading(store) as conn:
        assert {letter.ref for letter in matching(conn, wanted, NOW)} == found


def test_a_filter_by_number_finds_only_letters(store: Engine) -> None:
    letter, other = bury(store, ANNA), bury(store, BEN)
    assert letters(store, Filter(ids=(letter, 4711))) == [letter]
    send(store, other)
    end(store, End.APPLIED)
    assert letters(store, Filter(ids=(letter, other))) == [letter]


# --- by itself ------------------------------------------------------------------------------------------------------


def test_the_machine_sends_the_transient_ones_and_leaves_the_others_for_a_person(store: Engine) -> None:
    bury(store, ANNA)
    bury(store, BEN, permanent=True)
    assert drive(store) == 1
    (hint,) = under_way(store)
    assert (hint.ref, hint.source, hint.asked_by) == (ANNA, Source.REDRIVE, "")
    assert actions(store) == []


def test_they_come_due_one_after_the_other_the_soonest_visit_first(store: Engine) -> None:
    for number, ref in enumerate((ANNA, BEN, CLEO, DEE)):
        bury(store, ref, visit_start=later(100 - number))
    assert drive(store, most=3) == 3
    assert [(hint.ref, hint.due_at) for hint in under_way(store)] == [
        (DEE, NOW), (CLEO, NOW + APART), (BEN, NOW + 2 * APART),
    ]  # fmt: skip
    assert drive(store, most=3) == 1


@pytest.mark.parametrize("state", [BreakerState.OPEN, BreakerState.HALF])
@pytest.mark.parametrize("side", Side)
def test_nothing_is_sent_while_a_side_is_left_alone(store: Engine, side: Side, state: BreakerState) -> None:
    bury(store, ANNA)
    with writing(store) as conn:
        breakers.change(conn, side, lambda _: Breaker(state, 5, NOW, NOW), NOW)
    assert drive(store) == 0


def test_what_is_on_its_way_is_not_sent_again(store: Engine) -> None:
    bury(store, ANNA)
    assert [drive(store), drive(store, later(60))] == [1, 0]


def test_one_that_dies_again_and_again_lies_longer_each_time(store: Engine) -> None:
    bury(store, ANNA)
    at, sent = NOW, []
    for minute in range(300):
        at = later(minute)
        if drive(store, at):
            sent.append(minute)
            end(store, End.DEAD, at)
    assert sent == [0, 5, 35, 155, 275]


@pytest.mark.parametrize("ended", [End.CONFLICT, End.SUPERSEDED])
def test_what_ended_in_a_question_is_not_asked_every_minute(store: Engine, ended: End) -> None:
    bury(store, ANNA)
    drive(store)
    end(store, ended)
    assert drive(store, later(600)) == 0


def test_what_the_store_knows_of_the_present(store: Engine) -> None:
    with reading(store) as conn:
        (letter,) = hints.some(conn, [bury(store, ANNA, visit=7)])
    assert known_of(store, letter) == Now()
    with writing(store) as conn:
        hints.put(conn, WEB, Source.POLL, NOW)
    end(store, End.APPLIED, visit=7)
    assert known_of(store, letter) == Now(succeeded_since=True)
