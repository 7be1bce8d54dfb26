"""Whether a time may be held, and what becomes of a hold: by rule, for any made-up day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.decide.holds import LIMITS, Wish, became_of, obstacle, out_of_bounds, over_the_limits
from sync.model import Appointment, Span, Standing
from sync.model.holds import Hold, HoldState, Refusal
from tests.sync.decide.boards import CUT, at, block, board, bookly, pair, square

MARIA = "bookly:1"
MINUTES = st.integers(0, 180)
LENGTHS = st.integers(1, 90)
PADDINGS = st.integers(0, 20)


def span(start: int, length: int, before: int = 0, after: int = 0, person: str = MARIA) -> Span:
    """So many minutes after eight."""
    begins = at(8) + timedelta(minutes=start)
    return Span.of(
        person, begins, begins + timedelta(minutes=length), timedelta(minutes=before), timedelta(minutes=after)
    )


def wish(start: int = 120, length: int = 60, client: str = "me") -> Wish:
    return Wish(span(start, length), CUT, client)


def hold(start: int = 120, length: int = 60, client: str = "other", name: str = "h1", made: int = 0) -> Hold:
    held, made_at = span(start, length), at(7) + timedelta(minutes=made)
    return Hold(
        name, MARIA, held.busy_start, held.busy_end, client, HoldState.HELD, "", made_at, made_at + timedelta(hours=3)
    )


def share(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two half-open stretches of minutes share one, counted one by one."""
    return bool(set(range(*one)) & set(range(*other)))


@given(MINUTES, LENGTHS, PADDINGS, PADDINGS, MINUTES, LENGTHS)
def test_a_time_is_refused_exactly_when_its_busy_time_shares_a_minute_with_what_stands(
    start: int, length: int, before: int, after: int, other: int, long: int
) -> None:
    stands = bookly("1", at(8) + timedelta(minutes=other), long)
    met = share((start - before, start + length + after), (other, other + long))
    asked = Wish(span(start, length, before, after), CUT, "me")
    assert (obstacle(board(stands), asked, ()) is Refusal.TAKEN) == met


@given(MINUTES, LENGTHS, MINUTES, LENGTHS, st.sampled_from(["me", "other"]))
def test_another_clients_hold_refuses_what_shares_a_minute_with_it_and_ones_own_never(
    start: int, length: int, other: int, long: int, client: str
) -> None:
    met = share((start, start + length), (other, other + long))
    found = obstacle(board(), wish(start, length), [hold(other, long, client)])
    assert (found is Refusal.HELD) == (met and client == "other")


@given(st.lists(st.tuples(MINUTES, LENGTHS, st.sampled_from("abcd")), max_size=12))
def test_of_wishes_asked_one_after_the_other_no_two_clients_ever_hold_the_same_minute(
    asked: list[tuple[int, int, str]],
) -> None:
    live: list[Hold] = []
    for number, (start, length, client) in enumerate(asked):
        mine = wish(start, length, client)
        if obstacle(board(), mine, live) is None:
            live = [one for one in live if not mine.is_in_place_of(one)]
            live.append(hold(start, length, client, f"h{number}"))
    for one in live:
        for other in live:
            assert one is other or not (one.start < other.end and other.start < one.end)


def test_what_is_only_shown_on_the_other_side_counts_where_its_owner_stands() -> None:
    owner, shown = square("S", at(14)), block("7", at(10))
    linked = board(owner, shown, pairs=[pair(1, owner, shown)])
    assert obstacle(linked, wish(120), ()) is None
    assert obstacle(linked, wish(360), ()) is Refusal.TAKEN
    assert obstacle(board(shown), wish(120), ()) is Refusal.TAKEN


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.STANDS])
def test_what_does_not_stand_keeps_nobody_out(standing: Standing) -> None:
    assert obstacle(board(replace(bookly("1", at(10)), standing=standing)), wish(), ()) is None


def a_class(persons: int, capacity: int = 3) -> Appointment:
    return bookly("5", at(10), 60, is_class=True, capacity=capacity, unit_persons=persons)


@pytest.mark.parametrize(
    ("persons", "others", "expected"),
    [(0, 2, None), (1, 1, None), (1, 2, Refusal.HELD), (2, 0, None), (2, 1, Refusal.HELD), (3, 0, Refusal.TAKEN)],
)
def test_a_class_takes_as_many_as_it_has_seats_holds_counted(
    persons: int, others: int, expected: Refusal | None
) -> None:
    seats = [hold(120, 60, f"c{n}", f"h{n}") for n in range(others)]
    assert obstacle(board(a_class(persons)), wish(120), seats) is expected


