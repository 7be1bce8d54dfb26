"""What a button asks for: once, by somebody who may, about what they saw."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard import actions
from dashboard.actions import Answer, Wish
from dashboard.current_user import Role, User
from sync.model import Choice, ChoiceKind, LeaveReason
from sync.store import keeping, mapping, requests, tables
from sync.store.connection import open_store, reading, writing
from tests.dashboard.small_store import NOW, Shop

DANA = User("Dana", Role.MANAGER)
LEAVE = Choice(ChoiceKind.LEAVE, reason=LeaveReason.ASSISTANT_HELPS)


@pytest.fixture
def wish(shop: Shop) -> Wish:
    return Wish(1, shop.findings[0].seen, LEAVE)


def _ended(engine: Engine, state: str, number: int = 1) -> None:
    with writing(engine) as conn:
        ended = {"state": state, "ended_at": NOW.timestamp()}
        conn.execute(sa.update(tables.requests).where(tables.requests.c.id == number).values(ended))


def _asked(engine: Engine) -> int:
    with reading(engine) as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(tables.requests)).scalar_one())


def test_a_click_leaves_one_row_with_who_and_what_they_saw(small_store: Engine, wish: Wish) -> None:
    assert actions.settle(small_store, DANA, wish, NOW) is Answer.ASKED
    with reading(small_store) as conn:
        (row,) = requests.under_way(conn)
    assert (row.finding, row.seen, row.asked_by, row.role) == (1, wish.seen, "Dana", "manager")
    assert row.choice == LEAVE
    assert row.key == f"settle:1:{wish.seen}:{LEAVE.id}"


def test_the_same_click_again_is_the_same_row(small_store: Engine, wish: Wish) -> None:
    actions.settle(small_store, DANA, wish, NOW)
    assert actions.settle(small_store, replace(DANA, name="Theo"), wish, NOW) is Answer.ALREADY
    assert _asked(small_store) == 1


def test_eight_clicks_at_once_make_one_row(small_store: Engine, wish: Wish) -> None:
    engines = [open_store(str(small_store.url)) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: actions.settle(engines[n % 4], DANA, wish, NOW), range(8)))
    assert sorted(answers) == [Answer.ALREADY] * 7 + [Answer.ASKED]
    assert _asked(small_store) == 1
    for engine in engines:
        engine.dispose()


def test_a_choice_made_on_an_old_picture_is_stale(small_store: Engine, wish: Wish) -> None:
    assert actions.settle(small_store, DANA, replace(wish, seen="what it was before"), NOW) is Answer.STALE
    with writing(small_store) as conn:
        conn.execute(sa.update(tables.findings).where(tables.findings.c.id == 1).values(state="closed"))
    assert actions.settle(small_store, DANA, wish, NOW) is Answer.STALE
    assert actions.settle(small_store, DANA, replace(wish, finding=999), NOW) is Answer.STALE
    assert _asked(small_store) == 0


@pytest.mark.parametrize("state", ["refused", "would", "half"])
def test_what_came_to_nothing_or_to_half_may_be_asked_for_again_and_again(
    state: str, small_store: Engine, wish: Wish
) -> None:
    actions.settle(small_store, DANA, wish, NOW)
    for number in (1, 2):
        _ended(small_store, state, number)
        assert actions.settle(small_store, DANA, wish, NOW) is Answer.ASKED
        assert actions.settle(small_store, DANA, wish, NOW) is Answer.ALREADY
    assert _asked(small_store) == 3


def test_what_was_done_is_not_asked_for_again_until_it_was_taken_back(small_store: Engine, wish: Wish) -> None:
    actions.settle(small_store, DANA, wish, NOW)
    _ended(small_store, "done")
    assert actions.settle(small_store, DANA, wish, NOW) is Answer.ALREADY
    assert actions.undo(small_store, DANA, 1, NOW) is Answer.ASKED
    assert actions.undo(small_store, DANA, 1, NOW) is Answer.ALREADY
    _ended(small_store, "done", number=2)
    assert actions.settle(small_store, DANA, wish, NOW) is Answer.ASKED


def test_what_was_done_and_is_found_the_same_again_may_be_asked_for_again(small_store: Engine, wish: Wish) -> None:
    """The same block is deleted a second time: the card has come back, and its button does something."""
    actions.settle(small_store, DANA, wish, NOW)
    _ended(small_store, "done")
    with small_store.begin() as conn:
        conn.execute(sa.text("UPDATE findings SET last_seen_at = :at"), {"at": NOW.timestamp() + 600})
    assert actions.settle(small_store, DANA, wish, NOW) is Answer.ASKED
    assert actions.settle(small_store, DANA, wish, NOW) is Answer.ALREADY


def test_what_came_of_another_request_does_not_count(small_store: Engine, wish: Wish) -> None:
    """The tenth request's undo was refused: that is no reason to take the first one back twice."""
    actions.settle(small_store, DANA, wish, NOW)
    _ended(small_store, "done")
    actions.undo(small_store, DANA, 1, NOW)
    with writing(small_store) as conn:
        tenth = requests.ask(
            conn, key="undo:10", finding=2, choice=Choice(ChoiceKind.UNDO), seen="", who="Theo", role="manager", now=NOW
        )
    _ended(small_store, "refused", tenth.id)
    assert actions.undo(small_store, DANA, 1, NOW) is Answer.ALREADY


