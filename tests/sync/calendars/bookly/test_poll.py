"""The short look at Bookly: every change shows in the stamp of its visit and in no other's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from sync.model import Polled, Ref, Window
from sync.rounds.pull import FAR_AHEAD
from tests.sync.calendars.bookly.salon import (
    ANNA,
    BEN,
    CLASS,
    COLOUR,
    CUT,
    MADE,
    NOW,
    THEO,
    YEAR,
    Salon,
    local,
    ref,
    utc,
)

AHEAD = Window(NOW, FAR_AHEAD)


def look(salon: Salon, known: Polled | None = None) -> Polled:
    """A look, expecting what an earlier one saw."""
    return salon.reader.poll(AHEAD, known.stamps if known else ())


def differing(salon: Salon, act: Callable[[], object]) -> tuple[set[str], set[str]]:
    """(keys whose stamp is new or another, keys that are gone) after the act."""
    before = look(salon)
    act()
    after = look(salon, before)
    seen = {**after.stamps, **after.elsewhere}
    return {r.key for r in seen if before.stamps.get(r) != seen[r]}, {r.key for r in after.gone}


@pytest.fixture
def shapes(salon: Salon) -> Salon:
    """One of each shape: a client's visit, a class, two parts of one service, a block, time with a name, and a task
    without a time."""
    salon.visit("2026-12-01 10:00")
    row = salon.row("2026-12-02 15:00", 60, THEO, service_id=CLASS)
    salon.client(row, ANNA)
    salon.client(row, BEN, persons=2)
    for start, service in (("2026-12-03 10:00", CUT), ("2026-12-03 10:30", COLOUR)):
        salon.client(salon.row(start, service_id=service), compound_token="together")
    salon.row("2026-12-04 12:00", service_id=None, custom_service_name="Lunch", internal_note="slotkeeper:a:1:0")
    salon.client(salon.row("2026-12-05 12:00", service_id=None, custom_service_name="Bridal trial"), BEN)
    salon.client(salon.row(None), ANNA)
    salon.visit("2026-11-20 10:00", customer=BEN)
    return salon


def test_what_is_in_sight_has_the_names_that_a_whole_read_gives_it(shapes: Salon) -> None:
    whole = {a.ref for a in shapes.reader.snapshot(YEAR).appointments if a.end > NOW}
    polled = look(shapes)
    assert set(polled.stamps) == whole and len(whole) == 5
    assert not polled.gone and not polled.elsewhere and not polled.half and polled.timezone == "America/Chicago"


def test_what_was_seen_can_be_shown_without_asking_again(shapes: Salon) -> None:
    polled = look(shapes)
    whole = {a.ref: a for a in shapes.reader.snapshot(YEAR).appointments if a.end > NOW}
    with shapes.engine.begin() as connection:
        connection.execute(sa.delete(shapes.tables.customer_appointments))
    assert polled.shown(whole) == whole
    assert polled.shown([ref("ca:999")]) == {}


def test_nothing_shows_where_nothing_changed(shapes: Salon) -> None:
    assert differing(shapes, lambda: None) == (set(), set())


CHANGES: dict[str, Callable[[Salon], object]] = {
    "moved": lambda s: s.set(
        "appointments", 1, start_date=local("2026-12-01 11:00"), end_date=local("2026-12-01 11:30")
    ),
    "longer": lambda s: s.set("appointments", 1, end_date=local("2026-12-01 10:45")),
    "other person": lambda s: s.set("appointments", 1, staff_id=THEO),
    "other service": lambda s: s.set("appointments", 1, service_id=COLOUR),
    "extras": lambda s: s.set("appointments", 1, extras_duration=600),
    "cancelled": lambda s: s.set("customer_appointments", 1, status="cancelled"),
    "done": lambda s: s.set("customer_appointments", 1, status="done"),
    "one more person": lambda s: s.set("customer_appointments", 1, number_of_persons=2),
    "other client": lambda s: s.set("customer_appointments", 1, customer_id=BEN),
    "note": lambda s: s.set("appointments", 1, internal_note="asked for tea"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_each_change_shows_at_its_own_visit_though_no_stamp_in_bookly_tells_of_it(salon: Salon, what: str) -> None:
    salon.visit("2026-12-01 10:00")
    salon.visit("2026-12-01 14:00", customer=BEN, staff=THEO)
    assert differing(salon, lambda: CHANGES[what](salon)) == ({"ca:1"}, set())
    assert all(row["updated_at"] == MADE for row in salon.rows("appointments").values())


def test_somebody_new_on_a_cancelled_row_shows_at_both(sqlite_salon: Salon) -> None:
    row = sqlite_salon.row("2026-12-01 10:00")
    sqlite_salon.client(row, ANNA, "cancelled")
    assert differing(sqlite_salon, lambda: sqlite_salon.client(row, BEN)) == ({"ca:1", "ca:2"}, set())


def test_other_paddings_of_a_service_show_and_its_other_name_does_not(shapes: Salon) -> None:
    assert differing(shapes, lambda: shapes.set("services", CUT, title="Short cut")) == (set(), set())
    changed, _ = differing(shapes, lambda: shapes.set("services", CUT, padding_right=1800))
    assert changed == {"ca:1", "compound:4"}


def test_a_part_of_several_that_changed_shows_at_the_whole(shapes: Salon) -> None:
    assert differing(shapes, lambda: shapes.set("customer_appointments", 5, status="cancelled"))[0] == {"compound:4"}


def test_what_a_cascade_takes_without_a_trace_is_gone(shapes: Salon) -> None:
    assert differing(shapes, lambda: shapes.remove("services", CUT))[1] >= {"ca:1"}
    assert shapes.rows("log") == {}


def test_a_deleted_visit_is_gone_and_one_moved_to_yesterday_is_only_elsewhere(salon: Salon) -> None:
    salon.visit("2026-12-01 10:00")
    salon.visit("2026-12-02 10:00", customer=BEN)
    before = look(salon)
    salon.remove("customer_appointments", 1)
    salon.set("appointments", 2, start_date=local("2026-11-20 10:00"), end_date=local("2026-11-20 10:30"))
    after = look(salon, before)
    assert after.gone == {ref("ca:1")} and set(after.elsewhere) == {ref("ca:2")}
    assert after.elsewhere[ref("ca:2")] != before.stamps[ref("ca:2")]
    assert after.shown([ref("ca:2")])[ref("ca:2")].start == utc("2026-11-20 10:00")


def test_a_visit_that_ends_passes_out_of_sight_as_it_was(salon: Salon) -> None:
    salon.visit("2026-12-01 10:00")
    before = look(salon)
    later = salon.reader.poll(Window(NOW + timedelta(days=20), FAR_AHEAD), before.stamps)
    assert not later.gone and not later.stamps and later.elsewhere == before.stamps


def test_a_row_with_a_service_and_nobody_yet_is_half(salon: Salon) -> None:
    row = salon.row("2026-12-01 10:00")
    polled = look(salon)
    assert polled.half == {ref(f"row:{row}")} == set(polled.stamps)
    salon.client(row)
    assert set(look(salon).stamps) == {ref("ca:1")} and not look(salon).half


def test_an_empty_bookly_shows_nothing(sqlite_salon: Salon) -> None:
    polled = look(sqlite_salon)
    assert polled.stamps == {} and look(sqlite_salon, polled).gone == frozenset()


def test_what_cannot_be_understood_is_in_sight_and_not_shown(sqlite_salon: Salon) -> None:
    sqlite_salon.visit("2026-12-01 10:00", extras_duration=-60)
    polled = look(sqlite_salon)
    assert set(polled.stamps) == {Ref(polled.side, "ca:1")} and polled.shown(polled.stamps) == {}
