from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

from queries import findings
from queries.register import Asked
from sync.model import Kind, Side
from sync.store import tables
from sync.store.connection import reading, writing
from tests.dashboard.small_store import NOW, Shop, put_finding

ASKED = Asked(NOW)


def test_what_needs_a_decision_comes_soonest_first(conn: Connection) -> None:
    found = findings.to_decide(conn, ASKED)
    assert list(found["id"]) == [1, 2, 3, 4]
    assert not found["past"].any()


def test_a_finding_comes_back_as_it_was_found(conn: Connection, shop: Shop) -> None:
    rows = findings.to_decide(conn, ASKED).to_dict("records")
    assert [findings.as_finding(row) for row in rows] == shop.findings


def test_past_begins_with_the_end_itself(engine: Engine, shop: Shop) -> None:
    end = shop.findings[0].end
    with reading(engine) as conn:
        before = findings.one(conn, 1, end - timedelta(microseconds=1))
        after = findings.one(conn, 1, end)
        assert (before["past"][0], after["past"][0]) == (False, True)
        assert 1 not in set(findings.to_decide(conn, Asked(end))["id"])


def test_a_question_about_a_list_never_passes(engine: Engine, shop: Shop) -> None:
    finding = shop.ask_who(Kind.UNMAPPED_STAFF, Side.SQUARE, "TM9", "Zadie")
    with writing(engine) as conn:
        number = put_finding(conn, finding, NOW.timestamp())
    later = Asked(NOW + timedelta(days=30))
    with reading(engine) as conn:
        assert list(findings.to_decide(conn, later)["id"]) == [number]


def test_filters_leave_what_they_name(engine: Engine) -> None:
    with writing(engine) as conn:
        conn.execute(sa.update(tables.findings).where(tables.findings.c.id == 2).values(state="left"))
        conn.execute(sa.update(tables.findings).where(tables.findings.c.id == 3).values(state="closed", closed_at=1))
        conn.execute(sa.update(tables.findings).where(tables.findings.c.id == 4).values(end=NOW.timestamp()))
    with reading(engine) as conn:

        def ids(**chosen: tuple[str, ...]) -> set[int]:
            found = findings.listed(conn, ASKED, **chosen)  # type: ignore[arg-type]
            assert findings.count_listed(conn, ASKED, **chosen) == len(found)
            return set(found["id"])

        assert ids() == {1, 2, 3, 4}
        assert ids(states=("open",)) == {1}
        assert ids(states=("left",)) == {2}
        assert ids(states=("settled",)) == {3}
        assert ids(states=("past",)) == {4}
        assert ids(states=("open", "left")) == {1, 2}
        assert ids(kinds=("missing_in_square",)) == {4}
        assert ids(staff=("Dana Whitlow",)) == {2, 3}
        assert ids(sides=("square",)) == {1, 2, 3}
        assert ids(kinds=("drift",)) == set()


def test_each_state_is_counted_as_its_own_list_is(engine: Engine) -> None:
    for moment in (NOW, NOW + timedelta(minutes=75)):
        with reading(engine) as conn:
            counts = findings.count_by_state(conn, Asked(moment))
            alone = {state: findings.count_listed(conn, Asked(moment), states=(state,)) for state in counts}
        assert counts == alone
        assert set(counts) == {"open", "left", "settled", "past"}
    assert counts["past"] == 1


def test_a_list_comes_page_by_page(conn: Connection) -> None:
    pages = [list(findings.listed(conn, ASKED, states=("open",), limit=2, skip=skip)["id"]) for skip in (0, 2, 4)]
    assert pages == [[1, 2], [3, 4], []]


def test_only_likely_twins_are_for_linking_in_one_go(engine: Engine, shop: Shop) -> None:
    twins = shop.book(Side.BOOKLY, 1, "10:00", "Ava", days=1), shop.book(Side.SQUARE, 1, "10:00", "Ava", days=1)
    others = shop.book(Side.BOOKLY, 2, "10:00", "Bo", days=1), shop.book(Side.SQUARE, 2, "10:30", "Bo", days=1)
    with writing(engine) as conn:
        likely = put_finding(conn, shop.find(Kind.SAME_VISIT, *twins, likely=True, by="phone"), 0)
        put_finding(conn, shop.find(Kind.SAME_VISIT, *others, likely=False, by="name"), 0)
    with reading(engine) as conn:
        assert list(findings.likely_twins(conn, ASKED)["id"]) == [likely]
        assert list(findings.missing(conn, ASKED, Kind.MISSING_IN_SQUARE)["id"]) == [4]
        assert findings.likely_twins(conn, Asked(NOW + timedelta(days=9))).empty


def test_counts_by_kind_and_state(conn: Connection) -> None:
    found = findings.counts(conn, ASKED)
    assert {(row["kind"], row["state"]): row["count"] for row in found.to_dict("records")} == {
        ("double_booking", "open"): 3, ("missing_in_square", "open"): 1,
    }  # fmt: skip


def test_the_open_ones_are_found_by_an_index(conn: Connection) -> None:
    statement = findings._filtered(ASKED, (), (), (), ("open",)).compile(compile_kwargs={"literal_binds": True})
    steps = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
    assert any("ix_findings_state_start" in str(step) for step in steps), steps
