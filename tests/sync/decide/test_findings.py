"""What is out of order, kind by kind, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.decide.findings import find, seen_of
from sync.decide.view import WholeRead
from sync.model import Appointment, Client, Concerned, Finding, Kind, Pair, Partner, Ref, Side, Standing, Window
from tests.sync.decide.views import (
    ANNA_THERE,
    BEN,
    BEN_THERE,
    DAY,
    EVERYBODY,
    MARIA,
    NOW,
    THEO,
    WINDOW,
    at,
    block,
    bookly,
    keys,
    of_kind,
    pair,
    part,
    square,
    view,
)

MISSING = (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY)
SET_UP = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)
CLASHES = (Kind.DOUBLE_BOOKING, Kind.PADDING_CLASH)


def cancelled(appointment: Appointment) -> Appointment:
    return replace(appointment, standing=Standing.CANCELLED, status="cancelled")


def only(found: tuple[Finding, ...], kind: Kind) -> Finding:
    (one,) = of_kind(found, kind)
    return one


# --- one chair, two visits --------------------------------------------------------------------------------------


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


# --- too many on one row ----------------------------------------------------------------------------------------


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


# --- missing ----------------------------------------------------------------------------------------------------


def test_a_visit_without_a_partner_is_missing_on_the_other_side() -> None:
    found = find(view(bookly("1", at(10)), square("S", at(14))))
    assert keys(of_kind(found, *MISSING)) == ["missing_in_bookly|square:S", "missing_in_square|bookly:1"]


def test_what_is_linked_is_not_missing() -> None:
    here, there = bookly("1", at(10)), square("S", at(10), client=ANNA_THERE)
    assert keys(find(view(here, there, pairs=(pair(here, there),))), *SET_UP) == []


def test_a_visit_under_way_now_is_still_missing_and_one_that_ended_is_not() -> None:
    found = find(view(bookly("1", at(5, 30)), bookly("2", at(4, 30), client=BEN)))
    assert keys(of_kind(found, *MISSING)) == ["missing_in_square|bookly:1"]


def test_staff_whom_nobody_mapped_are_one_finding_and_their_visits_none() -> None:
    found = find(view(bookly("1", at(10), staff="3"), bookly("2", at(12), staff="3")))
    assert not of_kind(found, *MISSING)
    assert "unmapped_staff|bookly:3" in keys(found)


def test_a_cancelled_visit_is_not_missing() -> None:
    assert not of_kind(find(view(cancelled(bookly("1", at(10))))), *MISSING)


def test_a_visit_that_changed_less_than_two_minutes_ago_is_on_its_way() -> None:
    one = bookly("1", at(10))
    reads = dict.fromkeys(Side, WholeRead(NOW, WINDOW))
    fresh, settled = ({one.ref: NOW - timedelta(seconds=s)} for s in (119, 120))
    assert not of_kind(find(view(one, changed=fresh, reads=reads)), *MISSING)
    assert of_kind(find(view(one, changed=settled, reads=reads)), *MISSING)


def test_nothing_is_missing_until_the_other_side_was_read_whole_after_the_change() -> None:
    one = bookly("1", at(10))
    changed = {one.ref: NOW - timedelta(minutes=10)}
    early, late = ({Side.SQUARE: WholeRead(NOW - timedelta(minutes=m), WINDOW)} for m in (11, 9))
    assert not of_kind(find(view(one, changed=changed, reads=early)), *MISSING)
    assert of_kind(find(view(one, changed=changed, reads=late)), *MISSING)


def test_nothing_is_missing_from_a_side_that_was_never_read() -> None:
    assert keys(find(view(bookly("1", at(10)), reads={}))) == []


def test_nothing_is_missing_outside_the_window_that_was_read() -> None:
    short = {Side.SQUARE: WholeRead(NOW, Window(DAY, DAY + timedelta(hours=9)))}
    assert not of_kind(find(view(bookly("1", at(10)), reads=short)), *MISSING)


def test_a_visit_with_a_click_on_its_way_is_not_missing() -> None:
    one = bookly("1", at(10))
    assert not of_kind(find(view(one, under_way=frozenset({one.ref}))), *MISSING)


def test_a_visit_whose_partner_is_only_a_former_one_is_missing() -> None:
    one = bookly("1", at(10))
    found = find(view(one, pairs=(pair(one, former=[Ref(Side.SQUARE, "OLD")]),)))
    assert keys(of_kind(found, *MISSING)) == ["missing_in_square|bookly:1"]


OURS = replace(square("S", at(10)), mark="slotkeeper:abc:1:0")
"""A client's booking in Square that we made."""


