"""Square refuses, stalls, or does what it was asked and the answer is lost: nothing is ever written twice, and a
request ends as it would have, or refused with nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from practice_salon.bookly.door import Form
from practice_salon.square.faults import FAULTS, makes_sense
from sync.calendars.square.client import open_square
from sync.calendars.square.read import SquareReader
from sync.calendars.square.write import SquareWriter
from sync.converge import House
from sync.locking.contract import Claim, Lease
from sync.model import ChoiceKind, Kind, Side
from sync.model.stored import step_from
from sync.rounds.reconcile import reconcile
from sync.store import intents, keeping, ledger, requests
from sync.store.connection import reading, writing
from tests.sync.converge.conftest import BEN, NOON, Salon
from tests.sync.converge.stories import asked, shown_clash
from tests.sync.converge.test_crashes import stands
from tests.sync.converge.test_second_look import JustBefore
from tests.sync.converge.way_back import way_back

PATIENCE = 0.4
TRIES = 6
NEW = Form("Ottilie Nova", "ottilie.nova@mail.example", "3125550198")
"""Somebody whom Square has never seen."""


def new_client(salon: Salon) -> int:
    treat = salon.cut()
    salon.people.books_on_website(salon.stylists(treat)[0], treat, salon.at(11), NEW)
    salon.pull()
    (kept,) = salon.found(Kind.MISSING_IN_SQUARE)
    return salon.ask(kept, salon.first(kept, ChoiceKind.SEND_ACROSS))


STORIES: dict[str, Callable[[Salon], int]] = {
    "customers.create": new_client,
    "bookings.create": new_client,
    "bookings.update": lambda s: asked(s, shown_clash(s), ChoiceKind.OTHER_TIME, Side.SQUARE),
    "bookings.cancel": lambda s: asked(s, shown_clash(s), ChoiceKind.CANCEL, Side.SQUARE),
}
"""What leads to each of the calls that change something in Square."""


REFUSALS = ("refused", "changed", "settled_already")
"""Square said no; or what was seen is no longer so, and with a request before this one, by whom that was settled."""


class Hasty:
    """A house that waits for Square only a moment, and whose clock stands still until it is put on."""

    def __init__(self, salon: Salon) -> None:
        self.now = NOON + timedelta(minutes=1)
        self._client = open_square(salon.square.url, "practice", read_seconds=PATIENCE, write_seconds=PATIENCE)
        reader = SquareReader(self._client, clock=self.clock)
        readers = {**salon.house.readers, Side.SQUARE: reader}
        writers = {**salon.house.writers, Side.SQUARE: SquareWriter(self._client, reader)}
        self.house: House = replace(salon.house, readers=readers, writers=writers, clock=self.clock)

    def clock(self) -> datetime:
        return self.now

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def hasty(salon: Salon) -> Iterator[Hasty]:
    made = Hasty(salon)
    yield made
    made.close()


@pytest.fixture(scope="module")
def tried() -> Counter[str]:
    """How many combinations ended done, and how many refused."""
    return Counter()


def carry(salon: Salon, hasty: Hasty, request: int) -> None:
    """Let the worker work until the request has ended, a while passing between its tries."""
    for _ in range(TRIES):
        salon.work(hasty.house)
        hasty.now += timedelta(seconds=30)
        with reading(salon.house.engine) as conn:
            row = requests.get(conn, request)
        if row is not None and row.outcome is not None:
            return
    raise AssertionError("the request never ended")


def send(salon: Salon, hasty: Hasty) -> None:
    """Let the worker work until Square was asked for a booking: what is read before may take longer than a moment."""
    for _ in range(TRIES):
        salon.work(hasty.house)
        if salon.square.world.counts["bookings.create"]:
            return
        hasty.now += timedelta(seconds=30)
    raise AssertionError("no booking was ever asked for")


@pytest.mark.parametrize("route", STORIES)
def test_nothing_is_written_twice_whatever_becomes_of_the_answer(
    salon: Salon, hasty: Hasty, tried: Counter[str], route: str
) -> None:
    request = STORIES[route](salon)
    with writing(salon.house.engine) as conn:
        keeping.installation(conn)
    kept = way_back(salon)
    before = salon.bookings()
    carry(salon, hasty, request)
    wanted = stands(salon, request)
    assert wanted.outcome[0] == "done"
    for fault in (fault for fault in FAULTS if makes_sense(fault, route)):
        kept.back()
        hasty.now = NOON + timedelta(minutes=1)
        armed = salon.square.arm(fault.name, route, seconds=0.01 if fault.name == "slow" else 30.0)
        carry(salon, hasty, request)
        assert armed.fired, (route, fault.name)
        salon.square.world.faults.clear()
        found = stands(salon, request)
        tried[found.outcome[0]] += 1
        assert not found.unsettled, (route, fault.name)
        if found.outcome[0] == "done":
            assert found == wanted, (route, fault.name)
        else:
            assert found.outcome[:3] in {("refused", word, 0) for word in REFUSALS}, (route, fault.name)
            assert _at(salon) == {key: (doc["start_at"], doc["status"]) for key, doc in before.items()}
    kept.close()


def _at(salon: Salon) -> dict[str, tuple[object, object]]:
    return {key: (doc["start_at"], doc["status"]) for key, doc in salon.bookings().items()}


def test_so_many_answers_were_lost(tried: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert not tried or tried["done"] > tried["refused"]
    with capsys.disabled():
        print(f"\nfaults on Square's writes: {tried.total()} ({dict(tried)})")


def test_what_is_sent_again_waits_while_somebody_else_holds_the_chair(salon: Salon, hasty: Hasty) -> None:
    request = new_client(salon)
    salon.square.arm("hang_before", "bookings.create", 1)
    send(salon, hasty)
    sent = salon.square.world.counts["bookings.create"]
    with reading(salon.house.engine) as conn:
        (left_open,) = intents.all_open(conn)
    step = step_from(left_open.write)
    assert step.ref is not None
    lease = salon.house.locks.acquire([Claim.visit(str(step.ref))], "somebody else", 30.0)
    assert isinstance(lease, Lease)
    hasty.now += timedelta(seconds=30)
    salon.work(hasty.house)
    assert salon.square.world.counts["bookings.create"] == sent
    salon.house.locks.release(lease)
    carry(salon, hasty, request)
    assert len(salon.bookings()) == 1
    assert salon.square.world.counts["bookings.create"] > sent


def test_what_never_gets_an_answer_after_the_first_half_ends_half_done_and_is_found_again(
    salon: Salon, hasty: Hasty
) -> None:
    request = asked(salon, shown_clash(salon), ChoiceKind.OTHER_TIME, Side.BOOKLY)
    for call in range(1, 30):
        salon.square.arm("hang_before", "bookings.update", call)
    carry(salon, hasty, request)
    salon.square.world.faults.clear()
    outcome = salon.ended(request)
    assert (outcome.state, outcome.word, len(outcome.done), len(outcome.left)) == ("half", "unknown_result", 1, 1)
    assert outcome.tell, "the client whose visit was moved in Bookly"
    salon.pull()
    assert len(salon.found(Kind.DRIFT)) == 1


def test_what_is_sent_again_is_taken_away_when_somebody_has_the_chair_by_then(salon: Salon, hasty: Hasty) -> None:
    request = new_client(salon)
    salon.square.arm("hang_before", "bookings.create", 1)
    send(salon, hasty)
    treat = salon.cut()
    salon.people.books_in_square(salon.stylists(treat)[0], treat, salon.at(11, 15), BEN)
    before = _at(salon)
    carry(salon, hasty, request)
    outcome = salon.ended(request)
    assert (outcome.state, outcome.word, len(outcome.overlaps)) == ("refused", "taken", 1)
    assert _at(salon) == before, "ours is gone again"
    with reading(salon.house.engine) as conn:
        assert ledger.count(conn, ledger.WITHDRAWN_AFTER_WRITE, NOON - timedelta(days=1)) == 1


def test_what_was_cancelled_before_its_answer_came_is_not_called_done(salon: Salon, hasty: Hasty) -> None:
    request = new_client(salon)
    salon.square.arm("hang_after", "bookings.create", 1)
    send(salon, hasty)
    (key,) = salon.bookings()
    salon.people.stage.square.act("staff", "cancel", booking_id=key)
    carry(salon, hasty, request)
    outcome = salon.ended(request)
    assert (outcome.state, outcome.word) == ("refused", "changed")
    salon.pull()
    reconcile(salon.house.engine, NOON + timedelta(minutes=10))
    (kept,) = salon.found()
    assert kept.finding.kind is Kind.DRIFT
    assert salon.click(kept, salon.first(kept, ChoiceKind.TAKE_SIDE, Side.BOOKLY)).state == "done"
    assert len(salon.bookings()) == 1


def test_a_choice_that_names_nobody_settles_what_is_open_for_those_concerned(salon: Salon, hasty: Hasty) -> None:
    """The client's booking was made and nobody knows it; "show both" must not make a second one."""
    request = new_client(salon)
    salon.square.arm("hang_after", "bookings.create", 1)
    for call in range(2, 12):
        salon.square.arm("hang_before", "bookings.create", call)
    salon.square.arm("list_empty", "bookings.list", times=50)
    carry(salon, hasty, request)
    salon.square.world.faults.clear()
    assert (salon.ended(request).word, len(salon.bookings())) == ("unknown_result", 1)
    treat = salon.cut()
    salon.people.books_in_square(salon.stylists(treat)[0], treat, salon.at(11, 15), BEN)
    salon.pull()
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    assert salon.click(kept, salon.first(kept, ChoiceKind.SHOW_BOTH)).state == "done"
    assert len(salon.bookings()) == 2, "hers and his"
    with reading(salon.house.engine) as conn:
        assert not intents.all_open(conn)


