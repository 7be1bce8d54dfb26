"""Salons of seeds drawn at run time: sent across, disturbed, looked at, settled, and judged by the oracle.

`ORACLE_SEEDS=1,2,3` replays those seeds; `ORACLE_COUNT=5` draws five. The table is printed at the end of the run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from practice_salon.people.disturb import KINDS, Disturbance, Disturber
from sync.model import Kind
from sync.store import findings
from sync.store.connection import reading
from sync.store.findings import Kept
from tests.oracle.comparing import disagreements, follows_from, is_found_by
from tests.oracle.floor import Floor, open_floor
from tests.oracle.judge import Unit
from tests.oracle.settling import Settler
from tests.oracle.table import PROPERTY, SEEDS, Tally

BLOCKED = 3
"""Bookings made in Square before the bulk action, so that blocks are sent to Bookly too."""
MISSING = (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY)

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_made_is_found_settled_and_gone(
    seed: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with open_floor(seed, tmp_path) as floor:
        left = send_across(floor)
        made = disturb(floor)
        floor.pull()
        found, verdict = floor.found(), floor.verdict()
        hits = {one: [k for k in found if is_found_by(one, k)] for one in made}
        invented = [k for k in found if not any(is_found_by(one, k) or follows_from(one, k) for one in made)]
        differ = disagreements(found, verdict)
        settler = Settler(floor, Random(f"settle {seed}"), left)
        still = settler.settle_all()
        after = floor.verdict().but(*settler.left)
        tally = counted(floor, made, hits, invented, {unit for v in after.values() for visit in v for unit in visit})
        record_property(PROPERTY, tally.dumped(seed))
        assert not differ
        assert not [named(k) for k in invented]
        assert {one: len(kept) for one, kept in hits.items()} == dict.fromkeys(made, 1)
        assert not [(named(k), settler.told.get(k.id)) for k in still]
        assert not after, settler.told


def send_across(floor: Floor) -> set[Unit]:
    """The bulk action on a salon that was booked on both sides. What it cannot send is left; nothing else is open."""
    floor.later()
    booker = Disturber(floor.people, floor.clients, floor.seed + 1)
    for _ in range(BLOCKED):
        booker.book("square", *(place := booker.free_place()), booker.client(place[2]))
    floor.pull()
    floor.bulk(*MISSING)
    floor.pull()
    settler = Settler(floor, Random(f"sent {floor.seed}"))
    assert {kept.finding.kind for kept in floor.found()} <= set(MISSING)
    assert not settler.settle_all()
    assert not floor.verdict().but(*settler.left)
    return settler.left


def disturb(floor: Floor) -> list[Disturbance]:
    """Each kind on each side where it can occur, in an order of chance."""
    floor.later()
    disturber = Disturber(floor.people, floor.clients, floor.seed)
    wanted = list(KINDS)
    Random(f"order {floor.seed}").shuffle(wanted)
    made = [disturber.disturb(kind, side) for kind, side in wanted]
    assert Counter((one.kind, one.side) for one in made) == Counter(wanted)
    return made


def counted(
    floor: Floor, made: list[Disturbance], hits: dict[Disturbance, list[Kept]], invented: list[Kept], wrong: set[Unit]
) -> Tally:
    """The row of each disturbance, and of what was found that nobody made."""
    tally = Tally()
    for one in made:
        kept = hits[one]
        tally.add(
            one.kind,
            one.side,
            made=1,
            found=min(1, len(kept)),
            settled=int(bool(kept) and all(state_of(floor, k) != "open" for k in kept)),
            agreed=int(not set(one.appointments) & wrong),
        )
    for k in invented:
        concerned = k.finding.concerned
        tally.add(k.finding.kind.value, concerned[0].side.value if concerned else "", invented=1)
    return tally


def state_of(floor: Floor, kept: Kept) -> str:
    """How a finding stands now."""
    with reading(floor.house.engine) as conn:
        now = findings.get(conn, kept.id)
    assert now is not None
    return now.state


def named(kept: Kept) -> str:
    """A finding by what it is about, without anybody's name."""
    about = [f"{c.side}:{c.unit}" for c in kept.finding.concerned] or [kept.finding.key]
    return f"{kept.finding.kind} {' '.join(about)}"
