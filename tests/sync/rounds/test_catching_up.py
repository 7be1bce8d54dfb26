"""After a downtime: what Square's own list tells, each event once; and the webhooks that never came are counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from square import Square

from practice_salon.square.grants import add_grant
from sync.calendars.square.client import open_square
from sync.calendars.square.read import SquareReader
from sync.model import Side, Source
from sync.rounds.auditing import Audited, audit
from sync.rounds.catching_up import CaughtUp, catch_up
from sync.store.connection import writing
from sync.store.tables import deliveries
from tests.practice_salon.square.listener import listening
from tests.sync.rounds.busy import FORMS, Busy
from tests.sync.rounds.looking import Watch, given


@pytest.fixture
def town(busy: Busy) -> Iterator[Busy]:
    """Square lists what happens; what happened before is searched already."""
    world = busy.salon.square.world
    with world.change():
        world.set_rules(events_enabled=True)
    assert busy.pull(Side.SQUARE).whole
    caught(busy)
    yield busy
    with world.change():
        world.set_rules(events_enabled=False)


def caught(busy: Busy) -> CaughtUp:
    house = busy.salon.house
    return catch_up(house.engine, house.readers[Side.SQUARE], house.now())


def audited(busy: Busy, minutes: float = 30) -> Audited:
    house = busy.salon.house
    return audit(house.engine, house.readers[Side.SQUARE], square_now(busy) + timedelta(minutes=minutes))


def square_now(busy: Busy) -> datetime:
    return busy.salon.square.world.now()


def book(busy: Busy, hour: int = 18) -> str:
    salon = busy.salon
    one = salon.people.books_in_square(salon.stylists(salon.cut())[1], salon.cut(), salon.at(hour, days=5), FORMS[9])
    return str(one.unit)


def events(busy: Busy) -> list[dict[str, Any]]:
    """What happened to bookings, oldest first."""
    kept = sorted(busy.salon.square.world["events"].values(), key=lambda doc: doc["place"])
    return [doc["event"] for doc in kept if doc["event"]["type"].startswith("booking.")]


def delivered(busy: Busy, event: dict[str, Any], key: str) -> None:
    """The webhook of an event came and was taken."""
    at = datetime.fromisoformat(event["created_at"]).astimezone(UTC).timestamp()
    line = {"side": "square", "at": at + 3, "event_id": event["event_id"], "key": key, "status": 200, "reason": "kept"}
    with writing(busy.salon.house.engine) as conn:
        conn.execute(sa.insert(deliveries).values(**line, ms=1.0, source_at=at))


# --- catching up --------------------------------------------------------------------------------------------------


def test_what_happened_meanwhile_becomes_hints_with_version_and_time_once(town: Busy) -> None:
    booked, moved = book(town), town.square[0]
    town.salon.people.moves_in_square(moved, town.salon.at(17))
    done = caught(town)
    assert done.whole and done.counts["hints"] == 2
    left = given(town.salon.house.engine)
    assert left == sorted([(booked, Source.EVENTS, 0), (moved.unit, Source.EVENTS, 1)])
    assert caught(town).counts["hints"] == 0


def test_an_event_that_came_as_a_webhook_or_is_known_is_no_news(town: Busy) -> None:
    heard, seen, lost = book(town, 17), book(town, 18), book(town, 19)
    delivered(town, events(town)[-3], heard)
    watch = Watch(town, Side.SQUARE)
    assert watch.look() == {heard, seen, lost}
    town.salon.square.act("staff", "move", booking_id=lost, start_at=town.salon.at(20, days=5).isoformat())
    assert caught(town).counts == {"events": 4, "hints": 1}
    assert given(town.salon.house.engine) == [(lost, Source.EVENTS, 1)]


def test_the_search_goes_on_from_where_it_ended_with_some_overlap(town: Busy) -> None:
    book(town)
    assert caught(town).counts["events"] == 1
    house = town.salon.house
    town.salon.square.advance(3600)
    late = catch_up(house.engine, house.readers[Side.SQUARE], house.now() + timedelta(hours=1))
    assert late.counts["events"] == 1
    later = catch_up(house.engine, house.readers[Side.SQUARE], house.now() + timedelta(hours=2))
    assert later.counts["events"] == 0


def test_a_search_that_fails_is_made_again_from_the_same_moment(town: Busy) -> None:
    booked = book(town)
    town.salon.square.arm("error_503", "events.search_events")
    failed = caught(town)
    assert not failed.whole and "503" in failed.sentence
    assert caught(town).counts["hints"] == 1
    assert [key for key, _, _ in given(town.salon.house.engine)] == [booked]


def test_a_token_that_may_not_look_is_said_once_and_fails_nothing(town: Busy) -> None:
    house, square = town.salon.house, town.salon.square
    with square.world.change():
        add_grant(square.world, "granted")
    client = open_square(square.url, "granted")
    said = [catch_up(house.engine, SquareReader(client), house.now()) for _ in range(2)]
    client.close()
    assert [done.whole for done in said] == [True, True]
    assert "personal access token" in said[0].sentence and said[1].sentence != said[0].sentence
    assert "tells of" in caught(town).sentence


def test_a_list_that_is_switched_off_shows_by_the_webhooks_that_it_lacks(busy: Busy) -> None:
    assert busy.pull(Side.SQUARE).whole
    assert "nothing that happened" in caught(busy).sentence
    key = book(busy)
    delivered(busy, events(busy)[-1], key)
    assert "switched off" in caught(busy).sentence


def test_before_the_first_whole_read_there_is_nothing_to_catch_up_with(busy: Busy) -> None:
    with writing(busy.salon.house.engine) as conn:
        conn.exec_driver_sql("UPDATE sides SET whole_began_at = NULL")
    assert caught(busy).whole and "not been read whole" in caught(busy).sentence


# --- the audit ----------------------------------------------------------------------------------------------------


def test_a_webhook_that_was_dropped_is_counted_and_its_change_fetched(town: Busy) -> None:
    dropped = _booked_while_one_is_dropped(town)
    done = audited(town)
    assert done.counts == {"changes": 2, "missed": 1, "filled": 1} and done.events
    assert done.sentence == (
        "1 of 2 changes in Square came without a webhook in the last 24 hours. 1 of them nobody had noticed; it is "
        "looked at now."
    )
    assert given(town.salon.house.engine) == [(dropped, Source.EVENTS, 0)]
    Watch(town, Side.SQUARE).carry()
    assert audited(town).counts == {"changes": 2, "missed": 1, "filled": 0}


def _booked_while_one_is_dropped(town: Busy) -> str:
    """Two bookings are made; Square sends the webhook of one and loses the other's."""
    square = town.salon.square
    with httpx.Client() as http, listening() as listener:
        client = Square(base_url=square.url, token="practice", httpx_client=http)
        sent = {"name": "ours", "event_types": ["booking.created"], "notification_url": listener.url}
        made = client.webhooks.subscriptions.create(subscription=sent, idempotency_key="hook").subscription
        square.arm("webhook_dropped", "webhook.booking.created", 2)
        book(town, 17)
        dropped = book(town, 18)
        (arrived,) = listener.wait_for(1)
        assert square.wait_for(lambda world: not world["deliveries"].values())
        assert made is not None and len(listener.arrived) == 1
        client.webhooks.subscriptions.delete(str(made.id))
    delivered(town, arrived.event, arrived.event["data"]["object"]["booking"]["id"])
    return dropped


def test_a_webhook_may_still_come_for_ten_minutes(town: Busy) -> None:
    book(town)
    assert audited(town, minutes=9).counts["missed"] == 0
    assert audited(town, minutes=11).counts["missed"] == 1


def test_without_squares_own_list_what_looking_found_is_compared(busy: Busy) -> None:
    assert busy.pull(Side.SQUARE).whole
    heard, dropped = book(busy, 17), book(busy, 18)
    delivered(busy, events(busy)[-2], heard)
    assert Watch(busy, Side.SQUARE).look() == {heard, dropped}
    with busy.salon.square.world.change():
        kept = busy.salon.square.world["grants"].get("practice") or {}
        busy.salon.square.world["grants"].put("practice", {**kept, "kind": "oauth"})
    assert not audited(busy).events
    done = audited(busy)
    assert done.counts == {"changes": 2, "missed": 1, "filled": 0} and "All were found by looking" in done.sentence


def test_a_subscription_that_nobody_set_up_is_asked_about(busy: Busy) -> None:
    assert busy.pull(Side.SQUARE).whole
    assert audited(busy).sentence.startswith("Nothing changed in Square")
    book(busy)
    Watch(busy, Side.SQUARE).look()
    assert "is the subscription set up" in audited(busy).sentence
