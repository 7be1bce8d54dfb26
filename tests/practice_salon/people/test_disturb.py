"""Disturbances: each is really there, on the side it names, and touches nothing that another one touched."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import combinations

import pytest

from practice_salon.people.disturb import KINDS, Disturber
from practice_salon.people.people import People
from practice_salon.people.play import forms
from practice_salon.people.standing import Board, Span, Standing, meet
from practice_salon.people.untouched import Disturbance, NothingLeft
from practice_salon.shop import shop
from practice_salon.truth import Side
from tests.practice_salon.people.conftest import OpenSalon

CLIENTS = forms(shop(1))
TIMES = 10
PHONES = {form.phone[-10:]: form for form in CLIENTS}


def send_across(people: People, visits: int = 130, blocks: int = 14) -> None:
    """Both calendars in step by hand: visits of Bookly's typed into Square, a few of Square's blocked in Bookly."""
    now = people.stage.now()
    board = people.stage.look(now, now + timedelta(days=30))
    chairs = {chair.bookly: chair for chair in people.stage.chairs}
    sendable = [s for s in board.standings if s.clients and s.capacity == 1 and s.service and s.staff in chairs]
    for one in sorted(sendable, key=lambda s: (s.core, s.unit))[:visits]:
        form = next(PHONES[name] for name in one.clients if name in PHONES)
        assert one.staff is not None and one.service is not None
        people.books_in_square(chairs[one.staff], people.stage.treats[one.service], one.core[0], form)
    disturber = Disturber(people, CLIENTS, 99)
    for _ in range(blocks):
        chair, treat, span = disturber.free_place()
        disturber.book("square", chair, treat, span, disturber.client(span))
        disturber.keep(people.blocks_in_office(chair, span[0], treat.minutes))


def look(people: People) -> Board:
    now = people.stage.now()
    return people.stage.look(now - timedelta(days=1), now + timedelta(days=40))


def found(board: Board, unit: tuple[Side, str]) -> Standing | None:
    return next((s for s in board.standings if (s.side, str(s.unit)) == unit), None)


def span(one: Disturbance) -> Span:
    return datetime.fromisoformat(one.start), datetime.fromisoformat(one.end)


@pytest.fixture
def disturber(open_salon: OpenSalon) -> Disturber:
    people = open_salon(1)
    send_across(people)
    return Disturber(people, CLIENTS, 4)


def test_each_kind_can_be_made_ten_times_on_each_side_and_none_touches_another(disturber: Disturber) -> None:
    made: list[Disturbance] = []
    for _ in range(TIMES):
        made += [disturber.disturb(kind, side) for kind, side in KINDS]
    assert Counter((one.kind, one.side) for one in made) == dict.fromkeys(KINDS, TIMES)
    concerned = Counter(unit for one in made for unit in one.appointments)
    assert not [unit for unit, count in concerned.items() if count > 1]
    _assert_overlaps_are_those_made(look(disturber.people), made)


def _assert_overlaps_are_those_made(board: Board, made: list[Disturbance]) -> None:
    """No couple of different visits overlaps but the double bookings (and the odd rows, which take no time)."""
    wanted = {unit for one in made if one.kind == "double_booking" for unit in one.appointments}
    twins = {unit for one in made if one.kind == "same_visit" for unit in one.appointments}
    for a, b in combinations([s for s in board.standings if s.staff is not None], 2):
        if a.staff == b.staff and meet(a.core, b.core) and not _one_visit(a, b):
            units = {(a.side, str(a.unit)), (b.side, str(b.unit))}
            drifted = any(units & set(one.appointments) for one in made if one.kind == "drift")
            assert units <= wanted or units <= twins or drifted, (a, b)


def _one_visit(a: Standing, b: Standing) -> bool:
    return a.side != b.side and (not a.clients or not b.clients or bool(a.clients & b.clients))


@pytest.mark.parametrize("side", ["bookly", "square"])
def test_a_double_booking_overlaps_a_visit_of_somebody_else_with_the_same_person(
    disturber: Disturber, side: Side
) -> None:
    one = disturber.disturb("double_booking", side)
    board = look(disturber.people)
    new, *met = [found(board, unit) for unit in one.appointments]
    assert new is not None and new.side == side and met
    for other in met:
        assert other is not None and other.staff == new.staff and not other.clients & new.clients
        assert meet(other.core, new.core)
    start, end = span(one)
    assert start == new.core[0] and end <= new.core[1] and start < end


@pytest.mark.parametrize("side", ["bookly", "square"])
def test_a_padding_clash_meets_only_with_paddings(disturber: Disturber, side: Side) -> None:
    one = disturber.disturb("padding_clash", side)
    board = look(disturber.people)
    new, met = found(board, one.appointments[0]), found(board, one.appointments[1])
    assert new is not None and met is not None
    assert not meet(new.core, met.core) and meet(new.busy, met.busy)


def test_over_capacity_puts_a_second_client_on_a_row_for_one(disturber: Disturber) -> None:
    one = disturber.disturb("over_capacity", "bookly")
    row = found(look(disturber.people), one.appointments[0])
    assert row is not None and len(row.seats) == 2 and row.capacity == 1


def test_what_is_missing_stands_on_its_side_alone(disturber: Disturber) -> None:
    for kind, side in (
        ("missing_in_square", "bookly"),
        ("missing_in_bookly", "square"),
        ("drift", "bookly"),
    ):
        disturber.count = 3  # the fourth drift in Bookly deletes a block
        one = disturber.disturb(kind, "bookly" if side == "bookly" else "square")
        board = look(disturber.people)
        there = {s.side for s in board.standings if s.staff is not None and meet(s.core, span(one))
                 and disturber.people.stage.chairs[s.staff - 1].name == one.staff}  # fmt: skip
        assert there == {"bookly" if kind == "missing_in_square" else "square"}, one


@pytest.mark.parametrize("side", ["bookly", "square"])
def test_drift_is_moved_given_away_and_cancelled_in_turn(disturber: Disturber, side: Side) -> None:
    made = [disturber.disturb("drift", side) for _ in range(3)]
    assert {one.how for one in made} == {"moved", "given to somebody else", "cancelled"}
    board = look(disturber.people)
    for one in made:
        here, there = found(board, one.appointments[0]), found(board, one.appointments[1])
        assert there is not None and there.side != side
        if one.how == "cancelled":
            assert here is None
        else:
            assert here is not None and (here.core, here.staff) != (there.core, there.staff)


@pytest.mark.parametrize("side", ["bookly", "square"])
def test_the_same_visit_is_in_both_calendars_with_a_small_difference(disturber: Disturber, side: Side) -> None:
    made = [disturber.disturb("same_visit", side) for _ in range(3)]
    assert len({one.how for one in made}) == 3
    board = look(disturber.people)
    for one in made:
        plain, other = (found(board, unit) for unit in one.appointments)
        assert plain is not None and other is not None and other.side == side != plain.side
        assert abs(plain.core[0] - other.core[0]) <= timedelta(minutes=5) and plain.clients & other.clients


@pytest.mark.parametrize("side", ["bookly", "square"])
def test_somebody_and_something_new_are_on_one_side_only(disturber: Disturber, side: Side) -> None:
    staff, service = disturber.disturb("unmapped_staff", side), disturber.disturb("unmapped_service", side)
    stage = disturber.stage
    assert staff.staff not in {chair.name for chair in stage.chairs}
    names = {member.name for member in stage.square.members()}
    assert (staff.staff in names) == (side == "square")
    titles = {variation.title for variation in stage.square.variations()}
    assert service.service and (service.service in titles) == (side == "square")
    board = look(disturber.people)
    assert found(board, staff.made[0]) is not None and found(board, service.made[0]) is not None


def test_the_odd_rows_are_odd_in_each_way(disturber: Disturber) -> None:
    made = [disturber.disturb("anomaly", "bookly") for _ in range(3)]
    assert {one.how for one in made} == {"unknown status", "row without its client", "ends before it begins"}
    board = look(disturber.people)
    there = [row for one in made if (row := found(board, one.made[0])) is not None]
    assert all(row.core[1] < row.core[0] for row in there), "none of them takes time as a visit does"
    booking = disturber.disturb("anomaly", "square")
    assert disturber.stage.square.booking(booking.made[0][1])["status"] == "ON_HOLD"


def test_a_kind_that_a_side_does_not_have_is_not_made(disturber: Disturber) -> None:
    with pytest.raises(KeyError):
        disturber.disturb("over_capacity", "square")


def test_nothing_left_is_said_and_not_made_up(open_salon: OpenSalon) -> None:
    disturber = Disturber(open_salon(1), CLIENTS, 1)
    with pytest.raises(NothingLeft):
        disturber.disturb("drift", "bookly")


def test_the_same_salon_and_seed_give_the_same_disturbances(open_salon: OpenSalon) -> None:
    kinds: list[tuple[str, Side]] = [("double_booking", "square"), ("missing_in_bookly", "square")]
    twice = []
    for _ in range(2):
        disturber = Disturber(open_salon(2), CLIENTS, 5)
        twice.append([disturber.disturb(kind, side) for kind, side in kinds])
    assert twice[0] == twice[1]
