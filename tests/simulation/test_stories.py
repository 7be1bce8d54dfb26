"""Short histories told on purpose, each of which a plausible engine gets wrong; judged like every other."""

from __future__ import annotations

import pytest

from sync.model import ChoiceKind
from tests.simulation.history import History
from tests.simulation.house import LEASE_SECONDS, Premises
from tests.simulation.invariants import Evidence, as_text, broken
from tests.simulation.raw import CANCELLED, STANDS, Shown
from tests.simulation.running import WHO

SEED = 1


@pytest.fixture
def told(premises: Premises) -> History:
    """A quiet day, nobody booked."""
    history = History(premises, SEED)
    history.careless = False
    return history


def comes_to_rest(history: History) -> Evidence:
    """What there is in the end. Raises AssertionError when something does not hold."""
    seen = history.rest()
    found = broken(seen)
    assert not found, as_text(found)
    return seen


def is_carried(history: History) -> None:
    """Everything arrives and is carried, the echo too."""
    for _ in range(3):
        history.deliver()
        history.work(30)
        history.later(5)


def booked_on_website(history: History, times: int = 1) -> None:
    for _ in range(times):
        assert history.person("books_on_website")
    is_carried(history)


def booked_in_square(history: History) -> None:
    assert history.person("books_in_square")
    is_carried(history)


def standing(history: History, *, ours: bool) -> list[Shown]:
    """Square's bookings that stand, those we made or the others."""
    return [shown for shown in history.square.state().values() if shown.standing == STANDS and shown.ours is ours]


def only(found: list[Shown]) -> Shown:
    """The one that there is."""
    assert len(found) == 1, found
    return found[0]


def withdrawn(seen: Evidence) -> int:
    return seen.counted.get("withdrawn_after_write", 0)


def test_a_block_that_is_deleted_is_put_back_and_its_client_is_left_alone(told: History) -> None:
    booked_in_square(told)
    assert told.person("deletes_block")
    seen = comes_to_rest(told)
    (booking,) = seen.square.values()
    assert booking.standing == STANDS
    assert [shown.ours for shown in seen.bookly.values()] == [True]


def test_a_block_that_is_dragged_is_put_back(told: History) -> None:
    booked_in_square(told)
    (there,) = standing(told, ours=False)
    assert told.person("drags_block")
    seen = comes_to_rest(told)
    assert [shown.places for shown in seen.bookly.values()] == [there.places]
    assert seen.square[there.thing] == there


def test_a_client_who_was_served_is_not_cancelled(told: History) -> None:
    booked_on_website(told)
    assert told.person("is_done")
    seen = comes_to_rest(told)
    assert [shown.standing for shown in seen.square.values()] == [STANDS]


def test_what_is_moved_while_it_is_being_carried_is_not_lost(told: History) -> None:
    """The hint that joins one being worked on counts: what was decided before it is not the end."""
    booked_on_website(told)
    assert told.person("moves_in_office")
    told.deliver()

    def again() -> None:
        assert told.person("moves_in_office")
        told.deliver()

    told.points.lay("before the release", again)
    told.work(30)
    comes_to_rest(told)


def test_a_move_between_the_reading_and_the_recording_is_carried(told: History) -> None:
    """Agreed is what was read before planning: recording that reads again swallows the move."""
    booked_on_website(told)
    assert told.person("moves_in_office")
    told.deliver()
    told.points.lay("before the record", lambda: told.person("moves_in_office"))
    told.work(30)
    comes_to_rest(told)


def test_a_late_message_about_a_booking_that_was_replaced_changes_nothing(told: History) -> None:
    booked_on_website(told)
    assert told.person("cancels_on_website")
    is_carried(told)
    assert told.person("reinstates_in_office")
    is_carried(told)
    old = only([shown for shown in told.square.state().values() if shown.standing == CANCELLED])
    new = only(standing(told, ours=True))
    assert told.late_webhook(old.thing)
    told.work(5)
    seen = comes_to_rest(told)
    assert seen.square[new.thing].standing == STANDS


def test_what_was_sent_and_never_heard_of_is_settled_before_the_client_moves(told: History) -> None:
    assert told.person("books_on_website")
    told.points.lay("after the call", told.points.die)
    told.deliver()
    told.work(30)
    assert told.deaths == 1
    assert told.person("moves_in_office")
    is_carried(told)
    seen = comes_to_rest(told)
    assert [shown.standing for shown in seen.square.values()] == [STANDS]


def test_who_took_the_chair_while_we_wrote_keeps_it_and_ours_goes(told: History) -> None:
    assert told.person("books_on_website")
    told.points.lay("intended", lambda: told.person("books_over_in_square"))
    told.deliver()
    told.work(30)
    seen = comes_to_rest(told)
    assert withdrawn(seen) == 1
    assert [shown.ours for shown in seen.square.values() if shown.standing == STANDS] == [False]


def test_who_met_somebody_and_never_came_is_left_and_everything_goes_on(told: History) -> None:
    assert told.person("books_on_website")
    told.points.lay("after the call", told.points.die)
    told.deliver()
    told.work(30)
    assert told.person("does_not_come")
    assert told.person("books_over_in_square")
    seen = comes_to_rest(told)
    assert not [hint["reason"] for hint in seen.hints if hint["state"] == "dead"]


def test_many_that_vanish_at_once_are_not_cancelled(told: History) -> None:
    """Each alone would be one that its client gave up; all together they are a backup."""
    for _ in range(7):
        assert told.person("books_online")
    is_carried(told)
    assert len(standing(told, ours=True)) == 7
    assert told.people.loses_all()
    seen = comes_to_rest(told)
    assert sum(shown.standing == STANDS for shown in seen.square.values()) >= 2


def test_who_stood_still_past_the_lock_records_nothing_over_what_came_after(told: History) -> None:
    booked_on_website(told)
    assert told.person("moves_in_office")
    told.deliver()

    def frozen() -> None:
        told.another_process(lambda: told.later(LEASE_SECONDS + 50))
        assert told.person("moves_in_office")
        told.deliver()
        told.another_process(lambda: told.work(10))

    told.points.lay("before the record", frozen)
    told.work(30)
    seen = comes_to_rest(told)
    assert seen.counted.get("late_write_refused") == 1


def test_a_click_and_a_hint_for_one_visit_that_is_moved_meanwhile_make_one_booking(told: History) -> None:
    """Who carries the click has looked, and asks Square for the client; the visit is in nobody's map yet, and its old
    time and its new one have nothing in common: only the visit itself can be held."""
    booked_in_square(told)
    assert told.person("books_over")
    is_carried(told)
    told.later(300)
    told.process.reconcile()
    assert told.process.click(told.rng, WHO, ChoiceKind.SHOW_BOTH)

    def moved() -> None:
        assert told.person("moves_in_office")
        told.deliver()
        told.another_process(lambda: told.work(10))

    asked = told.points.lay("asked who", moved)
    told.work(30)
    assert asked.met
    seen = comes_to_rest(told)
    made = [deed for deed in seen.ours() if deed.side == "square" and deed.before is None]
    assert len(made) == 1, [str(deed) for deed in made]
