"""The list of webhooks as a terminal shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from queries import deliveries
from queries.register import Asked
from sync.model import Side
from sync.store.connection import reading, writing
from sync.store.deliveries import Delivery, note

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def test_what_came_in_that_time_is_listed_latest_first(engine: Engine) -> None:
    def came(hours: int) -> Delivery:
        return Delivery(Side.SQUARE, (NOW - timedelta(hours=hours)).timestamp(), 200, "kept", 1.5, f"{hours} hours ago")

    with writing(engine) as conn:
        note(conn, [came(3), came(1), came(9)])
    with reading(engine) as conn:
        found = deliveries.listed(conn, Asked(NOW, timedelta(hours=5)))
    assert found["event_id"].tolist() == ["1 hours ago", "3 hours ago"]
    assert found["at"].tolist()[0] == NOW - timedelta(hours=1)
