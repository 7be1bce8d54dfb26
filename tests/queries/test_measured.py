"""Latency, exposure and API errors: what the screens and the terminal are told of what was measured."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from queries import api_errors, latency
from queries.register import Asked
from sync.model import Side
from sync.model.calls import Call
from sync.store import calls
from sync.store.connection import reading, writing
from sync.telemetry import names
from sync.telemetry.collecting import Telemetry
from tests.dashboard.small_store import NOW

HOUR, MONTH = timedelta(hours=1), timedelta(days=30)
LOST = Call(Side.SQUARE, "create booking", NOW, 10_000.0, "lost", 503, "INTERNAL_SERVER_ERROR")


@pytest.fixture
def measured(engine: Engine) -> Engine:
    """A hundred hints from webhooks now, a slow one from a poll twenty minutes ago, one a week ago; some calls."""
    for at, values, source in (
        (NOW, range(1, 101), "webhook"),
        (NOW - timedelta(minutes=20), (500,), "poll"),
        (NOW - timedelta(days=7), (7,), "poll"),
    ):
        telemetry = Telemetry()
        for value in values:
            telemetry.took(names.HINT_WHOLE, value, "square", source)
            telemetry.took(names.EXPOSURE, value / 2, "square", source)
        telemetry.took(names.HINT_LOCK, 0.25, "square", source)
        telemetry.flush(engine, at)
    telemetry = Telemetry()
    for call in (LOST, LOST, Call(Side.SQUARE, "get bookings", NOW, 100.0, "ok", 200)):
        telemetry.call(call)
    telemetry.call(Call(Side.BOOKLY, "write rows", NOW, 5.0, "refused", code="TAKEN"))
    telemetry.flush(engine, NOW)
    with writing(engine) as conn:
        calls.keep(conn, 1, 1, [LOST, LOST])
    return engine


def test_latency_is_told_over_time_part_by_part(measured: Engine) -> None:
    with reading(measured) as conn:
        found = latency.latency(conn, Asked(NOW, HOUR))
    assert list(found.columns) == ["at", "part", "count", "p50", "p95", "p99"]
    whole = found[found["part"] == "whole"]
    assert list(whole["at"]) == [NOW - timedelta(minutes=20), NOW]
    assert list(whole["count"]) == [1, 100]
    assert list(whole["p50"]) == pytest.approx([500, 50], rel=0.01)
    assert list(found[found["part"] == "lock"]["p99"]) == pytest.approx([0.25, 0.25], rel=0.01)
    assert set(found["part"]) == {"whole", "lock"}


def test_a_month_is_told_in_hours_and_what_is_older_than_the_minutes_too(measured: Engine) -> None:
    with reading(measured) as conn:
        found = latency.latency(conn, Asked(NOW, MONTH))
        parts = latency.latency_parts(conn, Asked(NOW, MONTH)).set_index("part")
    assert list(found[found["part"] == "whole"]["count"]) in ([1, 101], [1, 1, 100])
    assert parts.loc["whole", "count"] == 102
    assert parts.loc["whole", "p50"] == pytest.approx(50, rel=0.01)


def test_latency_by_source_tells_webhooks_from_polls(measured: Engine) -> None:
    with reading(measured) as conn:
        found = latency.latency_sources(conn, Asked(NOW, HOUR))
    assert [tuple(row) for row in found[["side", "source", "count"]].to_numpy()] == [
        ("square", "poll", 1),
        ("square", "webhook", 100),
    ]


def test_the_exposure_is_told_the_same_way(measured: Engine) -> None:
    with reading(measured) as conn:
        found = latency.exposure(conn, Asked(NOW, HOUR))
    assert set(found["part"]) == {"exposure"}
    assert list(found["p99"]) == pytest.approx([250, 49.5], rel=0.01)


@pytest.mark.parametrize("since", [HOUR, timedelta(hours=6), timedelta(days=2), timedelta(days=3), MONTH])
def test_no_line_has_more_points_than_can_be_drawn(since: timedelta) -> None:
    assert since.total_seconds() / latency.stretch(since) <= latency.MOST_POINTS
    assert latency.stretch(HOUR) == 60 and latency.stretch(timedelta(days=3650)) == 86_400


def test_errors_are_told_as_rates_by_side(measured: Engine) -> None:
    with reading(measured) as conn:
        found = api_errors.rates(conn, Asked(NOW, HOUR)).set_index("side")
    assert tuple(found.loc["square", ["calls", "ok", "lost", "failed"]]) == (3, 1, 2, pytest.approx(2 / 3))
    assert tuple(found.loc["bookly", ["calls", "refused", "failed"]]) == (1, 1, 0.0)
    assert found.loc["square", "at"] == minute(NOW)


def minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def test_errors_are_told_by_status_and_by_the_sides_own_code(measured: Engine) -> None:
    with reading(measured) as conn:
        statuses = api_errors.statuses(conn, Asked(NOW, HOUR))
        (code,) = api_errors.codes(conn, Asked(NOW, HOUR)).to_dict("records")
    assert [tuple(row) for row in statuses.to_numpy()] == [
        ("square", "lost", "5xx", 2),
        ("bookly", "refused", "none", 1),
    ]
    assert (code["name"], code["code"], code["calls"], code["latest"]) == (
        "create booking",
        "INTERNAL_SERVER_ERROR",
        2,
        NOW,
    )


def test_what_calls_took_is_told_by_side_and_name(measured: Engine) -> None:
    with reading(measured) as conn:
        times = api_errors.times(conn, Asked(NOW, HOUR)).set_index(["side", "name"])
    assert times.loc[("square", "create booking"), "p50"] == pytest.approx(10_000, rel=0.01)
    assert times.loc[("bookly", "write rows"), "count"] == 1
