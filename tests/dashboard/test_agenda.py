from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace

import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard import agenda as room
from dashboard.agenda import agenda, shown_day
from dashboard.charts import Day
from dashboard.salon import salon
from sync.model import Side
from sync.settings import settings
from sync.store import tables
from sync.store.connection import reading, writing
from tests.dashboard.small_store import NOW, Shop, fill


def _shown(engine: Engine, now: datetime = NOW) -> Day:
    with reading(engine) as conn:
        here = salon(conn, settings(), now)
        return agenda(conn, here, shown_day(conn, here))


def test_every_stylist_has_a_row_and_every_visit_its_lane(small_store: Engine, shop: Shop) -> None:
    day = _shown(small_store)
    assert day.staff == ("Dana", "Luca", "Maria", "Noor", "Priya", "Theo")
    assert len(day.bars) == len(shop.appointments)
    anna = next(bar for bar in day.bars if bar.who == "Anna Barros")
    assert (anna.staff, anna.side, anna.start.hour, anna.what) == ("Maria", Side.BOOKLY, 14, "Women's Haircut")
    assert day.now == datetime.fromisoformat("2026-11-20T13:35")


def test_the_clashes_of_the_day_are_on_it(small_store: Engine) -> None:
    clashes = _shown(small_store).clashes
    assert {(clash.staff, clash.start.hour, clash.over) for clash in clashes} == {
        ("Maria", 14, False), ("Dana", 15, False),
    }  # fmt: skip


def test_a_clash_that_is_over_is_shown_as_over(small_store: Engine) -> None:
    later = NOW + timedelta(hours=1, minutes=15)
    assert [clash.over for clash in _shown(small_store, later).clashes if clash.staff == "Maria"] == [True]


def test_two_of_one_first_name_keep_their_whole_names() -> None:
    assert room._short_names(["Maria Alba", "Maria Berg", "Theo Abara"]) == {
        "Maria Alba": "Maria Alba", "Maria Berg": "Maria Berg", "Theo Abara": "Theo",
    }  # fmt: skip


def test_after_the_last_visit_the_next_day_anybody_works_is_shown(empty_store: Engine, shop: Shop) -> None:
    shop.book(Side.SQUARE, 2, "11:00", "Monday Client", 1, days=3)
    fill(empty_store, shop)
    closed = NOW + timedelta(hours=6)
    day = _shown(empty_store, closed)
    assert [bar.who for bar in day.bars] == ["Monday Client"]
    assert day.now is None


def test_what_we_put_there_for_the_other_side_is_marked_so(small_store: Engine, shop: Shop) -> None:
    sam = next(a for a in shop.appointments if a.clients[0].name == "Sam Kessler")
    with writing(small_store) as conn:
        conn.execute(sa.insert(tables.visits).values(id=1, owner="bookly", made_at=0))
        conn.execute(
            sa.insert(tables.partners).values(side="square", key=sam.ref.key, visit=1, current=True, agreed_at=0)
        )
    copied = [bar.who for bar in _shown(small_store).bars if bar.copied]
    assert copied == ["Sam Kessler"]


def test_before_opening_the_now_line_is_on_the_picture_and_in_the_night_it_is_not(small_store: Engine) -> None:
    early, night = (_shown(small_store, NOW - timedelta(hours=hours)) for hours in (5, 9))
    assert early.now is not None
    assert early.opens < early.now
    assert night.now is not None
    assert night.opens > night.now


def test_a_day_without_visits_is_an_empty_day(empty_store: Engine) -> None:
    fill(empty_store, Shop())
    day = _shown(empty_store)
    assert day.bars == ()
    assert (day.opens.hour, day.closes.hour) == (9, 18)


def test_a_time_kept_for_a_square_client_bears_her_name_and_time_shut_for_nobody_says_so() -> None:
    copied = SimpleNamespace(label="Square · Isla Sorensen · Blowout", service="", persons=1, clients=[], shown_for=3)
    assert room._who(copied, Side.BOOKLY) == "Isla Sorensen"
    for other in ({"clients": ["Bo Finch"]}, {"label": "Square"}, {"shown_for": None}):
        assert room._who(SimpleNamespace(**{**vars(copied), **other}), Side.BOOKLY) != "Isla Sorensen"
    shut = SimpleNamespace(label="", service="", persons=0, clients=[], shown_for=None)
    assert room._who(shut, Side.BOOKLY).startswith("blocked time")
