"""Two visits in one chair, and more persons on one row than it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.decide.findings import find, seen_of
from sync.model import Appointment, Client, Concerned, Kind, Ref, Side, Standing
from tests.sync.decide.views import (
    ANNA_THERE,
    BEN,
    MARIA,
    THEO,
    at,
    block,
    bookly,
    cancelled,
    keys,
    of_kind,
    only,
    pair,
    part,
    square,
    view,
)

SET_UP = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)
CLASHES = (Kind.DOUBLE_BOOKING, Kind.PADDING_CLASH)


def test_two_rows_of_one_stylist_that_overlap_are_a_double_booking() -> None:
    one = only(find(view(bookly("1", at(10)), bookly("2", at(10, 45), client=BEN))), Kind.DOUBLE_BOOKING)
    assert one.key == "double_booking|bookly:1|bookly:2"
    assert (one.person, one.staff, one.start, one.end) == ("bookly:1", "Maria", at(10, 45), at(11))
    assert one.detail["minutes"] == 15
    assert [v["clients"] for v in one.detail["visits"]] == [["Anna Berg"], ["Ben Cole"]]


def test_both_calendars_are_judged_together_for_one_person() -> None:
    one = only(find(view(bookly("1", at(10)), square("S", at(10, 30)))), Kind.DOUBLE_BOOKING)
    assert one.concerned == (
        Concerned(Side.BOOKLY, "1", (Ref(Side.BOOKLY, "ca:1"),)),
        Concerned(Side.SQUARE, "S", (Ref(Side.SQUARE, "S"),)),
    )


def test_a_detail_names_each_visit_with_its_own_side_unit_and_time_in_utc() -> None:
    one = only(find(view(bookly("1", at(10), unpaid=True), square("S", at(10, 30)))), Kind.DOUBLE_BOOKING)
    assert one.detail["visits"][0] == {
        "side": "bookly",
        "unit": "1",
        "ref": "bookly/ca:1",
        "clients": ["Anna Berg"],
        "service": "Cut",
        "start": "2026-11-24T10:00:00+00:00",
        "end": "2026-11-24T11:00:00+00:00",
        "standing": "stands",
        "persons": 1,
        "unpaid": True,
    }


def test_overlaps_within_one_side_are_found_without_any_mapping() -> None:
    found = find(view(bookly("1", at(10)), bookly("2", at(10, 30)), people=(), service_map={}, reads={}))
    assert keys(found) == ["double_booking|bookly:1|bookly:2"]


def test_nobody_is_taken_for_the_same_person_on_both_sides_without_a_confirmed_mapping() -> None:
    apart = (replace(MARIA, square=None), replace(THEO, id="square:TM1", bookly=None, square=MARIA.square))
    assert not of_kind(find(view(bookly("1", at(10)), square("S", at(10)), people=apart)), *CLASHES)


def test_where_only_paddings_meet_it_is_a_padding_clash() -> None:
    one = only(find(view(bookly("1", at(10), after=15), bookly("2", at(11, 5), client=BEN))), Kind.PADDING_CLASH)
    assert one.key == "padding_clash|bookly:1|bookly:2"
    assert (one.start, one.end, one.detail["minutes"]) == (at(11, 5), at(11, 15), 10)


def test_squares_transition_time_counts_as_padding_too() -> None:
    found = find(view(square("S", at(10), after=10), bookly("1", at(11, 5))))
    assert [f.kind for f in of_kind(found, *CLASHES)] == [Kind.PADDING_CLASH]


def test_visits_that_touch_are_no_clash() -> None:
    assert not of_kind(find(view(bookly("1", at(10)), bookly("2", at(11)))), *CLASHES)


def test_past_overlaps_are_found_too() -> None:
    found = find(view(bookly("1", at(2)), bookly("2", at(2, 30))))
    assert keys(found, *SET_UP) == ["double_booking|bookly:1|bookly:2"]


@pytest.mark.parametrize("standing", [Standing.CANCELLED, Standing.OVER, Standing.WAITING, Standing.UNKNOWN])
def test_only_what_stands_takes_the_chair(standing: Standing) -> None:
    free = replace(bookly("1", at(10)), standing=standing)
    assert not of_kind(find(view(free, bookly("2", at(10)))), *CLASHES)


def test_two_clients_on_one_row_are_no_double_booking() -> None:
    found = find(view(bookly("7", at(10), ca="1"), bookly("7", at(10), ca="2", client=BEN)))
    assert not of_kind(found, *CLASHES)


def test_a_row_with_several_visits_is_one_unit_and_names_them_all() -> None:
    group = [bookly("7", at(10), ca=str(n), client=Client(str(n), f"Client {n}")) for n in range(3)]
    one = only(find(view(*group, bookly("8", at(10, 30)))), Kind.DOUBLE_BOOKING)
    assert one.key == "double_booking|bookly:7|bookly:8"
    assert len(one.concerned[0].refs) == 3 and len(one.detail["visits"]) == 4


def test_three_in_one_chair_are_three_findings() -> None:
    found = find(view(*(bookly(str(n), at(10, n)) for n in (1, 2, 3))))
    assert len(of_kind(found, Kind.DOUBLE_BOOKING)) == 3


def test_bookings_that_meet_in_core_and_in_padding_are_one_double_booking() -> None:
    parts = (part("TM1", at(10), 30, "S", after=30), part("TM1", at(10, 45), 30, "S"))
    long = replace(square("S", at(10)), parts=parts)
    found = find(view(long, bookly("1", at(10, 40), 30)))
    assert keys(of_kind(found, *CLASHES)) == ["double_booking|bookly:1|square:S"]


def test_a_gap_between_segments_is_free() -> None:
    gap = replace(square("S", at(10)), parts=(part("TM1", at(10), 30, "S"), part("TM1", at(11), 30, "S")))
    assert not of_kind(find(view(gap, bookly("1", at(10, 30), 30))), *CLASHES)


def test_the_second_stylist_of_a_booking_is_judged_as_well() -> None:
    two = replace(square("S", at(10)), parts=(part("TM1", at(10), 30, "S"), part("TM2", at(10, 30), 30, "S")))
    one = only(find(view(two, bookly("1", at(10, 30), 30, staff="2"))), Kind.DOUBLE_BOOKING)
    assert one.staff == "Theo"


def test_the_parts_of_one_compound_visit_never_clash_with_each_other() -> None:
    parts = (part("1", at(10), 30, "5", after=15), part("1", at(10, 30), 30, "6", before=15))
    compound = replace(bookly("5", at(10)), ref=Ref(Side.BOOKLY, "compound:5"), parts=parts)
    assert not of_kind(find(view(compound)), *CLASHES)


def test_a_visit_shown_on_both_sides_does_not_clash_with_itself() -> None:
    here, there = bookly("1", at(10)), square("S", at(10, 10), client=ANNA_THERE)
    assert not of_kind(find(view(here, there, pairs=(pair(here, there),))), *CLASHES)


def test_swapped_clients_are_not_judged_against_each_others_old_blocks() -> None:
    """Staff swap two clients in Square: each now stands where the other's block still is."""
    anna, ben = square("A", at(11), client=ANNA_THERE), square("B", at(10))
    anna_block, ben_block = block("1", at(10)), block("2", at(11))
    pairs = (pair(anna, anna_block, agreed=()), pair(ben, ben_block, agreed=()))
    found = find(view(anna, ben, anna_block, ben_block, pairs=pairs))
    assert not of_kind(found, *CLASHES)
    assert len(of_kind(found, Kind.DRIFT)) == 2


