"""What is not believed before a person says so, what is not concluded before it can be known, and what a finding is
from look to look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from practice_salon.bookly.faults import rows_vanish, timezone_changed
from queries.findings import to_decide
from queries.register import Asked
from sync.model import ChoiceKind, Kind, Ref, Side
from sync.rounds.reconcile import SEEN, reconcile, reconcile_changes, report
from sync.store import findings, keeping, mapping, pairs, runs
from sync.store.connection import reading, writing
from sync.store.findings import CAUSE_GONE, Kept
from tests.sync.converge.conftest import ANNA, BEN, NOON, Salon
from tests.sync.rounds.busy import FORMS, Busy

HOUR = timedelta(hours=1)
SOON = NOON + timedelta(minutes=5)


def look(busy: Busy, minutes: float) -> None:
    """A look of the schedule, so long after noon."""
    assert reconcile_changes(busy.salon.house.engine, NOON + timedelta(minutes=minutes)).whole


def small(busy: Busy) -> Kept:
    (found,) = [one for one in busy.salon.found(Kind.ANOMALY) if one.finding.detail["what"] == "calendar_small"]
    return found


def kept(busy: Busy, number: int) -> Kept:
    with reading(busy.salon.house.engine) as conn:
        found = findings.get(conn, number)
    assert found is not None
    return found


def test_a_calendar_suddenly_small_is_one_finding_until_it_is_whole_again(busy: Busy) -> None:
    look(busy, 4)
    with rows_vanish(busy.salon.site):
        done = busy.pull(Side.BOOKLY)
        assert done.whole
        assert "vanished or moved all at once, which looks like a mistake" in done.sentence
        look(busy, 5)
        first = small(busy)
        assert first.finding.detail["count"] == done.counts["withheld"] > 5
        assert busy.findings() == busy.found | {first.finding.key}
        busy.pull(Side.BOOKLY)
        reconcile(busy.salon.house.engine, NOON + timedelta(minutes=6))
        again = small(busy)
        assert (again.id, again.first_seen_at) == (first.id, first.first_seen_at)
        assert again.last_seen_at > first.last_seen_at
    assert busy.pull(Side.BOOKLY).counts["withheld"] == 0
    look(busy, 7)
    over = kept(busy, first.id)
    assert (over.state, over.closed_because) == ("closed", CAUSE_GONE)
    assert busy.findings() == busy.found


def test_once_a_person_says_it_is_real_it_is_believed_and_nobody_is_cancelled(busy: Busy) -> None:
    bookings = busy.salon.bookings()
    with rows_vanish(busy.salon.site):
        busy.pull(Side.BOOKLY)
        busy.look()
        choice = busy.salon.first(small(busy), ChoiceKind.IS_REAL)
        assert busy.salon.click(small(busy), choice).state == "done"
        with reading(busy.salon.house.engine) as conn:
            assert runs.any_asked(conn), "the side is read again at once"
        assert busy.pull(Side.BOOKLY).counts["withheld"] == 0
        busy.look()
        assert len(busy.shown()) < len(busy.known)
        gone = [one.finding for one in busy.salon.found() if one.finding.kind in (Kind.DRIFT, Kind.ANOMALY)]
        assert {found.detail.get("what") for found in gone} <= {None, "vanished"}
        assert len(gone) >= 6
        assert busy.salon.bookings() == bookings


def test_another_time_zone_in_wordpress_stops_everything_until_a_person_confirms_it(busy: Busy) -> None:
    with timezone_changed(busy.salon.site):
        done = busy.pull(Side.BOOKLY)
        assert (done.whole, done.wrong, done.setting) == (False, True, "SALON_TIMEZONE")
        assert "Europe/Lisbon" in done.sentence
        assert "America/Chicago" in done.sentence
        with writing(busy.salon.house.engine) as conn:
            keeping.pin_timezone(conn, "Europe/Lisbon", "Dana", NOON)
        done = busy.pull(Side.BOOKLY)
        assert done.whole
        assert done.counts["withheld"] > 5, "every client six hours earlier is still not believed"


@pytest.mark.parametrize("late", [10, 70, 200])
def test_nothing_is_missing_in_a_calendar_that_was_not_read_since(busy: Busy, late: int) -> None:
    """However long Square cannot be read: the visit may be there since."""
    salon, square = busy.salon, busy.salon.square
    treat = salon.cut()
    chair = salon.stylists(treat)[2]
    here = salon.people.books_on_website(chair, treat, salon.at(16), FORMS[0])
    there = salon.people.books_in_square(chair, treat, salon.at(16), FORMS[0])
    assert busy.pull(Side.BOOKLY).whole
    square.arm("token_expired", "*", times=1000)
    look(busy, 1)
    busy.pull(Side.SQUARE, NOON + timedelta(minutes=late - 1))
    look(busy, late)
    assert busy.findings() == busy.found
    reconcile(salon.house.engine, NOON + timedelta(minutes=late))
    assert busy.findings() == busy.found
    square.world.faults.clear()
    assert busy.pull(Side.SQUARE, NOON + timedelta(minutes=late)).whole
    look(busy, late + 3)
    assert busy.findings() == busy.found | {
        f"same_visit|{busy.twin}",
        f"same_visit|bookly:{here.unit}|square:{there.unit}",
    }


def test_what_one_calendar_alone_has_is_found_by_the_next_look_after_the_other_was_read(busy: Busy) -> None:
    """Also when that look comes long after the change."""
    salon = busy.salon
    treat = salon.cut()
    made = salon.people.books_on_website(salon.stylists(treat)[2], treat, salon.at(16), FORMS[0])
    assert busy.pull(Side.BOOKLY).whole
    look(busy, 1)
    look(busy, 30)
    assert busy.findings() == busy.found
    assert busy.pull(Side.SQUARE, NOON + timedelta(minutes=40)).whole
    look(busy, 41)
    assert f"missing_in_square|bookly:{made.unit}" in busy.findings()


def test_a_look_that_was_late_still_finds_what_the_one_before_was_too_early_for(busy: Busy) -> None:
    salon = busy.salon
    treat = salon.cut()
    made = salon.people.books_on_website(salon.stylists(treat)[2], treat, salon.at(16), FORMS[0])
    assert busy.pull(Side.BOOKLY).whole
    assert busy.pull(Side.SQUARE).whole
    look(busy, 1)
    assert f"missing_in_square|bookly:{made.unit}" not in busy.findings()
    look(busy, 20)
    assert f"missing_in_square|bookly:{made.unit}" in busy.findings()


def test_somebody_whom_nobody_has_matched_is_found_with_their_first_visit(busy: Busy) -> None:
    salon = busy.salon
    unmatched = next(t for t in salon.people.stage.treats.values() if t.capacity == 1 and t is not salon.cut())
    with writing(salon.house.engine) as conn:
        assert mapping.forget_service(conn, str(unmatched.bookly))
    look(busy, 4)
    assert busy.findings() == busy.found
    salon.people.books_on_website(salon.stylists(unmatched)[0], unmatched, salon.at(16, days=3), FORMS[0])
    assert busy.pull(Side.BOOKLY).whole
    look(busy, 5)
    assert f"unmapped_service|bookly:{unmatched.bookly}" in busy.findings()


def seen(busy: Busy) -> dict[str, Any]:
    with reading(busy.salon.house.engine) as conn:
        return dict(keeping.get(conn, SEEN, {}))


def test_everything_is_looked_at_once_an_hour_and_in_between_only_what_changed(busy: Busy) -> None:
    whole = []
    for minutes in (4, 5, 63, 65, 66):
        look(busy, minutes)
        whole.append(round((seen(busy)["whole_at"] - NOON.timestamp()) / 60))
    assert whole == [4, 4, 4, 65, 65]


def test_everything_is_looked_at_when_a_calendar_was_read_for_the_first_time(busy: Busy) -> None:
    look(busy, 4)
    before = seen(busy)
    with writing(busy.salon.house.engine) as conn:
        keeping.put(conn, SEEN, {**before, "reads": {"bookly": before["reads"]["bookly"]}}, NOON)
    look(busy, 5)
    assert seen(busy)["whole_at"] > before["whole_at"]


def test_a_link_that_changed_is_looked_at_though_neither_calendar_did(busy: Busy) -> None:
    """Long after both were read: what a worker did is found also when its own look afterwards failed."""
    look(busy, 45)
    read = {side.value: (NOON + timedelta(minutes=40)).timestamp() for side in Side}
    shown = Ref(Side.BOOKLY, f"ca:{busy.website[0].seats[0]}")
    with writing(busy.salon.house.engine) as conn:
        (pair,) = pairs.pairs_of(conn, [shown])
        (there,) = pair.current(Side.SQUARE)
        keeping.put(conn, SEEN, {**keeping.get(conn, SEEN), "reads": read}, NOON)
        assert pairs.make_former(conn, there.ref, NOON + timedelta(minutes=46))
    before = busy.findings()
    look(busy, 47)
    missing = f"missing_in_square|bookly:{busy.website[0].unit}"
    assert busy.findings() - before == {missing, f"anomaly|square:{there.ref.key}"}


def clash_today(salon: Salon) -> int:
    """Anna and Ben in one chair from one o'clock to half past; the finding's number."""
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    salon.people.books_on_website(chair, treat, salon.at(13, days=0), ANNA)
    salon.people.books_in_square(chair, treat, salon.at(13, days=0), BEN)
    salon.pull()
    (found,) = salon.found(Kind.DOUBLE_BOOKING)
    return found.id


def test_an_overlap_gone_by_is_known_as_past_and_waits_for_no_decision(salon: Salon) -> None:
    number = clash_today(salon)
    engine = salon.house.engine
    for later, past in ((SOON, False), (NOON + 3 * HOUR, True)):
        done = reconcile(engine, later)
        (line,) = [line for line in report(engine, later) if line["kind"] == "double_booking"]
        assert line["past"] is past
        with reading(engine) as conn:
            asked = to_decide(conn, Asked(later))
        assert (number in set(asked["id"])) is not past
        assert ("Nothing waits" in done.sentence) is past


def test_a_finding_keeps_its_number_and_its_first_day_when_it_comes_back(salon: Salon) -> None:
    number = clash_today(salon)
    engine = salon.house.engine
    with reading(engine) as conn:
        first = findings.get(conn, number)
    assert first is not None
    (ben,) = salon.bookings().values()
    salon.square.act("staff", "move", booking_id=ben["id"], start_at=salon.at(15, days=0).isoformat())
    salon.pull()
    assert not salon.found(Kind.DOUBLE_BOOKING)
    salon.square.act("staff", "move", booking_id=ben["id"], start_at=salon.at(13, days=0).isoformat())
    salon.pull()
    (again,) = salon.found(Kind.DOUBLE_BOOKING)
    assert (again.id, again.first_seen_at, again.closed_at) == (number, first.first_seen_at, None)
