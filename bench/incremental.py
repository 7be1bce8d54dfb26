"""A minute in which little changed, beside a look at everything: `sync.rounds.reconcile` on a mirror in SQLite.

The mirror is filled through the same door as any pull; a fifth of what is in it is open as a finding. A minute's look
costs in proportion to what changed and hardly knows how large the mirror is.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bench.measure import best_of, exponent, goal, seconds, table
from sync.model import (
    Appointment,
    Client,
    Directory,
    Part,
    Ref,
    Service,
    Side,
    Snapshot,
    Span,
    StaffMember,
    Standing,
    Window,
    plain,
)
from sync.rounds.reconcile import GRACE, reconcile, reconcile_changes
from sync.store import mapping, mirror
from sync.store.connection import open_store, writing
from sync.store.tables import partners, sides, visits

SIZES = (2_000, 20_000)
CHANGED = (10, 100, 1000)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
VISITS_EACH = 2000
BETWEEN = timedelta(minutes=8)
"""From one measured minute to the next: long enough that what changed before is settled, and six fit into an hour."""
MOST_GROWTH, MOST_OF_MIRROR = 1.15, 0.35
"""The goals: the growth exponent with what changed, and the one with the size of the mirror."""


def run(sizes: Sequence[int] = SIZES, changed: Sequence[int] = CHANGED) -> Iterator[str]:
    """The report, line by line as it is measured."""
    yield "Reconciling on SQLite: a look at what changed beside a look at everything"
    rows, took = [], {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            engine = open_store(f"sqlite:///{Path(folder) / 'store.db'}")
            fill(engine, size)
            whole = best_of(2, lambda e=engine: reconcile(e, NOW))  # type: ignore[misc]
            reconcile_changes(engine, NOW)
            minutes = (NOW + BETWEEN * number for number in itertools.count(1))
            for count in changed:
                took[size, count] = min(_minute(engine, refs(count, size), next(minutes)) for _ in range(2))
            rows.append([f"{size:,}", *(seconds(took[size, count]) for count in changed), seconds(whole)])
            engine.dispose()
    yield table(("a side", *(f"{count:,} changed" for count in changed), "everything"), rows)
    yield from _goals(sizes, changed, took)


def _goals(sizes: Sequence[int], changed: Sequence[int], took: dict[tuple[int, int], float]) -> Iterator[str]:
    small, large = sizes[0], sizes[-1]
    few, many = changed[-2], changed[-1]
    grew = exponent(took[large, few], took[large, many], many / few)
    mirror_grew = exponent(took[small, few], took[large, few], large / small)
    yield ""
    yield table(
        ("goal", "figure", "wanted", ""),
        [
            goal(f"growth exponent {few:,} to {many:,} changed", grew, MOST_GROWTH),
            goal(f"growth exponent with the mirror, {few:,} changed", mirror_grew, MOST_OF_MIRROR),
        ],
    )


def refs(count: int, size: int) -> list[Ref]:
    """So many of Bookly's appointments, spread over the whole mirror."""
    return [Ref(Side.BOOKLY, f"ca:{number * size // count}") for number in range(count)]


def _minute(engine: Engine, which: Sequence[Ref], at: datetime) -> float:
    """Seconds that the look takes after these appointments changed at that time and both sides were read since."""
    with writing(engine) as conn:
        for ref, shown in mirror.load(conn, which).items():
            client = replace(shown.clients[0], name=f"Client as of {at:%H:%M}")
            mirror.record(conn, ref, replace(shown, clients=(client,)), at, at)
        conn.execute(sa.update(sides).values(whole_began_at=(at + GRACE).timestamp()))
    began = time.perf_counter()
    done = reconcile_changes(engine, at + GRACE)
    took = time.perf_counter() - began
    assert done.whole
    return took


# --- filling a mirror -------------------------------------------------------------------------------------------------


def fill(engine: Engine, size: int) -> None:
    """A mirror of `size` appointments a side, nine in ten of them linked, one in a hundred in a double booking."""
    staff = range(-(-size // VISITS_EACH))
    window = Window(NOW - timedelta(days=900), NOW + timedelta(days=900))
    shown = {side: tuple(_appointment(side, number) for number in range(size)) for side in Side}
    with writing(engine) as conn:
        for side in Side:
            people = tuple(StaffMember(side, f"{side}{n}", f"Stylist {n}") for n in staff)
            services = (Service(side, f"{side} cut", "Cut", 45),)
            directory = Directory(side, "America/Chicago", people, services)
            mirror.commit_snapshot(conn, Snapshot(side, window, NOW, directory, shown[side]), NOW - timedelta(days=1))
        mapping.confirm_staff(conn, {f"bookly{n}": f"square{n}" for n in staff}, "bench", NOW)
        mapping.confirm_services(conn, {"bookly cut": "square cut"}, "bench", NOW)
        _link(conn, shown, size * 9 // 10)


def _appointment(side: Side, number: int) -> Appointment:
    staff, place = divmod(number, VISITS_EACH)
    start = NOW + timedelta(minutes=75 * (place - VISITS_EACH // 2) - (45 if number % 100 == 7 else 0))
    part = Part(Span.of(f"{side}{staff}", start, start + timedelta(minutes=45)), str(number), f"{side} cut", "Cut")
    client = Client(f"{side}{number}", f"Client {number}", f"+1312{number:07d}")
    key = f"ca:{number}" if side is Side.BOOKLY else str(number)
    return Appointment(Ref(side, key), Standing.STANDS, "approved", (part,), (client,))


def _link(conn: Connection, shown: dict[Side, tuple[Appointment, ...]], count: int) -> None:
    at = NOW.timestamp()
    conn.execute(sa.insert(visits), [{"id": n + 1, "owner": "bookly", "made_at": at} for n in range(count)])
    for appointments in shown.values():
        conn.execute(sa.insert(partners), [_partner(a, n + 1, at) for n, a in enumerate(appointments[:count])])


def _partner(appointment: Appointment, visit: int, at: float) -> dict[str, object]:
    return {
        "side": appointment.ref.side,
        "key": appointment.ref.key,
        "visit": visit,
        "current": True,
        "agreed": plain(appointment),
        "agreed_fingerprint": appointment.fingerprint,
        "agreed_at": at,
    }
