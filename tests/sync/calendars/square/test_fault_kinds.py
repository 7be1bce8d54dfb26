"""What kind of failure each trouble of Square is, as whoever called is told."""

from __future__ import annotations

import pytest

from sync.calendars import CalendarError, OutcomeUnknown, ReadFailed, WriteRefused
from sync.calendars.square.client import open_square
from sync.calendars.square.read import SquareReader
from sync.calendars.square.write import SquareWriter
from sync.model import Fault
from tests.sync.calendars.square.conftest import MONDAY, Salon

KINDS = {
    "rate_limited": Fault.ASKED_TO_WAIT,
    "rate_limited_retry_after": Fault.ASKED_TO_WAIT,
    "error_503": Fault.TROUBLE,
    "html_502": Fault.TROUBLE,
    "reset_before": Fault.NO_ANSWER,
    "truncated_json": Fault.NO_ANSWER,
    "cut_short": Fault.NO_ANSWER,
    "token_revoked": Fault.NOT_LET_IN,
    "token_expired": Fault.NOT_LET_IN,
    "scope_missing": Fault.NOT_ALLOWED,
    "unknown_error_code": Fault.REFUSED,
}


@pytest.mark.parametrize("name", KINDS)
def test_a_failed_read_says_its_kind(salon: Salon, name: str) -> None:
    salon.arm(name, "bookings.list")
    with pytest.raises(ReadFailed) as caught:
        salon.snapshot()
    assert (caught.value.fault, caught.value.waiting) == (KINDS[name], False)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("route", ["bookings.create", "bookings.list"])
def test_a_failed_write_says_its_kind_also_when_a_look_before_it_failed(salon: Salon, name: str, route: str) -> None:
    place = salon.place()
    salon.arm(name, route)
    with pytest.raises(CalendarError) as caught:
        salon.writer.write(place)
    assert caught.value.fault is KINDS[name]
    assert isinstance(caught.value, (WriteRefused, OutcomeUnknown))


def test_what_was_asked_for_is_told_in_seconds(salon: Salon) -> None:
    salon.arm("rate_limited_retry_after", "bookings.list", seconds=7)
    with pytest.raises(ReadFailed) as caught:
        salon.snapshot()
    assert caught.value.retry_after == 7


def test_a_square_that_is_not_there_is_unreached_and_an_address_that_is_none_lets_nobody_in(salon: Salon) -> None:
    for address, kind in (("http://127.0.0.1:1", Fault.UNREACHED), ("nonsense", Fault.NOT_LET_IN)):
        client = open_square(address, "practice", "L1")
        reader = SquareReader(client, clock=lambda: MONDAY)
        with pytest.raises(ReadFailed) as read:
            reader.directory()
        with pytest.raises(WriteRefused) as written:
            SquareWriter(client, reader).write(salon.place())
        assert (read.value.fault, written.value.fault) == (kind, kind)
        client.close()
