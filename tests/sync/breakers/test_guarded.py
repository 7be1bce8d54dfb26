"""Each call asks the breaker first and tells it afterwards; its answer and its own error go on unchanged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync.breakers import Breakers, GuardedReader, GuardedWriter
from sync.calendars import (
    CalendarError,
    CalendarReader,
    CalendarWriter,
    NotOffered,
    OutcomeUnknown,
    ReadFailed,
    SideDown,
    Stale,
    Taken,
    WriteRefused,
)
from sync.model import BreakerState, Fault, Side
from tests.sync.breakers.told import ANNA, CLIENT, NOON, WINDOW, WRITE, WRITTEN, Clock, Told

Call = Callable[[CalendarReader, CalendarWriter], object]

READS: dict[str, Call] = {
    "directory": lambda reader, _: reader.directory(),
    "snapshot": lambda reader, _: reader.snapshot(WINDOW),
    "read": lambda reader, _: reader.read([ANNA]),
    "around": lambda reader, _: reader.around("TM1", NOON, NOON),
    "poll": lambda reader, _: reader.poll(WINDOW, [ANNA]),
    "events_since": lambda reader, _: reader.events_since(NOON),
    "known_as": lambda reader, _: reader.known_as(ANNA),
    "meant_to_be_gone": lambda reader, _: reader.meant_to_be_gone([ANNA], {}),
    "service_versions": lambda reader, _: reader.service_versions(["V1"]),
}
WRITES: dict[str, Call] = {
    "write": lambda _, writer: writer.write(WRITE),
    "settle": lambda _, writer: writer.settle(WRITE),
    "client_for": lambda _, writer: writer.client_for(CLIENT, "client-1"),
}
CALLS = READS | WRITES
LOST = ReadFailed("Square gave no whole answer in time: try again.", fault=Fault.NO_ANSWER)
REVOKED = ReadFailed("The access token was revoked.", permanent=True, setting="SQUARE_ACCESS_TOKEN")


class Guarded:
    """A side behind its breaker."""

    def __init__(self, breakers: Breakers, clock: Clock) -> None:
        self.side, self.breakers, self.clock = Told(), breakers, clock
        self.reader: CalendarReader = GuardedReader(self.side, breakers)
        self.writer: CalendarWriter = GuardedWriter(self.side, breakers)

    def call(self, name: str = "read") -> object:
        return CALLS[name](self.reader, self.writer)

    def fails(self, error: BaseException, name: str = "read", times: int = 1) -> None:
        self.side.error = error
        for _ in range(times):
            with pytest.raises(type(error)) as caught:
                self.call(name)
            assert caught.value is error
        self.side.error = None

    def is_left_alone(self, name: str = "read") -> SideDown:
        before = len(self.side.asked)
        with pytest.raises(SideDown) as caught:
            self.call(name)
        assert len(self.side.asked) == before, "the side was asked all the same"
        return caught.value

    @property
    def state(self) -> BreakerState:
        return self.breakers.now(Side.SQUARE).state


@pytest.fixture
def guarded(breakers: Breakers, clock: Clock) -> Guarded:
    return Guarded(breakers, clock)


def test_what_the_side_answers_goes_on_unchanged(guarded: Guarded) -> None:
    assert guarded.call("write") is WRITTEN
    assert guarded.call("settle") is None
    assert guarded.call("client_for") == "client-1"
    assert guarded.call("read") == {ANNA: None}
    told: list[tuple[int, int]] = []
    assert guarded.reader.snapshot(WINDOW, (), lambda done, of: told.append((done, of))).window == WINDOW
    assert told == [(1, 1)]


@pytest.mark.parametrize("name", CALLS)
def test_each_call_counts_and_each_is_kept_back(guarded: Guarded, name: str) -> None:
    guarded.fails(LOST, name, times=5)
    for other in CALLS:
        guarded.is_left_alone(other)


def test_a_kept_call_is_what_its_kind_of_failure_is_and_says_when_to_come_again(guarded: Guarded) -> None:
    guarded.fails(LOST, times=5)
    guarded.clock.turn(2)
    kinds = dict.fromkeys(READS, ReadFailed) | {"write": WriteRefused, "client_for": WriteRefused}
    for name, kind in {**kinds, "settle": OutcomeUnknown}.items():
        down = guarded.is_left_alone(name)
        assert kind in type(down).mro()
        assert down.waiting and not down.permanent
        assert down.retry_after == 3
        assert str(down) == "Square gave no whole answer in time: try again. It is asked again in 3 seconds."


def test_what_became_of_a_write_stays_open_while_nobody_is_asked(guarded: Guarded) -> None:
    guarded.fails(LOST, times=5)
    assert not isinstance(guarded.is_left_alone("settle"), WriteRefused)


@pytest.mark.parametrize(
    "error",
    [
        Stale("It was changed."),
        Taken("The time is taken."),
        WriteRefused("Square did not accept the request (BAD_REQUEST).", permanent=True),
        ReadFailed("This booking has no end.", permanent=True),
        WriteRefused("Bookly is busy with another booking.", waiting=True),
        OutcomeUnknown("It does not show yet.", fault=Fault.NOT_SHOWN),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_no_is_an_answer(guarded: Guarded, error: CalendarError) -> None:
    guarded.fails(LOST, times=4)
    guarded.fails(error, times=20)
    guarded.fails(LOST, times=4)
    assert guarded.state is BreakerState.CLOSED


def test_a_write_that_never_arrived_counts(guarded: Guarded) -> None:
    guarded.fails(WriteRefused("Square could not be reached.", fault=Fault.UNREACHED), "write", times=5)
    guarded.is_left_alone()


def test_the_first_call_after_the_rest_is_the_trial_and_its_answer_opens_the_door(guarded: Guarded) -> None:
    guarded.fails(LOST, times=5)
    guarded.clock.turn(5)
    assert guarded.call() == {ANNA: None}
    assert guarded.state is BreakerState.CLOSED


def test_while_the_trial_is_under_way_nobody_else_is_let_through(guarded: Guarded) -> None:
    guarded.fails(LOST, times=5)
    guarded.clock.turn(5)

    class Asking(Told):
        """Whoever comes while this call is under way is kept back."""

        def _answer(self, call: str) -> None:
            guarded.is_left_alone()

    assert GuardedReader(Asking(), guarded.breakers).read([ANNA]) == {ANNA: None}
    assert guarded.state is BreakerState.CLOSED


def test_a_side_that_keeps_no_list_for_us_has_answered(guarded: Guarded) -> None:
    guarded.fails(NotOffered("Square does not let us look.", permanent=True), "events_since", times=20)
    assert guarded.state is BreakerState.CLOSED
    assert guarded.reader.events_since(NOON)


def test_a_trial_that_fails_leaves_the_side_alone_for_longer(guarded: Guarded) -> None:
    guarded.fails(LOST, times=5)
    guarded.clock.turn(5)
    guarded.fails(LOST)
    guarded.clock.turn(9)
    assert guarded.is_left_alone().retry_after == 1
    guarded.clock.turn(1)
    guarded.call()


def test_a_trial_that_stops_in_the_middle_makes_room_for_another_in_time(guarded: Guarded) -> None:
    guarded.fails(LOST, times=5)
    guarded.clock.turn(5)
    guarded.fails(KeyboardInterrupt())
    guarded.is_left_alone()
    guarded.clock.turn(30)
    guarded.call()
    assert guarded.state is BreakerState.CLOSED


def test_retry_after_is_kept_to(guarded: Guarded) -> None:
    guarded.fails(OutcomeUnknown("Square asks for fewer calls.", fault=Fault.ASKED_TO_WAIT, retry_after=30), "write")
    assert guarded.is_left_alone().retry_after == 30
    guarded.clock.turn(30)
    guarded.call()


def test_a_side_that_lets_nobody_in_is_left_alone_at_once_with_the_setting_named(guarded: Guarded) -> None:
    guarded.fails(REVOKED)
    down = guarded.is_left_alone("write")
    assert (down.setting, down.retry_after) == ("SQUARE_ACCESS_TOKEN", 60)
    assert str(down).startswith("The access token was revoked.")


def test_a_missing_right_to_write_keeps_nobody_from_reading(guarded: Guarded) -> None:
    plan = WriteRefused("The plan does not allow this.", permanent=True, setting="SQUARE_ACCESS_TOKEN")
    plan.fault = Fault.NOT_ALLOWED
    guarded.fails(plan, "write", times=9)
    guarded.call("read")
    guarded.fails(ReadFailed("A right is missing.", fault=Fault.NOT_ALLOWED), "read")
    guarded.is_left_alone("read")


def test_one_side_says_nothing_of_the_other(guarded: Guarded) -> None:
    guarded.fails(LOST, times=5)
    assert guarded.breakers.now(Side.BOOKLY).is_closed


def test_a_check_that_a_person_asks_for_is_always_made(guarded: Guarded) -> None:
    guarded.fails(LOST, times=5)
    assert guarded.reader.check() == []
    assert guarded.side.asked[-1] == "check"
