"""/metrics: read back with Prometheus's own parser, every name documented, every label bounded."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from sync.intake.door import SENTENCES
from sync.model import End, Ref, Side, Source
from sync.store import hints, ledger, runs
from sync.store.connection import reading, writing
from sync.store.tables import breakers, leases
from sync.telemetry import names
from sync.telemetry.collecting import Telemetry
from sync.telemetry.gauges import gauges
from sync.telemetry.metrics import BOUNDS, CONTENT_TYPE, COUNTERS, HISTOGRAMS, metrics_text
from tests.docs.trying import ROOT

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGE = Path(ROOT) / "docs" / "metrics.md"
Labels = tuple[tuple[str, str], ...]


def shown(store: Engine, at: datetime = NOON) -> dict[tuple[str, Labels], float]:
    """Every sample of the text by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics_text(store, at))
        for sample in family.samples
    }


def test_a_store_in_which_nothing_happened_says_so(store: Engine) -> None:
    found = shown(store)
    assert found["slotkeeper_guards_total", (("kind", "near_miss"),)] == 0
    assert found["slotkeeper_hints_open", (("state", "waiting"),)] == 0
    assert found["slotkeeper_breaker", (("side", "square"), ("state", "closed"))] == 1
    assert not [name for name, _ in found if name.endswith("_bucket")]


def test_the_numbers_of_every_process_are_in_it(store: Engine) -> None:
    for _ in range(2):
        telemetry = Telemetry()
        telemetry.count(names.CALLS, "square", "lost", "503")
        telemetry.count(names.LOCK_BUSY, by=3)
        telemetry.flush(store, NOON)
    with writing(store) as conn:
        ledger.note(conn, "near_miss", NOON)
    found = shown(store)
    assert found["slotkeeper_calls_total", (("outcome", "lost"), ("side", "square"), ("status", "other"))] == 2
    assert found["slotkeeper_locks_total", (("answer", "busy"),)] == 6
    assert found["slotkeeper_guards_total", (("kind", "near_miss"),)] == 1


def test_every_answer_to_a_webhook_is_counted_under_its_own_status() -> None:
    assert {int(answer) for answer in names.ANSWERS} == {200, *SENTENCES}


def test_durations_are_histograms_in_seconds(store: Engine) -> None:
    telemetry = Telemetry()
    for ms in (40.0, 120.0, 120.0, 7_200_000.0):
        telemetry.took(names.CALL_MS, ms, "square", "get bookings")
    telemetry.flush(store, NOON)
    found, of = shown(store), (("name", "get bookings"), ("side", "square"))

    def below(bound: str) -> float:
        return found["slotkeeper_call_seconds_bucket", (("le", bound), *of)]

    assert [below(bound) for bound in ("0.025", "0.05", "0.25", "3600.0", "+Inf")] == [0, 1, 3, 3, 4]
    assert found["slotkeeper_call_seconds_count", of] == 4
    assert found["slotkeeper_call_seconds_sum", of] == pytest.approx(7200.28)


def test_how_things_stand_is_told(store: Engine) -> None:
    at = NOON.timestamp()
    with writing(store) as conn:
        for number, ago in ((1, 30), (2, 90), (3, 600)):
            hints.put(conn, Ref(Side.SQUARE, f"bk{number}"), Source.POLL, NOON - timedelta(seconds=ago))
        (dead, _) = hints.claim(conn, "worker", NOON, timedelta(seconds=90), 2)
        hints.finish(conn, dead, "worker", End.DEAD, "tried", NOON)
        conn.execute(leases.insert().values(token=1, owner="worker", granted_at=at, expires_at=at + 30))
        conn.execute(leases.insert().values(token=2, owner="worker", granted_at=at - 60, expires_at=at - 30))
        conn.execute(breakers.insert().values(side="square", state="open", changed_at=at))
        runs.read_failed(conn, Side.SQUARE, "Square does not answer.", "", NOON)
    found = shown(store)
    assert found["slotkeeper_hints_open", (("state", "waiting"),)] == 1
    assert found["slotkeeper_hints_open", (("state", "working"),)] == 1
    assert found["slotkeeper_dead_letters_open", ()] == 1
    assert found["slotkeeper_oldest_open_hint_seconds", ()] in (90, 30)
    assert found["slotkeeper_leases", ()] == 1
    assert found["slotkeeper_breaker", (("side", "square"), ("state", "open"))] == 1
    assert found["slotkeeper_breaker", (("side", "square"), ("state", "closed"))] == 0
    assert found["slotkeeper_side_failing", (("side", "square"),)] == 1
    assert found["slotkeeper_side_failing", (("side", "bookly"),)] == 0
    assert not [name for name, _ in found if name == "slotkeeper_whole_read_age_seconds"]


def everything(telemetry: Telemetry) -> None:
    """Every measure with every value that its labels know, and with values that none of them knows."""
    for measure in (*names.SKETCHES.values(), *names.TALLIES.values()):
        known = [[*values, "never seen", "+13125550142"] for _, values in measure.labels]
        for labels in itertools.product(*known):
            if measure.name in names.SKETCHES:
                telemetry.took(measure, 1.0, *labels)
            else:
                telemetry.count(measure, *labels)


def test_no_label_takes_a_value_that_is_not_listed(store: Engine) -> None:
    telemetry = Telemetry()
    everything(telemetry)
    telemetry.flush(store, NOON)
    listed = {
        value
        for measure in (*names.SKETCHES.values(), *names.TALLIES.values())
        for _, values in measure.labels
        for value in (*values, names.OTHER)
    }
    listed |= {*names.PARTS, *names.GUARDS, "granted", "busy", "waiting", "working", "closed", "open", "half"}
    listed |= {*map(str, BOUNDS), "+Inf"}
    for name, labels in shown(store):
        assert name == "slotkeeper_info" or {value for _, value in labels} <= listed


def test_the_page_and_the_code_name_the_same_metrics_and_labels(store: Engine) -> None:
    cells = [re.split(r"\s*\|\s*", line.strip("| \n")) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    listed = {cell[0].strip("`"): {*re.findall(r"`(\w+)`", cell[1])} for cell in cells if cell[0].startswith("`slot")}
    with reading(store) as conn:
        told = {gauge.name: {*gauge.labels} for gauge in gauges(conn, NOON)}
    told |= {one.name: {*one.labels} for one in HISTOGRAMS}
    told |= {f"{one.name}_total": {*one.labels} for one in COUNTERS}
    assert listed == {**told, "slotkeeper_info": {"release"}}


def test_every_measure_is_exposed() -> None:
    exposed = {measure.name for family in (*HISTOGRAMS, *COUNTERS) for _, measure in family.measures}
    assert exposed == {*names.SKETCHES, *names.TALLIES}
    assert {*names.GUARDS} == {*ledger.GUARDED}


def test_the_answer_is_called_what_prometheus_calls_it() -> None:
    assert CONTENT_TYPE == CONTENT_TYPE_PLAIN_0_0_4
