"""The list of webhooks: what was taken is known again, what was refused is not, what is old goes."""

from __future__ import annotations

from sqlalchemy import Engine

from sync.model import Side
from sync.store import deliveries
from sync.store.connection import reading, writing
from sync.store.deliveries import KEPT, Delivery
from tests.sync.store.made import at


def came(name: str, status: int = 200, minutes: float = 0, side: Side = Side.SQUARE) -> Delivery:
    return Delivery(side, at(minutes).timestamp(), status, "kept" if status == 200 else "too_late", 1.5, name)


def test_what_was_taken_is_known_on_its_side_and_what_was_refused_is_not(store: Engine) -> None:
    with writing(store) as conn:
        deliveries.note(conn, [came("a"), came("b", 503), came("c", side=Side.BOOKLY)])
    with reading(store) as conn:
        assert [deliveries.known(conn, Side.SQUARE, name) for name in "abcd"] == [True, False, False, False]
        assert deliveries.known_among(conn, Side.BOOKLY, "abcd") == {"c"}


def test_more_names_than_fit_into_one_statement_are_looked_up(store: Engine) -> None:
    names = [f"e{number}" for number in range(1200)]
    with writing(store) as conn:
        deliveries.note(conn, [came(name) for name in names[::2]])
    with reading(store) as conn:
        assert deliveries.known_among(conn, Side.SQUARE, names) == set(names[::2])


def test_what_is_old_is_forgotten(store: Engine) -> None:
    with writing(store) as conn:
        deliveries.note(conn, [came("old", minutes=0), came("new", minutes=2)])
        assert deliveries.forget_before(conn, at(1)) == 1
        assert deliveries.known_among(conn, Side.SQUARE, ["old", "new"]) == {"new"}


def test_an_event_is_known_for_longer_than_square_tells_it_again() -> None:
    assert KEPT.total_seconds() >= 2 * 24 * 3600
