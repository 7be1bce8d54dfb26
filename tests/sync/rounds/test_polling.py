"""Without any webhook, each kind of change becomes exactly its hint; nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from practice_salon.bookly import faults as bookly_faults
from practice_salon.bookly.door import Choice
from practice_salon.people.stage import Chair, Treat
from practice_salon.people.standing import Standing
from sync.model import Kind, Ref, Side, Source
from sync.rounds.first_start import ask_for_suggested
from sync.rounds.polling import Memory, look
from sync.store import keeping, mirror, polls, runs
from sync.store.connection import reading, writing
from tests.sync.rounds.busy import FORMS, Busy
from tests.sync.rounds.looking import Watch, given


@pytest.fixture
def at_bookly(busy: Busy) -> Watch:
    """Bookly was read whole and looked at once."""
    assert busy.pull(Side.BOOKLY).whole
    watch = Watch(busy, Side.BOOKLY)
    assert watch.look() == set()
    return watch


@pytest.fixture
def at_square(busy: Busy) -> Watch:
    """Square was read whole and looked at once."""
    assert busy.pull(Side.SQUARE).whole
    watch = Watch(busy, Side.SQUARE)
    assert watch.look() == set()
    return watch


def seat(one: Standing) -> str:
    return f"ca:{one.seats[0]}"


def quietly(busy: Busy, words: str) -> None:
    """A change by somebody's SQL: no log, no stamp."""
    with busy.salon.site.engine.begin() as connection:
        connection.execute(sa.text(words))


# --- Bookly -------------------------------------------------------------------------------------------------------

Act = Callable[[Busy, Standing], object]
IN_BOOKLY: dict[str, Act] = {
    "moves": lambda b, one: b.salon.people.moves_in_office(one, b.salon.at(17)),
    "goes to somebody else": lambda b, one: b.salon.people.gives_away_in_office(
        one, b.salon.stylists(b.salon.cut())[2]
    ),
    "is cancelled": lambda b, one: b.salon.people.cancels_on_website(one),
    "is done": lambda b, one: b.salon.people.sets_status(one, "done"),
    "is pending": lambda b, one: b.salon.people.sets_status(one, "pending"),
    "is deleted": lambda b, one: b.salon.people.deletes_in_office(one),
    "is rejected without a stamp": lambda b, one: quietly(
        b, f"UPDATE wp_bookly_customer_appointments SET status='rejected' WHERE id={one.seats[0]}"
    ),
    "is moved by foreign SQL": lambda b, one: quietly(
        b, f"UPDATE wp_bookly_appointments SET end_date=datetime(end_date, '+15 minutes') WHERE id={one.unit}"
    ),
}


@pytest.mark.parametrize("what", IN_BOOKLY)
def test_a_visit_in_bookly_that_changes_is_hinted_at_once(at_bookly: Watch, what: str) -> None:
    one = at_bookly.busy.website[0]
    IN_BOOKLY[what](at_bookly.busy, one)
    assert at_bookly.look() == {seat(one)}
    assert at_bookly.look() == set()


def test_a_new_visit_in_bookly_is_hinted(at_bookly: Watch) -> None:
    salon = at_bookly.busy.salon
    one = salon.people.books_on_website(salon.stylists(salon.cut())[0], salon.cut(), salon.at(16), FORMS[0])
    assert at_bookly.look() == {seat(one)}
    assert at_bookly.heard().is_news and "1 visit that may have changed" in at_bookly.heard().sentence
    assert at_bookly.look() == set()
    assert not at_bookly.heard().is_news and at_bookly.heard().whole


def test_an_unpaid_booking_that_vanishes_without_a_line_is_hinted_twice(at_bookly: Watch) -> None:
    salon = at_bookly.busy.salon
    chair, treat = salon.stylists(salon.cut())[0], salon.cut()
    choice = Choice(chair.bookly, treat.bookly, salon.people.stage.local(salon.at(16)))
    booked = salon.people.stage.website.book_online(choice, FORMS[0])
    key = f"ca:{booked.customer_appointments[0]}"
    assert at_bookly.look() == {key}
    with salon.site.engine.connect() as connection:
        order = connection.execute(
            sa.text("SELECT order_id FROM wp_bookly_customer_appointments WHERE id=:i"),
            {"i": booked.customer_appointments[0]},
        ).scalar_one()
    salon.people.stage.website.back_out(order)
    assert at_bookly.look() == {key}


def test_a_client_who_moves_by_themselves_is_two_hints(at_bookly: Watch) -> None:
    one = at_bookly.busy.website[0]
    moved = at_bookly.busy.salon.people.moves_on_website(one, at_bookly.busy.salon.at(16))
    assert at_bookly.look() == {seat(one), seat(moved)}


