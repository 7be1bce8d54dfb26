"""One visit's story from any id that is shown anywhere, and nobody's name in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from queries.story import Story, story
from sync.model import End, Kind, Ref, Side, Source, plain
from sync.model.calls import Call
from sync.store import calls, deliveries, findings, hints, mirror, pairs
from sync.store.connection import open_store, reading, writing
from sync.store.deliveries import Delivery
from sync.store.hints import Measured
from sync.wording.hints import why
from tests.dashboard.small_store import Shop
from tests.sync.store.made import bookly, square, visit
from tests.sync.store.test_hints import NOW

ANNA, HERS = visit(bookly(1)), visit(square("abc123"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path}/store.db")
    yield engine
    engine.dispose()


def carried(conn: Connection, end: End = End.APPLIED) -> int:
    """A visit that stands in both calendars, with a webhook and a hint that ended; returns the hint's number."""
    for one in (ANNA, HERS):
        mirror.record(conn, one.ref, one, NOW, NOW)
    linked = pairs.link(conn, Side.BOOKLY, [(ANNA.ref, ANNA), (HERS.ref, HERS)], NOW)
    came = Delivery(Side.SQUARE, NOW.timestamp(), 200, "kept", 2.0, event_id="event-1", key=HERS.ref.key)
    deliveries.note(conn, [came])
    number = hints.put(conn, HERS.ref, Source.WEBHOOK, NOW, changed_at=NOW - timedelta(seconds=2))
    (hint,) = hints.claim(conn, "one", NOW, timedelta(seconds=90), 1)
    call = Call(Side.SQUARE, "get bookings", NOW, 120.0, "ok", 200, "", "req-77")
    calls.keep(conn, number, 1, [call])
    done = NOW + timedelta(seconds=1)
    hints.finish(conn, hint, "one", end, "time", done, measured=Measured(visit=linked))
    return number


def told(store: Engine, asked: str) -> Story:
    with reading(store) as conn:
        found = story(conn, asked, NOW)
    assert found is not None, asked
    return found


@pytest.mark.parametrize(
    "asked",
    ["square/abc123", "abc123", "abc123:4", "bookly/ca:1", "ca:1", "1", "hint 1", "visit 1", "event-1", "req-77"],
)
def test_any_id_leads_to_the_same_story(store: Engine, asked: str) -> None:
    with writing(store) as conn:
        carried(conn)
    assert told(store, asked) == told(store, str(HERS.ref))


def test_the_verdict_comes_first_and_what_happened_in_order(store: Engine) -> None:
    with writing(store) as conn:
        carried(conn)
    found = told(store, "abc123")
    assert found.verdict == "It stands in both calendars, as agreed. The last change took 3.0 s to cross."
    assert [line.at for line in found.lines] == sorted(line.at for line in found.lines)
    assert {line.kind for line in found.lines} == {
        "linked", "webhook", "hint", "started", "call", "ended",
    }  # fmt: skip


def test_when_it_was_taken_up_had_its_lock_and_waited_and_why_is_told(store: Engine) -> None:
    with writing(store) as conn:
        number = hints.put(conn, HERS.ref, Source.WEBHOOK, NOW)
        at = NOW + timedelta(seconds=0.3)
        for due, reason, attempt in ((0.5, "busy", False), (2.0, "no_answer", True), (9.0, "busy", False)):
            (hint,) = hints.claim(conn, "one", at, timedelta(seconds=90), 1)
            measured = Measured(leased_at=at, lock_ms=4.0) if attempt else Measured(lock_ms=3.0)
            due_at = NOW + timedelta(seconds=due)
            hints.put_back(conn, hint, "one", due_at, reason, attempt=attempt, measured=measured)
            at = due_at
    lines = [(line.kind, line.said) for line in told(store, f"hint {number}").lines]
    assert lines[1:] == [
        ("started", f"Hint {number} was taken up, 0.30 s after it came."),
        ("lock", f"Hint {number} had its lock; asking for it took 10 ms in all."),
        (
            "waits",
            f"Hint {number} waits until then, after 1 failed try and 2 waits. {why('waiting', 'busy')}",
        ),
    ]
    with writing(store) as conn:
        (hint,) = hints.claim(conn, "one", at, timedelta(seconds=90), 1)
        hints.finish(conn, hint, "one", End.ALREADY_TRUE, "in_step", at)
    ended = told(store, f"hint {number}").lines[-1].said
    assert ended.startswith(
        f"Hint {number} ended already true, 9.00 s after the change, after 1 failed try and 2 waits."
    )


def test_a_dead_letter_is_the_verdict(store: Engine) -> None:
    with writing(store) as conn:
        number = carried(conn, End.DEAD)
    assert told(store, "ca:1").verdict.startswith(f"Not carried: dead letter {number} waits.")


def test_what_is_on_its_way_is_said(store: Engine) -> None:
    with writing(store) as conn:
        carried(conn)
        number = hints.put(conn, ANNA.ref, Source.POLL, NOW)
    assert told(store, "ca:1").verdict.startswith(f"On its way: hint {number} is waiting.")


def test_what_waits_for_a_person_is_said(store: Engine) -> None:
    shop = Shop()
    found = shop.find(Kind.DRIFT, ANNA, HERS)
    with writing(store) as conn:
        carried(conn)
        findings.merge(conn, [found], None, NOW)
    assert told(store, "abc123").verdict == "Waits for a person: drift (finding 1)."


def test_a_name_and_a_time_lead_there_too(store: Engine) -> None:
    from sync.model import Directory, StaffMember
    from sync.store.mirror import take_directory

    staff = ANNA.parts[0].span.staff
    with writing(store) as conn:
        carried(conn)
        take_directory(conn, Directory(Side.BOOKLY, "UTC", (StaffMember(Side.BOOKLY, staff, "Priya Vale"),), ()), NOW)
    asked = f"priya {ANNA.start:%H:%M %Y-%m-%d}"
    assert str(ANNA.ref) in told(store, asked).refs


def test_what_nobody_knows_has_no_story(store: Engine) -> None:
    with reading(store) as conn:
        assert story(conn, "nothing of ours", NOW) is None
        assert story(conn, "Priya 25:99", NOW) is None


def test_no_client_is_named(store: Engine) -> None:
    with writing(store) as conn:
        carried(conn)
    text = json.dumps(plain(told(store, "abc123")))
    assert all(client.name not in text for client in (*ANNA.clients, *HERS.clients) if client.name)
    assert Ref.parse(told(store, "abc123").refs[0]) == ANNA.ref
