"""A call's answer is lost and the calendar goes on: what became of it is learnt first, and the visit decided anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sync.calendars import CalendarWriter, OutcomeUnknown
from sync.converge import House
from sync.model import ChoiceKind, Client, Place, Side, Withdraw, Write, Written
from sync.store import intents, ledger
from sync.store.connection import reading
from tests.sync.converge.conftest import Salon
from tests.sync.converge.stories import asked, website_visit
from tests.sync.converge.test_hinted import on_website, ref_of, shown
from tests.sync.converge.test_hinted_again import tried
from tests.sync.converge.test_second_look import JustBefore


@dataclass
class Losing:
    """A writer whose call of one kind is lost, once: it never arrives, or (`arrives`) only its answer is lost."""

    inner: CalendarWriter
    kind: type[Write]
    arrives: bool = False
    lost: bool = False
    side: Side = Side.SQUARE

    def write(self, write: Write) -> Written:
        if self.lost or not isinstance(write, self.kind):
            return self.inner.write(write)
        self.lost = True
        if self.arrives:
            self.inner.write(write)
        raise OutcomeUnknown("No answer came.")

    def settle(self, write: Write) -> Written | None:
        return self.inner.settle(write)

    def client_for(self, client: Client, key: str) -> str | None:
        return self.inner.client_for(client, key)


def losing(salon: Salon, kind: type[Write], *, arrives: bool = False) -> House:
    """A house whose calls to Square of this kind are lost once."""
    writer = Losing(salon.house.writers[Side.SQUARE], kind, arrives)
    return replace(salon.house, writers={**salon.house.writers, Side.SQUARE: writer})


def left_open(salon: Salon) -> int:
    with reading(salon.house.engine) as conn:
        return len(intents.all_open(conn))


def counted(salon: Salon) -> int:
    with reading(salon.house.engine) as conn:
        return ledger.count(conn, ledger.WITHDRAWN_AFTER_WRITE, 0.0)


def withdrawal_lost(salon: Salon, *, arrives: bool, then: Callable[[str], object] = lambda _: None) -> tuple[str, str]:
    """Anna cancels on the website, and the call that takes her booking away in Square is lost; how her hint ends when
    it is carried once more."""
    anna = on_website(salon)
    booking = shown(salon, anna)
    salon.people.cancels_in_office(anna)
    house = losing(salon, Withdraw, arrives=arrives)
    assert tried(salon, house, ref_of(anna)).reason == "no_answer"
    assert left_open(salon) == 1
    then(booking.key)
    ended = tried(salon, house, ref_of(anna))
    return ended.state, ended.reason


def test_a_withdrawal_that_never_arrived_is_decided_anew_though_the_booking_was_changed_since(salon: Salon) -> None:
    ended = withdrawal_lost(
        salon,
        arrives=False,
        then=lambda key: salon.square.act("staff", "edit", booking_id=key, customer_note="Prefers tea"),
    )
    assert ended == ("applied", "standing")
    assert (left_open(salon), len(salon.bookings())) == (0, 0)


def test_a_withdrawal_that_arrived_is_known_to_have_and_not_counted_as_one_after_a_write(salon: Salon) -> None:
    assert withdrawal_lost(salon, arrives=True)[0] in ("applied", "already_true")
    assert (left_open(salon), counted(salon), len(salon.bookings())) == (0, 0, 0)


# --- the answer is lost to somebody else, between the settling and the lock -------------------------------------------


def test_a_hint_that_gets_the_lock_after_a_click_whose_answer_was_lost_settles_that_first(salon: Salon) -> None:
    anna, kept = website_visit(salon)
    asked(salon, kept, ChoiceKind.SEND_ACROSS)
    clicks = losing(salon, Place, arrives=True)
    house = replace(salon.house, locks=JustBefore(salon.house.locks, lambda: salon.work(clicks)))
    first = tried(salon, house, ref_of(anna))
    assert (first.state, first.reason, first.attempts) == ("waiting", "unsettled", 0)
    assert not salon.house.locks.leases()
    assert tried(salon, house, ref_of(anna)).state == "already_true"
    assert (left_open(salon), len(salon.bookings())) == (0, 1)


def test_a_click_that_gets_the_lock_after_a_hint_whose_answer_was_lost_settles_that_first(salon: Salon) -> None:
    anna, kept = website_visit(salon)
    request = asked(salon, kept, ChoiceKind.SEND_ACROSS)
    lost = losing(salon, Place, arrives=True)
    locks = JustBefore(salon.house.locks, lambda: tried(salon, lost, ref_of(anna)))
    salon.work(replace(salon.house, locks=locks))
    assert (locks.acted, left_open(salon), len(salon.bookings())) == (True, 0, 1)
    outcome = salon.ended(request)
    assert (outcome.state, outcome.word) == ("refused", "nothing_to_do")