def test_merged_clients_are_hinted_at_each_of_their_visits(at_bookly: Watch) -> None:
    busy = at_bookly.busy
    with busy.salon.site.engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT id, customer_id FROM wp_bookly_customer_appointments WHERE id IN (:a, :b)"),
            {"a": busy.website[0].seats[0], "b": busy.website[3].seats[0]},
        )
        clients = {row.id: row.customer_id for row in found}
    busy.salon.people.office.merge_clients(clients[busy.website[0].seats[0]], [clients[busy.website[3].seats[0]]])
    assert seat(busy.website[3]) in at_bookly.look()


def test_a_booking_that_is_half_written_waits_for_the_next_look(at_bookly: Watch) -> None:
    salon = at_bookly.busy.salon
    treat, chair = salon.cut(), salon.stylists(salon.cut())[0]
    start = salon.people.stage.local(salon.at(16))
    with bookly_faults.service_without_client(salon.site, chair.bookly, treat.bookly, start) as wound:
        assert at_bookly.look() == set(), wound
        assert len(at_bookly.look()) == 1


def test_what_a_cascade_takes_is_hinted_though_nobody_wrote_a_line(busy: Busy) -> None:
    lone = busy.salon.people.books_in_office(*_chair_of_another_service(busy), busy.salon.at(18, days=4), [FORMS[3]])
    assert busy.pull(Side.BOOKLY).whole
    watch = Watch(busy, Side.BOOKLY)
    assert watch.look() == set()
    assert lone.service is not None
    busy.salon.people.office.delete_service(lone.service)
    assert seat(lone) in watch.look()
    with reading(watch.engine) as conn:
        assert Ref(Side.BOOKLY, seat(lone)) not in mirror.load_all(conn)


def _chair_of_another_service(busy: Busy) -> tuple[Chair, Treat]:
    salon = busy.salon
    treat = next(t for t in salon.people.stage.treats.values() if t != salon.cut() and t.capacity == 1)
    return salon.stylists(treat)[0], treat


# --- Square -------------------------------------------------------------------------------------------------------

IN_SQUARE: dict[str, Act] = {
    "moves": lambda b, one: b.salon.people.moves_in_square(one, b.salon.at(17)),
    "moves out of sight": lambda b, one: b.salon.people.moves_in_square(one, b.salon.at(17, days=19)),
    "is cancelled": lambda b, one: b.salon.people.cancels_in_square(one),
    "is not kept": lambda b, one: b.salon.people.does_not_come(one),
}


@pytest.mark.parametrize("what", IN_SQUARE)
def test_a_booking_in_square_that_changes_is_hinted_with_its_version(at_square: Watch, what: str) -> None:
    one = at_square.busy.square[0]
    IN_SQUARE[what](at_square.busy, one)
    house = at_square.busy.salon.house
    look(house.engine, house.readers[Side.SQUARE], at_square.memory, house.now())
    ((key, source, version),) = given(house.engine)
    assert (key, source) == (one.unit, Source.POLL) and version is not None and version >= 1
    at_square.carry()
    assert at_square.look() == set()


def test_a_new_booking_in_square_is_hinted_and_one_that_vanished_too(at_square: Watch) -> None:
    busy = at_square.busy
    treat = busy.salon.cut()
    one = busy.salon.people.books_in_square(busy.salon.stylists(treat)[1], treat, busy.salon.at(18), FORMS[9])
    assert at_square.look() == {one.unit}
    with busy.salon.square.world.change():
        busy.salon.square.world["bookings"].drop(str(busy.square[0].unit))
    assert at_square.look() == {busy.square[0].unit}
    assert at_square.look() == set()


@pytest.mark.parametrize("fault", ["list_empty", "list_suddenly_small", "list_missing_row", "list_empty_middle_page"])
def test_a_list_that_lacks_what_is_there_by_its_id_changes_nothing(at_square: Watch, fault: str) -> None:
    at_square.busy.salon.square.arm(fault, "bookings.list")
    assert at_square.look() == set()
    assert at_square.look() == set()


def test_a_booking_that_comes_into_sight_as_days_go_by_is_no_news(busy: Busy) -> None:
    treat = busy.salon.cut()
    busy.salon.people.books_in_square(busy.salon.stylists(treat)[1], treat, busy.salon.at(18, days=16), FORMS[9])
    assert busy.pull(Side.SQUARE).whole
    watch = Watch(busy, Side.SQUARE)
    house = busy.salon.house
    for days in (0, 5):
        assert look(house.engine, house.readers[Side.SQUARE], watch.memory, house.now() + timedelta(days=days)).whole
        assert given(house.engine) == []


# --- both ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", Side)
def test_after_a_restart_only_what_changed_meanwhile_is_hinted(busy: Busy, side: Side) -> None:
    assert busy.pull(side).whole
    watch = Watch(busy, side)
    assert watch.look() == set()
    one = busy.website[0] if side is Side.BOOKLY else busy.square[0]
    people = busy.salon.people
    (people.moves_in_office if side is Side.BOOKLY else people.moves_in_square)(one, busy.salon.at(17))
    lost = busy.website[2] if side is Side.BOOKLY else busy.square[2]
    if side is Side.BOOKLY:
        people.deletes_in_office(lost)
    else:
        people.cancels_in_square(lost)
    names = {seat(one), seat(lost)} if side is Side.BOOKLY else {one.unit, lost.unit}
    assert watch.restarted().look() == names
    assert watch.restarted().look() == set()


