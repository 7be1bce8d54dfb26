from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import Engine

from queries import requests
from queries.register import Asked
from sync.model import Choice, ChoiceKind
from sync.store import requests as asked_for
from sync.store import tables
from sync.store.connection import reading, writing
from tests.dashboard.small_store import NOW


def _ask(engine: Engine, key: str, *, finding: int = 1, minutes: int = 0, bulk: int | None = None) -> int:
    with writing(engine) as conn:
        return asked_for.ask(
            conn, key=key, finding=finding, choice=Choice(ChoiceKind.SHOW_BOTH), seen="s", who="Dana", role="manager",
            now=NOW + timedelta(minutes=minutes), bulk=bulk,
        ).id  # fmt: skip


def test_what_was_asked_about_a_finding_comes_oldest_first(engine: Engine) -> None:
    _ask(engine, "b", minutes=5)
    _ask(engine, "a", minutes=1)
    _ask(engine, "c", finding=2)
    with reading(engine) as conn:
        assert list(requests.of_findings(conn, [1])["key"]) == ["a", "b"]
        assert list(requests.recent(conn, Asked(NOW + timedelta(hours=1), timedelta(minutes=57)))["key"]) == ["b"]


def test_batches_are_counted_by_how_far_they_are(engine: Engine) -> None:
    numbers = [_ask(engine, f"k{n}", bulk=1) for n in range(4)]
    _ask(engine, "alone")
    with writing(engine) as conn:
        for number, state in zip(numbers, ("done", "refused", "working"), strict=False):
            conn.execute(sa.update(tables.requests).where(tables.requests.c.id == number).values(state=state))
    with reading(engine) as conn:
        (row,) = requests.batches(conn, Asked(NOW)).to_dict("records")
    assert (row["bulk"], row["kind"], row["done"], row["refused"], row["waiting"], row["total"]) == (
        1, "show_both", 1, 1, 2, 4,
    )  # fmt: skip


def test_batch_rows_are_no_single_cards(engine: Engine) -> None:
    _ask(engine, "in a batch", bulk=1)
    single = _ask(engine, "alone")
    with reading(engine) as conn:
        assert list(requests.asked_since(conn, NOW)["id"]) == [single]
        assert requests.asked_since(conn, NOW + timedelta(seconds=1)).empty
        assert list(requests.one(conn, single)["key"]) == ["alone"]
