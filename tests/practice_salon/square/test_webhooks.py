"""Webhooks: subscriptions, signatures, retries on the server's clock, and what may go wrong on the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from square.core.api_error import ApiError

from practice_salon.square.grants import BASE_SCOPES, add_grant
from practice_salon.square.state import World
from practice_salon.square.subscriptions import subscribe
from practice_salon.square.times import stamp
from practice_salon.square.webhooks import RETRY_MINUTES, signature
from tests.practice_salon.square.conftest import MONDAY, ONCE, Salon
from tests.practice_salon.square.listener import Arrived, Listener, listening

TUESDAY = MONDAY + timedelta(days=1)
TYPES = ["booking.created", "booking.updated", "customer.deleted", "catalog.version.updated", "team_member.updated"]


def nothing_waits(world: World) -> bool:
    return not any(not waiting["held"] for waiting in world["deliveries"].values())


def at_attempt(number: int) -> Callable[[World], bool]:
    """So many attempts of the one waiting delivery have failed."""
    return lambda world: [waiting["attempt"] for waiting in world["deliveries"].values()] == [number]


@dataclass
class Hooked:
    """A salon whose events arrive at a listener."""

    salon: Salon
    client: Any
    listener: Listener
    key: str
    subscription_id: str

    def book(self, hours: int = 0) -> Any:
        body = self.salon.booking(TUESDAY + timedelta(hours=hours))
        return self.client.bookings.create(booking=body).booking

    def touch(self, booking: Any, note: str = "x") -> Any:
        return self.client.bookings.update(booking.id, booking={"seller_note": note}).booking

    def settled(self) -> list[Arrived]:
        """What had arrived once nothing was on its way any more."""
        assert self.salon.square.wait_for(nothing_waits)
        return list(self.listener.arrived)


@pytest.fixture
def hooked(salon: Salon, client: Any) -> Iterator[Hooked]:
    """A subscription to a listener in this process."""
    with listening() as listener:
        sent = {"name": "ours", "event_types": TYPES, "notification_url": listener.url}
        made = client.webhooks.subscriptions.create(subscription=sent, idempotency_key="hook").subscription
        yield Hooked(salon, client, listener, made.signature_key, made.id)
        client.webhooks.subscriptions.delete(made.id)


def test_the_signature_is_squares() -> None:
    expected = "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="
    assert signature("asdf1234", "https://example.com/webhook", '{"hello":"world"}') == expected


def test_a_new_booking_is_told_with_its_version_in_the_id_and_signed_for_the_clients_own_helper(
    hooked: Hooked,
) -> None:
    made = hooked.book()
    (arrived,) = hooked.settled()
    event = arrived.event
    assert (event["type"], event["data"]["id"], event["data"]["type"]) == ("booking.created", f"{made.id}:0", "booking")
    assert event["data"]["object"]["booking"]["id"] == made.id
    assert arrived.signed(hooked.key, hooked.listener.url)
    assert not arrived.signed(hooked.key, hooked.listener.url + "/")
    assert not arrived.signed("other", hooked.listener.url)
    assert "square-retry-number" not in arrived.headers
    assert arrived.headers["square-initial-delivery-timestamp"] == event["created_at"]


def test_changes_by_us_by_staff_and_by_buyers_are_all_told_in_order(hooked: Hooked) -> None:
    made = hooked.book()
    hooked.touch(made)
    hooked.salon.square.act("staff", "move", booking_id=made.id, start_at=stamp(TUESDAY + timedelta(hours=2)))
    hooked.salon.square.act("buyer", "cancel", booking_id=made.id)
    told = [(one.event["type"], one.event["data"]["id"]) for one in hooked.settled()]
    assert told == [("booking.created", f"{made.id}:0"), *(("booking.updated", f"{made.id}:{n}") for n in (1, 2, 3))]
    assert hooked.listener.arrived[-1].event["data"]["object"]["booking"]["status"] == "CANCELLED_BY_CUSTOMER"


def test_a_failed_delivery_is_tried_eleven_times_more_at_growing_distances_and_then_dropped(hooked: Hooked) -> None:
    hooked.listener.answers = [500] * 20
    hooked.book()
    hooked.listener.wait_for(1)
    for number, minutes in enumerate(RETRY_MINUTES, start=1):
        assert hooked.salon.square.wait_for(at_attempt(number))
        hooked.salon.square.advance(minutes * 60 - 1)
        assert len(hooked.listener.arrived) == number
        hooked.salon.square.advance(1)
        latest = hooked.listener.wait_for(number + 1)[-1]
        assert latest.headers["square-retry-number"] == str(number)
        assert latest.headers["square-retry-reason"] == "http_error"
    settled = hooked.settled()
    assert len(settled) == 12
    assert len({one.raw for one in settled}) == 1
    assert len({one.headers["square-initial-delivery-timestamp"] for one in settled}) == 1


def test_the_retry_clock_can_be_scaled(hooked: Hooked) -> None:
    hooked.salon.square.world.set_rules(retry_scale=1 / 60)
    hooked.listener.answers = [503, 302]
    hooked.book()
    for attempt, seconds in ((1, 1), (2, 2)):
        assert hooked.salon.square.wait_for(at_attempt(attempt))
        hooked.salon.square.advance(seconds)
        hooked.listener.wait_for(attempt + 1)
    assert len(hooked.settled()) == 3


def test_a_listener_that_hangs_up_is_another_reason(hooked: Hooked) -> None:
    hooked.listener.answers = [0]
    hooked.book()
    assert hooked.salon.square.wait_for(at_attempt(1))
    hooked.salon.square.advance(60)
    assert hooked.listener.wait_for(2)[-1].headers["square-retry-reason"] == "other_error"


def test_three_weeks_of_failures_disable_the_subscription(hooked: Hooked) -> None:
    hooked.listener.answers = [500, 500]
    hooked.book()
    assert hooked.salon.square.wait_for(at_attempt(1))
    hooked.salon.square.advance(21 * 86_400)
    assert hooked.salon.square.wait_for(lambda world: len(world["deliveries"]) == 0)
    subscription = hooked.client.webhooks.subscriptions.get(hooked.subscription_id).subscription
    assert subscription.enabled is False


def test_a_rotated_key_signs_from_then_on(hooked: Hooked) -> None:
    new = hooked.client.webhooks.subscriptions.update_signature_key(hooked.subscription_id, idempotency_key="r1")
    assert new.signature_key != hooked.key
    hooked.book()
    (arrived,) = hooked.settled()
    assert arrived.signed(new.signature_key, hooked.listener.url)
    assert not arrived.signed(hooked.key, hooked.listener.url)


def test_the_test_call_delivers_at_once_and_tells_the_status(hooked: Hooked) -> None:
    hooked.listener.answers = [418]
    result = hooked.client.webhooks.subscriptions.test(hooked.subscription_id, event_type="booking.created")
    (arrived,) = hooked.listener.arrived
    assert result.subscription_test_result.status_code == 418
    assert result.subscription_test_result.payload == arrived.raw
    assert arrived.signed(hooked.key, hooked.listener.url)


def test_disabled_and_unasked_types_are_not_delivered(hooked: Hooked) -> None:
    hooks = hooked.client.webhooks.subscriptions
    hooks.update(hooked.subscription_id, subscription={"event_types": ["booking.updated"]})
    made = hooked.book()
    hooks.update(hooked.subscription_id, subscription={"enabled": False})
    hooked.touch(made)
    assert hooked.settled() == []
    assert list(hooks.list()) == []
    assert [hook.id for hook in hooks.list(include_disabled=True)] == [hooked.subscription_id]


def test_the_address_must_be_https_or_this_machine_and_the_types_known(salon: Salon, client: Any) -> None:
    for sent in (
        {"event_types": ["booking.created"], "notification_url": "http://salon.example/hooks"},
        {"event_types": ["booking.cancelled"], "notification_url": "https://salon.example/hooks"},
        {"event_types": ["booking.created"]},
    ):
        with pytest.raises(ApiError) as refused:
            client.webhooks.subscriptions.create(subscription=sent, request_options=ONCE)
        assert refused.value.status_code == 400


def test_subscriptions_take_the_personal_token_only(salon: Salon) -> None:
    add_grant(salon.square.world, "oauth")
    with pytest.raises(ApiError) as refused:
        salon.client("oauth").webhooks.subscriptions.list(request_options=ONCE)
    assert refused.value.status_code == 403


def test_an_app_with_buyer_level_access_is_told_of_its_own_bookings_only(salon: Salon, client: Any) -> None:
    world, noon = salon.square.world, TUESDAY + timedelta(hours=3)
    with listening() as listener:
        sent = {"event_types": ["booking.created"], "notification_url": listener.url}
        made = client.webhooks.subscriptions.create(subscription=sent).subscription
        kept = world["subscriptions"].get(made.id)
        assert kept is not None
        world["subscriptions"].put(made.id, {**kept, "application_id": "sq0idp-buyer"})
        add_grant(world, "buyer", "oauth", BASE_SCOPES, "sq0idp-buyer")
        client.bookings.create(booking=salon.booking(noon))
        own = salon.client("buyer").bookings.create(booking=salon.booking(noon, place=3)).booking
        assert salon.square.wait_for(nothing_waits)
        assert [one.event["data"]["id"] for one in listener.arrived] == [f"{own.id}:0"]


def test_a_duplicate_has_the_same_event_id(hooked: Hooked) -> None:
    armed = hooked.salon.square.arm("webhook_duplicated", "webhook.*")
    hooked.book()
    first, second = hooked.settled()
    assert first.event["event_id"] == second.event["event_id"]
    assert armed.fired == 1


def test_a_reordered_event_comes_after_the_next_one(hooked: Hooked) -> None:
    hooked.salon.square.arm("webhook_reordered", "webhook.booking.created")
    made = hooked.book()
    hooked.touch(made)
    assert [one.event["data"]["id"] for one in hooked.settled()] == [f"{made.id}:1", f"{made.id}:0"]


def test_a_delayed_event_waits_for_its_time(hooked: Hooked) -> None:
    hooked.salon.square.arm("webhook_delayed", "webhook.booking.created", seconds=90)
    made = hooked.book()
    hooked.touch(made)
    hooked.listener.wait_for(1)
    hooked.salon.square.advance(90)
    assert [one.event["data"]["id"] for one in hooked.settled()] == [f"{made.id}:1", f"{made.id}:0"]


def test_a_dropped_event_never_comes_but_stands_in_the_event_log(hooked: Hooked) -> None:
    hooked.client.events.enable_events()
    armed = hooked.salon.square.arm("webhook_dropped", "webhook.*", nth=2)
    made = hooked.book()
    hooked.touch(made)
    hooked.touch(made)
    assert [one.event["data"]["id"] for one in hooked.settled()] == [f"{made.id}:0", f"{made.id}:2"]
    assert armed.fired == 1
    assert [event.data.id for event in hooked.client.events.search_events().events] == [
        f"{made.id}:{version}" for version in range(3)
    ]


def test_a_stale_body_shows_the_booking_as_it_was(hooked: Hooked) -> None:
    hooked.salon.square.arm("webhook_stale_body", "webhook.booking.updated")
    made = hooked.book()
    hooked.touch(made, "new")
    stale = hooked.settled()[1].event["data"]
    assert stale["id"] == f"{made.id}:1"
    assert stale["object"]["booking"]["version"] == 0
    assert "seller_note" not in stale["object"]["booking"]


@pytest.mark.parametrize("name", ["webhook_wrong_signature", "webhook_wrong_host"])
def test_a_wrongly_signed_event_does_not_verify_and_the_next_one_does(hooked: Hooked, name: str) -> None:
    armed = hooked.salon.square.arm(name, "webhook.*")
    hooked.touch(hooked.book())
    first, second = hooked.settled()
    assert not first.signed(hooked.key, hooked.listener.url)
    assert second.signed(hooked.key, hooked.listener.url)
    assert armed.fired == 1


def test_a_subscription_can_be_found_disabled(hooked: Hooked) -> None:
    hooked.salon.square.arm("subscription_disabled", "webhook.*")
    hooked.book()
    hooked.book(1)
    assert hooked.settled() == []
    assert hooked.client.webhooks.subscriptions.get(hooked.subscription_id).subscription.enabled is False


def test_a_subscription_of_the_start_is_there_once_however_often_it_starts(hooked: Hooked) -> None:
    world = hooked.salon.square.world
    with world.change():
        first = subscribe(world, "https://salon.example/hooks", "one key")
        again = subscribe(world, "https://salon.example/hooks", "another key")
    assert again["id"] == first["id"]
    found = hooked.client.webhooks.subscriptions.get(first["id"]).subscription
    assert (found.enabled, found.signature_key) == (True, "another key")
    assert "booking.created" in found.event_types
