"""Customers: profiles with versions, a search that lags, merges."""

from typing import Any

import pytest
from square.core.api_error import ApiError

from tests.practice_salon.square.conftest import ONCE, Salon

ADA = {"given_name": "Ada", "family_name": "Ortiz", "email_address": "Ada@mail.example", "phone_number": "+13125550150"}


def found(client: Any, **wanted: Any) -> list[str]:
    return [customer.id for customer in client.customers.search(query={"filter": wanted}).customers or []]


def test_a_new_customer_is_there_by_id_at_once_and_in_the_search_only_later(salon: Salon, client: Any) -> None:
    made = client.customers.create(**ADA).customer
    assert made.version == 0
    assert client.customers.get(made.id).customer == made
    assert found(client, email_address={"exact": "ada@MAIL.example"}) == []
    salon.square.advance(3)
    assert found(client, email_address={"exact": "ada@MAIL.example"}) == [made.id]
    assert found(client, phone_number={"exact": "+13125550150"}, email_address={"fuzzy": "ada@"}) == [made.id]
    assert found(client, phone_number={"exact": "+13125550151"}) == []


def test_the_lag_can_be_longer_for_one_call(salon: Salon, client: Any) -> None:
    made = client.customers.create(**ADA).customer
    salon.square.advance(60)
    armed = salon.square.arm("customer_search_lag", "customers.search")
    assert found(client, phone_number={"exact": "+13125550150"}) == []
    assert found(client, phone_number={"exact": "+13125550150"}) == [made.id]
    assert armed.fired == 1


def test_the_search_shows_the_old_profile_until_the_index_caught_up(salon: Salon, client: Any) -> None:
    made = client.customers.create(**ADA).customer
    salon.square.advance(10)
    client.customers.update(made.id, email_address="new@mail.example")
    assert found(client, email_address={"exact": "new@mail.example"}) == []
    assert found(client, email_address={"exact": "ada@mail.example"}) == [made.id]
    salon.square.advance(10)
    assert found(client, email_address={"exact": "new@mail.example"}) == [made.id]


def test_an_update_is_sparse_clears_nulls_and_checks_the_version(salon: Salon, client: Any) -> None:
    made = client.customers.create(**ADA, note="tea").customer
    changed = client.customers.update(made.id, note=None, nickname="A", version=0).customer
    assert (changed.version, changed.note, changed.nickname, changed.given_name) == (1, None, "A", "Ada")
    with pytest.raises(ApiError) as refused:
        client.customers.update(made.id, nickname="B", version=0, request_options=ONCE)
    assert refused.value.status_code == 409


def test_equal_phones_and_mails_are_welcome_and_a_key_replays(client: Any) -> None:
    first = client.customers.create(**ADA, idempotency_key="a").customer
    assert client.customers.create(**ADA, idempotency_key="a").customer == first
    assert client.customers.create(**ADA, idempotency_key="b").customer.id != first.id


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"given_name": "Ada", "phone_number": "12345"}, "INVALID_PHONE_NUMBER"),
        ({"given_name": "Ada", "email_address": "ada"}, "INVALID_EMAIL_ADDRESS"),
        ({"given_name": "Ada", "reference_id": "x" * 101}, "VALUE_TOO_LONG"),
        ({"note": "nameless"}, "MISSING_REQUIRED_PARAMETER"),
    ],
)
def test_what_square_checks_is_refused(client: Any, fields: dict[str, str], code: str) -> None:
    with pytest.raises(ApiError) as refused:
        client.customers.create(**fields, request_options=ONCE)
    assert (refused.value.status_code, refused.value.errors[0].code) == (400, code)


def test_an_exact_phone_needs_its_country(client: Any) -> None:
    with pytest.raises(ApiError) as refused:
        client.customers.search(query={"filter": {"phone_number": {"exact": "3125550150"}}}, request_options=ONCE)
    assert refused.value.errors[0].code == "INVALID_PHONE_NUMBER"


def test_a_merge_makes_a_new_profile_drops_the_old_ones_and_tells_so(salon: Salon, client: Any) -> None:
    old = [client.customers.create(**ADA).customer.id, client.customers.create(given_name="A.", note="n").customer.id]
    chair = {"team_member_id": salon.staff(), "start_at": "2026-03-03T15:00:00Z", "duration_minutes": 30}
    booked = salon.square.act("staff", "book", customer_id=old[1], **chair)["booking"]
    made = salon.square.act("owner", "merge_customers", from_customer_ids=old)["customer"]
    assert (made["given_name"], made["note"], made["creation_source"]) == ("Ada", "n", "MERGE")
    answers = client.customers.bulk_retrieve_customers(customer_ids=[*old, made["id"]]).responses
    assert [answers[key].customer is None for key in (*old, made["id"])] == [True, True, False]
    assert client.bookings.get(booked["id"]).booking.customer_id == made["id"]
    events = [kept["event"] for kept in salon.square.world["events"].values()]
    merges = [event for event in events if "event_context" in event["data"]["object"]]
    assert [event["type"] for event in merges] == ["customer.created", "customer.deleted", "customer.deleted"]
    assert merges[1]["data"]["deleted"] is True
    context = merges[1]["data"]["object"]["event_context"]["merge"]
    assert context == {"from_customer_ids": old, "to_customer_id": made["id"]}


def test_a_merged_customer_can_still_be_booked_for_by_the_old_id(salon: Salon, client: Any) -> None:
    old = [salon.customer(0), salon.customer(1)]
    salon.square.act("owner", "merge_customers", from_customer_ids=old)
    body = {**salon.booking(salon.square.world.now()), "customer_id": old[0]}
    assert client.bookings.create(booking=body).booking.customer_id == old[0]
