"""The ledger on a terminal: what the guards did, when and about what."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Engine

from queries.guards import noted
from queries.register import Asked
from sync.model import Ref, Side
from sync.store import ledger
from sync.store.connection import reading, writing
from tests.dashboard.small_store import NOW

HOUR = timedelta(hours=1)


def test_the_ledger_tells_what_was_kept_from_happening_and_about_what(engine: Engine) -> None:
    with writing(engine) as conn:
        ledger.note(conn, ledger.NEAR_MISS, NOW - 2 * HOUR, person="bookly:1")
        ledger.note(conn, ledger.NEAR_MISS, NOW - HOUR / 2, person="bookly:1", start=NOW)
        ledger.note(conn, ledger.PUT_BACK, NOW, ref=Ref(Side.BOOKLY, "row:7"), person="bookly:1", visit=3, hint=9)
        ledger.note(conn, ledger.MOVED, NOW, ref=Ref(Side.BOOKLY, "row:7"))
    with reading(engine) as conn:
        found = noted(conn, Asked(NOW, HOUR))
    assert list(found.columns) == ["at", "kind", "what", "start", "visit", "hint"]
    assert list(found["kind"]) == ["put_back", "near_miss"]
    assert list(found["what"]) == ["bookly/row:7", "bookly:1"]
    assert found["start"][1] == NOW