@pytest.mark.parametrize(
    ("owner", "still_there", "missing"),
    [(Side.SQUARE, False, True), (Side.BOOKLY, False, True), (Side.BOOKLY, True, False)],
)
def test_a_client_booked_again_by_us_is_missing_where_no_visit_of_the_other_side_stands_behind_it(
    owner: Side, still_there: bool, missing: bool
) -> None:
    behind = Partner(Ref(Side.BOOKLY, "ca:1"), current=still_there, agreed=None)
    linked = Pair(1, owner, 0, (behind, Partner(OURS.ref, current=True, agreed=OURS)))
    assert bool(of_kind(find(view(OURS, pairs=(linked,))), Kind.MISSING_IN_BOOKLY)) is missing


@pytest.mark.parametrize("odd", [{"clients": ()}, {"anomaly": "unknown_status"}])
def test_what_we_booked_for_nobody_or_what_is_odd_is_not_missing(odd: dict[str, Any]) -> None:
    one = replace(OURS, **odd)
    linked = Pair(1, Side.SQUARE, 0, (Partner(one.ref, current=True, agreed=one),))
    assert not of_kind(find(view(one, pairs=(linked,))), Kind.MISSING_IN_BOOKLY)


def test_our_own_block_is_no_visit_of_its_own() -> None:
    found = find(view(block("5", at(10), mark="slotkeeper:abc:1:0")))
    assert keys(found, *SET_UP) == ["anomaly|bookly:5"]


def test_time_that_staff_shut_for_themselves_takes_the_chair_but_is_not_missing() -> None:
    found = find(view(block("5", at(10), label="Dentist"), square("S", at(10, 30))))
    assert keys(found, *SET_UP) == ["double_booking|bookly:5|square:S", "missing_in_bookly|square:S"]


def test_a_walk_in_without_a_client_in_square_is_missing_in_bookly() -> None:
    assert of_kind(find(view(square("S", at(10), client=None))), Kind.MISSING_IN_BOOKLY)


def test_two_visits_on_one_row_that_are_missing_share_a_finding() -> None:
    found = find(view(bookly("7", at(10), ca="1"), bookly("7", at(10), ca="2", client=BEN)))
    one = only(found, Kind.MISSING_IN_SQUARE)
    assert one.key == "missing_in_square|bookly:7" and len(one.concerned[0].refs) == 2


def test_a_compound_visit_is_missing_once_with_all_its_rows() -> None:
    parts = (part("1", at(10), 30, "5"), part("2", at(10, 30), 30, "6"))
    compound = replace(bookly("5", at(10)), ref=Ref(Side.BOOKLY, "compound:5"), parts=parts)
    assert keys(of_kind(find(view(compound)), *MISSING)) == ["missing_in_square|bookly:5|bookly:6"]


# --- drift ------------------------------------------------------------------------------------------------------


def drift(*appointments: Appointment, **more: object) -> list[str]:
    """What differs between the ends of one pair, the first its owner's; nothing was agreed on them as they are now."""
    linked = pair(*appointments, agreed=())
    found = of_kind(find(view(*appointments, pairs=(linked,), **more)), Kind.DRIFT)
    assert len(found) <= 1
    return list(found[0].detail["differs"]) if found else []


HERE, THERE = bookly("1", at(10)), square("S", at(10), client=ANNA_THERE)


