"""Many processes ask for intervals that all hold one minute of one person: exactly one is granted each round."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.store.connection import reading
from sync.store.tables import holds, ledger
from tests.sync.converge.conftest import NOON, open_salon
from tests.sync.intake.holds.conftest import settings_of
from tests.sync.intake.holds.racing import Course, race


@pytest.mark.parametrize(
    ("processes", "rounds"), [(8, 10), pytest.param(50, 200, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])]
)
def test_exactly_one_of_those_who_want_a_minute_gets_it(
    quiet_bookly: Path, tmp_path: Path, processes: int, rounds: int
) -> None:
    with open_salon(quiet_bookly, tmp_path) as salon:
        treat = salon.cut()
        chair = salon.stylists(treat)[0]
        settings = settings_of(salon, f"sqlite:///{tmp_path / 'bookly.db'}")
        store = f"sqlite:///{tmp_path / 'store.db'}"
        rows, bookings = salon.rows(), salon.bookings()
        course = Course(settings, store, chair.bookly, treat.bookly, salon.at(10), NOON, rounds)
        told = race(course, processes)
        with reading(salon.house.engine) as conn:
            kept = conn.execute(sa.select(holds.c.start, holds.c.end)).all()
            missed = conn.execute(sa.select(sa.func.count()).select_from(ledger)).scalar_one()
        assert (salon.rows(), salon.bookings()) == (rows, bookings)
        assert salon.house.locks.leases() == ()
    print(f"\n{processes} processes, {rounds} rounds: {dict(sum(told, Counter()))}")
    assert [answers["granted"] for answers in told] == [1] * rounds
    assert {sum(answers.values()) for answers in told} == {processes}
    common = [course.common(number).timestamp() for number in range(rounds)]
    assert [sum(start <= minute < end for start, end in kept) for minute in common] == [1] * rounds
    assert missed == sum(answers["held"] for answers in told)
