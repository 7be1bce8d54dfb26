"""Holds in the store: made, ended once, out of date by themselves, and seen by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.engine import Connection, Engine

from sync.model import Span
from sync.model.holds import Hold, HoldState
from sync.store import hints, holds, mirror, tallies
from sync.store.connection import reading, writing
from tests.sync.store.made import NOON, at, bookly

TEN = timedelta(minutes=10)


def span(start: float = 0, end: float = 60, person: str = "bookly:1", padding: float = 0) -> Span:
    pad = timedelta(minutes=padding)
    return Span.of(person, at(start), at(end), pad, pad)


def made(conn: Connection, start: float = 0, end: float = 60, client: str = "c1", padding: float = 0) -> Hold:
    return holds.make(conn, span(start, end, padding=padding), client, NOON, TEN)


def test_a_hold_keeps_the_busy_time_for_as_long_as_it_lasts(store: Engine) -> None:
    with writing(store) as conn:
        hold = made(conn, padding=15)
        assert holds.get(conn, hold.id) == hold
    assert (hold.start, hold.end, hold.expires_at) == (at(-15), at(75), at(10))
    assert hold.state is HoldState.HELD
    assert hold.lives(at(9))
    assert not hold.lives(at(10))


def test_only_what_lives_and_shares_time_with_the_same_person_is_met(store: Engine) -> None:
    with writing(store) as conn:
        first = made(conn)
        made(conn, client="let go")
        holds.release(conn, holds.of_client(conn, "let go", NOON)[0].id, NOON)
        met = [
            holds.meeting(conn, [one], now)
            for one, now in (
                (span(59, 90), NOON),
                (span(-30, 1), NOON),
                (span(60, 90), NOON),
                (span(-30, 0), NOON),
                (span(60, 90, padding=1), NOON),
                (span(0, 60, "bookly:2"), NOON),
                (span(0, 60), at(10)),
            )
        ]
        assert holds.meeting(conn, [], NOON) == ()
    assert [bool(found) for found in met] == [True, True, False, False, True, False, False]
    assert met[0] == (first,)


ENDS: dict[str, Callable[[Connection, str], bool]] = {
    "released": lambda conn, key: holds.release(conn, key, at(1)),
    "consumed": lambda conn, key: holds.consume(conn, key, bookly(3), at(1)),
    "lost": lambda conn, key: holds.lose(conn, key, bookly(3), at(1)),
}


@pytest.mark.parametrize("state", ENDS)
def test_a_hold_ends_once(store: Engine, state: str) -> None:
    with writing(store) as conn:
        hold = made(conn)
        assert ENDS[state](conn, hold.id)
        after = holds.get(conn, hold.id)
        assert after is not None
        assert (after.state, after.ended_at) == (state, at(1))
        assert after.ref == ("" if state == "released" else "bookly/ca:3")
        assert not any(again(conn, hold.id) for again in ENDS.values())
        assert holds.open_in_all(conn, at(1)) == 0


def test_what_ran_out_cannot_be_ended_in_another_way_and_is_marked_at_its_time(store: Engine) -> None:
    with writing(store) as conn:
        hold = made(conn)
        assert not holds.consume(conn, hold.id, bookly(3), at(10))
        assert (holds.expire(conn, at(9)), holds.expire(conn, at(11)), holds.expire(conn, at(12))) == (0, 1, 0)
        after = holds.get(conn, hold.id)
    assert after is not None
    assert (after.state, after.reason, after.ended_at) == (HoldState.EXPIRED, "expired", at(10))


def test_the_open_ones_are_counted_for_a_client_and_in_all(store: Engine) -> None:
    with writing(store) as conn:
        mine = [made(conn, hour * 60, hour * 60 + 30) for hour in range(3)]
        made(conn, client="c2")
        assert holds.of_client(conn, "c1", NOON) == tuple(sorted(mine, key=lambda hold: hold.id))
        assert holds.open_in_all(conn, NOON) == 4
        assert holds.open_in_all(conn, at(10)) == 0


def test_what_ended_long_ago_is_forgotten_and_what_is_held_is_not(store: Engine) -> None:
    with writing(store) as conn:
        old, held = made(conn), made(conn, client="c2")
        holds.release(conn, old.id, at(1))
        assert holds.forget_before(conn, at(1)) == 0
        assert holds.forget_before(conn, at(2)) == 1
        assert holds.get(conn, old.id) is None
        assert holds.get(conn, held.id) == held


def test_neither_the_mirror_nor_the_inbox_knows_of_a_hold(store: Engine) -> None:
    with writing(store) as conn:
        made(conn)
    with reading(store) as conn:
        assert mirror.load_all(conn) == {}
        assert hints.open_refs(conn) == frozenset()


def test_what_becomes_of_holds_is_counted_as_it_happens(store: Engine) -> None:
    with writing(store) as conn:
        for end in ENDS.values():
            assert end(conn, made(conn).id)
            assert not end(conn, "nobody")
        made(conn)
        holds.expire(conn, at(11))
        counted = {(one.name, one.label): one.value for one in tallies.total(conn)}
    each = dict.fromkeys(("released", "lost", "consumed", "expired"), 1) | {"held": 4}
    assert counted == {("holds", state): count for state, count in each.items()}
