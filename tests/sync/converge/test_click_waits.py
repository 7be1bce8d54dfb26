"""A click meets a calendar that is left alone, asks to wait, or fails: what is a wait, what is a try, what is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from sync.calendars import (
    CalendarError,
    CalendarReader,
    CalendarWriter,
    OutcomeUnknown,
    ReadFailed,
    ReadKept,
    SettleKept,
    WriteKept,
    WriteRefused,
)
from sync.inbox.worker import ATTEMPTS
from sync.model import Side
from sync.store import requests
from sync.store.connection import reading
from sync.store.requests import Request
from tests.sync.converge.conftest import Salon
from tests.sync.converge.test_lost_answers import Hasty, hasty, new_client

__all__ = ["hasty"]

LEFT_ALONE = "Square did not answer. It is asked again in 20 seconds."
BUSY = "Square asks for fewer calls."
TROUBLE = "Square had trouble of its own."
LOST = "Square's answer was lost."


class Away:
    """A calendar that meets each call with the next of these errors; once there are none left, it does as asked. Who
    its client is it says at all times."""

    def __init__(self, there: object, errors: list[CalendarError]) -> None:
        self._there, self._errors = there, errors

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def asked(*given: Any, **named: Any) -> Any:
            if self._errors and name != "client_for":
                raise self._errors.pop(0)
            return getattr(self._there, name)(*given, **named)

        return asked


@pytest.fixture
def request_of(salon: Salon) -> int:
    """Somebody new is to be sent to Square."""
    return new_client(salon)


def reads(hasty: Hasty, *errors: CalendarError) -> None:
    away = cast(CalendarReader, Away(hasty.house.readers[Side.SQUARE], list(errors)))
    hasty.house = replace(hasty.house, readers={**hasty.house.readers, Side.SQUARE: away})


def writes(hasty: Hasty, *errors: CalendarError) -> None:
    away = cast(CalendarWriter, Away(hasty.house.writers[Side.SQUARE], list(errors)))
    hasty.house = replace(hasty.house, writers={**hasty.house.writers, Side.SQUARE: away})


def tried(salon: Salon, hasty: Hasty, number: int, times: int) -> Request:
    """The request after the worker took it up so often, half a minute passing each time."""
    for _ in range(times):
        salon.work(hasty.house)
        hasty.now += timedelta(seconds=30)
    with reading(salon.house.engine) as conn:
        found = requests.get(conn, number)
    assert found is not None
    return found


def ended(salon: Salon, number: int) -> tuple[str, str, str]:
    outcome = salon.ended(number)
    return outcome.state, outcome.word, outcome.error


WAITS: dict[str, tuple[Callable[..., None], CalendarError]] = {
    "reading is left alone": (reads, ReadKept(LEFT_ALONE, retry_after=20.0)),
    "writing is left alone": (writes, WriteKept(LEFT_ALONE, retry_after=20.0)),
    "asked to write later": (writes, WriteRefused(BUSY, retry_after=20.0)),
    "in the middle of something": (reads, ReadFailed(BUSY, waiting=True)),
}


@pytest.mark.parametrize(("asks", "error"), WAITS.values(), ids=WAITS)
def test_a_calendar_that_is_not_to_be_asked_now_is_waited_for_and_that_is_no_try(
    salon: Salon, hasty: Hasty, request_of: int, asks: Callable[..., None], error: CalendarError
) -> None:
    asks(hasty, *[error] * (ATTEMPTS + 1))
    waiting = tried(salon, hasty, request_of, ATTEMPTS + 1)
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    tried(salon, hasty, request_of, 1)
    assert salon.ended(request_of).state == "done"


def test_what_is_asked_for_is_waited_and_not_less(salon: Salon, hasty: Hasty, request_of: int) -> None:
    writes(hasty, WriteKept(LEFT_ALONE, retry_after=45.0))
    assert tried(salon, hasty, request_of, 2).state == "waiting"
    assert tried(salon, hasty, request_of, 1).state == "done"


def test_a_calendar_that_cannot_be_read_is_told_as_that_and_nothing_is_called_uncertain(
    salon: Salon, hasty: Hasty, request_of: int
) -> None:
    reads(hasty, *[ReadFailed(TROUBLE)] * ATTEMPTS)
    tried(salon, hasty, request_of, ATTEMPTS)
    assert ended(salon, request_of) == ("refused", "side_unreadable", TROUBLE)


def test_a_calendar_that_says_no_each_time_is_told_as_that(salon: Salon, hasty: Hasty, request_of: int) -> None:
    writes(hasty, *[WriteRefused(TROUBLE)] * ATTEMPTS)
    tried(salon, hasty, request_of, ATTEMPTS)
    assert ended(salon, request_of) == ("refused", "refused", TROUBLE)


def test_what_may_have_been_written_is_called_uncertain_whatever_the_last_try_met(
    salon: Salon, hasty: Hasty, request_of: int
) -> None:
    left_alone = SettleKept(LEFT_ALONE, retry_after=20.0)
    writes(hasty, OutcomeUnknown(LOST), left_alone, *[ReadFailed(TROUBLE)] * (ATTEMPTS - 1))
    tried(salon, hasty, request_of, ATTEMPTS + 1)
    assert ended(salon, request_of) == ("refused", "unknown_result", TROUBLE)
