"""Many hints at once are what they would be one after the other."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from sync.model import Ref, Side, Source
from sync.store import hints
from sync.store.connection import reading, writing
from sync.store.tables import hints as table
from sync.store.told import Told, put_all

TOLD = st.builds(
    Told,
    ref=st.sampled_from([Ref(Side.BOOKLY, "ca:1"), Ref(Side.SQUARE, "ca:1"), Ref(Side.SQUARE, "ben")]),
    source=st.sampled_from([Source.WEBHOOK, Source.POLL]),
    at=st.floats(1000, 2000),
    changed_at=st.none() | st.floats(900, 1000),
    version=st.none() | st.integers(0, 9),
)


def contents(store: Engine) -> list[tuple[object, ...]]:
    columns = [column for column in table.c if column.name != "id"]
    with reading(store) as conn:
        found = conn.execute(sa.select(*columns)).all()
    return sorted((tuple(row) for row in found), key=str)


def put(conn: Connection, one: Told) -> None:
    hints.put(conn, one.ref, one.source, one.at, changed_at=one.changed_at, version=one.version)


@given(before=st.lists(TOLD, max_size=3), told=st.lists(TOLD, max_size=6), working=st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_as_if_each_had_been_put_by_itself(
    store: Engine, before: list[Told], told: list[Told], working: bool
) -> None:
    def left(all_at_once: bool) -> list[tuple[object, ...]]:
        with writing(store) as conn:
            conn.execute(table.delete())
            for one in before:
                put(conn, one)
            if working:
                hints.claim(conn, "worker", 3000.0, timedelta(seconds=9), 9)
        with writing(store) as conn:
            if all_at_once:
                put_all(conn, told)
            else:
                for one in told:
                    put(conn, one)
        return contents(store)

    assert left(True) == left(False)
