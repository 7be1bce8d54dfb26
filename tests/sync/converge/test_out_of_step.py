"""What shows a visit in the other calendar and is out of step with it: found, followed, and in nobody's way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.model import ChoiceKind, Kind, Side
from tests.sync.converge.conftest import ANNA, BEN, CLEO, Salon
from tests.sync.converge.stories import meeting, stylist, units


def test_what_was_done_on_one_side_only_is_found_again_as_drift(salon: Salon) -> None:
    treat = salon.cut()
    anna = salon.people.books_on_website(salon.stylists(treat)[0], treat, salon.at(11), ANNA)
    salon.pull()
    (missing,) = salon.found(Kind.MISSING_IN_SQUARE)
    salon.click(missing, salon.first(missing, ChoiceKind.SEND_ACROSS))
    salon.people.books_in_square(salon.stylists(treat)[0], treat, salon.at(11) + timedelta(minutes=15), BEN)
    salon.pull()
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    salon.square.arm("version_mismatch_409", "bookings.update")
    outcome = salon.click(kept, choice)
    assert (outcome.state, outcome.word) == ("half", "changed"), "staff touched the booking just before"
    salon.pull()
    salon.pull()
    assert len([one for one in salon.found(Kind.DRIFT) if ("bookly", str(anna.unit)) in units(one)]) == 1


@pytest.mark.parametrize("side", Side)
def test_two_swapped_clients_do_not_wait_for_each_others_old_place(salon: Salon, side: Side) -> None:
    """Ben and Cleo change places where they were booked; the other calendar follows by a click each, in any order."""
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    books = salon.people.books_in_square if side is Side.SQUARE else salon.people.books_on_website
    moves = salon.people.moves_in_square if side is Side.SQUARE else salon.people.moves_in_office
    ben, cleo = books(chair, treat, salon.at(11), BEN), books(chair, treat, salon.at(13), CLEO)
    salon.pull()
    salon.pull()
    for kept in salon.found():
        assert salon.click(kept, salon.first(kept, ChoiceKind.SEND_ACROSS)).state == "done"
    aside = moves(ben, salon.at(16))
    moves(cleo, salon.at(11))
    moves(aside, salon.at(13))
    salon.pull()
    drifting = salon.found(Kind.DRIFT)
    assert len(drifting) == 2
    for kept in drifting:
        assert salon.click(kept, salon.first(kept, ChoiceKind.TAKE_SIDE, side)).state == "done"
    salon.pull()
    assert not salon.found()


def test_the_old_place_of_a_visit_that_went_far_away_keeps_nobody_out(salon: Salon) -> None:
    """Cleo's booking went to the afternoon, her block in Bookly is still at eleven: Anna can go there."""
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    cleo = salon.people.books_in_square(stylist(salon, choice), salon.cut(), salon.at(11), CLEO)
    salon.pull()
    salon.pull()
    missing = next(one for one in salon.found(Kind.MISSING_IN_BOOKLY) if ("square", cleo.unit) in units(one))
    assert salon.click(missing, salon.first(missing, ChoiceKind.SEND_ACROSS)).state == "done"
    assert choice.id not in {one.id for one in salon.offered(kept)}
    salon.people.moves_in_square(cleo, salon.at(16))
    salon.pull()
    assert choice.id in {one.id for one in salon.offered(kept)}
    assert salon.click(kept, choice).state == "done"


def test_what_people_did_in_square_is_blocked_in_bookly_also_over_an_overlap(salon: Salon) -> None:
    """Ben is dragged in Square onto Anna's time: his block follows, so that the rest of his slot shuts."""
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    ben = salon.people.books_in_square(chair, treat, salon.at(14), BEN)
    salon.pull()
    salon.pull()
    (kept,) = salon.found(Kind.MISSING_IN_BOOKLY)
    assert salon.click(kept, salon.first(kept, ChoiceKind.SEND_ACROSS)).state == "done"
    salon.people.books_on_website(chair, treat, salon.at(11), ANNA)
    salon.people.moves_in_square(ben, salon.at(11, 15))
    salon.pull()
    (kept,) = salon.found(Kind.DRIFT)
    assert salon.click(kept, salon.first(kept, ChoiceKind.TAKE_SIDE, Side.SQUARE)).state == "done"
    salon.pull()
    assert not salon.found(Kind.DRIFT)
    assert len(salon.found(Kind.DOUBLE_BOOKING)) == 1


def test_after_linking_a_move_on_one_side_is_drift_and_either_value_can_be_taken(salon: Salon) -> None:
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    anna = salon.people.books_on_website(chair, treat, salon.at(11), ANNA)
    salon.pull()
    (kept,) = salon.found(Kind.MISSING_IN_SQUARE)
    salon.click(kept, salon.first(kept, ChoiceKind.SEND_ACROSS))
    (booking,) = salon.bookings()
    salon.people.moves_in_office(anna, salon.at(14))
    salon.pull()
    (kept,) = salon.found(Kind.DRIFT)
    assert salon.click(kept, salon.first(kept, ChoiceKind.TAKE_SIDE, Side.BOOKLY)).state == "done"
    assert salon.bookings()[booking]["start_at"] == salon.at(14).isoformat().replace("+00:00", "Z")
    salon.pull()
    assert not salon.found()
