"""Every person's action leaves a row, in order, with what stood there, what was sent and what came back."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from sync.store import audit
from sync.store.connection import writing
from tests.sync.store.made import NOON, at


def test_the_rows_of_a_request_come_in_order_and_alone(store: Engine) -> None:
    with writing(store) as conn:
        audit.note(conn, who="Ida", role="manager", what="asked", now=NOON, request=1, stood={"a": [1]})
        audit.note(conn, who="Theo", role="manager", what="asked", now=NOON, request=2)
        audit.note(conn, who="Ida", role="manager", what="done", now=at(1), request=1, sent={"b": 2}, answered="ok")
        rows = audit.of_request(conn, 1)
    assert [(row.who, row.what, row.at) for row in rows] == [
        ("Ida", "asked", NOON.timestamp()),
        ("Ida", "done", at(1).timestamp()),
    ]
    assert (rows[0].stood, rows[0].sent) == ({"a": [1]}, None)
    assert (rows[1].sent, rows[1].answered) == ({"b": 2}, "ok")


def test_what_no_request_led_to_is_noted_too(store: Engine) -> None:
    with writing(store) as conn:
        audit.note(conn, who="Ida", role="manager", what="pause", now=NOON)
        assert audit.of_request(conn, 1) == ()