def test_only_what_was_done_can_be_taken_back(small_store: Engine, wish: Wish) -> None:
    assert actions.undo(small_store, DANA, 1, NOW) is Answer.STALE
    actions.settle(small_store, DANA, wish, NOW)
    assert actions.undo(small_store, DANA, 1, NOW) is Answer.STALE
    _ended(small_store, "done")
    actions.undo(small_store, DANA, 1, NOW)
    _ended(small_store, "done", number=2)
    assert actions.undo(small_store, DANA, 2, NOW) is Answer.STALE


Act = Callable[[Engine, User, Wish], object]
ACTS: dict[str, Act] = {
    "settle": lambda engine, user, wish: actions.settle(engine, user, wish, NOW),
    "settle_all": lambda engine, user, wish: actions.settle_all(engine, user, [wish], NOW)[0],
    "undo": lambda engine, user, _: actions.undo(engine, user, 1, NOW),
    "run_job": lambda engine, user, _: actions.run_job(engine, user, "reconcile", NOW),
    "set_paused": lambda engine, user, _: actions.set_paused(engine, user, True, NOW),
    "set_writes": lambda engine, user, _: actions.set_writes(engine, user, False, NOW),
    "match": lambda engine, user, _: actions.match(engine, user, True, {"1": "TM2"}, NOW),
    "take_apart": lambda engine, user, _: actions.take_apart(engine, user, True, "1", NOW),
}


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_without_a_name_or_as_a_viewer(act: str, small_store: Engine, wish: Wish) -> None:
    assert ACTS[act](small_store, User("", Role.MANAGER), wish) is Answer.NOT_ALLOWED
    assert ACTS[act](small_store, User("Vera", Role.VIEWER), wish) is Answer.NOT_ALLOWED


@pytest.mark.parametrize("act", ["settle", "settle_all", "undo", "set_writes", "match", "take_apart"])
def test_a_developer_does_not_settle_or_set_up(act: str, small_store: Engine, wish: Wish) -> None:
    assert ACTS[act](small_store, User("Devi", Role.DEVELOPER), wish) is Answer.NOT_ALLOWED


@pytest.mark.parametrize("act", ["run_job", "set_paused"])
def test_a_developer_runs_jobs_and_pauses(act: str, small_store: Engine, wish: Wish) -> None:
    devi = User("Devi", Role.DEVELOPER)
    assert ACTS[act](small_store, devi, wish) is Answer.ASKED
    assert ACTS[act](small_store, devi, wish) is Answer.ALREADY


def test_many_at_once_leave_out_what_changed_and_what_is_asked_already(small_store: Engine, shop: Shop) -> None:
    wishes = [Wish(number, finding.seen, LEAVE) for number, finding in enumerate(shop.findings, 1)]
    actions.settle(small_store, DANA, wishes[0], NOW)
    changed = [*wishes[:3], replace(wishes[3], seen="something else")]
    assert actions.settle_all(small_store, DANA, changed, NOW) == (Answer.ASKED, 2)
    assert actions.settle_all(small_store, DANA, changed, NOW) == (Answer.ALREADY, 0)
    assert actions.settle_all(small_store, DANA, changed[3:], NOW) == (Answer.STALE, 0)


def test_pausing_and_switching_leave_who_did_it(small_store: Engine) -> None:
    actions.set_paused(small_store, DANA, True, NOW)
    actions.set_writes(small_store, DANA, False, NOW)
    with reading(small_store) as conn:
        assert keeping.paused(conn)
        assert not keeping.writes_on(conn, "on")
        rows = conn.execute(sa.select(tables.audit.c.who, tables.audit.c.what).order_by(tables.audit.c.id)).all()
    assert [tuple(row) for row in rows] == [("Dana", "pause"), ("Dana", "writes_off")]


def test_confirming_a_couple_compares_both_calendars_anew(empty_store: Engine) -> None:
    assert actions.match(empty_store, DANA, True, {"1": "TM1", "2": "TM2"}, NOW) is Answer.ASKED
    assert actions.match(empty_store, DANA, True, {"1": "TM1"}, NOW) is Answer.ALREADY
    assert actions.match(empty_store, DANA, False, {"7": "V7"}, NOW) is Answer.ASKED
    with reading(empty_store) as conn:
        assert mapping.staff_map(conn) == {"1": "TM1", "2": "TM2"}
        assert mapping.service_map(conn) == {"7": "V7"}
        assert conn.execute(sa.select(tables.runs.c.job)).scalars().all() == ["reconcile"]


def test_a_couple_is_taken_apart_once(empty_store: Engine) -> None:
    actions.match(empty_store, DANA, True, {"1": "TM1"}, NOW)
    assert actions.take_apart(empty_store, DANA, True, "1", NOW) is Answer.ASKED
    assert actions.take_apart(empty_store, DANA, True, "1", NOW) is Answer.STALE