def test_a_clash_is_found_between_the_owners_ends_and_only_once() -> None:
    one, two = bookly("1", at(10)), square("S", at(10, 30))
    shown_one, shown_two = square("P", at(10), client=ANNA_THERE), block("2", at(10, 30))
    found = find(view(one, two, shown_one, shown_two, pairs=(pair(one, shown_one), pair(two, shown_two))))
    assert keys(of_kind(found, *CLASHES)) == ["double_booking|bookly:1|square:S"]


def test_a_finding_keeps_its_key_and_changes_its_hash_when_a_visit_moves() -> None:
    still = bookly("2", at(10, 30))
    before = only(find(view(bookly("1", at(10)), still)), Kind.DOUBLE_BOOKING)
    after = only(find(view(bookly("1", at(10, 5)), still)), Kind.DOUBLE_BOOKING)
    assert before.key == after.key and before.seen != after.seen


def test_what_was_seen_is_the_hash_that_a_click_is_checked_against() -> None:
    one, two = bookly("1", at(10)), bookly("2", at(10, 30))
    assert only(find(view(one, two)), Kind.DOUBLE_BOOKING).seen == seen_of([two, one, one])


def crowd(*, persons: int, capacity: int, start: int = 10) -> list[Appointment]:
    return [
        bookly("7", at(start), ca=str(n), client=Client(str(n), f"Client {n}"), unit_persons=persons, capacity=capacity)
        for n in range(2)
    ]


