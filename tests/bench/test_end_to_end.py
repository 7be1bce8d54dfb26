"""The road from a webhook to the create in Square is measured with real processes, and counts what Square counted."""

from __future__ import annotations

import pytest

from bench import end_to_end
from bench.end_to_end import Carried
from bench.salon import CALL_SECONDS
from bench.slots import slots


def test_a_few_visits_go_through_real_processes_and_are_put_beside_bare_commits() -> None:
    report = "\n".join(end_to_end.run(count=2, a_second=5, backlog=2))
    for word in (
        "2 visits from the website",
        "without 120 ms a call",
        "a bare durable commit",
        "our own part, p50",
        "calls before the create, p50",
        "2 visits that had waited for the worker, 16 threads",
        "at most 1.18",
    ):
        assert word in report


def test_what_square_takes_itself_is_taken_off_once_for_each_call_it_counted() -> None:
    one = Carried(told=10.0, created=10.25, calls=(10.01, 10.02))
    assert one.off == pytest.approx(0.25 - 2 * CALL_SECONDS)


@pytest.mark.parametrize(
    ("calls", "own"),
    [
        ((), 0.3),
        ((10.01,), 0.3 - CALL_SECONDS),
        ((10.01, 10.15), 0.3 - 2 * CALL_SECONDS),
        ((10.01, 10.01), 0.3 - CALL_SECONDS),
        ((10.01, 10.05), 0.3 - CALL_SECONDS - 0.04),
        ((10.25,), 0.25),
    ],
    ids=["no call", "one", "one after the other", "side by side", "partly", "still under way"],
)
def test_our_own_part_is_what_is_left_when_square_is_not_at_work(calls: tuple[float, ...], own: float) -> None:
    assert Carried(told=10.0, created=10.3, calls=calls).own == pytest.approx(own)


def test_no_slot_is_given_out_twice_and_there_are_no_more_than_there_are() -> None:
    given = list(slots([(1, 1), (2, 3)], 300))
    assert len({(slot.staff, slot.start) for slot in given}) == 300
    with pytest.raises(ValueError):
        slots([(1, 1)], 100_000)
