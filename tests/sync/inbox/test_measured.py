"""What carrying a hint took is kept with it, try by try, measured and said."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from sync.calendars.calls import tell
from sync.converge import Ended, Waiting
from sync.inbox.crew import Crew
from sync.logs import Lines
from sync.model import End, Ref, Side, Source
from sync.model.calls import Call
from sync.store import calls, hints, sketches, tallies
from sync.store.connection import reading, writing
from sync.store.hints import Hint
from sync.telemetry.running import measuring

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOST = Call(Side.SQUARE, "create booking", NOON, 10_000.0, "lost")
MADE = Call(Side.SQUARE, "create booking", NOON + timedelta(seconds=5), 120.0, "ok", 200, "", "req-1")


class Clock:
    """Goes on when it is told to."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


def first_lost_then_made(hint: Hint) -> Ended | Waiting:
    if hint.attempts == 0:
        tell(LOST)
        return Waiting("Square gave no answer.", attempt=True, reason="no_answer")
    tell(MADE)
    return Ended(End.APPLIED, "carried", visit=3, leased_at=NOON, lock_seconds=0.25)


def carried(store: Engine, clock: Clock, crew: Crew) -> Hint:
    with writing(store) as conn:
        number = hints.put(conn, Ref(Side.SQUARE, "bk1"), Source.WEBHOOK, NOON)
    for _ in range(2):
        crew.work_off()
        clock.now += timedelta(seconds=10)
    with reading(store) as conn:
        found = hints.get(conn, number)
    assert found is not None
    return found


def test_each_try_keeps_its_calls_and_their_time_adds_up(store: Engine) -> None:
    clock = Clock()
    crew = Crew(store, "one", first_lost_then_made, lambda *_: None, clock)
    hint = carried(store, clock, crew)
    with reading(store) as conn:
        assert [(kept.attempt, kept.call) for kept in calls.of(conn, hint.id)] == [(1, LOST), (2, MADE)]
    assert (hint.state, hint.calls, hint.call_ms, hint.lock_ms) == ("applied", 2, 10_120.0, 250.0)


def test_an_ended_hint_is_measured_once(store: Engine) -> None:
    clock = Clock()
    crew = Crew(store, "one", first_lost_then_made, lambda *_: None, clock)
    with measuring(store, clock, every=3600.0):
        carried(store, clock, crew)
    with reading(store) as conn:
        measured = {one.name: one.amount for one in sketches.total(conn)}
        counted = {(one.name, one.label): one.value for one in tallies.total(conn)}
    assert (measured["hint_whole"], measured["exposure"], measured["call_ms"]) == (1, 1, 2)
    assert counted["hints", "square|applied"] == 1
    assert "hint_own" not in measured  # it waited between its tries


def test_what_stops_in_the_middle_has_an_error_id_in_the_log_and_with_the_hint(
    store: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    def stops(_hint: Hint) -> Ended | Waiting:
        raise LookupError("+13125550142")

    clock = Clock()
    with caplog.at_level(logging.INFO):
        hint = carried(store, clock, Crew(store, "one", stops, lambda *_: None, clock))
    lines = [json.loads(Lines().format(record)) for record in caplog.records]
    stopped = [line for line in lines if line["event"] == "hint_stopped"]
    assert [line["attempt"] for line in stopped] == [1, 2]
    assert stopped[-1]["error_id"] in hint.sentence
    assert "5550142" not in json.dumps(lines) and "5550142" not in hint.sentence


def test_each_end_is_one_line(store: Engine, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    with caplog.at_level(logging.INFO):
        carried(store, clock, Crew(store, "one", first_lost_then_made, lambda *_: None, clock))
    waits, ended = (json.loads(Lines().format(record)) for record in caplog.records)
    assert (waits["event"], waits["reason"]) == ("hint_waits", "no_answer")
    said = [ended[name] for name in ("event", "visit", "source", "attempt", "ms", "outcome", "reason")]
    assert said == ["hint_ended", 3, "webhook", 2, 10_000.0, "applied", "carried"]