def test_what_we_wrote_ourselves_is_no_news(at_bookly: Watch, at_square: Watch) -> None:
    """The mirror has it from our own write."""
    salon = at_bookly.busy.salon
    treat = salon.cut()
    salon.people.books_in_square(salon.stylists(treat)[2], treat, salon.at(18), FORMS[10])
    at_bookly.busy.both()
    at_bookly.busy.both()
    assert ask_for_suggested(salon.house, (Kind.MISSING_IN_BOOKLY,))
    salon.work()
    assert at_bookly.look() == set() == at_square.look()


@pytest.mark.parametrize("side", Side)
def test_very_much_gone_at_once_counts_only_after_a_whole_read(busy: Busy, side: Side) -> None:
    assert busy.pull(side).whole
    watch = Watch(busy, side)
    assert watch.look() == set()
    if side is Side.BOOKLY:
        quietly(busy, "DELETE FROM wp_bookly_customer_appointments")
        quietly(busy, "DELETE FROM wp_bookly_appointments")
        new = ""
    else:
        with busy.salon.square.world.change():
            busy.salon.square.world["bookings"].load({})
        treat = busy.salon.cut()
        new = str(
            busy.salon.people.books_in_square(busy.salon.stylists(treat)[1], treat, busy.salon.at(18), FORMS[9]).unit
        )
    assert watch.look() == ({new} if new else set())
    assert watch.heard().counts["withheld"] > 5 and "vanished or moved" in watch.heard().sentence
    with reading(watch.engine) as conn:
        assert runs.any_asked(conn)
    assert watch.look() == set()


def test_before_the_first_whole_read_nothing_is_looked_at(busy: Busy) -> None:
    with writing(busy.salon.house.engine) as conn:
        conn.execute(sa.text("UPDATE sides SET whole_began_at = NULL"))
    house = busy.salon.house
    said = look(house.engine, house.readers[Side.SQUARE], Memory(), house.now())
    assert (said.whole, said.is_news) == (False, False) and "not been read whole" in said.sentence


def test_a_look_that_fails_is_said_once_and_mended_by_the_next_good_one(at_square: Watch) -> None:
    at_square.busy.salon.square.arm("error_503", "bookings.list", 1, 2)
    assert at_square.look() == set()
    assert at_square.heard().is_news and not at_square.heard().whole
    with reading(at_square.engine) as conn:
        read = runs.side_read(conn, Side.SQUARE)
    assert read is not None and read.failing_since is not None and "503" in read.problem
    at_square.look()
    assert not at_square.heard().is_news
    at_square.look()
    with reading(at_square.engine) as conn:
        read = runs.side_read(conn, Side.SQUARE)
        looked = polls.last(conn)[Side.SQUARE]
    assert read is not None and read.failing_since is None and read.problem == ""
    assert read.whole_began_at is not None and looked > read.whole_began_at


def test_what_a_whole_read_met_is_not_mended_by_a_look(at_square: Watch) -> None:
    with writing(at_square.engine) as conn:
        runs.read_failed(conn, Side.SQUARE, "No.", "", at_square.busy.salon.house.now())
    at_square.busy.salon.square.arm("error_503", "bookings.list")
    for _ in range(2):
        at_square.look()
        with reading(at_square.engine) as conn:
            read = runs.side_read(conn, Side.SQUARE)
        assert read is not None and read.problem == "No."
    assert at_square.busy.pull(Side.SQUARE).whole
    with reading(at_square.engine) as conn:
        read = runs.side_read(conn, Side.SQUARE)
    assert read is not None and read.failing_since is None


def test_a_zone_that_was_changed_in_wordpress_moves_nobody(at_bookly: Watch) -> None:
    with bookly_faults.timezone_changed(at_bookly.busy.salon.site):
        assert at_bookly.look() == set()
        assert not at_bookly.heard().whole and at_bookly.heard().setting == "SALON_TIMEZONE"
    assert at_bookly.look() == set()
    assert at_bookly.heard().whole


def test_a_good_look_leaves_a_sign_now_and_then_and_no_more(at_bookly: Watch) -> None:
    with reading(at_bookly.engine) as conn:
        signed = keeping.changed_at(conn, "polled:bookly")
    at_bookly.look()
    with reading(at_bookly.engine) as conn:
        assert keeping.changed_at(conn, "polled:bookly") == signed
    house = at_bookly.busy.salon.house
    look(house.engine, house.readers[Side.BOOKLY], at_bookly.memory, house.now() + timedelta(seconds=11))
    with reading(at_bookly.engine) as conn:
        again = keeping.changed_at(conn, "polled:bookly")
    assert signed is not None and again is not None and again > signed
