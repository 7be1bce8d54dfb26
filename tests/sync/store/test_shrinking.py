"""What went from a side lately, as the shrink guard counts it: what nobody has called real."""

from __future__ import annotations

from sqlalchemy import Engine

from sync.model import Ref, Side
from sync.store import mirror, runs
from sync.store.connection import reading, writing
from sync.store.shrinking import lost_lately
from tests.sync.store.made import NOON, at, bookly, visit

BLOCK, MIA = Ref(Side.BOOKLY, "row:7"), bookly(1)


def gone(store: Engine, ref: Ref, minutes: float = 1) -> None:
    """It stood, and went so many minutes after noon."""
    with writing(store) as conn:
        mirror.record(conn, ref, visit(ref, 600), NOON, NOON)
        mirror.record(conn, ref, None, at(minutes), at(minutes))


def lost(store: Engine, minutes: float) -> set[Ref]:
    with reading(store) as conn:
        return set(lost_lately(conn, Side.BOOKLY, at(minutes)))


def test_what_went_within_a_quarter_of_an_hour_counts_together(store: Engine) -> None:
    gone(store, BLOCK)
    gone(store, MIA, 10)
    assert lost(store, 12) == {BLOCK, MIA}
    assert lost(store, 20) == {MIA}


def test_what_a_person_called_real_counts_no_more_and_what_goes_afterwards_does(store: Engine) -> None:
    gone(store, BLOCK, 5)
    with writing(store) as conn:
        runs.call_real(conn, Side.BOOKLY, "Dana", at(1))
        assert runs.take_real(conn, Side.BOOKLY, at(5))
        assert not runs.take_real(conn, Side.BOOKLY, at(6)), "it is taken at its word once"
    assert lost(store, 6) == set()
    gone(store, MIA, 7)
    assert lost(store, 8) == {MIA}
