"""Which changes came without a webhook."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.decide.missed import Change, Delivered, never_delivered
from tests.sync.store.made import NOON, square

ANNA, BEN = square("S1"), square("S2")
SECOND = timedelta(seconds=1)


def change(version: int = 1, made: float | None = 0, at: float = 20) -> Change:
    return Change(ANNA, version, NOON + at * SECOND, None if made is None else NOON + made * SECOND)


def came(made: float | None = 0, at: float = 5) -> Delivered:
    return Delivered(ANNA, NOON + at * SECOND, None if made is None else NOON + made * SECOND)


@pytest.mark.parametrize(
    ("delivered", "lost"),
    [
        ([], True),
        ([came(1)], False),
        ([came(-50)], False),
        ([came(90)], True),
        ([came(-90)], True),
        ([came(None, 30)], False),
        ([came(None, 20 * 60)], True),
        ([came(None, -80 * 60)], True),
        ([Delivered(BEN, NOON, NOON)], True),
    ],
)
def test_a_webhook_tells_of_a_change_made_at_the_same_moment(delivered: list[Delivered], lost: bool) -> None:
    assert (never_delivered([change()], delivered) == (change(),)) is lost


def test_where_the_side_does_not_say_when_it_was_made_a_webhook_of_that_hour_counts() -> None:
    assert not never_delivered([change(made=None)], [came(at=-30 * 60)])
    assert never_delivered([change(made=None)], [came(at=-90 * 60)])


def test_a_change_learned_twice_is_missed_once() -> None:
    assert len(never_delivered([change(), change(at=40), change(2)], [])) == 2
