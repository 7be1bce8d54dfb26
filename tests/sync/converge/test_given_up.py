"""How a request ends that is tried no more: as what was done of it says."""

from __future__ import annotations

from sync.converge import given_up
from sync.model import ChoiceKind, Kind, Side
from sync.store import requests
from sync.store.connection import reading
from sync.store.requests import Request
from tests.sync.converge.conftest import Salon
from tests.sync.converge.stories import meeting


def asked(salon: Salon) -> int:
    """Ben is to be cancelled."""
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    return salon.ask(kept, salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE))


def row(salon: Salon, number: int) -> Request:
    with reading(salon.house.engine) as conn:
        found = requests.get(conn, number)
    assert found is not None
    return found


def test_of_which_nothing_was_done_is_refused(salon: Salon) -> None:
    ended = given_up(salon.house, row(salon, asked(salon)), "unknown_result", "Square did not answer.")
    assert (ended.state, ended.word, ended.error, ended.done) == (
        "refused",
        "unknown_result",
        "Square did not answer.",
        (),
    )


def test_of_which_all_was_done_before_the_worker_died_is_done(salon: Salon) -> None:
    number = asked(salon)
    carried = salon.ended(number, work=True)
    ended = given_up(salon.house, row(salon, number), "unknown_result", "")
    assert (ended.state, ended.done, ended.left, ended.tell) == ("done", carried.done, (), carried.tell)
    assert ended.tell
