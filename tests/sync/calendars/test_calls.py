"""Outside calls are told to those who listen, and to nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from sync.calendars.calls import Verdict, listening, listening_everywhere, tell, told
from sync.model import Side
from sync.model.calls import NAMES, Call

CALL = Call(Side.SQUARE, "get bookings", datetime(2026, 11, 21, 9, tzinfo=UTC), 120.0, "ok", 200)


def test_a_listener_hears_what_is_called_in_its_block_and_nothing_afterwards() -> None:
    heard: list[Call] = []
    with listening(heard.append):
        tell(CALL)
    tell(CALL)
    assert heard == [CALL]


def test_a_listener_inside_another_takes_nothing_from_it() -> None:
    outer: list[Call] = []
    inner: list[Call] = []
    with listening(outer.append):
        with listening(inner.append):
            tell(CALL)
        tell(CALL)
    assert (len(outer), len(inner)) == (2, 1)


def test_one_thread_does_not_hear_the_other_and_the_process_hears_both() -> None:
    mine: list[Call] = []
    everywhere: list[Call] = []
    with listening_everywhere(everywhere.append), listening(mine.append), ThreadPoolExecutor(1) as other:
        tell(CALL)
        other.submit(tell, CALL).result(10)
    tell(CALL)
    assert (len(mine), len(everywhere)) == (1, 2)


def test_what_leaves_the_block_is_judged_told_and_raised_on() -> None:
    heard: list[Call] = []
    with (
        listening(heard.append),
        pytest.raises(KeyError),
        told(Side.BOOKLY, "read rows", lambda _: Verdict("lost", code="2013")),
    ):
        raise KeyError("gone")
    (call,) = heard
    assert (call.side, call.name, call.outcome, call.code) == (Side.BOOKLY, "read rows", "lost", "2013")
    assert call.ms >= 0 and call.at.tzinfo is UTC


def test_a_block_that_ends_well_is_told_as_ok() -> None:
    heard: list[Call] = []
    with listening(heard.append), told(Side.BOOKLY, "named lock", lambda _: Verdict("lost")):
        pass
    assert [call.outcome for call in heard] == ["ok"]


def test_every_name_with_its_side_fits_where_it_is_kept() -> None:
    assert all(len(f"{side}|{name}") <= 40 for side, names in NAMES.items() for name in names)
