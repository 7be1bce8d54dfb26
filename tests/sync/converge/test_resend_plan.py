"""What a plan says of a dead letter, in front of two real calendars; looking changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sync.calendars import ReadFailed
from sync.decide.resending import Now, Verdict, verdict
from sync.inbox.dead_letters import resend
from sync.inbox.opening import open_crew
from sync.inbox.planning import plan_of
from sync.model import End, Ref, Side, Source
from sync.store import hints, mapping
from sync.store.connection import reading, writing
from sync.store.hints import Hint
from tests.sync.breakers.told import Told
from tests.sync.converge.conftest import Salon
from tests.sync.converge.test_hinted import change_row, in_square, in_their_eyes, on_website, ref_of, shown


def buried(salon: Salon, ref: Ref, *, permanent: bool = False) -> Hint:
    """A dead letter about it."""
    now = salon.house.now()
    with writing(salon.house.engine) as conn:
        hints.put(conn, ref, Source.WEBHOOK, now)
        (hint,) = hints.claim(conn, "worker", now, timedelta(seconds=90), 1)
        hints.finish(conn, hint, "worker", End.DEAD, "no_answer", now, permanent=permanent)
        found = hints.get(conn, hint.id)
    assert found is not None
    return found


def said(salon: Salon, letter: Hint) -> tuple[Verdict, Now]:
    now = plan_of(salon.house, letter)
    return verdict(letter.permanent, now), now


def test_what_was_not_carried_is_still_needed_and_a_resend_does_as_the_plan_said(salon: Salon) -> None:
    letter = buried(salon, ref_of(on_website(salon)))
    told, now = said(salon, letter)
    assert told is Verdict.STILL_NEEDED
    (step,) = now.steps
    assert step.startswith("In Bookly nothing changes. In Square:") and "11:00" in step
    assert now.writes == (Side.SQUARE,)
    assert salon.bookings() == {}
    with writing(salon.house.engine) as conn:
        resend(conn, letter.id, "Theo", salon.house.now())
    open_crew(salon.house).work_off()
    assert len(salon.bookings()) == 1
    assert said(salon, letter)[0] is Verdict.ALREADY_TRUE
    with reading(salon.house.engine) as conn:
        assert hints.dead(conn) == ()


def test_one_that_waits_for_a_person_is_not_helped_by_sending_it_until_the_cause_is_mended(salon: Salon) -> None:
    letter = buried(salon, ref_of(on_website(salon)), permanent=True)
    bookly = str(salon.cut().bookly)
    with writing(salon.house.engine) as conn:
        square = mapping.service_map(conn)[bookly]
        mapping.forget_service(conn, bookly)
    told, now = said(salon, letter)
    assert (told, now.end, now.mended) == (Verdict.CANNOT_HELP, End.CONFLICT, False)
    with writing(salon.house.engine) as conn:
        mapping.confirm_services(conn, {bookly: square}, "Dana", salon.house.now())
    told, now = said(salon, letter)
    assert (told, now.end, now.mended) == (Verdict.STILL_NEEDED, End.APPLIED, True)


def test_a_visit_that_is_gone_needs_nothing(salon: Salon) -> None:
    assert said(salon, buried(salon, Ref(Side.BOOKLY, "ca:4711")))[0] is Verdict.ALREADY_TRUE


def test_a_change_on_the_other_side_meanwhile_would_be_overwritten(salon: Salon) -> None:
    anna = on_website(salon)
    booking = shown(salon, anna)
    salon.people.moves_in_office(anna, salon.at(16))
    letter = buried(salon, ref_of(anna))
    assert said(salon, letter)[0] is Verdict.STILL_NEEDED
    salon.people.moves_in_square(in_their_eyes(salon, anna, booking), salon.at(15))
    told, now = said(salon, letter)
    assert (told, now.reason) == (Verdict.WOULD_OVERWRITE, "both_changed")


def test_what_would_be_written_over_and_changed_since_is_newer(salon: Salon) -> None:
    anna = on_website(salon)
    shown(salon, anna)
    salon.people.moves_in_office(anna, salon.at(16))
    letter = buried(salon, ref_of(anna))
    long_ago = replace(letter, ended_at=salon.house.now() - timedelta(days=1))
    assert said(salon, long_ago)[0] is Verdict.WOULD_OVERWRITE


def test_a_block_is_put_back_whatever_was_done_to_it(salon: Salon) -> None:
    ben = in_square(salon)
    block = shown(salon, ben)
    change_row(salon, block, "UPDATE wp_bookly_appointments SET staff_id = staff_id + 1 WHERE id=:id")
    letter = buried(salon, block)
    assert said(salon, replace(letter, ended_at=salon.house.now() - timedelta(days=1)))[0] is Verdict.STILL_NEEDED


def test_while_a_side_cannot_be_read_nothing_is_said_of_the_present(salon: Salon) -> None:
    letter = buried(salon, ref_of(in_square(salon)))
    down = Told()
    down.error = ReadFailed("Square gave no answer.")
    house = replace(salon.house, readers={**salon.house.readers, Side.SQUARE: down})
    assert plan_of(house, letter) == Now()
