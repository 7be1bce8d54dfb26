"""A block in Bookly is only ever a projection: whatever is done to it there is put back, and nothing reaches Square."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sync.decide.carrying import Verdict, carry
from sync.decide.case import Sight
from sync.model import Appointment, Client, End, Pair, Side, Span, Standing, StepKind
from tests.sync.decide.boards import at, square
from tests.sync.decide.playing import (
    again,
    cancelled,
    end,
    kinds,
    linked,
    moved,
    our_block,
    parts_of,
    places,
    seen,
    with_staff,
    written,
)

BEN = square("S", at(10), made_at=at(7))
BLOCK = our_block("5", at(10))
PAIR = linked(BEN, BLOCK)
HOURS = timedelta(hours=3)


def when(name: Appointment, *appointments: Appointment, pair: Pair = PAIR, **more: object) -> Sight:
    return seen(name, *appointments, pairs=[pair], **more)


def in_bookly_alone(verdict: Verdict) -> bool:
    return {step.side for step in verdict.steps} == {Side.BOOKLY}


def test_a_booking_that_moves_takes_its_block_along() -> None:
    sight = when(BEN, moved(BEN, HOURS), BLOCK)
    verdict = carry(sight)
    assert (end(verdict), written(verdict), verdict.agree) == ((End.APPLIED, "time"), {BLOCK.ref}, (BEN.ref,))
    assert end(again(sight, verdict)) == (End.ALREADY_TRUE, "in_step")


def test_a_booking_that_needs_more_rest_gets_a_longer_block() -> None:
    rests = replace(
        BEN, parts=(replace(BEN.parts[0], span=Span.of("TM1", at(10), at(11), after=timedelta(minutes=20))),)
    )
    verdict = carry(when(BEN, rests, BLOCK))
    (step,) = verdict.steps
    assert step.after is not None and step.after.end == at(11, 20)


def test_a_cancelled_booking_opens_the_time_again() -> None:
    sight = when(BEN, cancelled(BEN), BLOCK)
    verdict = carry(sight)
    assert (end(verdict), kinds(verdict), written(verdict)) == (
        (End.APPLIED, "standing"), [StepKind.WITHDRAW], {BLOCK.ref},
    )  # fmt: skip


def test_a_booking_that_vanished_opens_nothing() -> None:
    assert end(carry(when(BEN, BLOCK))) == (End.CONFLICT, "vanished")


def test_a_no_show_opens_nothing() -> None:
    verdict = carry(when(BLOCK, replace(BEN, standing=Standing.OVER)))
    assert (end(verdict), verdict.steps) == ((End.ALREADY_TRUE, "not_carried"), ())


def test_the_block_of_a_no_show_goes_where_it_goes_and_is_put_back_when_it_is_dragged() -> None:
    gone = replace(BEN, standing=Standing.OVER)
    for now, block in ((moved(gone, HOURS), BLOCK), (with_staff(gone, "TM2"), BLOCK), (gone, moved(BLOCK, HOURS))):
        sight = when(BEN, now, block)
        verdict = carry(sight)
        assert (verdict.end, kinds(verdict), written(verdict)) == (End.APPLIED, [StepKind.MOVE], {BLOCK.ref})
        assert again(sight, verdict).steps == ()


def test_a_block_of_a_no_show_that_keeps_being_dragged_is_a_question() -> None:
    verdict = carry(when(BEN, replace(BEN, standing=Standing.OVER), moved(BLOCK, HOURS), put_back=3))
    assert (end(verdict), verdict.steps) == ((End.CONFLICT, "block_changed"), ())


def test_a_block_that_was_dragged_or_given_away_is_put_back() -> None:
    for changed in (moved(BLOCK, HOURS), with_staff(BLOCK, "2")):
        sight = when(BLOCK, BEN, changed)
        verdict = carry(sight)
        assert (end(verdict), written(verdict)) == ((End.APPLIED, "put_back"), {BLOCK.ref})
        assert verdict.putting_back and in_bookly_alone(verdict)
        assert verdict.steps[0].after is not None and verdict.steps[0].after.start == at(10)
        assert end(again(sight, verdict)) == (End.ALREADY_TRUE, "in_step")


def test_a_block_that_was_deleted_is_put_back() -> None:
    sight = when(BLOCK, BEN)
    verdict = carry(sight)
    assert (end(verdict), kinds(verdict), verdict.former) == ((End.APPLIED, "put_back"), [StepKind.PLACE], (BLOCK.ref,))
    assert end(again(sight, verdict)) == (End.SUPERSEDED, "former")


def test_a_block_that_shuts_nothing_any_more_is_taken_away_and_put_back() -> None:
    odd = replace(BLOCK, standing=Standing.UNKNOWN, anomaly="service_without_client", made_at=at(7))
    verdict = carry(when(BLOCK, BEN, odd))
    assert (end(verdict), kinds(verdict)) == ((End.APPLIED, "put_back"), [StepKind.WITHDRAW, StepKind.PLACE])
    assert in_bookly_alone(verdict)


def test_blocks_that_a_restored_backup_lost_are_put_back_however_many() -> None:
    verdict = carry(when(BLOCK, BEN, withheld=frozenset({BLOCK.ref})))
    assert (end(verdict), kinds(verdict)) == ((End.APPLIED, "put_back"), [StepKind.PLACE])


def test_a_booking_that_a_small_calendar_lacks_opens_nothing() -> None:
    assert end(carry(when(BEN, BLOCK, withheld=frozenset({BEN.ref})))) == (End.CONFLICT, "calendar_small")


def test_a_block_put_back_three_times_within_the_hour_is_a_question() -> None:
    assert end(carry(when(BLOCK, BEN, moved(BLOCK, HOURS), put_back=2))) == (End.APPLIED, "put_back")
    assert end(carry(when(BLOCK, BEN, moved(BLOCK, HOURS), put_back=3))) == (End.CONFLICT, "block_changed")
    assert end(carry(when(BEN, moved(BEN, HOURS), BLOCK, put_back=3))) == (End.APPLIED, "time")


def test_moved_in_square_and_dragged_in_bookly_square_wins() -> None:
    verdict = carry(when(BEN, moved(BEN, HOURS), moved(BLOCK, -HOURS)))
    assert (end(verdict), verdict.putting_back) == ((End.APPLIED, "time"), False)
    assert verdict.steps[0].after is not None and verdict.steps[0].after.start == at(13)


def test_somebody_else_in_the_booking_is_nothing_to_a_block_and_keeps_it_from_nothing() -> None:
    other = replace(BEN, clients=(Client("C99", "Somebody Else"),))
    verdict = carry(when(BEN, other, BLOCK))
    assert (end(verdict), verdict.agree) == ((End.ALREADY_TRUE, "client"), (BEN.ref,))
    assert end(carry(when(BEN, moved(other, HOURS), BLOCK))) == (End.APPLIED, "time")


BOTH = replace(BEN, parts=parts_of(BEN, square("S", at(11), staff="TM2")))
FIRST, SECOND = BLOCK, our_block("6", at(11), staff="2", number=1)


def test_of_two_blocks_the_one_that_was_changed_is_put_back() -> None:
    pair = linked(BOTH, FIRST, SECOND)
    gone = carry(when(FIRST, BOTH, SECOND, pair=pair))
    assert [(p.parts[0].staff, p.parts[0].start) for p in places(gone)] == [("1", at(10))]
    dragged = carry(when(SECOND, BOTH, FIRST, moved(SECOND, HOURS), pair=pair))
    assert written(dragged) == {SECOND.ref}


def test_a_segment_more_is_a_block_more_and_a_segment_less_one_less() -> None:
    more = carry(when(BEN, BOTH, BLOCK))
    assert [(p.parts[0].staff, p.parts[0].start) for p in places(more)] == [("2", at(11))]
    less = carry(when(BOTH, BEN, FIRST, SECOND, pair=linked(BOTH, FIRST, SECOND)))
    assert (kinds(less), written(less)) == ([StepKind.WITHDRAW], {SECOND.ref})


def test_a_segment_by_one_whom_nobody_matched_keeps_no_other_block_where_it_was() -> None:
    more = replace(moved(BEN, HOURS), parts=parts_of(moved(BEN, HOURS), square("S", at(14), staff="TM9")))
    sight = when(BEN, more, BLOCK)
    verdict = carry(sight)
    assert (end(verdict), written(verdict)) == ((End.CONFLICT, "not_mapped_staff"), {BLOCK.ref})
    after = again(sight, verdict)
    assert (end(after), after.steps) == ((End.CONFLICT, "not_mapped_staff"), ())
