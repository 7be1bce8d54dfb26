"""Many click for the same minute of one person, on visits of either side: exactly one is granted each round."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from practice_salon.people.stage import Chair
from sync.model import Choice, ChoiceKind, Kind, Side
from sync.rounds.reconcile import GRACE, reconcile
from sync.store import findings
from sync.store.connection import reading
from tests.kills.clicking import Click, around, runners
from tests.kills.salon import STANDING, Salon, house_of, look, open_salon

TTL = 30.0
FAR = timedelta(days=100)
"""The minutes that all want lie on days on which nobody stands."""


def prepare(salon: Salon, chair: Chair, count: int) -> None:
    """So many times two clients at one time of that person, by turns in Bookly and in Square."""
    for number, slot in zip(range(count), (one for one in salon.slots if one[0] == chair), strict=False):
        for _ in range(2):
            salon.books((Side.BOOKLY, Side.SQUARE)[number % 2], slot)
    with house_of(salon) as house:
        look(house)
    reconcile(salon.store, datetime.now(UTC) + GRACE)


def clicks(salon: Salon, count: int, minute: datetime, rng: random.Random) -> list[Click]:
    """So many, each for another open card, as many of each side as can be."""
    with reading(salon.store) as conn:
        kept = [one for one in findings.all_in(conn, "open") if one.finding.kind is Kind.DOUBLE_BOOKING]
    by_side = {side: [one for one in kept if one.finding.concerned[0].refs[0].side is side] for side in Side}
    chosen = [by_side[(Side.BOOKLY, Side.SQUARE)[number % 2]].pop() for number in range(count)]
    length = timedelta(minutes=salon.treat.minutes)
    return [
        Click(
            one.id,
            one.finding.seen,
            Choice(ChoiceKind.OTHER_TIME, ref=one.finding.concerned[0].refs[0], start=around(minute, length, rng)),
            f"clicker {number} at {minute:%d %b}",
        )
        for number, one in enumerate(chosen)
    ]


def minutes(salon: Salon, rounds: int) -> Iterator[datetime]:
    stage = salon.people.stage
    noon = stage.local(datetime.now(UTC)).replace(hour=12, minute=0, second=0, microsecond=0) + FAR
    return (stage.utc(noon + timedelta(days=number)) for number in range(rounds))


def taken(salon: Salon, chair: Chair, minute: datetime) -> tuple[int, int]:
    """How often that person is taken in that minute, in Bookly and in Square."""
    here = salon.people.stage.local(minute)
    meets = "SELECT count(*) FROM wp_bookly_appointments WHERE staff_id = :s AND start_date <= :m AND end_date > :m"
    with salon.people.stage.site.engine.connect() as conn:
        bookly = conn.execute(sa.text(meets), {"s": chair.bookly, "m": f"{here:%Y-%m-%d %H:%M:%S}"}).scalar_one()
    with salon.square.world.lock:
        docs = [kept["booking"] for kept in salon.square.world["bookings"].values()]
    starts = [
        datetime.fromisoformat(doc["start_at"]) for doc in docs
        if doc["status"] in STANDING and doc["appointment_segments"][0]["team_member_id"] == chair.square
    ]  # fmt: skip
    length = timedelta(minutes=salon.treat.minutes)
    return int(bookly), sum(start <= minute < start + length for start in starts)


@pytest.mark.parametrize(
    ("processes", "rounds"),
    [
        pytest.param(6, 5, marks=pytest.mark.timeout(600)),
        pytest.param(50, 200, marks=[pytest.mark.soak, pytest.mark.timeout(7200)]),
    ],
)
def test_exactly_one_of_those_who_click_for_a_minute_gets_it(tmp_path: Path, processes: int, rounds: int) -> None:
    rng = random.Random(processes)
    with open_salon(tmp_path, TTL) as salon:
        chair = next(salon.slots)[0]
        prepare(salon, chair, processes + 2 * rounds)
        wanted = list(minutes(salon, rounds))
        with runners(salon.settings, processes) as running:
            told = [running.round(clicks(salon, processes, minute, rng)) for minute in wanted]
        assert [taken(salon, chair, minute) for minute in wanted] == [(1, 1)] * rounds
    print(f"\n{processes} processes click, {rounds} rounds: {dict(sum(told, Counter()))}")
    assert [answers["done"] for answers in told] == [1] * rounds
    assert set(sum(told, Counter())) == {"done", "refused taken"}
