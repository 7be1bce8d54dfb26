"""A salon typed into both calendars by hand: linked in one step, written by nobody, and found again after a loss."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from practice_salon.people.disturb import Disturber
from practice_salon.people.untouched import BOTH
from sync.model import Kind
from tests.oracle.floor import Floor, open_floor
from tests.oracle.judge import Unit
from tests.oracle.settling import Settler, units
from tests.oracle.table import SEEDS
from tests.oracle.trial import MISSING, book_more, named
from tests.oracle.typing_in import Typed, type_in

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_what_was_typed_twice_is_one_visit_and_stays_so(seed: int, tmp_path: Path) -> None:
    with open_floor(seed, tmp_path) as floor:
        typed = type_in(floor)
        floor.pull()
        _assert_each_twin_is_one(floor, typed)
        settler = Settler(floor, Random(f"by hand {seed}"))
        _link(floor, settler, typed)
        _send_the_rest(floor, settler)
        _change_some(floor, settler)
        assert not settler.wrong_in(floor.verdict())
        _begin_anew(floor, settler)


def _assert_each_twin_is_one(floor: Floor, typed: Typed) -> None:
    """Exactly one finding for each, and it says: probably the same visit (of several parts: all its rows)."""
    assert len(typed.different) >= len(typed.twins) // 10 > 0
    by_kind = {kind: floor.found(kind) for kind in Kind}
    wrong = [named(k) for kind in (Kind.DOUBLE_BOOKING, Kind.PADDING_CLASH, *MISSING) for k in by_kind[kind]
             if units(k) & _units(*typed.all)]  # fmt: skip
    assert not wrong
    same = [frozenset(units(kept)) for kept in by_kind[Kind.SAME_VISIT]]
    assert len(same) == len(set(same))
    assert [sorted(twin) for twin in typed.all if not any(twin <= found for found in same)] == []
    assert [sorted(found) for found in same if not any(twin <= found for twin in typed.all)] == []


def _link(floor: Floor, settler: Settler, typed: Typed) -> None:
    """The bulk action links all that is likely; a block without a name waits for a person. Nothing is written."""
    before = _written(floor)
    settler.agreed |= set(typed.different)
    settler.agreed |= {frozenset(units(kept)) for kept in floor.found(Kind.SAME_VISIT)}
    assert floor.bulk(Kind.SAME_VISIT)
    floor.pull()
    assert {frozenset(units(kept)) for kept in floor.found(Kind.SAME_VISIT)} == set(typed.blocks)
    settler.settle(floor.found(Kind.SAME_VISIT), always=True)
    assert not floor.found(Kind.SAME_VISIT)
    assert _written(floor) == before


def _send_the_rest(floor: Floor, settler: Settler) -> None:
    """Later visits go across, what cannot is left: so there are marks of ours when the store is lost. Time in Bookly
    without a service is asked about once."""
    book_more(floor)
    floor.pull()
    assert {kept.finding.kind for kept in floor.found()} <= {*MISSING, Kind.UNMAPPED_SERVICE}
    assert floor.bulk(*MISSING)
    floor.pull()
    assert not settler.settle_all()


def _change_some(floor: Floor, settler: Settler) -> None:
    """What was linked and is then moved, given away or cancelled on one side is settled by either side's word."""
    floor.later()
    disturber = Disturber(floor.people, floor.clients, floor.seed)
    made = [disturber.disturb("drift", side) for side in BOTH for _ in range(3)]
    floor.pull()
    found = floor.found(Kind.DRIFT)
    assert [one for one in made if not any(set(one.appointments) & units(kept) for kept in found)] == []
    assert not settler.settle_all(), settler.told
    assert not settler.misdone
    assert not settler.wrong_in(floor.verdict()), settler.told


def _begin_anew(floor: Floor, settler: Settler) -> None:
    before = _written(floor)
    floor.forget()
    floor.pull()
    floor.confirm()
    floor.pull()
    floor.bulk(Kind.SAME_VISIT)
    floor.pull()
    unsure = [k for k in floor.found(Kind.SAME_VISIT) if not k.finding.detail["likely"]]
    settler.settle(unsure, always=True)
    assert [named(kept) for kept in floor.found() if not units(kept) <= settler.left] == []
    assert _written(floor) == before


def _units(*visits: frozenset[Unit]) -> set[Unit]:
    return {unit for visit in visits for unit in visit}


def _written(floor: Floor) -> tuple[object, ...]:
    return floor.rows("appointments"), floor.rows("customer_appointments"), floor.bookings()