def test_more_persons_than_a_row_takes_is_over_capacity() -> None:
    one = only(find(view(*crowd(persons=2, capacity=1))), Kind.OVER_CAPACITY)
    assert one.key == "over_capacity|bookly:7"
    assert (one.detail["persons"], one.detail["capacity"], len(one.detail["visits"])) == (2, 1, 2)


def test_a_full_class_is_in_order() -> None:
    assert not of_kind(find(view(*crowd(persons=6, capacity=6))), Kind.OVER_CAPACITY)


def test_a_class_of_too_many_is_found_as_well_and_past_ones_too() -> None:
    full = replace(bookly("9", at(2)), ref=Ref(Side.BOOKLY, "row:9"), is_class=True, unit_persons=7, capacity=6)
    assert of_kind(find(view(full)), Kind.OVER_CAPACITY)


def test_an_odd_client_in_a_class_is_shown_and_does_not_free_the_chair() -> None:
    full = replace(bookly("9", at(10)), ref=Ref(Side.BOOKLY, "row:9"), is_class=True, anomaly="unknown_status")
    found = find(view(full, bookly("2", at(10, 30), client=BEN)))
    assert [one.key for one in of_kind(found, Kind.DOUBLE_BOOKING)] == ["double_booking|bookly:2|bookly:9"]
    assert [one.key for one in of_kind(found, Kind.ANOMALY)] == ["anomaly|bookly:9"]
    crowded = replace(full, unit_persons=7, capacity=6)
    assert of_kind(find(view(crowded)), Kind.OVER_CAPACITY)


def test_of_a_visit_on_two_rows_only_the_row_with_too_many_is_over_capacity() -> None:
    parts = part("1", at(10), 60, "7", "1"), part("1", at(11), 30, "8", "2")
    both = replace(bookly("7", at(10)), ref=Ref(Side.BOOKLY, "compound:1"), parts=parts, unit_persons=2)
    ben = bookly("8", at(11), 30, client=BEN, unit_persons=2)
    one = only(find(view(both, ben)), Kind.OVER_CAPACITY)
    assert (one.key, one.start, one.detail["persons"]) == ("over_capacity|bookly:8", at(11), 2)
    assert not of_kind(find(view(both)), Kind.OVER_CAPACITY)


def on_two_rows(name: str, **more: object) -> Appointment:
    """A visit of two parts: with Maria on row 7, then with Theo on row 8."""
    parts = part("1", at(10), 60, "7", "1"), part("2", at(11), 30, "8", "2")
    return replace(bookly("7", at(10)), ref=Ref(Side.BOOKLY, name), parts=parts, **more)  # type: ignore[arg-type]


def test_where_only_visits_on_two_rows_meet_their_own_persons_are_counted_at_the_time_of_the_row() -> None:
    two = on_two_rows("compound:1", unit_persons=3, persons=2), on_two_rows("compound:2", unit_persons=3)
    found = of_kind(find(view(*two)), Kind.OVER_CAPACITY)
    assert [(one.key, one.staff, one.start, one.detail["persons"]) for one in found] == [
        ("over_capacity|bookly:7", "Maria", at(10), 3),
        ("over_capacity|bookly:8", "Theo", at(11), 3),
    ]


def test_a_row_is_judged_by_whoever_is_on_it_alone_before_a_visit_on_two_rows() -> None:
    there = on_two_rows("compound:1"), bookly("8", at(11), 30, staff="2", client=BEN, unit_persons=2, capacity=6)
    assert not of_kind(find(view(*there)), Kind.OVER_CAPACITY)


def test_a_row_on_which_nobody_stands_any_more_is_not_over_capacity() -> None:
    assert not of_kind(find(view(*map(cancelled, crowd(persons=2, capacity=1)))), Kind.OVER_CAPACITY)
