"""When nothing may be written, nothing is: only watching, paused, also when a dead worker left something half sent."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from practice_salon.square.state import TABLES
from sync.calendars import CalendarWriter
from sync.converge import House
from sync.model import Client, Outcome, Side, Write, Written
from sync.model.stored import outcome_from
from sync.store import audit, intents, keeping, requests
from sync.store.connection import reading, writing
from tests.sync.converge.conftest import NOON, Salon
from tests.sync.converge.dying import Salon as Place
from tests.sync.converge.dying import open_at
from tests.sync.converge.test_crashes import STORIES, place_of

ROOT = Path(__file__).resolve().parents[3]
WRITERS = {"BooklyWriter", "SquareWriter", "CalendarWriter", "GuardedWriter", "writers"}
"""The names by which a calendar's writing methods are reached."""


def everything(salon: Salon) -> str:
    """A hash of every row of Bookly's database and of every document of Square's."""
    found = hashlib.sha256()
    with salon.site.engine.connect() as conn:
        raw = conn.connection.dbapi_connection
        assert raw is not None
        for line in raw.iterdump():
            found.update(line.encode())
    world = salon.square.world
    found.update(json.dumps({kind: world[kind].items() for kind in TABLES}, default=str).encode())
    return found.hexdigest()


def ended(salon: Salon, request: int) -> Outcome | None:
    with reading(salon.house.engine) as conn:
        row = requests.get(conn, request)
    assert row is not None
    return outcome_from(row.outcome) if row.outcome is not None else None


def pause(salon: Salon, on: bool) -> None:
    with writing(salon.house.engine) as conn:
        keeping.set_paused(conn, on, "Dana", NOON)


@pytest.mark.parametrize("name", STORIES)
def test_only_watching_changes_not_a_single_row_and_says_what_it_would_do(salon: Salon, name: str) -> None:
    request = STORIES[name](salon)
    before = everything(salon)
    salon.work(replace(salon.house, writes="off"))
    assert everything(salon) == before
    would = ended(salon, request)
    assert would is not None
    assert (would.state, would.done) == ("would", ())
    assert would.left
    with reading(salon.house.engine) as conn:
        assert not intents.all_open(conn)
        assert [row.sent for row in audit.of_request(conn, request)] == [[]]


@pytest.mark.parametrize("name", STORIES)
def test_paused_changes_not_a_single_row(salon: Salon, name: str) -> None:
    request = STORIES[name](salon)
    before = everything(salon)
    pause(salon, True)
    salon.work()
    assert everything(salon) == before
    refused = ended(salon, request)
    assert refused is not None
    assert (refused.state, refused.word) == ("refused", "paused")


class Died(BaseException):
    """The worker's process is gone."""


class Dying:
    """A writer in front of which the worker dies."""

    def __init__(self, inner: CalendarWriter) -> None:
        self.side: Side = inner.side
        self._inner = inner

    def write(self, write: Write) -> Written:
        raise Died

    def settle(self, write: Write) -> Written | None:
        return self._inner.settle(write)

    def client_for(self, client: Client, key: str) -> str | None:
        return self._inner.client_for(client, key)


@pytest.fixture
def later(salon: Salon) -> Iterator[House]:
    """Another worker's house, when the dead one's time is over."""
    place: Place = place_of(salon)
    house = open_at(place, lambda: NOON + timedelta(minutes=2))
    yield house
    house.close()


def die(salon: Salon) -> None:
    """A worker takes up what is due and dies in front of its first call."""
    dying = {side: Dying(writer) for side, writer in salon.house.writers.items()}
    here = open_at(place_of(salon), lambda: NOON + timedelta(seconds=1))
    with pytest.raises(Died):
        salon.work(replace(here, writers={**dying}))
    here.close()


@pytest.mark.parametrize("how", ["paused", "only watching"])
@pytest.mark.parametrize("name", ["sent across to Square", "sent across to Bookly", "both shown in both"])
def test_what_a_dead_worker_was_about_to_send_waits_until_writing_goes_on(
    salon: Salon, later: House, name: str, how: str
) -> None:
    request = STORIES[name](salon)
    die(salon)
    before = everything(salon)
    pause(salon, how == "paused")
    salon.work(replace(later, writes="on" if how == "paused" else "off"))
    assert everything(salon) == before
    assert ended(salon, request) is None, "it waits"
    pause(salon, False)
    much_later = open_at(place_of(salon), lambda: NOON + timedelta(minutes=3))
    salon.work(much_later)
    much_later.close()
    done = ended(salon, request)
    assert done is not None
    assert done.state == "done"
    assert everything(salon) != before


def test_a_move_that_a_dead_worker_was_about_to_send_needs_no_waiting_to_be_settled(salon: Salon, later: House) -> None:
    """Whether it went through is only looked at; nothing would be sent again."""
    request = STORIES["moved on both sides from Bookly"](salon)
    die(salon)
    before = everything(salon)
    pause(salon, True)
    salon.work(later)
    refused = ended(salon, request)
    assert refused is not None
    assert (refused.state, refused.word) == ("refused", "paused")
    assert everything(salon) == before
    with reading(salon.house.engine) as conn:
        assert not intents.all_open(conn)


def test_nobody_but_converge_reaches_for_a_calendars_writing_methods() -> None:
    reaching = {
        str(file.relative_to(ROOT))
        for room in ("sync", "jobs", "queries", "dashboard", "bench", "tools")
        for file in (ROOT / room).rglob("*.py")
        if _names(ast.parse(file.read_text())) & WRITERS
    }
    assert {name for name in reaching if name.startswith("sync/converge/")} >= {"sync/converge/acting.py"}
    elsewhere = {name for name in reaching if not name.startswith("sync/converge/")}
    assert elsewhere == {
        "sync/breakers/__init__.py",
        "sync/breakers/guarded.py",
        "sync/calendars/__init__.py",
        "sync/calendars/bookly/write.py",
        "sync/calendars/square/write.py",
    }


def _names(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.ClassDef | ast.alias):
            found.add(node.name)
    return found
