"""Asking for a time over HTTP: a real practice Square and Bookly behind the desk."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from starlette.applications import Starlette

from sync.calendars import ReadFailed
from sync.calendars.bookly import BooklyReader
from sync.converge.holds import settle_holds
from sync.decide.chairs import person_spans
from sync.decide.holds import LIMITS
from sync.intake.asked import asked_from
from sync.intake.desk import ask_hold
from sync.intake.holding import open_hold_routes
from sync.locking.contract import Claim, Lease, LocksUnavailable
from sync.model import Appointment, Ref, Side, Span
from sync.model.holds import Refusal
from sync.store import holds, pairs
from sync.store.board import load_board
from sync.store.connection import writing
from sync.wording.holds import REFUSED
from tests.sync.converge.conftest import ANNA, BEN, CLEO
from tests.sync.intake.holds.asking import SECRET, Plugin
from tests.sync.intake.holds.conftest import Front, settings_of
from tests.sync.intake.holds.serving import served


def refused(front: Front, hour: int, minute: int = 0, **more: object) -> str:
    """The reason of a refusal, whose sentence a client can read."""
    answer = front.plugin.hold(**front.wish(hour, minute, **more))
    assert answer.status_code == 409, answer.text
    said = answer.json()
    assert said["sentence"] == REFUSED[Refusal(said["reason"])]
    return str(said["reason"])


def test_a_free_time_is_held_until_it_is_let_go(front: Front) -> None:
    made = front.held(10)
    assert (made["state"], made["good"], made["seconds_left"]) == ("held", True, 600)
    assert front.plugin.look(made["id"]).json()["sentence"] == "This time is kept for you."
    assert front.plugin.let_go(made["id"]).status_code == 204
    after = front.plugin.look(made["id"]).json()
    assert (after["good"], after["state"]) == (False, "released")
    front.held(10)


def test_a_time_that_shares_a_minute_with_a_hold_is_refused_and_one_that_touches_it_is_not(front: Front) -> None:
    front.held(10, minutes=60)
    assert refused(front, 10, 59, minutes=30) == "held"
    assert refused(front, 9, 30, minutes=31) == "held"
    front.held(11, minutes=30)
    front.held(9, 30, minutes=30)
    assert front.near_misses() == 2


def test_nothing_of_a_hold_is_written_into_either_calendar(front: Front) -> None:
    rows, bookings = front.salon.rows(), front.salon.bookings()
    front.held(10)
    assert (front.salon.rows(), front.salon.bookings()) == (rows, bookings)


def test_what_was_just_booked_in_square_is_found_though_the_mirror_does_not_know_it(front: Front) -> None:
    front.salon.people.books_in_square(front.chair, front.treat, front.at(10), BEN)
    assert refused(front, 10, 15) == "taken"
    assert front.near_misses() == 1


def test_what_was_just_booked_in_bookly_is_found_though_the_mirror_does_not_know_it(front: Front) -> None:
    front.salon.people.books_on_website(front.chair, front.treat, front.at(10), ANNA)
    assert refused(front, 10) == "taken"


def test_a_time_that_staff_blocked_in_square_is_refused_though_no_api_shows_the_block(front: Front) -> None:
    front.blocks(10, 60)
    assert refused(front, 10) == "blocked"
    assert refused(front, 10, 7) == "blocked"
    assert front.near_misses() == 0
    front.held(11)


def test_a_day_off_in_square_is_refused(front: Front) -> None:
    front.blocks(0, 24 * 60 - 1)
    assert refused(front, 10) == "blocked"


def test_a_start_between_two_of_squares_is_no_reason_to_refuse(front: Front) -> None:
    front.held(10, 7)


def test_hours_that_the_person_does_not_have_in_square_are_no_reason_to_refuse(front: Front) -> None:
    front.held(5)


def test_a_lead_time_in_square_is_no_reason_to_refuse(front: Front) -> None:
    front.salon.square.world.set_rules(min_lead_s=400 * 86_400)
    try:
        front.held(10)
    finally:
        front.salon.square.world.set_rules(min_lead_s=0)


def test_a_block_moved_off_in_square_does_not_keep_its_old_time_shut_in_bookly(front: Front) -> None:
    """The projection stands where it stood, its owner is elsewhere: judged by the owner."""
    people = front.salon.people
    ben = people.books_in_square(front.chair, front.treat, front.at(10), BEN)
    block = people.blocks_in_office(front.chair, front.at(10), front.treat.minutes)
    shown = (Ref(Side.SQUARE, str(ben.unit)), None), (Ref(Side.BOOKLY, f"row:{block.unit}"), None)
    assert refused(front, 10) == "taken"
    with writing(front.desk.engine) as conn:
        pairs.link(conn, Side.SQUARE, shown, front.clock.now)
    assert refused(front, 10) == "taken"
    people.moves_in_square(ben, front.at(15))
    front.held(10)
    assert refused(front, 15) == "taken"


def test_a_repeated_request_is_answered_with_the_hold_it_made(front: Front) -> None:
    asked = front.wish(10)
    first, second = front.plugin.hold(**asked), front.plugin.hold(**asked)
    assert (second.status_code, second.json()["id"]) == (201, first.json()["id"])


def test_a_client_who_chooses_another_time_over_the_first_lets_go_of_it(front: Front) -> None:
    first = front.held(10, client="one")
    second = front.held(10, 15, client="one")
    assert front.kept(first["id"]).reason == "replaced"
    assert front.plugin.look(second["id"]).json()["good"]


def test_a_fourth_hold_of_one_client_is_one_too_many(front: Front) -> None:
    for hour in (9, 11, 13):
        front.held(hour, client="one")
    answer = front.plugin.hold(**front.wish(15, client="one"))
    assert (answer.status_code, answer.json()["reason"]) == (429, "too_many_yours")
    front.held(15, client="two")
    front.held(13, 15, client="one")


def test_there_are_not_more_holds_than_the_limit_in_all(front: Front) -> None:
    span = Span.of("bookly:77", front.at(10), front.at(11))
    with writing(front.desk.engine) as conn:
        for number in range(LIMITS.in_all):
            holds.make(conn, span, f"client {number}", front.clock.now, timedelta(minutes=1))
    answer = front.plugin.hold(**front.wish(10))
    assert (answer.status_code, answer.json()["reason"]) == (429, "too_many")
    front.clock.pass_by(minutes=1)
    front.held(10)


def test_a_hold_runs_out_by_itself(front: Front) -> None:
    made = front.held(10, keep_minutes=15)
    front.clock.pass_by(minutes=14, seconds=59)
    assert refused(front, 10) == "held"
    front.clock.pass_by(seconds=1)
    after = front.plugin.look(made["id"]).json()
    assert (after["good"], after["state"], after["reason"]) == (False, "expired", "expired")
    front.held(10)
    assert front.kept(made["id"]).state == "expired"


def test_times_behind_and_too_far_ahead_are_refused(front: Front) -> None:
    local = front.salon.people.stage.local
    assert refused(front, 0, start=local(front.clock.now).isoformat()) == "past"
    far = front.clock.now + timedelta(days=400, minutes=1)
    assert refused(front, 0, start=local(far).isoformat()) == "too_far"


def test_a_time_somebody_is_just_writing_is_said_to_be_in_the_making(front: Front) -> None:
    lease = front.desk.locks.acquire(
        [Claim.span(f"bookly:{front.chair.bookly}", front.at(10, 10), front.at(10, 11))], "a worker", 30.0
    )
    assert isinstance(lease, Lease)
    try:
        assert refused(front, 10) == "being_booked"
        assert len(front.pauses) == 2
        for front.age.seconds in (None, 1.0):
            answer = front.plugin.available(**front.wish(10)).json()
            assert (answer["free"], answer["reason"]) == (False, "being_booked")
    finally:
        front.desk.locks.release(lease)
    front.held(10)


def test_a_lease_is_let_go_whatever_came_of_the_request(front: Front) -> None:
    front.held(10)
    refused(front, 10)
    front.salon.square.arm("error_500", "bookings.list")
    front.plugin.hold(**front.wish(12))
    assert front.desk.locks.leases() == ()


@pytest.mark.parametrize("route", ["bookings.list", "bookings.search_availability"])
def test_nothing_is_held_while_square_does_not_answer(front: Front, route: str) -> None:
    front.salon.square.arm("error_503", route)
    answer = front.plugin.hold(**front.wish(10))
    assert answer.status_code == 503
    assert answer.json()["sentence"] == "The calendars cannot be asked just now. Please try again in a moment."
    front.held(10)


def test_a_square_that_keeps_failing_is_left_alone(front: Front) -> None:
    armed = front.salon.square.arm("error_503", "bookings.search_availability", times=1_000)
    for _ in range(20):
        assert front.plugin.hold(**front.wish(10)).status_code == 503
    assert 0 < armed.fired < 20
    front.salon.square.world.faults.clear()
    front.clock.pass_by(hours=1)
    front.held(10)


def test_nothing_is_held_while_the_locks_cannot_be_asked(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> Lease:
        raise LocksUnavailable("LOCK_URL does not answer.", passes=True)

    monkeypatch.setattr(front.desk.locks, "acquire", unavailable)
    assert front.plugin.hold(**front.wish(10)).status_code == 503


def test_nothing_is_held_while_bookly_does_not_answer(front: Front) -> None:
    class Silent(BooklyReader):
        def around(self, staff: str, start: datetime, end: datetime) -> tuple[Appointment, ...]:
            raise ReadFailed("Bookly does not answer.")

    silent = Silent.__new__(Silent)
    desk = replace(front.desk, readers={**front.desk.readers, Side.BOOKLY: silent})
    with pytest.raises(ReadFailed):
        ask_hold(desk, asked_from(json.dumps(front.wish(10)).encode(), needs_client=True))
    assert desk.locks.leases() == ()


def test_a_lease_that_ran_out_and_was_given_to_another_grants_nothing(front: Front) -> None:
    """The look takes so long that another is let in meanwhile: the fence is what is asked last."""
    asked = asked_from(json.dumps(front.wish(10)).encode(), needs_client=True)
    claim = Claim.span(f"bookly:{front.chair.bookly}", front.at(10), front.at(10, 5))

    class Slow(BooklyReader):
        def around(self, staff: str, start: datetime, end: datetime) -> tuple[Appointment, ...]:
            (mine,) = front.desk.locks.leases()
            front.desk.locks.release(mine)
            other = front.desk.locks.acquire([claim], "another", 30.0)
            assert isinstance(other, Lease)
            front.desk.locks.release(other)
            return ()

    desk = replace(front.desk, readers={**front.desk.readers, Side.BOOKLY: Slow.__new__(Slow)})
    assert ask_hold(desk, asked) is Refusal.BEING_BOOKED


# --- what becomes of a hold -----------------------------------------------------------------------------------------


def recorded(front: Front, side: Side, key: str, client: str = "") -> None:
    """The engine records the visit as its side shows it now."""
    ref = Ref(side, key)
    visit = front.salon.house.readers[side].read([ref])[ref]
    assert visit is not None
    with writing(front.desk.engine) as conn:
        board = load_board(conn, front.clock.now, visit.start, visit.end, [ref])
        settle_holds(conn, visit, person_spans(board, visit), front.clock.now, client)


def newest_seat(front: Front) -> int:
    with front.salon.site.engine.connect() as conn:
        return int(conn.execute(sa.text("SELECT max(id) FROM wp_bookly_customer_appointments")).scalar_one())


def test_the_booking_that_a_hold_turns_into_consumes_it(front: Front) -> None:
    made = front.held(10)
    front.salon.people.books_on_website(front.chair, front.treat, front.at(10), ANNA)
    recorded(front, Side.BOOKLY, f"ca:{newest_seat(front)}")
    after = front.plugin.look(made["id"]).json()
    assert (after["state"], after["good"], after["ref"]) == ("consumed", False, f"bookly/ca:{newest_seat(front)}")


def test_a_booking_in_square_over_a_hold_makes_it_lost_and_the_checkout_is_refused_with_the_reason(
    front: Front,
) -> None:
    made = front.held(10)
    front.salon.people.books_in_square(front.chair, front.treat, front.at(10), BEN)
    booking = next(key for key, doc in front.bookings_at(front.at(10)).items())
    recorded(front, Side.SQUARE, booking)
    after = front.plugin.look(made["id"]).json()
    assert (after["good"], after["state"], after["reason"]) == (False, "lost", "taken")
    assert "somebody else" in after["sentence"]


def test_a_booking_beside_a_hold_leaves_it_alone(front: Front) -> None:
    made = front.held(10)
    front.salon.people.books_on_website(front.chair, front.treat, front.at(14), CLEO)
    recorded(front, Side.BOOKLY, f"ca:{newest_seat(front)}")
    assert front.plugin.look(made["id"]).json()["good"]


# --- who asks, and how ----------------------------------------------------------------------------------------------


def test_only_the_plugin_is_answered(front: Front) -> None:
    stranger = Plugin(front.plugin.http, secret="whsec_YW5vdGhlciBzZWNyZXQgYWx0b2dldGhlcg==")
    assert stranger.hold(**front.wish(10)).status_code == 401
    assert front.plugin.http.post("/holds", json=front.wish(10)).status_code == 401
    made = front.held(10)
    assert stranger.let_go(made["id"]).status_code == 401
    signed_to_look = front.plugin.headers(f"GET /holds/{made['id']}")
    assert front.plugin.http.delete(f"/holds/{made['id']}", headers=signed_to_look).status_code == 401
    assert front.plugin.look(made["id"]).json()["good"]


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("staff", "4711", "staff id 4711"),
        ("staff", None, "staff is missing"),
        ("service", "4711", "No service with the id 4711"),
        ("start", "tomorrow", "start is not a time"),
        ("start", 5, "start is not a time"),
        ("start", "9999-12-31T23:59:59", "start is not a time"),
        ("minutes", 0, "minutes is not a whole number from 1"),
        ("minutes", "30", "minutes is not a whole number"),
        ("keep_minutes", 16, "keep_minutes is not a whole number from 1 to 15"),
        ("client", "", "client is missing"),
        ("client", "c" * 65, "client is missing"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(front: Front, field: str, value: object, named: str) -> None:
    answer = front.plugin.hold(**{**front.wish(10), field: value})
    assert answer.status_code == 400
    assert named in answer.json()["sentence"]


@pytest.mark.parametrize("content", [b"{", b"[]", b"7", b"[" * 8_000, b'"\\ud800"'])
def test_what_is_no_question_is_answered_400(front: Front, content: bytes) -> None:
    assert front.plugin.sent("POST", "/holds", content=content).status_code == 400


def test_a_question_of_any_length_is_not_read_to_its_end(front: Front) -> None:
    assert front.plugin.sent("POST", "/holds", content=b" " * 10_000).status_code == 413


def test_a_hold_that_nobody_knows_is_answered_404(front: Front) -> None:
    assert front.plugin.look("nobody").status_code == 404
    assert front.plugin.let_go("nobody").status_code == 404


def test_the_intakes_own_process_answers_them_beside_webhooks(front: Front) -> None:
    """By the command's own way of opening them, with its own locks and clock."""
    settings = settings_of(front.salon, str(front.salon.site.engine.url))
    settings.bookly_webhook_secret = SecretStr(SECRET)
    far = datetime.now(UTC) + timedelta(days=300)
    with (
        open_hold_routes(front.desk.engine, settings) as routes,
        served(Starlette(routes=routes)) as address,
        httpx.Client(base_url=address, timeout=30.0) as http,
    ):
        answer = Plugin(http).hold(**front.wish(10, start=far.isoformat()))
        assert answer.status_code == 201, answer.text
        assert Plugin(http).let_go(answer.json()["id"]).status_code == 204


def test_without_two_calendars_there_is_nothing_to_ask(front: Front) -> None:
    settings = settings_of(front.salon, "")
    with open_hold_routes(front.desk.engine, settings) as routes:
        assert routes == []