def test_ends_that_say_the_same_are_in_step() -> None:
    assert drift(HERE, THERE) == []


def test_another_time_is_drift() -> None:
    assert drift(HERE, square("S", at(10, 15), client=ANNA_THERE)) == ["time"]


def test_another_length_is_drift_and_seconds_that_square_cannot_hold_are_not() -> None:
    assert drift(HERE, square("S", at(10), 75, client=ANNA_THERE)) == ["time"]
    uneven = replace(
        HERE, parts=(replace(HERE.parts[0], span=replace(HERE.parts[0].span, end=at(11) + timedelta(seconds=40))),)
    )
    assert drift(uneven, THERE) == []


def test_paddings_of_a_visit_made_in_bookly_are_not_squares_to_show() -> None:
    assert drift(bookly("1", at(10), before=10, after=15), THERE) == []


def test_another_stylist_is_drift() -> None:
    assert drift(HERE, square("S", at(10), client=ANNA_THERE, staff="TM2")) == ["staff"]


def test_somebody_known_and_somebody_unknown_are_two_people() -> None:
    assert drift(HERE, square("S", at(10), client=ANNA_THERE, staff="TM4")) == ["staff"]


def test_two_whom_nobody_mapped_may_be_one_person() -> None:
    assert drift(bookly("1", at(10), staff="3"), square("S", at(10), client=ANNA_THERE, staff="TM4")) == []


def test_cancelled_on_one_side_is_drift_and_nothing_else_is_said() -> None:
    assert drift(HERE, cancelled(square("S", at(12), client=BEN_THERE))) == ["standing"]
    assert drift(cancelled(HERE), THERE) == ["standing"]


def test_cancelled_on_both_sides_is_in_step() -> None:
    assert drift(cancelled(HERE), cancelled(square("S", at(12)))) == []


@pytest.mark.parametrize("standing", [Standing.OVER, Standing.WAITING, Standing.UNKNOWN])
def test_over_waiting_and_unknown_are_no_drift(standing: Standing) -> None:
    assert drift(replace(HERE, standing=standing), THERE) == []
    assert drift(HERE, replace(square("S", at(12)), standing=standing)) == []


def test_another_client_is_drift_where_the_clients_map_says_so() -> None:
    assert drift(HERE, square("S", at(10), client=BEN_THERE)) == ["client"]


def test_a_client_whom_the_map_does_not_know_is_nobody_elses() -> None:
    assert drift(HERE, square("S", at(10), client=Client("C99", "Anna B.")), clients={}) == []


def test_another_service_is_drift_where_both_are_mapped() -> None:
    other = square("S", at(10), client=ANNA_THERE, service="V2")
    assert drift(HERE, other) == ["service"]
    assert drift(HERE, other, service_map={"1": "V1"}) == []


def test_all_that_differs_is_named_in_one_finding() -> None:
    other = square("S", at(12), client=BEN_THERE, staff="TM2", service="V2")
    assert drift(HERE, other) == ["time", "staff", "client", "service"]


def test_a_block_holds_the_busy_time_of_what_it_shows() -> None:
    made = square("S", at(10), after=15)
    assert drift(made, block("5", at(10), 75)) == []
    assert drift(made, block("5", at(10), 90)) == ["time"]


def test_one_block_may_show_two_segments_that_follow_each_other() -> None:
    made = replace(square("S", at(10)), parts=(part("TM1", at(10), 30, "S"), part("TM1", at(10, 30), 30, "S")))
    assert drift(made, block("5", at(10), 60)) == []
    assert drift(made, block("5", at(10), 30), block("6", at(10, 30), 30)) == []


