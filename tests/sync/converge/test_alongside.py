"""Reads made side by side: they do not wait for each other, come back in their order, and fail as they would alone."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier

import pytest

from sync.calendars import ReadFailed
from sync.calendars.calls import OK, Stopwatch, listening
from sync.converge.alongside import Alongside, Threads, one_by_one, together
from sync.model import Side
from sync.model.calls import Call

SOON_ENOUGH = 20.0
"""Seconds after which a test gives up on something that should have happened."""


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads()
    yield made
    made.close()


@pytest.fixture(params=["threads", "one by one"])
def alongside(request: pytest.FixtureRequest, threads: Threads) -> Alongside:
    return threads if request.param == "threads" else one_by_one


def test_each_goes_on_while_the_others_wait(threads: Threads) -> None:
    meeting = Barrier(3)

    def read() -> int:
        return meeting.wait(SOON_ENOUGH)

    assert sorted(together(threads, [read, read, read])) == [0, 1, 2]


def test_what_they_find_comes_in_their_order(alongside: Alongside) -> None:
    assert together(alongside, [lambda: "Bookly", lambda: "Square", lambda: "the lists"]) == [
        "Bookly", "Square", "the lists",
    ]  # fmt: skip
    assert together(alongside, [lambda: "alone"]) == ["alone"]
    assert together(alongside, []) == []


@pytest.mark.parametrize("failing", [0, 1])
def test_what_one_of_them_raises_is_raised(alongside: Alongside, failing: int) -> None:
    def fails() -> str:
        raise ReadFailed("Square gave no answer.")

    reads = [lambda: "found", lambda: "found"]
    reads[failing] = fails
    with pytest.raises(ReadFailed, match="gave no answer"):
        together(alongside, reads)


def test_what_was_begun_raises_only_when_it_is_asked_for(alongside: Alongside) -> None:
    def fails() -> str:
        raise ReadFailed("Square gave no answer.")

    wait = alongside(fails)
    with pytest.raises(ReadFailed):
        wait()


def test_whoever_listens_to_the_calls_of_a_hint_hears_these_too(alongside: Alongside) -> None:
    heard: list[Call] = []
    with listening(heard.append):
        alongside(lambda: Stopwatch(Side.SQUARE, "get services").ended(OK))()
    assert [call.name for call in heard] == ["get services"]
