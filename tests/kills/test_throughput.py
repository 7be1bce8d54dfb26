"""A worker that is killed every ten seconds carries nearly as much as one that nobody touches."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.model import End, Side
from sync.store.tables import hints
from tests.kills.killing import SAID, Killing
from tests.kills.processes import nursery, wait_for
from tests.kills.salon import Salon, environment, open_salon

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]

TTL = 30.0
EVERY = 10.0
"""Seconds between two kills."""
TURNS = 6
STAYS_AT = 0.8
BACKLOG = 6000
"""More than are carried meanwhile: a worker that waits for work would not show what a kill costs."""


def ended(salon: Salon) -> int:
    done = hints.c.state.in_([end.value for end in End])
    return int(salon.value(sa.select(sa.func.count()).where(done)))


def carried(killing: Killing, *, killed: bool) -> int:
    """How many hints end in so many turns, from when the first one has."""
    salon, before, pause = killing.salon, ended(killing.salon), threading.Event()
    worker = killing.nursery.start("sync", "work", patience=3600)
    wait_for(lambda: ended(salon) > before, "the worker is at work")
    before = ended(salon)
    for _ in range(TURNS):
        pause.wait(EVERY)
        if killed:
            worker.end(signal.SIGKILL)
            worker = killing.nursery.start("sync", "work", patience=3600)
    done = ended(salon) - before
    worker.end(signal.SIGTERM)
    assert salon.open_hints() > 0, "there was not enough to do"
    return done


def test_a_kill_every_ten_seconds_costs_a_fifth_at_most(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with open_salon(tmp_path, TTL) as salon, nursery(tmp_path, environment(salon)) as processes:
        killing = Killing(salon, processes)
        killing.open_the_intake()
        for _ in range(BACKLOG):
            salon.books(Side.SQUARE)
        wait_for(lambda: salon.open_hints() >= BACKLOG, "all are told of", 600.0)
        alone = carried(killing, killed=False)
        under_fire = carried(killing, killed=True)
        share = under_fire / alone
        record_property(
            SAID,
            f"killed every {EVERY:g} s a worker carries {share:.0%} of what it carries alone "
            f"({under_fire} and {alone} hints in {TURNS * EVERY:g} s)",
        )
        assert share >= STAYS_AT
