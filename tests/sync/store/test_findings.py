"""Findings keep their identity from run to run, close when their cause is gone, and keep a word given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from sync.model import Concerned, Finding, Kind, LeaveReason, Side
from sync.store import findings
from sync.store.connection import writing
from sync.store.findings import CAUSE_GONE, Kept, MergeCounts, merge
from sync.store.tables import finding_units
from tests.sync.store.made import NOON, at, bookly, finding, square

CLASH, OTHER = finding("1", "2"), finding("3", "4")


@pytest.fixture
def conn(store: Engine) -> Iterator[Connection]:
    with writing(store) as conn:
        yield conn


def _kept(conn: Connection, found: Finding) -> Kept:
    (kept,) = [one for one in findings.all_in(conn, "open", "left", "closed") if one.finding.key == found.key]
    return kept


def _units(conn: Connection) -> set[tuple[int, str, str]]:
    return {tuple(row) for row in conn.execute(sa.select(finding_units))}


def test_a_finding_comes_back_from_the_store_as_it_was_found(conn: Connection) -> None:
    found = finding("1", "2", minutes=15, start=-30)
    assert merge(conn, [found], None, NOON) == MergeCounts(opened=1)
    kept = _kept(conn, found)
    assert (kept.finding, kept.state) == (found, "open")
    assert (kept.first_seen_at, kept.last_seen_at, kept.closed_at) == (NOON, NOON, None)
    assert findings.get(conn, kept.id) == kept
    assert findings.get(conn, kept.id + 1) is None


def test_the_same_finding_found_again_is_the_same_row_seen_later(conn: Connection) -> None:
    merge(conn, [CLASH], None, NOON)
    number = _kept(conn, CLASH).id
    assert merge(conn, [CLASH], None, at(5)) == MergeCounts(still=1)
    kept = _kept(conn, CLASH)
    assert (kept.id, kept.first_seen_at, kept.last_seen_at) == (number, NOON, at(5))


def test_what_it_shows_is_always_what_was_found_last(conn: Connection) -> None:
    merge(conn, [finding("1", "2", minutes=15)], None, NOON)
    newer = finding("1", "2", minutes=20, start=5)
    merge(conn, [newer], None, at(5))
    assert _kept(conn, newer).finding == newer


def test_one_not_found_again_closes_with_a_reason_and_is_not_closed_twice(conn: Connection) -> None:
    merge(conn, [CLASH, OTHER], None, NOON)
    assert merge(conn, [OTHER], None, at(5)) == MergeCounts(still=1, closed=1)
    assert merge(conn, [OTHER], None, at(9)) == MergeCounts(still=1)
    kept = _kept(conn, CLASH)
    assert (kept.state, kept.closed_at, kept.closed_because) == ("closed", at(5), CAUSE_GONE)


def test_a_closed_one_found_again_opens_again_with_its_history(conn: Connection) -> None:
    merge(conn, [CLASH], None, NOON)
    merge(conn, [], None, at(5))
    assert merge(conn, [CLASH], None, at(9)) == MergeCounts(came_back=1)
    kept = _kept(conn, CLASH)
    assert (kept.state, kept.first_seen_at, kept.last_seen_at) == ("open", NOON, at(9))
    assert (kept.closed_at, kept.closed_because) == (None, "")


# --- left -----------------------------------------------------------------------------------------------------------


def _leave(conn: Connection, found: Finding) -> bool:
    return findings.leave(conn, _kept(conn, found).id, LeaveReason.ASSISTANT_HELPS, "Ida", found.seen)


def test_one_that_was_left_stays_left_while_it_looks_as_it_did(conn: Connection) -> None:
    merge(conn, [CLASH], None, NOON)
    assert _leave(conn, CLASH)
    assert merge(conn, [CLASH], None, at(5)) == MergeCounts(still=1)
    kept = _kept(conn, CLASH)
    assert (kept.state, kept.left_reason, kept.left_by) == ("left", "assistant_helps", "Ida")


def test_it_comes_back_when_either_visit_changes_and_then_nobody_has_left_it(conn: Connection) -> None:
    merge(conn, [CLASH], None, NOON)
    _leave(conn, CLASH)
    changed = finding("1", "2", seen="otherwise")
    assert merge(conn, [changed], None, at(5)) == MergeCounts(came_back=1)
    kept = _kept(conn, CLASH)
    assert (kept.state, kept.left_reason, kept.left_by) == ("open", "", "")
    assert merge(conn, [CLASH], None, at(9)) == MergeCounts(still=1)
    assert _kept(conn, CLASH).state == "open"


def test_the_word_given_still_holds_after_a_moment_in_which_it_was_not_found(conn: Connection) -> None:
    merge(conn, [CLASH], None, NOON)
    _leave(conn, CLASH)
    assert merge(conn, [], None, at(5)) == MergeCounts(closed=1)
    assert merge(conn, [CLASH], None, at(9)) == MergeCounts(still=1)
    kept = _kept(conn, CLASH)
    assert (kept.state, kept.left_by, kept.closed_at) == ("left", "Ida", None)


def test_only_what_is_open_can_be_left_and_only_what_was_left_reopened(conn: Connection) -> None:
    merge(conn, [CLASH], None, NOON)
    number = _kept(conn, CLASH).id
    assert not findings.reopen(conn, number)
    assert _leave(conn, CLASH)
    assert not _leave(conn, CLASH)
    assert findings.reopen(conn, number)
    assert _kept(conn, CLASH).state == "open"
    merge(conn, [], None, at(5))
    assert not _leave(conn, CLASH)


def test_what_closed_since_is_reopened_only_where_somebody_had_left_it(conn: Connection) -> None:
    merge(conn, [CLASH, OTHER], None, NOON)
    _leave(conn, CLASH)
    merge(conn, [], None, at(5))
    assert not findings.reopen(conn, _kept(conn, OTHER).id)
    assert findings.reopen(conn, _kept(conn, CLASH).id)
    kept = _kept(conn, CLASH)
    assert (kept.state, kept.left_by, kept.closed_at, kept.closed_because) == ("open", "", None, "")


def test_what_waits_is_open_and_not_past_and_a_question_about_a_list_is_never_past(conn: Connection) -> None:
    question = replace(finding(kind=Kind.UNMAPPED_STAFF), end=NOON)
    merge(conn, [CLASH, OTHER, question], None, NOON)
    _leave(conn, OTHER)
    assert [findings.count_open(conn, now) for now in (at(59), at(60))] == [2, 1]


def test_only_the_word_that_they_are_two_visits_tells_two_apart(conn: Connection) -> None:
    twins = [
        replace(
            finding(number, kind=Kind.SAME_VISIT),
            concerned=(
                Concerned(Side.BOOKLY, number, (bookly(int(number)),)),
                Concerned(Side.SQUARE, name, (square(name),)),
            ),
        )
        for number, name in (("1", "a"), ("2", "b"))
    ]
    merge(conn, [*twins, CLASH], None, NOON)
    for found, reason in zip(twins, (LeaveReason.TWO_VISITS, LeaveReason.OTHER), strict=True):
        assert findings.leave(conn, _kept(conn, found).id, reason, "Ida", found.seen)
    assert findings.told_apart(conn) == {(bookly(1), square("a"))}


@pytest.mark.parametrize(("kind", "named"), [(Kind.MISSING_IN_SQUARE, True), (Kind.DOUBLE_BOOKING, False)])
def test_what_is_over_is_looked_at_again_where_its_kind_is_not_found_of_the_past(
    conn: Connection, kind: Kind, named: bool
) -> None:
    merge(conn, [finding("1", kind=kind)], None, NOON)
    assert findings.units_about(conn, [bookly(1)], NOON) == {(Side.BOOKLY, "1")}
    assert findings.units_about(conn, [bookly(2)], at(59)) == set()
    assert findings.units_about(conn, [bookly(2)], at(60)) == ({(Side.BOOKLY, "1")} if named else set())
    merge(conn, [], None, at(70))
    assert findings.units_about(conn, [bookly(1)], at(70)) == set()


# --- a look at some units only --------------------------------------------------------------------------------------


def test_a_look_at_some_units_closes_only_what_touches_them(conn: Connection) -> None:
    merge(conn, [CLASH, OTHER], None, NOON)
    assert merge(conn, [], {(Side.BOOKLY, "2")}, at(5)) == MergeCounts(closed=1)
    assert (_kept(conn, CLASH).state, _kept(conn, OTHER).state) == ("closed", "open")


def test_a_unit_of_the_other_side_with_the_same_name_is_another_unit(conn: Connection) -> None:
    merge(conn, [CLASH], None, NOON)
    assert merge(conn, [], {(Side.SQUARE, "2")}, at(5)) == MergeCounts()


def test_a_look_at_nothing_changes_nothing(conn: Connection) -> None:
    merge(conn, [CLASH], None, NOON)
    assert merge(conn, [], frozenset(), at(5)) == MergeCounts()


def test_what_is_about_no_unit_closes_only_when_everything_was_looked_at(conn: Connection) -> None:
    unmapped = finding(kind=Kind.UNMAPPED_STAFF)
    merge(conn, [unmapped], None, NOON)
    assert merge(conn, [], {(Side.BOOKLY, "2")}, at(5)) == MergeCounts()
    assert merge(conn, [], None, at(5)) == MergeCounts(closed=1)


def test_the_units_of_a_finding_follow_it(conn: Connection) -> None:
    merge(conn, [CLASH], None, NOON)
    number = _kept(conn, CLASH).id
    assert _units(conn) == {(number, "bookly", "1"), (number, "bookly", "2")}
    merge(conn, [Finding(CLASH.key, *[getattr(finding("1", "5"), f) for f in _FIELDS])], None, at(1))
    assert _units(conn) == {(number, "bookly", "1"), (number, "bookly", "5")}


_FIELDS = ("kind", "person", "staff", "start", "end", "concerned", "seen", "detail")


def test_a_thousand_findings_are_merged_at_once(conn: Connection) -> None:
    many = [finding(str(n), str(n + 5000)) for n in range(1200)]
    assert merge(conn, many, None, NOON) == MergeCounts(opened=1200)
    assert merge(conn, many[:700], None, at(1)) == MergeCounts(still=700, closed=500)


# --- whatever is found ----------------------------------------------------------------------------------------------

units = st.sets(st.sampled_from("12345"), min_size=1, max_size=2).map(sorted)
founds = st.lists(
    st.builds(lambda on, seen: finding(*on, seen=seen), units, st.sampled_from("ab")),
    max_size=5,
    unique_by=lambda one: one.key,
)


@contextmanager
def _undone(store: Engine) -> Iterator[Connection]:
    """One store for all examples: what an example writes is taken back."""
    with store.connect() as conn, conn.begin() as transaction:
        yield conn
        transaction.rollback()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(before=founds, leaving=st.sets(st.integers(0, 4)), now_found=founds)
def test_merging_the_same_again_changes_nothing_and_what_stands_is_what_was_found(
    store: Engine, before: list[Finding], leaving: set[int], now_found: list[Finding]
) -> None:
    with _undone(store) as conn:
        merge(conn, before, None, NOON)
        for number in leaving & set(range(len(before))):
            _leave(conn, before[number])
        merge(conn, now_found, None, at(1))
        standing = {one.finding.key: one for one in findings.all_in(conn, "open", "left")}
        assert {key: one.finding for key, one in standing.items()} == {one.key: one for one in now_found}
        left = {before[n].key for n in leaving if n < len(before) and before[n] in now_found}
        assert {key for key, one in standing.items() if one.state == "left"} == left
        assert merge(conn, now_found, None, at(1)) == MergeCounts(still=len(now_found))
        assert {one.finding.key: one for one in findings.all_in(conn, "open", "left")} == standing


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(before=founds, now_found=founds, seen=st.sets(st.sampled_from("12345")))
def test_a_look_at_some_units_ends_as_a_look_at_everything_would_for_what_touches_them(
    store: Engine, before: list[Finding], now_found: list[Finding], seen: set[str]
) -> None:
    def touches(one: Finding) -> bool:
        return any(c.unit in seen for c in one.concerned)

    with _undone(store) as conn:
        merge(conn, before, None, NOON)
        merge(conn, [one for one in now_found if touches(one)], {(Side.BOOKLY, unit) for unit in seen}, at(1))
        standing = {one.finding.key: one.finding for one in findings.all_in(conn, "open", "left")}
    expected = [one for one in now_found if touches(one)] + [one for one in before if not touches(one)]
    assert standing == {one.key: one for one in expected}
