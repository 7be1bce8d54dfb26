"""Visits of several parts: which of the other side's appointments shows which part, also when one of them is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sync.decide.linking import made_where
from sync.decide.plan import plan
from sync.decide.showing import showing
from sync.model import (
    Appointment,
    Board,
    Choice,
    ChoiceKind,
    Kind,
    Move,
    Part,
    Place,
    Ref,
    Service,
    Side,
    Span,
    Standing,
    StepKind,
)
from tests.sync.decide.boards import BLOWOUT, CUT, SQUARE_CUT, at, block, board, bookly, finding, pair, square, visit

SQUARE_BLOWOUT = "VAR-BLOWOUT"


def compound(*starts: datetime) -> Appointment:
    """A cut and then a blowout of one client with Maria in Bookly, on rows 10 and 11."""
    first = visit(Ref(Side.BOOKLY, "compound:7"), starts[0], 60, "1", service=CUT, unit="10")
    second = Part(Span.of("1", starts[1], starts[1] + (at(11) - at(10))), "11", BLOWOUT, "Blowout")
    return replace(first, parts=(*first.parts, second))


def blowout(key: str, start: datetime, staff: str = "TM1") -> Appointment:
    there = square(key, start, staff=staff)
    return replace(there, parts=(replace(there.parts[0], service=SQUARE_BLOWOUT),))


def there_is(*appointments: Appointment) -> Board:
    """A board on which the first shows itself in the others, and both services are mapped."""
    there = board(*appointments, pairs=[pair(1, *appointments)])
    services = (*there.services, Service(Side.SQUARE, SQUARE_BLOWOUT, "Blowout", 60, version=7))
    return replace(there, services=services, service_map={CUT: SQUARE_CUT, BLOWOUT: SQUARE_BLOWOUT})


BOTH = compound(at(10), at(11))
CUT_ONLY = replace(BOTH, parts=BOTH.parts[:1])
BLOWOUT_ONLY = replace(BOTH, parts=BOTH.parts[1:])
SHOWN = (square("sq1", at(10)), blowout("sq2", at(11)))


def taken(side: Side, *appointments: Appointment) -> tuple[str, list[tuple[StepKind, str]]]:
    """What is refused, and the steps, when that side is said to be right."""
    visit = appointments[0]
    choice = Choice(ChoiceKind.TAKE_SIDE, ref=visit.ref, side=side)
    found = plan(choice, finding(Kind.DRIFT, *appointments), there_is(*appointments))
    return found.refused, [(step.kind, step.ref.key if step.ref else "") for step in found.steps]


def test_what_moved_past_the_other_is_known_by_its_service() -> None:
    cut, wash = square("sq1", at(14)), blowout("sq2", at(11))
    found = showing(there_is(BOTH, cut, wash), BOTH, [cut, wash])
    assert {a.ref.key: numbers for a, numbers in found.by} == {"sq1": (0,), "sq2": (1,)}
    assert found.whole


def test_blocks_have_no_service_and_are_known_by_person_and_time() -> None:
    two = replace(
        square("sq1", at(10)), parts=(*square("sq1", at(10)).parts, *square("sq1", at(12), staff="TM2").parts)
    )
    blocks = block("77", at(12), staff="2"), block("78", at(10))
    found = showing(there_is(two, *blocks), two, blocks)
    assert {a.ref.key: numbers for a, numbers in found.by} == {"row:78": (0,), "row:77": (1,)}


def test_who_does_it_tells_more_than_when() -> None:
    parts = (*square("sq1", at(10)).parts, *square("sq1", at(12), staff="TM2").parts)
    two = replace(square("sq1", at(10)), parts=parts)
    blocks = block("77", at(12)), block("78", at(10), staff="2")
    found = showing(there_is(two, *blocks), two, blocks)
    assert {a.ref.key: numbers for a, numbers in found.by} == {"row:77": (0,), "row:78": (1,)}


def test_of_two_parts_of_which_one_is_gone_the_other_still_moves_with_what_shows_it() -> None:
    there = there_is(BLOWOUT_ONLY, *SHOWN)
    choice = Choice(ChoiceKind.OTHER_TIME, ref=BLOWOUT_ONLY.ref, start=at(15))
    found = plan(choice, finding(Kind.DOUBLE_BOOKING, BLOWOUT_ONLY), there)
    assert not found.refused
    assert [step.ref.key for step in found.steps if step.ref] == ["compound:7", "sq2"]


def test_the_parts_of_one_visit_are_not_in_each_others_way_when_it_moves_a_little() -> None:
    there = there_is(BOTH, *SHOWN)
    choice = Choice(ChoiceKind.OTHER_TIME, ref=BOTH.ref, start=at(10, 30))
    writes = [step.write for step in plan(choice, finding(Kind.DOUBLE_BOOKING, BOTH), there).steps]
    refs = {BOTH.ref, *(shown.ref for shown in SHOWN)}
    assert [{write.ref, *write.ignoring} for write in writes if isinstance(write, Move)] == [refs] * 3


def test_taking_the_side_on_which_a_part_is_gone_takes_it_away_on_the_other() -> None:
    assert taken(Side.BOOKLY, BLOWOUT_ONLY, *SHOWN) == ("", [(StepKind.WITHDRAW, "sq1")])
    assert taken(Side.BOOKLY, CUT_ONLY, *SHOWN) == ("", [(StepKind.WITHDRAW, "sq2")])


def test_taking_the_side_that_has_all_parts_puts_back_the_one_that_is_gone() -> None:
    _, steps = taken(Side.BOOKLY, BOTH, SHOWN[1])
    assert steps == [(StepKind.PLACE, "compound:7")]
    choice = Choice(ChoiceKind.TAKE_SIDE, ref=BOTH.ref, side=Side.BOOKLY)
    (step,) = plan(choice, finding(Kind.DRIFT, BOTH), there_is(BOTH, SHOWN[1])).steps
    assert isinstance(step.write, Place)
    assert (step.write.parts[0].start, step.write.parts[0].service) == (at(10), SQUARE_CUT)


def test_a_part_is_never_moved_onto_another_because_its_own_is_gone_on_the_other_side() -> None:
    assert taken(Side.SQUARE, BOTH, SHOWN[1]) == ("changed", [])
    assert taken(Side.SQUARE, CUT_ONLY, *SHOWN) == ("changed", [])


def test_taking_the_other_sides_times_leaves_each_part_its_own() -> None:
    choice = Choice(ChoiceKind.TAKE_SIDE, ref=BOTH.ref, side=Side.SQUARE)
    there = there_is(BOTH, square("sq1", at(14)), SHOWN[1])
    (step,) = plan(choice, finding(Kind.DRIFT, BOTH), there).steps
    assert isinstance(step.write, Move)
    assert [(part.service, part.start) for part in step.write.parts] == [(CUT, at(14)), (BLOWOUT, at(11))]


def test_one_booking_with_both_parts_shows_both() -> None:
    one = replace(SHOWN[0], parts=(*SHOWN[0].parts, *SHOWN[1].parts))
    assert showing(there_is(BOTH, one), BOTH, [one]).by == ((one, (0, 1)),)
    assert taken(Side.BOOKLY, replace(BOTH, parts=compound(at(13), at(14)).parts), one) == (
        "",
        [(StepKind.MOVE, "sq1")],
    )


def test_a_client_in_bookly_who_was_linked_keeps_her_own_length_beside_a_booking_with_a_buffer() -> None:
    span = replace(SHOWN[0].parts[0].span, busy_end=at(11, 15))
    owner = replace(SHOWN[0], parts=(replace(SHOWN[0].parts[0], span=span),))
    linked = replace(
        CUT_ONLY, ref=Ref(Side.BOOKLY, "ca:10"), parts=(replace(CUT_ONLY.parts[0], span=Span.of("1", at(12), at(13))),)
    )
    choice = Choice(ChoiceKind.TAKE_SIDE, ref=owner.ref, side=Side.SQUARE)
    (step,) = plan(choice, finding(Kind.DRIFT, owner), there_is(owner, linked)).steps
    assert isinstance(step.write, Move)
    assert (step.write.parts[0].start, step.write.parts[0].end) == (at(10), at(11))


def test_a_visit_of_two_parts_is_linked_with_a_booking_for_each() -> None:
    first, second = SHOWN
    linked = board(BOTH, first, second, pairs=[pair(1, BOTH, first)])
    twin = finding(Kind.SAME_VISIT, BOTH, second)
    found = plan(Choice(ChoiceKind.LINK, ref=BOTH.ref, other=second.ref), twin, linked)
    assert [step.kind for step in found.steps] == [StepKind.LINK]
    third = square("sq3", at(10, 5))
    full = board(BOTH, first, second, third, pairs=[pair(1, BOTH, first, second)])
    assert plan(Choice(ChoiceKind.LINK, ref=BOTH.ref, other=third.ref), twin, full).refused == "changed"


def test_a_visit_linked_by_hand_is_owned_where_it_has_all_its_parts() -> None:
    early = replace(SHOWN[0], made_at=at(1))
    assert made_where(replace(BOTH, made_at=at(2)), early) is Side.BOOKLY
    assert made_where(replace(CUT_ONLY, made_at=at(2)), early) is Side.SQUARE
    there = replace(SHOWN[0], parts=(*SHOWN[0].parts, *SHOWN[1].parts), made_at=at(2))
    assert made_where(replace(CUT_ONLY, made_at=at(1)), there) is Side.SQUARE


def test_two_that_are_linked_already_are_not_linked_with_each_other_though_both_have_room() -> None:
    both = replace(square("sq5", at(10)), parts=(*SHOWN[0].parts, *SHOWN[1].parts))
    shown = block("77", at(10))
    there = board(BOTH, SHOWN[0], both, shown, pairs=[pair(1, BOTH, SHOWN[0]), pair(2, both, shown)])
    found = plan(Choice(ChoiceKind.LINK, ref=BOTH.ref, other=both.ref), finding(Kind.SAME_VISIT, BOTH, both), there)
    assert found.refused == "changed"


def test_what_shows_another_visit_is_not_linked_anew_when_that_one_is_cancelled() -> None:
    off, new = replace(CUT_ONLY, standing=Standing.CANCELLED), bookly("20", at(10))
    there = board(off, SHOWN[0], new, pairs=[pair(1, off, SHOWN[0])])
    choice = Choice(ChoiceKind.LINK, ref=new.ref, other=SHOWN[0].ref)
    assert plan(choice, finding(Kind.SAME_VISIT, new, SHOWN[0]), there).refused == "changed"
