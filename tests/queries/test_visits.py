from __future__ import annotations

from datetime import UTC, timedelta

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from queries import visits
from queries.register import Asked
from sync.store import tables
from sync.store.connection import reading, writing
from tests.dashboard.small_store import NOW, Shop


def test_a_stretch_holds_what_meets_it_and_not_what_only_touches(conn: Connection, shop: Shop) -> None:
    start, end = shop.at("14:45"), shop.at("15:00")
    names = {name for row in visits.between(conn, start, end)["clients"] for name in row}
    assert "Sam Kessler" in names  # 14:15 to 15:00
    assert "Anna Barros" not in names  # ends at 14:45
    assert "Tara Yoon" not in names  # begins at 15:00


def test_each_part_says_who_what_when_and_where(conn: Connection, shop: Shop) -> None:
    found = visits.between(conn, shop.at("14:00"), shop.at("14:05")).set_index("staff")
    anna = found.loc["1"]
    assert (anna["side"], anna["clients"], anna["persons"], anna["service"]) == (
        "bookly", ["Anna Barros"], 1, "Women's Haircut",
    )  # fmt: skip
    assert anna["start"].to_pydatetime() == shop.at("14:00")
    assert anna["start"].tzinfo is UTC or str(anna["start"].tzinfo) == "UTC"
    assert not anna["shown_for"]


def test_what_is_gone_or_does_not_stand_is_not_there(engine: Engine, shop: Shop) -> None:
    anna = next(a for a in shop.appointments if a.clients[0].name == "Anna Barros")
    sam = next(a for a in shop.appointments if a.clients[0].name == "Sam Kessler")
    with writing(engine) as conn:
        conn.execute(sa.update(tables.appointments).where(tables.appointments.c.key == anna.ref.key).values(gone_at=1))
        conn.execute(sa.update(tables.spans).where(tables.spans.c.key == sam.ref.key).values(stands=False))
    with reading(engine) as conn:
        found = visits.between(conn, shop.at("14:00"), shop.at("15:00"))
    names = {name for row in found["clients"] for name in row}
    assert names.isdisjoint({"Anna Barros", "Sam Kessler"})


def test_the_next_day_anybody_comes(conn: Connection, shop: Shop) -> None:
    assert visits.next_start(conn, shop.at("17:20")) == shop.at("17:30")
    assert visits.next_start(conn, NOW + timedelta(days=1)) is None


def test_counts_by_side(conn: Connection) -> None:
    found = visits.counts(conn, Asked(NOW)).to_dict("records")
    assert {row["side"] for row in found} == {"bookly", "square"}
    assert all(row["standing"] == "stands" for row in found)


def test_a_day_is_found_by_an_index(conn: Connection) -> None:
    steps: list[str] = []

    def note(_conn: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        steps.append(statement)

    sa.event.listen(conn, "before_cursor_execute", note)
    visits.between(conn, NOW, NOW + timedelta(hours=2))
    plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {steps[0]}", (0.0, 1.0, True, 0.0, 1.0)[: steps[0].count("?")])
    said = " ".join(str(step) for step in plan)
    assert "ix_appointments_start" in said
    assert "SCAN" not in said, said