def test_a_block_in_the_hour_that_the_clock_repeats_stands_for_either_pass() -> None:
    """Chicago, 1 November 2026: 07:30 UTC is 01:30 again, and Bookly's digits can only mean 06:30 UTC."""
    night = DAY.replace(month=11, day=1)
    now = night - timedelta(days=1)
    reads = dict.fromkeys(Side, WholeRead(now, Window(night - timedelta(days=9), night + timedelta(days=9))))
    made = square("S", night + timedelta(hours=7, minutes=15), 30)
    assert drift(made, block("5", night + timedelta(hours=6, minutes=15), 30), now=now, reads=reads) == []
    assert drift(made, block("5", night + timedelta(hours=6), 30), now=now, reads=reads) == ["time"]


def test_ends_that_show_what_was_agreed_are_in_step_though_they_differ() -> None:
    """Linked by hand with five minutes between them: nothing changed since, nothing is written."""
    here, there = bookly("1", at(10)), square("S", at(10, 5), client=ANNA_THERE)
    assert not of_kind(find(view(here, there, pairs=(pair(here, there),))), Kind.DRIFT)
    moved = square("S", at(10, 10), client=ANNA_THERE)
    found = find(view(here, moved, pairs=(pair(here, moved, agreed=(here, there)),)))
    assert only(found, Kind.DRIFT).detail["differs"] == ["time"]


def test_nothing_is_said_of_a_visit_whose_end_has_passed() -> None:
    assert drift(bookly("1", at(2)), square("S", at(3), client=ANNA_THERE)) == []
    assert drift(bookly("1", at(2)), square("S", at(12), client=ANNA_THERE)) == ["time"]


def test_a_difference_younger_than_two_minutes_is_on_its_way() -> None:
    moved = square("S", at(12), client=ANNA_THERE)
    assert drift(HERE, moved, changed={moved.ref: NOW - timedelta(seconds=119)}) == []
    assert drift(HERE, moved, changed={moved.ref: NOW - timedelta(seconds=120)}) == ["time"]


def test_a_difference_with_a_click_on_its_way_is_not_drift() -> None:
    moved = square("S", at(12), client=ANNA_THERE)
    assert drift(HERE, moved, under_way=frozenset({HERE.ref})) == []


def vanished_partner(**more: object) -> list[Finding]:
    return of_kind(find(view(HERE, pairs=(pair(HERE, THERE),), **more)), Kind.DRIFT)


def test_a_partner_that_is_gone_is_drift_and_both_ends_are_named() -> None:
    (one,) = vanished_partner()
    assert one.key == "drift|bookly:1|square:S"
    assert one.detail["differs"] == ["standing"]
    assert [(v["ref"], v["standing"]) for v in one.detail["visits"]] == [
        ("bookly/ca:1", "stands"),
        ("square/S", "gone"),
    ]


def test_a_partner_is_gone_only_by_a_whole_read_of_its_window() -> None:
    assert not vanished_partner(reads={})
    assert not vanished_partner(reads={Side.SQUARE: WholeRead(NOW, Window(DAY, DAY + timedelta(hours=9)))})


def test_an_absence_that_is_withheld_is_no_drift() -> None:
    assert not vanished_partner(withheld={Side.SQUARE: (THERE.ref,)})


def test_a_pair_whose_both_ends_are_gone_says_nothing() -> None:
    assert not of_kind(find(view(pairs=(pair(HERE, THERE),))), Kind.DRIFT)


def test_a_compound_shown_by_a_booking_a_part_is_in_step_and_a_cancelled_part_is_not() -> None:
    parts = (part("1", at(10), 30, "5", "1"), part("2", at(10, 45), 30, "6", "2"))
    compound = replace(bookly("5", at(10)), ref=Ref(Side.BOOKLY, "compound:5"), parts=parts)
    first = square("S1", at(10), 30, client=ANNA_THERE)
    second = square("S2", at(10, 45), 30, client=ANNA_THERE, staff="TM2", service="V2")
    assert drift(compound, first, second) == []
    assert drift(compound, first, cancelled(second)) == ["standing"]
    assert drift(compound, first, square("S2", at(11), 30, client=ANNA_THERE, staff="TM2", service="V2")) == ["time"]


# --- staff and services that nobody matched ---------------------------------------------------------------------


