"""Small things are kept by name, counters only grow, and writing outside needs two yeses."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from sync.store import keeping
from sync.store.connection import open_store, reading, writing
from tests.sync.store.made import NOON, at


def test_what_is_put_is_got_back_and_replaced(store: Engine) -> None:
    with writing(store) as conn:
        keeping.put(conn, "colour", {"a": [1, None]}, NOON, "Ida")
        keeping.put(conn, "colour", "red", NOON)
        assert keeping.get(conn, "colour") == "red"
        assert keeping.get(conn, "nothing", "else") == "else"


def test_a_value_of_none_is_a_value(store: Engine) -> None:
    with writing(store) as conn:
        keeping.put(conn, "empty", None, NOON)
        assert keeping.get(conn, "empty", "default") is None


def test_pause_is_off_until_somebody_presses_it(store: Engine) -> None:
    with writing(store) as conn:
        assert not keeping.paused(conn)
        keeping.set_paused(conn, True, "Ida", NOON)
        assert keeping.paused(conn)
        keeping.set_paused(conn, False, "Ida", NOON)
        assert not keeping.paused(conn)


@pytest.mark.parametrize(
    ("setting", "switched", "expected"), [("off", True, False), ("on", False, False), ("on", True, True)]
)
def test_writing_needs_the_setting_and_a_person(store: Engine, setting: str, switched: bool, expected: bool) -> None:
    with writing(store) as conn:
        assert not keeping.writes_on(conn, setting)
        keeping.set_writes(conn, switched, "Ida", NOON)
        assert keeping.writes_on(conn, setting) is expected


def test_the_installation_is_made_once(store: Engine, store_url: str) -> None:
    with writing(store) as conn:
        made = keeping.installation(conn)
    again = open_store(store_url)
    with writing(again) as conn:
        assert keeping.installation(conn) == made
    again.dispose()
    assert len(made) == 12
    assert made.isalnum()


def test_the_pinned_zone_stays_until_a_person_pins_another(store: Engine) -> None:
    with writing(store) as conn:
        assert keeping.pinned_timezone(conn) is None
        assert keeping.pin_timezone(conn, "America/Chicago") == "America/Chicago"
        assert keeping.pinned_timezone(conn) == "America/Chicago"
        keeping.pin_timezone(conn, "Europe/Berlin", "Ida", NOON)
        assert keeping.pinned_timezone(conn) == "Europe/Berlin"


def test_each_change_is_one_higher_and_a_transaction_that_failed_leaves_no_gap(store: Engine) -> None:
    with writing(store) as conn:
        assert [keeping.next_change(conn), keeping.next_change(conn)] == [1, 2]
    with pytest.raises(LookupError), writing(store) as conn:
        raise LookupError(keeping.next_change(conn))
    with writing(store) as conn:
        assert keeping.next_change(conn) == 3
    with reading(store) as conn:
        assert keeping.last_change(conn) == 3


def test_counters_are_apart(store: Engine) -> None:
    with writing(store) as conn:
        assert [keeping.count(conn, "withdrawn", NOON), keeping.count(conn, "withdrawn", NOON)] == [1, 2]
        assert keeping.last_change(conn) == 0


def test_a_worker_is_heard_of_until_it_was_silent_for_a_day(store: Engine) -> None:
    with writing(store) as conn:
        keeping.beat(conn, "till:1", at(0))
        keeping.beat(conn, "till:2", at(30))
        assert keeping.beats(conn) == {"till:1": at(0), "till:2": at(30)}
        keeping.beat(conn, "till:2", at(24 * 60 + 1))
        assert keeping.beats(conn) == {"till:2": at(24 * 60 + 1)}
