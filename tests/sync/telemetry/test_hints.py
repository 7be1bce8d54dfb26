"""Where the time of a hint went: what is not known stays unknown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from sync.model import End, Ref, Side, Source
from sync.store import hints, sketches, tallies
from sync.store.connection import reading, writing
from sync.store.hints import Hint, Measured
from sync.telemetry.collecting import Telemetry
from sync.telemetry.hints import parts, told_hint

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def ended(store: Engine) -> Hint:
    """Changed at noon, received 2 s later, taken up at 3, ended at 4.5; 0.9 s of calls and 0.1 s for the lock."""
    with writing(store) as conn:
        number = hints.put(conn, Ref(Side.SQUARE, "bk1"), Source.WEBHOOK, later(2), changed_at=NOON)
        (hint,) = hints.claim(conn, "worker", later(3), timedelta(seconds=90), 1)
        measured = Measured(leased_at=later(3.1), calls=3, call_ms=900.0, lock_ms=100.0)
        assert hints.finish(conn, hint, "worker", End.APPLIED, "carried", later(4.5), measured=measured)
        found = hints.get(conn, number)
    assert found is not None
    return found


def test_the_parts_add_up_to_the_whole(ended: Hint) -> None:
    found = parts(ended)
    assert found is not None and found.source_delay is not None and found.own is not None
    assert (found.whole, found.source_delay, found.wait) == pytest.approx((4.5, 2.0, 1.0))
    assert (found.lock, found.calls, found.own) == pytest.approx((0.1, 0.9, 0.5))
    assert sum((found.source_delay, found.wait, found.lock, found.calls, found.own)) == pytest.approx(found.whole)
    assert found.exposure == found.whole


def test_a_change_whose_time_is_unknown_has_no_delay_of_its_source(ended: Hint) -> None:
    found = parts(replace(ended, changed_at=None))
    assert found is not None
    assert found.source_delay is None and found.whole == pytest.approx(2.5)


def test_time_between_tries_is_waiting_and_not_our_own_work(ended: Hint) -> None:
    for again in (replace(ended, attempts=1), replace(ended, waits=2)):
        found = parts(again)
        assert found is not None
        assert found.own is None and found.wait == pytest.approx(1.5)


@pytest.mark.parametrize("end", [End.ALREADY_TRUE, End.SUPERSEDED, End.CONFLICT, End.DEAD])
def test_only_what_was_carried_had_a_slot_open(ended: Hint, end: End) -> None:
    found = parts(replace(ended, state=end.value))
    assert found is not None and found.exposure is None


def test_clocks_that_disagree_make_no_negative_time(ended: Hint) -> None:
    found = parts(replace(ended, changed_at=later(9), call_ms=60_000.0))
    assert found is not None
    assert (found.source_delay, found.own, found.whole) == (0.0, 0.0, 0.0)


def test_a_hint_that_has_not_ended_is_not_measured(store: Engine, ended: Hint) -> None:
    telemetry = Telemetry()
    told_hint(telemetry, replace(ended, ended_at=None))
    telemetry.flush(store, NOON)
    with reading(store) as conn:
        assert (sketches.total(conn), tallies.total(conn)) == ((), ())


def test_an_ended_hint_is_kept_part_by_part_under_its_side_and_source(store: Engine, ended: Hint) -> None:
    telemetry = Telemetry()
    told_hint(telemetry, ended)
    told_hint(telemetry, replace(ended, changed_at=None, state="dead"))
    telemetry.flush(store, NOON)
    with reading(store) as conn:
        assert {(one.name, one.amount) for one in sketches.total(conn)} == {
            ("hint_whole", 2),
            ("hint_source_delay", 1),
            ("hint_wait", 2),
            ("hint_lock", 2),
            ("hint_calls", 2),
            ("hint_own", 2),
            ("exposure", 1),
        }
        assert {one.label for one in sketches.total(conn)} == {"square|webhook"}
        assert {(one.label, one.value) for one in tallies.total(conn)} == {("square|applied", 1), ("square|dead", 1)}