def test_staff_without_a_partner_who_have_visits_ahead_are_counted() -> None:
    found = find(
        view(bookly("1", at(10), staff="3"), bookly("2", at(2), staff="3"), people=(MARIA, THEO, EVERYBODY[2]))
    )
    one = only(found, Kind.UNMAPPED_STAFF)
    assert (one.person, one.staff) == ("bookly:3", "Priya")
    assert {k: one.detail[k] for k in ("side", "id", "name", "visits_ahead", "suggestion", "visits")} == {
        "side": "bookly", "id": "3", "name": "Priya", "visits_ahead": 1, "suggestion": None, "visits": [],
    }  # fmt: skip


def test_staff_without_visits_matter_only_while_somebody_is_left_to_match() -> None:
    assert keys(find(view())) == ["unmapped_staff|bookly:3", "unmapped_staff|square:TM4"]
    assert keys(find(view(people=EVERYBODY[:3]))) == []


def test_two_who_are_probably_one_share_a_finding_with_the_suggestion() -> None:
    apart = (replace(MARIA, square=None), replace(MARIA, id="square:TM1", bookly=None))
    one = only(find(view(people=apart)), Kind.UNMAPPED_STAFF)
    assert one.key == "unmapped_staff|bookly:1"
    assert one.detail["suggestion"] == {"id": "TM1", "name": "Maria", "by": "name"}


def test_staff_who_left_are_not_asked_about() -> None:
    priya = EVERYBODY[2]
    assert priya.bookly is not None
    left = replace(priya, bookly=replace(priya.bookly, active=False))
    assert keys(find(view(people=(MARIA, THEO, left, EVERYBODY[3])))) == []


def test_a_service_that_visits_ahead_need_and_nobody_matched_is_a_finding_with_a_suggestion() -> None:
    found = find(view(bookly("1", at(10)), service_map={"2": "V2"}))
    one = only(found, Kind.UNMAPPED_SERVICE)
    assert one.key == "unmapped_service|bookly:1"
    assert one.detail["visits_ahead"] == 1
    assert one.detail["suggestion"] == {"id": "V1", "name": "Cut", "by": "name"}


def test_a_service_that_nobody_needs_is_not_asked_about() -> None:
    assert not of_kind(find(view(bookly("1", at(2)), service_map={})), Kind.UNMAPPED_SERVICE)


def test_before_both_sides_were_read_nobody_is_asked_to_match_anything() -> None:
    reads = {Side.BOOKLY: WholeRead(NOW, WINDOW)}
    assert not of_kind(find(view(bookly("1", at(10), staff="3"), service_map={}, reads=reads)), *SET_UP)


# --- anomalies --------------------------------------------------------------------------------------------------


def anomalies(*appointments: Appointment, **more: object) -> list[str]:
    found = of_kind(find(view(*appointments, **more)), Kind.ANOMALY)
    return [f"{f.key}: {f.detail['what']}" for f in found]


def test_what_a_calendar_says_is_wrong_with_a_row_is_an_anomaly_and_not_missing() -> None:
    odd = bookly("1", at(10), anomaly="no_end")
    assert anomalies(odd) == ["anomaly|bookly:1: no_end"]
    assert not of_kind(find(view(odd)), *MISSING)


def test_a_row_without_a_client_has_half_a_minute_of_grace() -> None:
    odd = bookly("1", at(10), anomaly="service_without_client")
    assert anomalies(odd, changed={odd.ref: NOW - timedelta(seconds=29)}) == []
    assert anomalies(odd, changed={odd.ref: NOW - timedelta(seconds=30)}) == [
        "anomaly|bookly:1: service_without_client"
    ]


def test_a_status_never_seen_before_is_shown() -> None:
    assert anomalies(replace(square("S", at(10)), standing=Standing.UNKNOWN)) == ["anomaly|square:S: unknown_status"]