def test_leaving_a_card_does_not_wait_for_what_is_open_about_its_visit(salon: Salon, hasty: Hasty) -> None:
    new_client(salon)
    salon.square.arm("hang_before", "bookings.create", 1)
    send(salon, hasty)
    (kept,) = salon.found(Kind.MISSING_IN_SQUARE)
    left = salon.ask(kept, salon.first(kept, ChoiceKind.LEAVE), who="Priya")
    sent = salon.square.world.counts["bookings.create"]
    salon.work(hasty.house)
    assert salon.ended(left).state == "done"
    assert salon.square.world.counts["bookings.create"] == sent


def test_what_is_settled_by_somebody_while_the_lease_is_asked_for_is_not_settled_again(
    salon: Salon, hasty: Hasty
) -> None:
    request = new_client(salon)
    salon.square.arm("hang_before", "bookings.create", 1)
    send(salon, hasty)
    sent = salon.square.world.counts["bookings.create"]

    def settle() -> None:
        with writing(salon.house.engine) as conn:
            (row,) = intents.all_open(conn)
            assert intents.settle(conn, row.id, "nothing", None, hasty.now)

    hasty.house = replace(hasty.house, locks=JustBefore(hasty.house.locks, settle))
    hasty.now += timedelta(seconds=30)
    carry(salon, hasty, request)
    assert salon.ended(request).state == "done"
    assert salon.square.world.counts["bookings.create"] == sent + 1