def test_a_class_takes_nobody_for_another_service_or_from_another_start() -> None:
    assert obstacle(board(a_class(1)), Wish(span(120, 60), "2", "me"), ()) is Refusal.TAKEN
    assert obstacle(board(a_class(1)), wish(135), ()) is Refusal.TAKEN
    assert obstacle(board(a_class(1), bookly("9", at(10, 30))), wish(120), ()) is Refusal.TAKEN


def test_only_what_is_ahead_and_within_the_limit_can_be_held() -> None:
    start = wish().span.start
    assert out_of_bounds(wish(), start) is Refusal.PAST
    assert out_of_bounds(wish(), start - timedelta(seconds=1)) is None
    assert out_of_bounds(wish(), start - LIMITS.ahead) is None
    assert out_of_bounds(wish(), start - LIMITS.ahead - timedelta(seconds=1)) is Refusal.TOO_FAR


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_limits_are_for_each_client_and_in_all(of_client: int, in_all: int) -> None:
    found = over_the_limits(of_client, in_all)
    assert (found is None) == (of_client < 3 and in_all < 200)


# --- what becomes of a hold -----------------------------------------------------------------------------------------


def website(start: int = 120, length: int = 60, made: int | None = 30) -> Appointment:
    """A website visit made so many minutes after seven."""
    made_at = None if made is None else at(7) + timedelta(minutes=made)
    return bookly("1", at(8) + timedelta(minutes=start), length, made_at=made_at)


def ends(visit: Appointment, *holds: Hold, client: str = "") -> dict[str, HoldState]:
    spans = [replace(part.span, staff=MARIA) for part in visit.parts]
    return {one.id: state for one, state in became_of(holds, visit, spans, client)}


def test_the_booking_from_the_same_start_made_after_the_hold_consumes_it() -> None:
    assert ends(website(), hold()) == {"h1": HoldState.CONSUMED}
    assert ends(website(length=75), hold()) == {"h1": HoldState.CONSUMED}


@pytest.mark.parametrize(
    "visit",
    [
        website(made=-30),
        website(made=None),
        website(start=135),
        square("S", at(10)),
        square("S", at(10, 45)),
    ],
    ids=["made before", "made nobody knows when", "another start", "in Square", "in Square, later"],
)
def test_any_other_visit_over_a_hold_makes_it_lost(visit: Appointment) -> None:
    assert ends(visit, hold()) == {"h1": HoldState.LOST}


def test_where_the_checkout_is_known_that_alone_decides() -> None:
    assert ends(website(made=-30), hold(), client="other") == {"h1": HoldState.CONSUMED}
    assert ends(website(), hold(), client="me") == {"h1": HoldState.LOST}


def test_a_visit_beside_a_hold_or_one_that_does_not_stand_ends_nothing() -> None:
    assert ends(website(start=180), hold()) == {}
    assert ends(replace(website(), standing=Standing.CANCELLED), hold()) == {}


def test_a_class_ends_only_the_holds_it_has_no_room_for_the_oldest_first() -> None:
    seats = [hold(name=f"h{n}", client=f"c{n}", made=n) for n in range(3)]
    booked = replace(a_class(1, capacity=3), made_at=at(7, 30))
    assert ends(booked, *seats) == {"h0": HoldState.CONSUMED}
    assert ends(replace(booked, unit_persons=3), *seats) == dict.fromkeys(("h0", "h1", "h2"), HoldState.CONSUMED)
    assert ends(replace(booked, unit_persons=0), *seats) == {}
    assert ends(booked, *seats, client="c2") == {"h2": HoldState.CONSUMED}


@given(MINUTES, LENGTHS, st.lists(st.tuples(MINUTES, LENGTHS), max_size=6))
def test_a_visit_ends_exactly_the_holds_that_share_a_minute_with_it(
    start: int, length: int, held: list[tuple[int, int]]
) -> None:
    holds = [hold(*one, client=f"c{n}", name=f"h{n}") for n, one in enumerate(held)]
    met = {f"h{n}" for n, (s, long) in enumerate(held) if share((start, start + length), (s, s + long))}
    assert set(ends(website(start, length), *holds)) == met
