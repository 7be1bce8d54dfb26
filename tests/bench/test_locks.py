"""What locks cost is measured beside what they cannot cost less than, and nobody is let through."""

from __future__ import annotations

import multiprocessing

import pytest

from bench import locks


@pytest.mark.redis
def test_the_report_has_every_kind_and_its_goals() -> None:
    report = "\n".join(locks.run(times=20, processes=1, contend=0.2))
    for word in (locks.PLAIN, locks.ALONE, locks.WHOLE, locks.BARE, locks.IN_STORE, locks.BY_START):
        assert word in report
    assert "at most 1.5 " in report and "at most 1.25" in report
    (together,) = (line.split() for line in report.splitlines() if line.startswith("interval locks: in one chair"))
    assert together[-1] == "met" and together[-5] == "0"


def test_who_sits_where_somebody_sits_is_counted() -> None:
    chair = multiprocessing.get_context("spawn").Array("i", 16)
    assert locks._sit(chair, range(2, 5)) == 0
    chair[3] = 1
    assert locks._sit(chair, range(2, 5)) == 1
    assert chair[:] == [0, 0, 0, 1, *[0] * 12]
