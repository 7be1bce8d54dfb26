"""A call's answer is lost and the calendar goes on: what became of it is learnt first, and the visit decided anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sync.calendars import CalendarWriter, OutcomeUnknown
from sync.converge import House
from sync.model import Client, Side, Withdraw, Write, Written
from sync.store import intents, ledger
from sync.store.connection import reading
from tests.sync.converge.conftest import Salon
from tests.sync.converge.test_hinted import on_website, ref_of, shown
from tests.sync.converge.test_hinted_again import tried


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