def test_what_another_request_left_open_is_taken_away_when_it_meets_somebody(salon: Salon, hasty: Hasty) -> None:
    request = new_client(salon)
    for call in range(1, 12):
        salon.square.arm("hang_before", "bookings.create", call)
    carry(salon, hasty, request)
    salon.square.world.faults.clear()
    assert salon.ended(request).word == "unknown_result"
    treat = salon.cut()
    salon.people.books_in_square(salon.stylists(treat)[0], treat, salon.at(11, 15), BEN)
    salon.pull()
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    assert salon.click(kept, salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE)).state == "done"
    assert not salon.bookings(), "neither his nor hers"
    with reading(salon.house.engine) as conn:
        assert ledger.count(conn, ledger.WITHDRAWN_AFTER_WRITE, NOON - timedelta(days=1)) == 1


def test_a_client_whom_square_deleted_or_merged_is_found_anew(salon: Salon, hasty: Hasty) -> None:
    request = new_client(salon)
    carry(salon, hasty, request)
    (first,) = salon.bookings().values()
    salon.square.world["customers"].drop(str(first["customer_id"]))
    treat = salon.cut()
    salon.people.books_on_website(salon.stylists(treat)[0], treat, salon.at(14), NEW)
    salon.pull()
    (kept,) = salon.found(Kind.MISSING_IN_SQUARE)
    again = salon.ask(kept, salon.first(kept, ChoiceKind.SEND_ACROSS))
    carry(salon, hasty, again)
    assert salon.ended(again).state == "done"
    (second,) = [doc for key, doc in salon.bookings().items() if key != first["id"]]
    assert second["customer_id"] not in (None, first["customer_id"])
