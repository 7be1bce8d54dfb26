"""The mirror takes whole reads only, never lets an older read replace a newer one, and counts only what is news."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from sync.model import Part, Ref, Side, Span, Standing, Window
from sync.store import keeping, mapping, mirror
from sync.store.connection import driver_of, reading, writing
from sync.store.mirror import SnapshotCounts
from sync.store.tables import spans
from tests.sync.store.made import NOON, WINDOW, at, bookly, directory, snapshot, square, visit

ANNA, BEN, CLEO = bookly(1), bookly(2), bookly(3)


def _counts(new: int = 0, changed: int = 0, gone: int = 0, same: int = 0, held: int = 0) -> SnapshotCounts:
    return SnapshotCounts(new, changed, gone, same, held)


def _refs(conn: Connection) -> set[Ref]:
    return set(mirror.load_all(conn))


@contextmanager
def _two_read(store: Engine) -> Iterator[Connection]:
    """Anna and Ben were read at noon."""
    with writing(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [visit(ANNA), visit(BEN, 90)]), NOON)
        yield conn


# --- whole reads ----------------------------------------------------------------------------------------------------


def test_what_was_read_comes_back_as_it_was(store: Engine) -> None:
    shown = visit(ANNA, padding=5, version=4, mark="slotkeeper:a:1:0")
    with writing(store) as conn:
        assert mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [shown]), NOON) == _counts(new=1)
        assert mirror.load(conn, [ANNA, BEN]) == {ANNA: shown}


def test_the_same_again_is_no_news(store: Engine) -> None:
    with _two_read(store) as conn:
        before = keeping.last_change(conn)
        again = snapshot(Side.BOOKLY, 5, [visit(ANNA), visit(BEN, 90)])
        assert mirror.commit_snapshot(conn, again, at(5)) == _counts(same=2)
        assert keeping.last_change(conn) == before
        assert mirror.changed_since(conn, before) == ()


def test_what_moved_is_changed_and_what_is_missing_is_gone(store: Engine) -> None:
    with _two_read(store) as conn:
        before = keeping.last_change(conn)
        moved = snapshot(Side.BOOKLY, 5, [visit(ANNA, 30)])
        assert mirror.commit_snapshot(conn, moved, at(5)) == _counts(changed=1, gone=1)
        assert mirror.changed_since(conn, before) == (ANNA, BEN)
        assert mirror.load(conn, [ANNA, BEN]) == {ANNA: visit(ANNA, 30)}
        assert mirror.last_shown(conn, [ANNA, BEN]) == {BEN: visit(BEN, 90)}
        assert mirror.gone_lately(conn, Side.BOOKLY, at(4)) == {BEN}


def test_what_is_gone_takes_no_chair_and_comes_back_whole(store: Engine) -> None:
    with _two_read(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 5, [visit(ANNA)]), at(5))
        assert mirror.standing_around(conn, Side.BOOKLY, "1", at(90), at(100)) == ()
        back = snapshot(Side.BOOKLY, 10, [visit(ANNA), visit(BEN, 90)])
        assert mirror.commit_snapshot(conn, back, at(10)) == _counts(changed=1, same=1)
        assert mirror.standing_around(conn, Side.BOOKLY, "1", at(90), at(100)) == (visit(BEN, 90),)


def test_a_read_says_nothing_about_what_lies_outside_its_window(store: Engine) -> None:
    narrow = Window(at(-60), at(60))
    with _two_read(store) as conn:
        counts = mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 5, [], window=narrow), at(5))
        assert counts == _counts(gone=1)
        assert _refs(conn) == {BEN}


def test_the_window_holds_its_start_and_not_its_end(store: Engine) -> None:
    with _two_read(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 5, [], window=Window(at(0), at(90))), at(5))
        assert _refs(conn) == {BEN}
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 6, [], window=Window(at(90), at(91))), at(6))
        assert _refs(conn) == set()


def test_one_that_has_moved_out_of_the_window_is_moved_and_not_gone(store: Engine) -> None:
    far = visit(ANNA, 60 * 24 * 100)
    with _two_read(store) as conn:
        counts = mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 5, [far, visit(BEN, 90)]), at(5))
        assert counts == _counts(changed=1, same=1)
        assert mirror.load(conn, [ANNA]) == {ANNA: far}


def test_one_side_says_nothing_about_the_other(store: Engine) -> None:
    with _two_read(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.SQUARE, 5, [visit(square("a"))]), at(5))
        assert _refs(conn) == {ANNA, BEN, square("a")}


def test_what_is_withheld_is_neither_gone_nor_moved_while_new_ones_count(store: Engine) -> None:
    with _two_read(store) as conn:
        small = snapshot(Side.BOOKLY, 5, [visit(ANNA, 300), visit(CLEO, 400)])
        counts = mirror.commit_snapshot(conn, small, at(5), frozenset({ANNA, BEN}))
        assert counts == _counts(new=1, held=1)
        assert mirror.load(conn, [ANNA, BEN]) == {ANNA: visit(ANNA), BEN: visit(BEN, 90)}
        assert mirror.commit_snapshot(conn, small, at(6)) == _counts(changed=1, gone=1, same=1)


@pytest.mark.parametrize("named", ["ca:2", "bookly/ca:2"])
def test_what_could_not_be_understood_is_not_gone(store: Engine, named: str) -> None:
    with _two_read(store) as conn:
        odd = snapshot(Side.BOOKLY, 5, [visit(ANNA)], unreadable=((named, "It has no end."),))
        assert mirror.commit_snapshot(conn, odd, at(5)) == _counts(same=1)
        assert BEN in _refs(conn)


def test_a_word_or_a_number_of_the_side_is_taken_along_but_is_no_news(store: Engine) -> None:
    with _two_read(store) as conn:
        before = keeping.last_change(conn)
        renamed = replace(visit(ANNA), status="pending", version=9)
        counts = mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 5, [renamed, visit(BEN, 90)]), at(5))
        assert counts == _counts(same=2)
        assert mirror.load(conn, [ANNA]) == {ANNA: renamed}
        assert keeping.last_change(conn) == before


def test_another_row_under_the_same_times_is_news_since_overlaps_are_judged_by_it(store: Engine) -> None:
    with _two_read(store) as conn:
        other_row = visit(ANNA, unit="77")
        counts = mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 5, [other_row, visit(BEN, 90)]), at(5))
        assert counts == _counts(changed=1, same=1)
        assert mirror.refs_on(conn, [(Side.BOOKLY, "77"), (Side.SQUARE, "1")]) == {ANNA}
        assert mirror.refs_on(conn, [(Side.BOOKLY, "1")]) == set()


def test_one_without_any_time_is_kept_shown_and_goes_like_the_others(store: Engine) -> None:
    timeless = replace(visit(CLEO), parts=(), anomaly="no_parts")
    with writing(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.SQUARE, 0, []), at(0))
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [timeless]), at(0))
        assert mirror.load_all(conn) == {CLEO: timeless}
        assert mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 5, []), at(5)) == _counts(gone=1)


def test_a_large_salon_is_taken_whole(store: Engine) -> None:
    many = [visit(bookly(n), 10 * n, 10) for n in range(1500)]
    with writing(store) as conn:
        assert mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, many), NOON) == _counts(new=1500)
        assert mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 1, many[:500]), at(1)) == _counts(gone=1000, same=500)
        assert len(mirror.load(conn, [a.ref for a in many])) == 500
        assert conn.execute(sa.select(sa.func.count()).select_from(spans)).scalar() == 500


# --- older and newer ------------------------------------------------------------------------------------------------


def test_an_older_read_replaces_nothing_and_makes_nothing_gone(store: Engine) -> None:
    with _two_read(store) as conn:
        older = snapshot(Side.BOOKLY, -5, [visit(ANNA, 300)])
        assert mirror.commit_snapshot(conn, older, at(1)) == _counts(held=1)
        assert mirror.load_all(conn) == {ANNA: visit(ANNA), BEN: visit(BEN, 90)}


def test_a_whole_read_leaves_alone_what_was_read_live_after_it_began(store: Engine) -> None:
    with writing(store) as conn:
        assert mirror.record(conn, ANNA, visit(ANNA, 30), at(5), at(5))
        counts = mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, []), at(6))
        assert counts == _counts()
        assert _refs(conn) == {ANNA}


def test_an_older_read_cannot_bring_in_what_a_newer_one_did_not_find(store: Engine) -> None:
    with writing(store) as conn:
        assert not mirror.record(conn, ANNA, None, at(5), at(5))
        assert not mirror.record(conn, ANNA, visit(ANNA), at(4), at(6))
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 7, []), at(7))
        assert not mirror.record(conn, BEN, visit(BEN), at(6), at(8))
        assert _refs(conn) == set()
        assert mirror.record(conn, ANNA, visit(ANNA), at(9), at(9))
        assert _refs(conn) == {ANNA}


# --- one read live --------------------------------------------------------------------------------------------------


def test_a_live_read_is_news_only_when_it_shows_something_else(store: Engine) -> None:
    with _two_read(store) as conn:
        assert not mirror.record(conn, ANNA, visit(ANNA), at(1), at(1))
        assert mirror.record(conn, ANNA, visit(ANNA, 30), at(2), at(2))
        assert mirror.record(conn, ANNA, None, at(3), at(3))
        assert not mirror.record(conn, ANNA, None, at(4), at(4))
        assert _refs(conn) == {BEN}


def test_what_never_was_is_not_among_what_went(store: Engine) -> None:
    with writing(store) as conn:
        mirror.record(conn, ANNA, None, at(1), at(1))
        assert mirror.gone_lately(conn, Side.BOOKLY, at(0)) == set()
        assert mirror.last_shown(conn, [ANNA]) == {}
        assert mirror.changed_since(conn, -1) == (ANNA,)


# --- looking --------------------------------------------------------------------------------------------------------


def test_known_ahead_is_what_stands_and_has_not_begun(store: Engine) -> None:
    shown = [visit(ANNA, -1), visit(BEN, 0), visit(CLEO, 60, standing=Standing.CANCELLED)]
    with writing(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, shown), NOON)
        assert set(mirror.known_ahead(conn, Side.BOOKLY, NOON)) == {BEN}
        assert mirror.known_refs(conn, Side.BOOKLY, WINDOW) == {ANNA, BEN, CLEO}
        assert mirror.known_refs(conn, Side.BOOKLY, Window(at(0), at(60))) == {BEN}


@pytest.mark.parametrize(
    ("start", "end", "met"), [(-30, -10, False), (-30, -9, True), (69, 80, True), (70, 80, False), (0, 60, True)]
)
def test_standing_around_counts_paddings_and_lets_what_touches_pass(
    store: Engine, start: int, end: int, met: bool
) -> None:
    with writing(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [visit(ANNA, padding=10)]), NOON)
        found = mirror.standing_around(conn, Side.BOOKLY, "1", at(start), at(end))
        assert bool(found) is met
        assert mirror.standing_around(conn, Side.BOOKLY, "2", at(start), at(end)) == ()
        assert mirror.standing_around(conn, Side.SQUARE, "1", at(start), at(end)) == ()


def test_only_what_stands_is_standing_around(store: Engine) -> None:
    with writing(store) as conn:
        cancelled = visit(ANNA, standing=Standing.CANCELLED)
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [cancelled]), NOON)
        assert mirror.standing_around(conn, Side.BOOKLY, "1", at(0), at(60)) == ()
        assert mirror.appointments_between(conn, at(0), at(60)) == (cancelled,)


def test_a_stay_of_two_days_is_met_on_its_second_day(store: Engine) -> None:
    with writing(store) as conn:
        away = visit(ANNA, 0, 48 * 60)
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [away, visit(BEN, -600)]), NOON)
        day = (at(30 * 60), at(31 * 60))
        assert mirror.standing_around(conn, Side.BOOKLY, "1", *day) == (away,)
        assert mirror.appointments_between(conn, *day) == (away,)
        assert set(mirror.meeting(conn, *day)) == {ANNA}


def test_a_visit_with_a_gap_between_its_parts_reaches_over_it(store: Engine) -> None:
    late = Part(Span.of("2", at(600), at(630)), "9", "4", "Colour")
    long = replace(visit(ANNA), parts=(*visit(ANNA).parts, late))
    with writing(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [long]), NOON)
        assert mirror.appointments_between(conn, at(300), at(310)) == (long,)
        assert mirror.standing_around(conn, Side.BOOKLY, "1", at(300), at(310)) == ()
        assert mirror.standing_around(conn, Side.BOOKLY, "2", at(600), at(601)) == (long,)


@pytest.mark.parametrize("mapped", [True, False])
def test_what_meets_a_visit_is_looked_for_on_both_sides_of_the_same_person(store: Engine, mapped: bool) -> None:
    with writing(store) as conn:
        if mapped:
            mapping.confirm_staff(conn, {"1": "T1"}, "Ida", NOON)
        here = [visit(ANNA), visit(BEN, 30), visit(CLEO, 30, staff="2")]
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, here), NOON)
        there = [visit(square("a"), 59, staff="T1"), visit(square("b"), 60, staff="T1")]
        mirror.commit_snapshot(conn, snapshot(Side.SQUARE, 0, there), NOON)
        expected = {ANNA, BEN} | ({square("a")} if mapped else set())
        assert mirror.refs_meeting(conn, [ANNA]) == expected


def test_what_meets_a_visit_may_have_begun_long_before_and_what_touches_it_or_is_cancelled_does_not(
    store: Engine,
) -> None:
    away = visit(CLEO, -600, 601)
    with writing(store) as conn:
        here = [visit(ANNA), away, visit(BEN, -60), visit(bookly(4), 30, standing=Standing.CANCELLED)]
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, here), NOON)
        mirror.commit_snapshot(conn, snapshot(Side.SQUARE, 0, [visit(square("a"), staff="1")]), NOON)
        assert mirror.refs_meeting(conn, [ANNA]) == {ANNA, CLEO}


def test_columns_hold_what_stands_and_has_not_ended(store: Engine) -> None:
    shown = [visit(ANNA, padding=10), visit(BEN, 60, standing=Standing.OVER), visit(CLEO, -200)]
    with writing(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, shown), NOON)
        mirror.commit_snapshot(conn, snapshot(Side.SQUARE, 0, [visit(square("a"), 15, staff="T9")]), NOON)
        columns = mirror.all_standing_columns(conn, NOON)
    rows = sorted(zip(columns["side"], columns["key"], columns["staff"], columns["unit"], strict=True))
    assert rows == [("bookly", "ca:1", "1", "1"), ("square", "a", "T9", "a")]
    assert sorted(columns["busy_start"] - NOON.timestamp()) == [-600.0, 900.0]
    assert sorted(columns["start"] - NOON.timestamp()) == [0.0, 900.0]
    assert columns["part"].dtype.kind == "i"


def test_columns_of_an_empty_mirror_are_empty(store: Engine) -> None:
    with reading(store) as conn:
        columns = mirror.all_standing_columns(conn, NOON)
    assert {len(column) for column in columns.values()} == {0}


def test_what_changed_lately_says_when(store: Engine) -> None:
    with _two_read(store) as conn:
        mirror.record(conn, ANNA, visit(ANNA, 30), at(5), at(6))
        assert mirror.changed_lately(conn, at(1)) == {ANNA: at(6)}
        assert mirror.changed_lately(conn, at(0) - timedelta(seconds=1)) == {ANNA: at(6), BEN: NOON}


# --- who works there ------------------------------------------------------------------------------------------------


def _listed(conn: Connection) -> dict[str, tuple[str, bool]]:
    return {one.id: (one.name, one.active) for one in mirror.directory(conn, Side.BOOKLY).staff}


def test_a_directory_comes_back_as_it_was(store: Engine) -> None:
    listed = directory(Side.BOOKLY, ("1", "Ida"), ("2", "Theo"))
    with writing(store) as conn:
        mirror.commit_snapshot(conn, snapshot(Side.BOOKLY, 0, [], listed=listed), NOON)
        assert mirror.directory(conn, Side.BOOKLY) == listed
        empty = mirror.directory(conn, Side.SQUARE)
        assert (empty.timezone, empty.staff, empty.services) == ("", (), ())


def test_who_is_no_longer_listed_stays_known_as_not_active(store: Engine) -> None:
    def take(conn: Connection, began: float, *members: tuple[str, str]) -> None:
        mirror.take_directory(conn, directory(Side.BOOKLY, *members), at(began))

    with writing(store) as conn:
        take(conn, 0, ("1", "Ida"), ("2", "Theo"))
        take(conn, 5, ("1", "Ida Vale"))
        assert _listed(conn) == {"1": ("Ida Vale", True), "2": ("Theo", False)}
        take(conn, 4, ("2", "Theo"), ("3", "Late"))
        assert _listed(conn) == {"1": ("Ida Vale", True), "2": ("Theo", False)}
        take(conn, 6, ("2", "Theo"))
        assert _listed(conn) == {"1": ("Ida Vale", False), "2": ("Theo", True)}


def test_searches_start_from_an_index_and_not_from_all_rows(store: Engine) -> None:
    said: list[str] = []
    calls: list[Callable[[Connection], object]] = [
        lambda conn: mirror.standing_around(conn, Side.BOOKLY, "1", at(0), at(60)),
        lambda conn: mirror.meeting(conn, at(0), at(60)),
        lambda conn: mirror.refs_on(conn, [(Side.BOOKLY, "1")]),
    ]
    with reading(store) as conn:
        driver = driver_of(conn)
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(said.append)
        for call in calls:
            call(conn)
        driver.set_trace_callback(None)
        asked = [statement for statement in said if "spans" in statement]
        seen = [str(driver.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()) for statement in asked]
    assert len(seen) == len(calls)
    assert all("SEARCH spans USING" in plan and "INDEX" in plan for plan in seen), seen
