"""What a hint about a visit that one side alone knows leads to: each history of ENGINE in which it matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sync.decide.carrying import carry
from sync.model import OWN_TIME, Appointment, Client, End, Ref, Side, Span, Standing, StepKind
from tests.sync.decide.boards import CUT, SQUARE_CUT, at, block, bookly, square
from tests.sync.decide.playing import (
    again,
    cancelled,
    end,
    group,
    kinds,
    linked,
    moved,
    our_block,
    our_booking,
    ours,
    parts_of,
    places,
    seen,
    with_staff,
    written,
)

ANNA = bookly("1", at(10), made_at=at(7))
BEN = square("S", at(10), made_at=at(7))


# --- what is made ---------------------------------------------------------------------------------------------------


def test_a_website_visit_becomes_one_booking() -> None:
    verdict = carry(seen(ANNA, ANNA))
    assert end(verdict) == (End.APPLIED, "shown")
    (place,) = places(verdict)
    (part,) = place.parts
    assert (place.side, part.staff, part.start, part.end, part.service) == (
        Side.SQUARE, "TM1", at(10), at(11), SQUARE_CUT,
    )  # fmt: skip
    assert not place.even_if_taken


def test_a_booking_becomes_a_block_of_all_the_time_it_keeps() -> None:
    with_rest = replace(
        BEN, parts=(replace(BEN.parts[0], span=Span.of("TM1", at(10), at(11), after=timedelta(minutes=15))),)
    )
    (place,) = places(carry(seen(BEN, with_rest)))
    (part,) = place.parts
    assert (place.side, part.staff, part.start, part.end, part.service) == (
        Side.BOOKLY, "1", at(10), at(11, 15), None,
    )  # fmt: skip


def test_a_booking_is_blocked_also_over_an_overlap() -> None:
    verdict = carry(seen(BEN, BEN, bookly("1", at(10, 30))))
    assert end(verdict) == (End.APPLIED, "shown")
    assert places(verdict)[0].even_if_taken


def test_a_booking_by_two_people_becomes_two_blocks() -> None:
    colour = square("S", at(11), staff="TM2")
    both = replace(BEN, parts=parts_of(BEN, colour))
    assert [(p.parts[0].staff, p.parts[0].start) for p in places(carry(seen(both, both)))] == [
        ("1", at(10)), ("2", at(11)),
    ]  # fmt: skip


def test_one_whom_nobody_matched_does_not_keep_the_others_chair_open() -> None:
    both = replace(BEN, parts=parts_of(BEN, square("S", at(11), staff="TM9")))
    sight = seen(both, both)
    verdict = carry(sight)
    assert end(verdict) == (End.CONFLICT, "not_mapped_staff")
    assert [p.parts[0].staff for p in places(verdict)] == ["1"]
    after = again(sight, verdict)
    assert (end(after), after.steps) == ((End.CONFLICT, "not_mapped_staff"), ())


def test_a_compound_service_becomes_a_booking_a_part() -> None:
    whole = replace(ANNA, ref=Ref(Side.BOOKLY, "compound:1"), parts=parts_of(ANNA, bookly("2", at(11, 30), staff="2")))
    verdict = carry(seen(whole, whole))
    assert [(p.parts[0].staff, p.parts[0].start) for p in places(verdict)] == [("TM1", at(10)), ("TM2", at(11, 30))]


def test_a_class_becomes_one_booking_that_tells_its_head_count() -> None:
    (place,) = places(carry(seen(group(ANNA, 5), group(ANNA, 5))))
    assert "5 persons" in place.note


def test_a_service_that_nobody_matched_is_asked_about_and_not_sent() -> None:
    odd = replace(ANNA, parts=tuple(replace(part, service="2") for part in ANNA.parts))
    verdict = carry(seen(odd, odd))
    assert (end(verdict), verdict.steps) == ((End.CONFLICT, "not_mapped_service"), ())


# --- whose chair it is ----------------------------------------------------------------------------------------------


def test_a_website_visit_over_a_booking_is_a_question() -> None:
    verdict = carry(seen(ANNA, ANNA, square("S", at(10, 30))))
    assert (end(verdict), verdict.in_the_way) == ((End.CONFLICT, "taken"), (Ref(Side.SQUARE, "S"),))


def test_padding_keeps_no_visit_from_being_shown() -> None:
    rests = replace(
        ANNA, parts=(replace(ANNA.parts[0], span=Span.of("1", at(10), at(11), after=timedelta(minutes=30))),)
    )
    assert end(carry(seen(rests, rests, square("S", at(11))))) == (End.APPLIED, "shown")


def test_of_two_website_visits_in_one_chair_the_first_shuts_it_in_square() -> None:
    other = bookly("2", at(10, 30), made_at=at(7))
    assert end(carry(seen(ANNA, ANNA, other))) == (End.APPLIED, "shown")
    there = our_booking("S", at(10))
    verdict = carry(seen(other, ANNA, other, there, pairs=[linked(ANNA, there)]))
    assert (end(verdict), verdict.in_the_way) == ((End.CONFLICT, "taken"), (ANNA.ref,))


def test_two_clients_on_one_row_for_one_are_two_visits() -> None:
    ben = replace(bookly("2", at(10), made_at=at(7)), parts=ANNA.parts)
    there = our_booking("S", at(10))
    verdict = carry(seen(ben, ANNA, ben, there, pairs=[linked(ANNA, there)]))
    assert (end(verdict), verdict.in_the_way) == ((End.CONFLICT, "taken"), (ANNA.ref,))


def test_ben_on_annas_row_has_nothing_of_hers() -> None:
    gone, there = cancelled(ANNA), cancelled(our_booking("S", at(10)))
    ben = replace(bookly("2", at(10), made_at=at(7)), parts=ANNA.parts)
    verdict = carry(seen(ben, gone, ben, there, pairs=[linked(gone, former=[there.ref])]))
    assert end(verdict) == (End.APPLIED, "shown")
    assert written(verdict) == {ben.ref}


def test_another_visits_projection_out_of_step_is_passed_by() -> None:
    moved_away, old = bookly("2", at(14)), our_booking("S", at(10))
    (place,) = places(carry(seen(ANNA, ANNA, moved_away, old, pairs=[linked(moved_away, old)])))
    assert old.ref in place.ignoring


# --- what is never sent ---------------------------------------------------------------------------------------------


def test_what_somebody_typed_into_both_is_one_visit_and_not_sent() -> None:
    twin = replace(BEN, clients=ANNA.clients)
    assert end(carry(seen(ANNA, ANNA, twin))) == (End.CONFLICT, "same_visit")
    assert end(carry(seen(twin, ANNA, twin))) == (End.CONFLICT, "same_visit")


def test_a_block_by_hand_at_the_very_times_of_a_booking_is_that_booking() -> None:
    assert end(carry(seen(BEN, BEN, block("9", at(10))))) == (End.CONFLICT, "same_visit")
    assert end(carry(seen(BEN, BEN, block("9", at(10, 30))))) == (End.APPLIED, "shown")


def test_what_stood_before_writing_was_on_crosses_only_by_a_click() -> None:
    assert end(carry(seen(ANNA, ANNA, crossing_since=at(7, 30)))) == (End.CONFLICT, "before_writing")
    assert end(carry(seen(ANNA, ANNA, crossing_since=None))) == (End.CONFLICT, "before_writing")
    nobody_knows = replace(ANNA, made_at=None)
    assert end(carry(seen(ANNA, nobody_knows))) == (End.CONFLICT, "before_writing")


def test_a_row_without_its_client_is_waited_for_and_then_asked_about() -> None:
    half = replace(ANNA, standing=Standing.UNKNOWN, anomaly="service_without_client", clients=())
    just_now = seen(half, half, now=at(7) + timedelta(seconds=10))
    assert end(carry(just_now)) == (None, "half_written")
    assert end(carry(seen(half, half))) == (End.CONFLICT, "service_without_client")


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.STANDS])
def test_what_does_not_stand_is_not_sent(standing: Standing) -> None:
    verdict = carry(seen(ANNA, replace(ANNA, standing=standing)))
    assert (end(verdict), verdict.steps) == ((End.ALREADY_TRUE, "nothing_stands"), ())


def test_nothing_is_sent_of_a_status_never_seen_before() -> None:
    odd = replace(ANNA, standing=Standing.UNKNOWN, anomaly="unknown_status")
    assert end(carry(seen(ANNA, odd))) == (End.CONFLICT, "unknown_status")


def test_what_is_over_or_not_there_is_left_alone() -> None:
    assert end(carry(seen(ANNA, ANNA, now=at(11)))) == (End.ALREADY_TRUE, "past")
    assert end(carry(seen(ANNA))) == (End.ALREADY_TRUE, "not_there")


def test_our_mark_on_what_we_do_not_know_is_no_visit() -> None:
    assert end(carry(seen(BEN, ours(BEN)))) == (End.CONFLICT, "unknown_mark")


# --- time without a service -----------------------------------------------------------------------------------------

OWN = {"service_map": {CUT: SQUARE_CUT, OWN_TIME.id: "VAR-BLOCKED"}}
LUNCH = replace(block("5", at(12)), made_at=at(7), label="Lunch")


def test_time_that_staff_shut_goes_across_as_the_service_that_stands_for_it() -> None:
    sight = seen(LUNCH, LUNCH, board=OWN)
    verdict = carry(sight)
    assert end(verdict) == (End.APPLIED, "shown")
    (place,) = places(verdict)
    assert (place.parts[0].service, place.note, place.client) == ("VAR-BLOCKED", "In Bookly: Lunch", None)
    assert end(again(sight, verdict)) == (End.ALREADY_TRUE, "in_step")


def test_while_nobody_chose_a_service_for_it_it_is_asked_about() -> None:
    assert end(carry(seen(LUNCH, LUNCH))) == (End.CONFLICT, "not_mapped_service")


def test_a_visit_with_a_name_of_its_own_goes_across_with_its_client() -> None:
    named = replace(
        ANNA, label="Wedding trial", parts=(replace(ANNA.parts[0], service=None, service_name="Wedding trial"),)
    )
    verdict = carry(seen(named, named, board=OWN))
    (place,) = places(verdict)
    assert (place.parts[0].service, place.note) == ("VAR-BLOCKED", "In Bookly: Wedding trial")
    assert verdict.steps[0].after is not None and verdict.steps[0].after.clients == ANNA.clients


def test_no_clients_name_gets_into_squares_note() -> None:
    anna = Client("9", "Anna Berg")
    part = replace(ANNA.parts[0], service=None, service_name="Trial for ANNA")
    named = replace(ANNA, label="Trial for ANNA", clients=(anna,), parts=(part,))
    (place,) = places(carry(seen(named, named, board=OWN)))
    assert place.note == ""


# --- what an earlier try began --------------------------------------------------------------------------------------


def test_a_visit_whose_first_write_never_came_through_is_written_after_all() -> None:
    for visit in (ANNA, BEN):
        verdict = carry(seen(visit, visit, pairs=[linked(visit)]))
        assert end(verdict) == (End.APPLIED, "shown")
        assert len(places(verdict)) == 1


def compound() -> tuple[Appointment, Appointment, Appointment]:
    """Two parts by two people, and the bookings that show them."""
    whole = replace(ANNA, ref=Ref(Side.BOOKLY, "compound:1"), parts=parts_of(ANNA, bookly("2", at(11, 30), staff="2")))
    return whole, our_booking("S1", at(10)), our_booking("S2", at(11, 30), staff="TM2")


def test_the_part_that_did_not_come_through_is_written_after_all() -> None:
    whole, first, _ = compound()
    verdict = carry(seen(whole, whole, first, pairs=[linked(whole, first)]))
    assert end(verdict) == (End.APPLIED, "shown")
    assert [p.parts[0].staff for p in places(verdict)] == ["TM2"]


def test_what_stands_twice_after_a_lost_answer_is_taken_away_once() -> None:
    first, late = our_booking("S1", at(10)), our_booking("S2", at(10))
    sight = seen(late, ANNA, first, late, pairs=[linked(ANNA, first, late)])
    verdict = carry(sight)
    assert (end(verdict), kinds(verdict)) == ((End.APPLIED, "shown"), [StepKind.WITHDRAW])


def test_what_a_person_linked_with_a_part_too_few_stays_as_it_is() -> None:
    whole, _, _ = compound()
    by_hand = square("S1", at(10))
    assert end(carry(seen(whole, whole, by_hand, pairs=[linked(whole, by_hand)]))) == (End.ALREADY_TRUE, "in_step")


def test_what_a_person_took_away_is_not_put_there_again_by_a_hint() -> None:
    away = Ref(Side.SQUARE, "S1")
    assert end(carry(seen(ANNA, ANNA, pairs=[linked(ANNA, former=[away])]))) == (End.ALREADY_TRUE, "in_step")


def test_a_visit_linked_before_writing_was_on_crosses_only_by_a_click() -> None:
    sight = seen(ANNA, ANNA, pairs=[linked(ANNA)], crossing_since=at(7, 30))
    assert end(carry(sight)) == (End.CONFLICT, "before_writing")


# --- former partners ------------------------------------------------------------------------------------------------


def test_a_word_of_a_former_partner_is_superseded() -> None:
    now, old = our_booking("S2", at(10)), cancelled(our_booking("S1", at(10)))
    verdict = carry(seen(old, ANNA, now, old, pairs=[linked(ANNA, now, former=[old.ref])]))
    assert (end(verdict), verdict.changes_nothing) == ((End.SUPERSEDED, "former"), True)


def test_cancelled_and_reinstated_gets_a_new_booking() -> None:
    there = our_booking("S1", at(10))
    sight = seen(ANNA, cancelled(ANNA), there, pairs=[linked(ANNA, there)])
    verdict = carry(sight)
    assert (end(verdict), kinds(verdict)) == ((End.APPLIED, "standing"), [StepKind.WITHDRAW])
    gone = cancelled(ANNA)
    back = seen(ANNA, ANNA, cancelled(there), pairs=[linked(gone, former=[there.ref])])
    assert (end(carry(back)), kinds(carry(back))) == ((End.APPLIED, "standing"), [StepKind.PLACE])


def test_moved_by_hand_to_another_time_and_person_at_once() -> None:
    there = our_booking("S1", at(10))
    later = with_staff(moved(ANNA, timedelta(hours=3)), "2")
    sight = seen(ANNA, later, there, pairs=[linked(ANNA, there)])
    verdict = carry(sight)
    assert (end(verdict), verdict.agree) == ((End.APPLIED, "staff"), (ANNA.ref,))
    (step,) = verdict.steps
    assert step.after is not None
    assert [(p.span.staff, p.span.start) for p in step.after.parts] == [("TM2", at(13))]


def test_our_own_block_is_no_news() -> None:
    shown = our_block("5", at(10))
    assert end(carry(seen(shown, BEN, shown, pairs=[linked(BEN, shown)]))) == (End.ALREADY_TRUE, "in_step")
