"""Square's webhooks: who is believed, what is taken, what is answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from square.utils.webhooks_helper import verify_signature

from sync.intake.app import Intake, Signs, app
from sync.intake.bookly import BooklySign
from sync.intake.keeper import Keeper
from sync.intake.news import Booking, Other, Refused
from sync.intake.square import SIGNATURE, SquareSign
from sync.model import Side
from sync.store import mapping, runs
from sync.store.connection import reading, writing
from sync.store.tables import sides
from tests.sync.intake.conftest import KEY, URL, Caller, called, event, kept, signed

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


# --- who is believed ----------------------------------------------------------------------------------------------


def test_squares_own_example_of_a_signature_holds() -> None:
    sign = SquareSign("https://example.com/webhook", "asdf1234")
    sign.verify(b'{"hello":"world"}', "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=")


@pytest.mark.parametrize(
    ("url", "key", "body"),
    [
        ("https://example.com/webhook/", "asdf1234", b'{"hello":"world"}'),
        ("https://example.com/webhook", "asdf12345", b'{"hello":"world"}'),
        ("https://example.com/webhook", "asdf1234", b'{"hello":"world" }'),
    ],
    ids=["a slash more in the address", "another key", "a blank more in the body"],
)
def test_one_sign_of_difference_and_it_does_not_hold(url: str, key: str, body: bytes) -> None:
    with pytest.raises(Refused, match="wrong_signature"):
        SquareSign(url, key).verify(body, "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=")


@pytest.mark.parametrize("text", ["{}", '{"name": "Zoë 🌸"}', '{"a": 1}\n'])
def test_it_judges_as_squares_own_helper_does(text: str) -> None:
    given = signed(text.encode())[SIGNATURE]
    SquareSign(URL, KEY).verify(text.encode(), given)
    assert verify_signature(request_body=text, signature_header=given, signature_key=KEY, notification_url=URL)


BAD = {
    "no signature": {},
    "an empty one": {SIGNATURE: ""},
    "another one": {SIGNATURE: "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og="},
    "one over another address": signed(event(), url="https://elsewhere.example/webhooks/square"),
    "one with another key": signed(event(), key="not-" + KEY),
}


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD)
def test_without_squares_signature_nothing_is_taken(caller: Caller, headers: dict[str, str]) -> None:
    assert caller.square(event(), headers) == 401
    assert caller.listed(1)[0][0] == 401
    assert caller.hints() == []


def test_a_body_that_is_no_text_is_not_believed_even_if_it_is_signed(caller: Caller) -> None:
    body = event().replace(b"ACCEPTED", b"\xff\xfe")
    assert caller.square(body, signed(body)) == 401
    assert caller.listed(1) == [(401, "wrong_signature")]


def test_where_no_key_is_set_nobody_is_believed(store: Engine) -> None:
    nobody = Intake(Signs(SquareSign("", ""), BooklySign(())), Keeper(store, lambda: None))
    with called(app(nobody)) as http:
        body = event()
        assert http.post("/webhooks/square", body, signed(body, key="", url="")).status_code == 401
        assert http.post("/webhooks/bookly", body).status_code == 401
    assert kept(store) == []


# --- what is taken ------------------------------------------------------------------------------------------------


def test_a_booking_becomes_a_hint_under_its_own_id_with_its_version_and_time(caller: Caller) -> None:
    assert caller.square(event()) == 200
    (hint,) = caller.hints()
    assert (str(hint.ref), hint.source, hint.version) == ("square/abc", "webhook", 3)
    assert hint.changed_at == datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    assert caller.rung == [1]


def test_the_same_event_again_is_answered_and_not_taken_again(caller: Caller) -> None:
    assert [caller.square(event()) for _ in range(3)] == [200, 200, 200]
    assert [hint.counter for hint in caller.hints()] == [1]
    assert caller.listed(3) == [(200, "kept"), (200, "duplicate"), (200, "duplicate")]


def test_another_event_for_the_same_booking_joins_the_hint(caller: Caller) -> None:
    caller.square(event(name="one"))
    caller.square(event(name="two", booking={"id": "abc", "version": 4}))
    (hint,) = caller.hints()
    assert (hint.counter, hint.version) == (2, 4)


@pytest.mark.parametrize("version", [None, "3", True, -1, 2**80])
def test_a_version_that_is_none_asks_for_none(caller: Caller, version: object) -> None:
    assert caller.square(event(booking={"id": "abc", "version": version})) == 200
    assert [hint.version for hint in caller.hints()] == [None]


@pytest.mark.parametrize("created_at", [None, "yesterday", "2026-11-21T10:00:00", 7])
def test_a_time_that_is_none_is_unknown(caller: Caller, created_at: object) -> None:
    body = json.dumps({**json.loads(event()), "created_at": created_at}).encode()
    assert caller.square(body) == 200
    assert [hint.changed_at for hint in caller.hints()] == [None]


UNREADABLE = {
    "no JSON": b"booking",
    "half of it": event()[:-20],
    "empty": b"",
    "a list": b"[]",
    "a number": b"7",
    "too deep": b"[" * 100_000,
    "no event_id": event().replace(b"event_id", b"other_id"),
    "no type": event().replace(b'"type": "booking.updated"', b'"kind": "booking.updated"'),
    "an event_id that is no text": event().replace(b'"event-1"', b"17"),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused(caller: Caller, body: bytes) -> None:
    assert caller.square(body) == 400
    assert caller.listed(1) == [(400, "unreadable")]
    assert caller.hints() == []


@pytest.mark.parametrize(
    "booking", [None, {}, {"id": ""}, {"id": 7}, {"id": "a b"}, {"id": "x" * 65}, {"id": "\ud800"}]
)
def test_an_event_that_names_no_booking_is_answered_for_telling_it_again_would_not_help(
    caller: Caller, booking: object
) -> None:
    assert caller.square(event(booking=booking)) == 200
    assert caller.listed(1) == [(200, "names_nothing")]
    assert caller.hints() == []


@pytest.mark.parametrize("kind", ["catalog.version.updated", "team_member.updated", "customer.created", "never.seen"])
def test_other_events_are_listed_by_their_type_and_lead_to_nothing(caller: Caller, kind: str) -> None:
    assert caller.square(event(kind, customer={"id": "C1"})) == 200
    assert caller.listed(1) == [(200, "other_event")]
    assert caller.hints() == []


def test_a_very_long_event_id_is_known_again(caller: Caller) -> None:
    for name in ("x" * 200 + "a", "x" * 200 + "b", "x" * 200 + "a"):
        assert caller.square(event(name=name)) == 200
    assert [reason for _, reason in caller.listed(3)] == ["kept", "kept", "duplicate"]


# --- customers and access -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["customer.created", "customer.deleted"])
def test_customers_that_became_one_are_one_in_the_map_of_clients_too(caller: Caller, kind: str) -> None:
    with writing(caller.store) as conn:
        for bookly, square in (("1", "ANNA"), ("2", "ANNIE"), ("3", "BEN")):
            mapping.link_client(conn, bookly, square, NOON)
    merge = {"merge": {"from_customer_ids": ["ANNA", "ANNIE"], "to_customer_id": "ANN"}}
    assert caller.square(event(kind, customer={"id": "ANN"}, event_context=merge)) == 200
    with reading(caller.store) as conn:
        assert mapping.clients(conn) == {"1": "ANN", "2": "ANN", "3": "BEN"}
    assert caller.listed(1) == [(200, "merged")]


def revoked() -> bytes:
    return event("oauth.authorization.revoked", revocation={"revoked_at": "2026-11-21T10:00:00Z"})


def test_access_that_was_taken_away_is_told_as_square_failing(caller: Caller) -> None:
    assert caller.square(revoked()) == 200
    with reading(caller.store) as conn:
        read = runs.side_read(conn, Side.SQUARE)
    assert read is not None and read.failing_since is not None
    assert read.setting == "SQUARE_ACCESS_TOKEN"
    assert "SQUARE_ACCESS_TOKEN" in read.problem


def test_access_that_was_given_again_since_is_not_told(caller: Caller) -> None:
    with writing(caller.store) as conn:
        conn.execute(sides.insert().values(side="square", timezone="UTC", whole_began_at=NOON.timestamp()))
    assert caller.square(revoked()) == 200
    with reading(caller.store) as conn:
        read = runs.side_read(conn, Side.SQUARE)
    assert read is not None and read.failing_since is None


# --- another salon of the same merchant -----------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "hinted"), [("L1", True), ("L2", False), (None, True)])
def test_what_is_about_another_salon_of_the_same_merchant_leads_to_nothing(place: str | None, hinted: bool) -> None:
    body = event(booking={"id": "abc", "version": 3, "location_id": place})
    subject = SquareSign(URL, KEY, "L1").read(body, signed(body)).subject
    assert subject == (Booking("abc", 3) if hinted else Other("booking.updated"))


def test_where_no_salon_is_named_in_the_settings_every_booking_is_looked_at() -> None:
    body = event(booking={"id": "abc", "version": 3, "location_id": "L2"})
    assert SquareSign(URL, KEY).read(body, signed(body)).subject == Booking("abc", 3)
