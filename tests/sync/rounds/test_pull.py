"""A pull is committed whole or not at all, and a calendar that is suddenly small is not believed in what it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sync.calendars import Progress, ReadFailed
from sync.model import Appointment, Directory, Event, Polled, Problem, Ref, Side, Snapshot, Window
from sync.rounds.pull import pull
from sync.store import keeping, mirror, runs
from sync.store.connection import open_store, reading, writing
from tests.sync.store.made import NOON, WINDOW, directory, snapshot, square, visit

BOOKED = {n: visit(square(f"S{n}"), start=60 * n, version=1) for n in range(1, 13)}


@dataclass
class Shown:
    """A Square that shows what it is told to, or fails."""

    appointments: list[Appointment]
    minutes: float = 0
    trouble: ReadFailed | None = None
    side: Side = Side.SQUARE

    def check(self) -> list[Problem]:
        return []

    def directory(self) -> Directory:
        return directory(Side.SQUARE)

    def snapshot(self, window: Window, known: Iterable[Ref] = (), progress: Progress | None = None) -> Snapshot:
        if self.trouble:
            raise self.trouble
        return snapshot(Side.SQUARE, self.minutes, self.appointments, window=window)

    def read(self, refs: Iterable[Ref]) -> dict[Ref, Appointment | None]:
        return dict.fromkeys(refs)

    def around(self, staff: str, start: object, end: object) -> tuple[Appointment, ...]:
        return ()

    def poll(self, window: Window, known: Iterable[Ref] = ()) -> Polled:
        raise NotImplementedError

    def events_since(self, since: datetime) -> tuple[Event, ...]:
        return ()

    def service_versions(self, services: Iterable[str]) -> Mapping[str, int]:
        return {}

    def known_as(self, ref: Ref) -> frozenset[Ref]:
        return frozenset()

    def meant_to_be_gone(self, refs: Iterable[Ref], last_shown: Mapping[Ref, Appointment]) -> frozenset[Ref]:
        return frozenset()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path}/store.db")
    assert pull(engine, Shown(list(BOOKED.values())), WINDOW, NOON).whole
    yield engine
    engine.dispose()


def known(store: Engine) -> set[Ref]:
    with reading(store) as conn:
        return set(mirror.load_all(conn))


def withheld(store: Engine) -> set[Ref]:
    with reading(store) as conn:
        side = runs.side_read(conn, Side.SQUARE)
    assert side is not None
    return set(side.withheld)


def again(store: Engine, shown: Iterable[Appointment], minutes: float = 5) -> str:
    """Another pull so many minutes later; what it says."""
    done = pull(store, Shown(list(shown), minutes), WINDOW, NOON + timedelta(minutes=minutes))
    assert done.whole
    return done.sentence


def test_a_calendar_suddenly_small_loses_nothing_that_was_known(store: Engine) -> None:
    said = again(store, [])
    assert known(store) == {a.ref for a in BOOKED.values()}
    assert withheld(store) == {a.ref for a in BOOKED.values()}
    assert "12 that were known have vanished or moved all at once" in said


def test_what_a_small_calendar_adds_is_taken_all_the_same(store: Engine) -> None:
    new = visit(square("new"), start=2000, version=1)
    again(store, [new])
    assert new.ref in known(store) and len(known(store)) == 13


def test_a_few_that_are_gone_are_gone(store: Engine) -> None:
    said = again(store, [BOOKED[n] for n in range(1, 8)])
    assert known(store) == {BOOKED[n].ref for n in range(1, 8)}
    assert not withheld(store) and "vanished" not in said


def test_moves_all_at_once_are_withheld_as_absences_are(store: Engine) -> None:
    again(store, [visit(a.ref, start=60 * n + 5, version=2) for n, a in BOOKED.items()])
    with reading(store) as conn:
        assert mirror.load_all(conn)[BOOKED[1].ref].start == BOOKED[1].start
    assert len(withheld(store)) == 12


def test_a_calendar_that_is_whole_again_withholds_nothing_more(store: Engine) -> None:
    again(store, [])
    again(store, BOOKED.values(), 10)
    assert not withheld(store) and len(known(store)) == 12


def test_once_a_person_called_it_real_it_is_believed_once(store: Engine) -> None:
    again(store, [])
    with writing(store) as conn:
        runs.call_real(conn, Side.SQUARE, "Dana", NOON)
    again(store, [], 10)
    assert not known(store) and not withheld(store)
    with reading(store) as conn:
        assert not keeping.get(conn, runs.real_key(Side.SQUARE), False)


def test_a_read_that_failed_changes_nothing_and_says_why(store: Engine) -> None:
    trouble = ReadFailed("Square did not answer.", setting="SQUARE_BASE_URL")
    done = pull(store, Shown([], 5, trouble), WINDOW, NOON + timedelta(minutes=5))
    assert (done.whole, done.sentence, done.wrong) == (False, "Square did not answer.", False)
    assert len(known(store)) == 12
    with reading(store) as conn:
        side = runs.side_read(conn, Side.SQUARE)
    assert side is not None and side.problem == "Square did not answer."
    assert side.failing_since == NOON + timedelta(minutes=5)


def test_what_a_person_called_real_is_not_held_against_the_next_few(store: Engine) -> None:
    again(store, [])
    with writing(store) as conn:
        runs.call_real(conn, Side.SQUARE, "Dana", NOON + timedelta(minutes=6))
    left = [BOOKED[n] for n in (1, 2)]
    again(store, left, 7)
    assert known(store) == {a.ref for a in left}
    again(store, left[:1], 9)
    assert known(store) == {left[0].ref} and not withheld(store)
