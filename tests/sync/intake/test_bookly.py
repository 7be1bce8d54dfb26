"""The WordPress plugin's webhooks: who is believed, and to which hints its ids lead."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from standardwebhooks.webhooks import Webhook

from sync.intake.app import Intake, Signs, app
from sync.intake.bookly import MOST_IDS, BooklySign
from sync.intake.keeper import Keeper
from sync.intake.square import SquareSign
from sync.model import Ref, Side
from sync.store import mirror
from sync.store.connection import writing
from tests.sync.intake.conftest import NEXT_SECRET, SECRET, Caller, called, event, message, signed_by_plugin
from tests.sync.store.made import NOON, visit


def test_what_the_library_signs_is_believed(caller: Caller) -> None:
    body, now = message(lines=[5]), datetime.now(UTC)
    given = Webhook(SECRET).sign("msg_9", now, body.decode())
    headers = {"webhook-id": "msg_9", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": given}
    assert caller.bookly(body, headers) == 200
    assert caller.refs() == {"bookly/ca:5"}


def good() -> dict[str, str]:
    """Signed now: a signature made when the tests were collected may be too old when this one runs."""
    return signed_by_plugin(message(lines=[5]))


BAD: dict[str, Callable[[], dict[str, str]]] = {
    "nothing": dict,
    "no id": lambda: {**good(), "webhook-id": ""},
    "no time": lambda: {**good(), "webhook-timestamp": ""},
    "another id": lambda: {**good(), "webhook-id": "msg_2"},
    "another time": lambda: {**(one := good()), "webhook-timestamp": str(int(one["webhook-timestamp"]) + 1)},
    "six minutes old": lambda: signed_by_plugin(message(lines=[5]), age=360),
    "six minutes ahead": lambda: signed_by_plugin(message(lines=[5]), age=-360),
    "no number for a time": lambda: {**good(), "webhook-timestamp": "now"},
    "another secret": lambda: signed_by_plugin(message(lines=[5]), NEXT_SECRET),
    "no version of the signature": lambda: {**(one := good()), "webhook-signature": one["webhook-signature"][3:]},
    "no base64": lambda: {**good(), "webhook-signature": "v1,***"},
    "another version": lambda: {**(one := good()), "webhook-signature": "v2" + one["webhook-signature"][2:]},
}


@pytest.mark.parametrize("signed", BAD.values(), ids=BAD)
def test_without_the_plugins_signature_nothing_is_taken(caller: Caller, signed: Callable[[], dict[str, str]]) -> None:
    assert caller.bookly(message(lines=[5]), signed()) == 401
    assert caller.listed(1)[0][0] == 401
    assert caller.hints() == []


def test_a_body_that_is_no_text_is_not_believed(caller: Caller) -> None:
    body = b"\xff" + message(lines=[5])
    assert caller.bookly(body, signed_by_plugin(body)) == 401


def test_while_one_secret_takes_the_others_place_both_are_believed(store: Engine) -> None:
    signs = Signs(SquareSign("", ""), BooklySign((NEXT_SECRET, SECRET)))
    with called(app(Intake(signs, Keeper(store, lambda: None)))) as http:
        for number, secret in enumerate((SECRET, NEXT_SECRET)):
            body = message(lines=[number + 1])
            headers = signed_by_plugin(body, secret, name=f"msg_{number}")
            assert http.post("/webhooks/bookly", body, headers).status_code == 200


def test_the_same_message_again_is_answered_and_not_taken_again(caller: Caller) -> None:
    assert [caller.bookly(message(lines=[5])) for _ in range(2)] == [200, 200]
    assert [hint.counter for hint in caller.hints()] == [1]


def test_an_id_of_squares_is_no_duplicate_here(caller: Caller) -> None:
    assert caller.square(event(name="msg_1")) == caller.bookly(message(lines=[5])) == 200
    assert len(caller.hints()) == 2


# --- to which hints it leads ---------------------------------------------------------------------------------------


def known(store: Engine, *couples: tuple[str, str]) -> None:
    """What the mirror knows: (key, appointment row)."""
    shown = {Ref(Side.BOOKLY, key): visit(Ref(Side.BOOKLY, key), unit=row) for key, row in couples}
    with writing(store) as conn:
        for ref, one in shown.items():
            mirror.record(conn, ref, one, NOON, NOON)


LEADS = {
    "a row without anybody, never seen": ([10], [], {"row:10"}),
    "a client, never seen": ([10], [20], {"ca:20"}),
    "a client only": ([], [20], {"ca:20"}),
    "a known client moved": ([1], [], {"ca:2"}),
    "a known row used again by another": ([1], [20], {"ca:2", "ca:20"}),
    "one more in a class": ([3], [20], {"row:3", "ca:20"}),
    "a part of a compound service": ([5], [], {"compound:7"}),
    "a new compound service": ([10, 11], [20, 21], {"ca:20", "ca:21", "compound:20"}),
    "a known row and a new one": ([1, 10], [2, 20], {"ca:2", "ca:20"}),
    "nothing": ([], [], set()),
}


@pytest.mark.parametrize(("rows", "lines", "keys"), LEADS.values(), ids=LEADS)
def test_ids_lead_to_what_they_may_be(caller: Caller, rows: list[int], lines: list[int], keys: set[str]) -> None:
    known(caller.store, ("ca:2", "1"), ("row:3", "3"), ("compound:7", "4"), ("compound:7", "5"))
    assert caller.bookly(message(rows, lines)) == 200
    assert caller.refs() == {f"bookly/{key}" for key in keys}


def test_more_ids_than_anybody_changes_at_once_are_left_to_the_poll(caller: Caller) -> None:
    assert caller.bookly(message(lines=list(range(1, MOST_IDS + 50)))) == 200
    assert len(caller.hints()) == MOST_IDS


@pytest.mark.parametrize("ids", [["5"], [0], [-1], [True], [2**63], [1.5], {"5": 1}, "5"])
def test_what_is_no_id_is_refused(caller: Caller, ids: object) -> None:
    body = json.dumps({"type": "bookly.changed", "customer_appointments": ids}).encode()
    assert caller.bookly(body) == 400
    assert caller.listed(1) == [(400, "unreadable")]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b'{"type": 3}'])
def test_what_cannot_be_read_is_refused(caller: Caller, body: bytes) -> None:
    assert caller.bookly(body) == 400


def test_a_message_of_another_type_is_listed_and_leads_to_nothing(caller: Caller) -> None:
    assert caller.bookly(b'{"type": "bookly.hello"}') == 200
    assert caller.listed(1) == [(200, "other_event")]
