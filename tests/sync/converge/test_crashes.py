"""A worker killed at each point of its road: the next one carries the request to its end, and what stands is what
would have stood without."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sync.model import ChoiceKind, Side
from sync.model.stored import outcome_from
from sync.store import audit, intents, keeping, pairs, requests
from sync.store.connection import reading, writing
from tests.sync.converge import dying
from tests.sync.converge.conftest import NOON, Salon
from tests.sync.converge.stories import asked, clash, shown_clash, square_visit, website_visit
from tests.sync.converge.way_back import way_back

LATER = timedelta(minutes=2)
"""By then the dead worker's claim on the request and its lease have run out."""


Worker = Callable[[dying.Salon, Path, int], int]
STORIES: dict[str, Callable[[Salon], int]] = {
    "sent across to Square": lambda s: asked(s, website_visit(s)[1], ChoiceKind.SEND_ACROSS),
    "sent across to Bookly": lambda s: asked(s, square_visit(s)[1], ChoiceKind.SEND_ACROSS),
    "both shown in both": lambda s: asked(s, clash(s), ChoiceKind.SHOW_BOTH),
    "moved on both sides from Bookly": lambda s: asked(s, shown_clash(s), ChoiceKind.OTHER_STYLIST, Side.BOOKLY),
    "moved on both sides from Square": lambda s: asked(s, shown_clash(s), ChoiceKind.OTHER_TIME, Side.SQUARE),
    "cancelled on both sides": lambda s: asked(s, shown_clash(s), ChoiceKind.CANCEL, Side.BOOKLY),
}


@dataclass(frozen=True)
class Stands:
    """Everything there is when the request has ended, as far as it does not hang on when and by whom it was made."""

    outcome: tuple[Any, ...]
    bookings: list[tuple[Any, ...]]
    rows: list[tuple[Any, ...]]
    seats: list[tuple[Any, ...]]
    customers: int
    pairs: list[tuple[Any, ...]]
    open_findings: list[str]
    unsettled: int
    audited: list[tuple[Any, ...]]


def stands(salon: Salon, request: int) -> Stands:
    world = salon.square.world
    engine = salon.house.engine
    with reading(engine) as conn:
        row = requests.get(conn, request)
        assert row is not None
        assert row.outcome is not None, row.state
        ended = outcome_from(row.outcome)
        known = pairs.all_pairs(conn)
        unsettled = len(intents.all_open(conn))
        lines = audit.of_request(conn, request)
    salon.pull()
    return Stands(
        (ended.state, ended.word, len(ended.done), len(ended.left), len(ended.tell), row.asked_by),
        sorted(_booking(doc["booking"]) for doc in world["bookings"].values()),
        _table(salon, "appointments", "staff_id, service_id, start_date, end_date, internal_note, custom_service_name"),
        _table(salon, "customer_appointments", "id, appointment_id, customer_id, status"),
        len(world["customers"].values()),
        sorted((pair.owner, pair.generation, sorted((p.ref.side, p.current) for p in pair.partners)) for pair in known),
        sorted(one.finding.kind.value for one in salon.found()),
        unsettled,
        [(line.who, line.what, len(line.sent), len(line.answered)) for line in lines],
    )


def _booking(doc: dict[str, Any]) -> tuple[Any, ...]:
    segment = doc["appointment_segments"][0]
    return (
        doc["start_at"],
        doc["status"],
        doc["version"],
        segment["team_member_id"],
        segment["duration_minutes"],
        doc.get("customer_id"),
        doc.get("seller_note", ""),
    )


def _table(salon: Salon, table: str, columns: str) -> list[tuple[Any, ...]]:
    with salon.site.engine.connect() as conn:
        found = conn.execute(sa.text(f"SELECT {columns} FROM wp_bookly_{table} ORDER BY id"))
        return [tuple(row) for row in found]


@pytest.fixture(scope="module")
def work() -> Iterator[Worker]:
    with dying.nursery() as worker:
        yield worker


@pytest.fixture(scope="module")
def killed() -> dict[str, int]:
    """How often a worker was killed, by story."""
    return {}


@pytest.mark.parametrize("name", STORIES)
def test_whatever_kills_the_worker_the_next_one_carries_it_to_the_same_end(
    salon: Salon, work: Worker, tmp_path: Path, killed: dict[str, int], name: str
) -> None:
    killed[name] = kill_and_carry_on(salon, work, tmp_path, name, telling)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", STORIES)
def test_it_does_so_at_every_single_point(salon: Salon, work: Worker, tmp_path: Path, name: str) -> None:
    assert kill_and_carry_on(salon, work, tmp_path, name, lambda points: set(range(1, len(points) + 1))) >= 20


def telling(points: list[str]) -> set[int]:
    """The points around each call of a calendar, from the claim's commit to the end's: numbers from 1."""
    calls = {number for number, point in enumerate(points, start=1) if point != dying.STORE}
    return {1, 2, *calls, *(number + 1 for number in calls), len(points) - 1, len(points)}


def kill_and_carry_on(
    salon: Salon, work: Worker, folder: Path, name: str, chosen: Callable[[list[str]], set[int]]
) -> int:
    """Play the story once in peace, then once for each chosen point with the worker killed there; how many."""
    request = STORIES[name](salon)
    with writing(salon.house.engine) as conn:
        keeping.installation(conn)  # drawn at random when first asked for, and part of each mark
    kept, where = way_back(salon), place_of(salon)
    assert work(where, folder / "all", 0) == 0
    points = (folder / "all").read_text().splitlines()
    wanted = stands(salon, request)
    assert wanted.outcome[0] == "done", wanted
    assert not wanted.unsettled
    later = dying.open_at(where, lambda: NOON + LATER)
    numbers = sorted(chosen(points))
    for number in numbers:
        kept.back()
        died = work(where, folder / f"{number}", number)
        assert died == -signal.SIGKILL, (number, points[number - 1], died)
        salon.work(later)
        assert stands(salon, request) == wanted, (number, points[number - 1])
    later.close()
    kept.close()
    return len(numbers)


def place_of(salon: Salon) -> dying.Salon:
    store, bookly = (engine.url.render_as_string() for engine in (salon.house.engine, salon.site.engine))
    return dying.Salon(store, bookly, salon.square.url, NOON.timestamp() + 1)


def test_so_many_workers_were_killed(killed: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    assert all(times >= 5 for times in killed.values())
    with capsys.disabled():
        print(f"\nworkers killed: {sum(killed.values())} ({', '.join(f'{n} {k}' for k, n in killed.items())})")
