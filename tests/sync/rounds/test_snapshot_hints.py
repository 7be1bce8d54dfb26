"""A whole read gives hints for what it found new, changed or gone and that still lies ahead."""

from __future__ import annotations

from datetime import timedelta

from sync.model import Side, Source
from sync.rounds.pull import pull
from sync.store import keeping
from sync.store.connection import writing
from tests.sync.rounds.busy import FORMS, HORIZON, Busy
from tests.sync.rounds.looking import Watch, given


def read(busy: Busy, side: Side, days: float = 0) -> int:
    house = busy.salon.house
    done = pull(house.engine, house.readers[side], HORIZON, house.now() + timedelta(days=days), hinting=True)
    assert done.whole
    return done.counts["hints"]


def test_new_changed_and_gone_become_hints_and_what_is_over_does_not(busy: Busy) -> None:
    busy.both()
    people, salon = busy.salon.people, busy.salon
    assert read(busy, Side.BOOKLY) == read(busy, Side.SQUARE) == 0
    new = people.books_on_website(salon.stylists(salon.cut())[2], salon.cut(), salon.at(17, days=5), FORMS[9])
    people.moves_in_office(busy.website[0], salon.at(17))
    people.deletes_in_office(busy.website[2])
    people.moves_in_square(busy.square[0], salon.at(18))
    names = {f"ca:{one.seats[0]}" for one in (new, busy.website[0], busy.website[2])}
    assert read(busy, Side.BOOKLY) == 3 and read(busy, Side.SQUARE) == 1
    left = given(salon.house.engine)
    assert {key for key, _, _ in left} == {*names, busy.square[0].unit}
    assert {source for _, source, _ in left} == {Source.SNAPSHOT}
    assert next(version for key, _, version in left if key == busy.square[0].unit) == 1
    Watch(busy, Side.BOOKLY).carry()
    assert read(busy, Side.BOOKLY) == read(busy, Side.SQUARE) == 0
    people.moves_in_office(busy.website[3], salon.at(16))
    assert read(busy, Side.BOOKLY, days=30) == 0


def test_a_first_read_gives_none(busy: Busy) -> None:
    with writing(busy.salon.house.engine) as conn:
        for table in ("spans", "appointments", "sides"):
            conn.exec_driver_sql(f"DELETE FROM {table}")
    assert read(busy, Side.BOOKLY) == 0


def test_what_a_small_calendar_withholds_gives_none_until_somebody_says_that_it_is_real(busy: Busy) -> None:
    busy.both()
    with busy.salon.square.world.change():
        busy.salon.square.world["bookings"].load({})
    assert read(busy, Side.SQUARE) == 0
    with writing(busy.salon.house.engine) as conn:
        keeping.put(conn, "real:square", True, busy.salon.house.now())
    assert read(busy, Side.SQUARE) > 5