def test_a_visit_that_is_not_longer_than_nothing_is_an_anomaly_and_breaks_no_search() -> None:
    assert anomalies(bookly("1", at(10), minutes=0), bookly("2", at(9, 30), client=BEN)) == [
        "anomaly|bookly:1: not_positive_length"
    ]


def test_an_appointment_without_any_time_is_shown_and_breaks_nothing() -> None:
    task = replace(bookly("1", at(10)), parts=(), standing=Standing.UNKNOWN, anomaly="no_time")
    assert anomalies(task) == ["anomaly|bookly:ca:1: no_time"]


def test_what_was_wrong_with_a_day_gone_by_is_not_shown() -> None:
    assert anomalies(bookly("1", at(2), anomaly="no_end")) == []


def test_a_mark_of_ours_that_we_know_nothing_of_is_a_stray_and_clashes_with_nothing() -> None:
    stray = square("S", at(10), mark="slotkeeper:abc:1:0")
    found = find(view(stray, bookly("1", at(10), staff="1", client=Client("99", "Somebody Else"))))
    assert keys(found, *SET_UP) == ["anomaly|square:S", "missing_in_square|bookly:1"]


def test_a_vanished_website_visit_without_a_partner_is_an_anomaly() -> None:
    gone = bookly("1", at(10))
    assert anomalies(vanished={gone.ref: gone}) == ["anomaly|bookly:1: vanished"]


def test_a_vanished_website_visit_that_square_still_shows_is_drift_instead() -> None:
    found = find(view(THERE, pairs=(pair(HERE, THERE),), vanished={HERE.ref: HERE}))
    assert keys(found, *SET_UP) == ["drift|bookly:1|square:S"]


def test_a_calendar_suddenly_small_is_one_finding_that_lists_what_is_withheld() -> None:
    visits = [bookly(str(n), at(10 + n)) for n in range(3)]
    found = find(view(*visits, withheld={Side.BOOKLY: tuple(v.ref for v in visits), Side.SQUARE: ()}))
    one = next(f for f in found if f.kind is Kind.ANOMALY)
    assert one.key == "anomaly|calendar_small|bookly"
    assert (one.detail["what"], one.detail["count"], len(one.detail["visits"])) == ("calendar_small", 3, 3)


# --- a part instead of the whole --------------------------------------------------------------------------------


def test_with_a_scope_only_findings_about_its_units_come_back() -> None:
    seen = view(
        bookly("1", at(10)),
        bookly("2", at(10, 30), client=BEN),
        bookly("3", at(14)),
        bookly("4", at(14, 30), client=BEN),
    )
    found = find(seen, frozenset({(Side.BOOKLY, "1")}))
    assert keys(found) == ["double_booking|bookly:1|bookly:2", "missing_in_square|bookly:1"]


def test_with_a_scope_staff_and_services_are_asked_about_only_where_their_counts_are_given() -> None:
    scope = frozenset({(Side.BOOKLY, "1")})
    assert not of_kind(find(view(), scope), *SET_UP)
    first, *_ = find(view(staff_ahead={(Side.BOOKLY, "3"): 4}), scope)
    assert (first.key, first.detail["visits_ahead"]) == ("unmapped_staff|bookly:3", 4)


def test_with_a_scope_a_calendar_suddenly_small_comes_where_what_is_withheld_is_among_it() -> None:
    visits = [bookly(str(n), at(10 + n)) for n in range(3)]
    small = view(*visits, withheld={Side.BOOKLY: tuple(v.ref for v in visits)})
    for unit, found in (("1", True), ("7", False)):
        keys_found = keys(find(small, frozenset({(Side.BOOKLY, unit)})))
        assert ("anomaly|calendar_small|bookly" in keys_found) is found


def test_keys_fit_the_store_however_many_units_they_name() -> None:
    parts = tuple(part("1", at(10, n), 1, f"{n:036d}") for n in range(30))
    long = replace(square("S", at(10)), parts=tuple(replace(p, span=replace(p.span, staff="TM1")) for p in parts))
    (key,) = keys(find(view(long)), *SET_UP)
    assert len(key) <= 200
