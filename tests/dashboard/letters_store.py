"""Dead letters and measurements for the developer's screens, planted as the worker would leave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import sin

from sqlalchemy import Engine

from sync.locking.contract import Claim, Lease
from sync.locking.opening import open_locks
from sync.model import End, Ref, Side, Source
from sync.model.calls import Call
from sync.store import calls, hints
from sync.store.connection import writing
from sync.store.hints import Measured
from sync.store.tables import hints as hint_rows
from sync.telemetry import names
from sync.telemetry.collecting import Telemetry

HOLDING = timedelta(seconds=90)


def bury(
    engine: Engine,
    ref: Ref,
    at: datetime,
    starts: datetime | None = None,
    reason: str = "no_answer",
    *,
    permanent: bool = False,
    visit: int | None = None,
    made: Sequence[Call] = (),
) -> int:
    """A dead letter about that appointment, buried at that moment after these calls; returns its number."""
    with writing(engine) as conn:
        hints.put(conn, ref, Source.WEBHOOK, at)
        (hint,) = hints.claim(conn, "worker", at, HOLDING, 1)
        measured = Measured(visit=visit, visit_start=starts)
        hints.finish(conn, hint, "worker", End.DEAD, reason, at, permanent=permanent, measured=measured)
        calls.keep(conn, hint.id, 1, made)
    return hint.id


def bury_many(engine: Engine, count: int, at: datetime, starts: datetime) -> None:
    """So many dead letters more, a minute apart from `starts` on."""
    rows = [
        {"side": "square", "key": f"many-{n}", "source": "webhook", "state": "dead", "reason": "no_answer",
         "received_at": at.timestamp(), "due_at": at.timestamp(), "ended_at": at.timestamp(),
         "visit_start": starts.timestamp() + 60 * n}
        for n in range(count)
    ]  # fmt: skip
    with writing(engine) as conn:
        conn.execute(hint_rows.insert(), rows)


def end_all(engine: Engine, now: datetime, end: End = End.APPLIED, most: int = 1000) -> int:
    """The worker carries what is due, each to that end; returns how many."""
    with writing(engine) as conn:
        taken = hints.claim(conn, "worker", now, HOLDING, most)
        for hint in taken:
            hints.finish(conn, hint, "worker", end, "no_answer", now)
    return len(taken)


def lost(at: datetime) -> Call:
    return Call(Side.SQUARE, "create booking", at, 10_000.0, "lost", 503, "INTERNAL_SERVER_ERROR", "rq-4711-aa")


def some_letters(engine: Engine, now: datetime) -> list[int]:
    """Four, the soonest visit first: in half an hour, tomorrow, at a time not known, and one that is over."""
    return [
        bury(engine, Ref(Side.SQUARE, "bk0018QX"), now - timedelta(minutes=20), now + timedelta(minutes=30), visit=18,
             made=(lost(now - timedelta(minutes=20)),)),
        bury(engine, Ref(Side.BOOKLY, "ca:1"), now - timedelta(hours=3), now + timedelta(hours=22), "not_allowed",
             permanent=True, visit=1),
        bury(engine, Ref(Side.SQUARE, "bk0099QX"), now - timedelta(hours=2)),
        bury(engine, Ref(Side.BOOKLY, "ca:5"), now - timedelta(hours=5), now - timedelta(hours=1), "stopped"),
    ]  # fmt: skip


def measure(engine: Engine, now: datetime, minutes: Iterable[int] = range(0, 1440, 7)) -> None:
    """A day of measurements, a little every seven minutes: hints of four parts, calls, locks."""
    for minute in minutes:
        telemetry, slow = Telemetry(), 40.0 if 500 < minute < 560 else 1.0
        for n in range(4):
            own = 0.02 * (1 + n)
            wait, answers = (0.05 + 0.3 * n) * slow, 0.25 + 0.15 * n + 0.1 * sin(minute / 50)
            for source, side in (("webhook", "square"), ("poll", "bookly")):
                delay = 0.9 + n if source == "webhook" else 2.5
                told = (
                    (names.HINT_SOURCE_DELAY, delay), (names.HINT_WAIT, wait), (names.HINT_LOCK, 0.004 * (n + 1)),
                    (names.HINT_CALLS, answers), (names.HINT_OWN, own),
                    (names.HINT_WHOLE, delay + wait + answers + own), (names.EXPOSURE, delay + wait + answers),
                )  # fmt: skip
                for measured, seconds in told:
                    telemetry.took(measured, seconds, side, source)
            telemetry.call(Call(Side.SQUARE, "get bookings", now, 120.0 * (n + 1), "ok", 200))
            telemetry.call(Call(Side.BOOKLY, "read rows", now, 4.0 * (n + 1), "ok"))
        if slow > 1:
            telemetry.call(lost(now))
        telemetry.count(names.LOCK_GRANTED, by=8)
        telemetry.count(names.LOCK_BUSY, by=int(slow // 10))
        telemetry.flush(engine, now - timedelta(minutes=minute))


def hold(engine: Engine, owner: str, start: datetime, ttl: float = 3600.0) -> Lease:
    """A lease on the first stylist's hour and on a visit."""
    claims = (Claim.span("bookly:1", start, start + timedelta(hours=1)), Claim.visit("18"))
    lease = open_locks(engine, "").acquire(claims, owner, ttl)
    assert isinstance(lease, Lease)
    return lease


def wait_for_lock(engine: Engine, ref: Ref, at: datetime, due: datetime) -> None:
    """A hint that found its lock busy and waits."""
    with writing(engine) as conn:
        hints.put(conn, ref, Source.WEBHOOK, at)
        (hint,) = hints.claim(conn, "worker", at, HOLDING, 1)
        hints.put_back(conn, hint, "worker", due, "busy", attempt=False)
