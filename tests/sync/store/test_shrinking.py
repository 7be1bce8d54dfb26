"""What went from a side lately, as the shrink guard counts it: what others took away, and nobody has called real."""

from __future__ import annotations

from sqlalchemy import Engine

from sync.model import Ref, Side, Step, StepKind, Withdraw, plain
from sync.store import intents, mirror, pairs, runs
from sync.store.connection import reading, writing
from sync.store.shrinking import lost_lately
from tests.sync.store.made import NOON, at, bookly, square, visit

BLOCK, MIA = Ref(Side.BOOKLY, "row:7"), bookly(1)


def gone(store: Engine, ref: Ref, minutes: float = 1) -> None:
    """It stood, and went so many minutes after noon."""
    with writing(store) as conn:
        mirror.record(conn, ref, visit(ref, 600), NOON, NOON)
        mirror.record(conn, ref, None, at(minutes), at(minutes))


def withdrawn(store: Engine, ref: Ref, owner: Side, state: str = "done") -> None:
    """We decided to take it away; how that ended."""
    step = Step(StepKind.WITHDRAW, ref.side, ref, None, None, Withdraw(ref, "k1"))
    with writing(store) as conn:
        number = pairs.link(conn, owner, [(ref, None), (square("S1"), None)], NOON)
        intent = intents.open_intent(
            conn, visit=number, request=None, step=0, side=ref.side, generation=0, key="k1", mark="",
            write=plain(step), token=1, now=NOON,
        )  # fmt: skip
        if state != "open":
            intents.settle(conn, intent, state, None, NOON)


def lost(store: Engine, minutes: float) -> set[Ref]:
    with reading(store) as conn:
        return set(lost_lately(conn, Side.BOOKLY, at(minutes)))


def test_what_went_within_a_quarter_of_an_hour_counts_together(store: Engine) -> None:
    gone(store, BLOCK)
    gone(store, MIA, 10)
    assert lost(store, 12) == {BLOCK, MIA}
    assert lost(store, 20) == {MIA}


def test_what_we_took_away_ourselves_is_no_loss(store: Engine) -> None:
    gone(store, MIA)
    gone(store, BLOCK)
    withdrawn(store, BLOCK, Side.SQUARE)
    assert lost(store, 5) == {MIA}


def test_what_is_gone_while_our_own_withdrawal_is_not_settled_is_no_loss(store: Engine) -> None:
    gone(store, BLOCK)
    withdrawn(store, BLOCK, Side.SQUARE, "open")
    assert lost(store, 5) == set()


def test_what_went_though_we_were_refused_to_take_it_away_is_a_loss(store: Engine) -> None:
    gone(store, BLOCK)
    withdrawn(store, BLOCK, Side.SQUARE, "refused")
    assert lost(store, 5) == {BLOCK}


def test_what_a_person_called_real_counts_no_more_and_what_goes_afterwards_does(store: Engine) -> None:
    gone(store, BLOCK, 5)
    with writing(store) as conn:
        runs.call_real(conn, Side.BOOKLY, "Dana", at(1))
        assert runs.take_real(conn, Side.BOOKLY, at(5))
        assert not runs.take_real(conn, Side.BOOKLY, at(6)), "it is taken at its word once"
    assert lost(store, 6) == set()
    gone(store, MIA, 7)
    assert lost(store, 8) == {MIA}
