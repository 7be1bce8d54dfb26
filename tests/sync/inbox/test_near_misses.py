"""What is refused as taken after the lock was had is counted: an overlap that did not become a double booking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.converge import Ended
from sync.inbox import opening
from sync.inbox.opening import open_crew
from sync.model import ChoiceKind, End, Kind, Outcome, Ref, Side, Source, Step, StepKind
from sync.store import hints, ledger
from sync.store.connection import reading, writing
from sync.store.ledger import Noted
from tests.sync.converge.conftest import CLEO, NOON, Salon, open_salon, quiet_bookly
from tests.sync.converge.stories import meeting

__all__ = ["quiet_bookly"]
ANNA = Ref(Side.SQUARE, "anna")


@pytest.fixture
def salon(quiet_bookly: Path, tmp_path: Path) -> Iterator[Salon]:
    with open_salon(quiet_bookly, tmp_path) as opened:
        yield opened


def near_misses(salon: Salon) -> tuple[Noted, ...]:
    with reading(salon.house.engine) as conn:
        return ledger.noted(conn, 0.0, ledger.NEAR_MISS)


def test_a_click_for_a_time_that_was_taken_a_moment_ago_is_a_near_miss(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    taken = next(chair for chair in salon.people.stage.chairs if f"bookly:{chair.bookly}" == choice.person)
    salon.people.books_in_square(taken, salon.cut(), salon.at(11), CLEO)
    assert salon.click(kept, choice).word == "taken"
    (noted,) = near_misses(salon)
    assert (noted.ref, noted.person) == (choice.ref, choice.person)


def test_what_was_written_and_taken_away_again_is_no_near_miss(salon: Salon, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    left = Step(StepKind.PLACE, Side.SQUARE, None, None, None, None)
    met = Outcome("refused", word="taken", left=(left,), overlaps=(ANNA,))
    monkeypatch.setattr(opening, "converge", lambda _house, _request: met)
    assert salon.click(kept, salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)).word == "taken"
    assert near_misses(salon) == ()


def test_a_click_refused_for_another_reason_is_none(salon: Salon) -> None:
    anna, _ = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    salon.people.moves_in_office(anna, salon.at(15))
    assert salon.click(kept, choice).word == "changed"
    assert near_misses(salon) == ()


@pytest.mark.parametrize(
    ("ended", "count"),
    [
        (Ended(End.CONFLICT, "taken", leased_at=NOON, start=NOON), 1),
        (Ended(End.CONFLICT, "taken", start=NOON), 0),
        (Ended(End.CONFLICT, "taken", leased_at=NOON, in_the_way=(ANNA,)), 0),
        (Ended(End.CONFLICT, "both_changed", leased_at=NOON), 0),
    ],
    ids=["refused at the write", "seen before the lock", "withdrawn after the write", "another question"],
)
def test_a_hint_is_one_where_the_calendar_refused_the_write_under_the_lock(
    ended: Ended, count: int, salon: Salon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "converge_hint", lambda _house, _hint: ended)
    with writing(salon.house.engine) as conn:
        number = hints.put(conn, ANNA, Source.WEBHOOK, NOON)
    open_crew(salon.house).work_off()
    assert [(one.ref, one.hint, one.start) for one in near_misses(salon)] == [(ANNA, number, NOON)] * count
