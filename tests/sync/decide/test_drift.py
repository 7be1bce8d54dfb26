"""Linked visits whose two ends differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.decide.findings import find
from sync.decide.view import WholeRead
from sync.model import Appointment, Client, Finding, Kind, Ref, Side, Standing, Window
from tests.sync.decide.views import (
    ANNA_THERE,
    BEN_THERE,
    DAY,
    HERE,
    NOW,
    THERE,
    at,
    block,
    bookly,
    cancelled,
    of_kind,
    only,
    pair,
    part,
    square,
    view,
)


def drift(*appointments: Appointment, **more: object) -> list[str]:
    """What differs between the ends of one pair, the first its owner's; nothing was agreed on them as they are now."""
    linked = pair(*appointments, agreed=())
    found = of_kind(find(view(*appointments, pairs=(linked,), **more)), Kind.DRIFT)
    assert len(found) <= 1
    return list(found[0].detail["differs"]) if found else []


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
