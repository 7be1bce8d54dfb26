"""`python -m sync tail`: what happens now, a line each: messages that come, hints that end or wait, clicks that end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import click
import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from sync.commands.plain import plain_errors
from sync.converge.house import utc_now
from sync.store.connection import reading
from sync.store.tables import deliveries, hints, requests
from sync.store.times import moment
from sync.wording.hints import why

LOOK_EVERY = 0.5
"""Seconds between looks at the store."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the last look came: the newest delivery, and the latest end of a hint and of a request (seconds)."""

    delivery: int
    hint: float
    request: float


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, when (UTC), in words without personal data."""

    at: datetime
    said: str

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S}.{self.at.microsecond // 1000:03}  {self.said}"


@click.command("tail")
@click.option("--back", type=click.FloatRange(0), default=10.0, show_default=True, help="Minutes to begin with.")
@click.option("--once", is_flag=True, help="Say what there is and end.")
def tail_command(back: float, once: bool) -> None:
    """Say what happens as it happens (times are UTC), until stopped."""
    with plain_errors() as (_, engine):
        since = utc_now() - timedelta(minutes=back)
        follow(engine, since, click.echo, (lambda: False) if once else _rest)


def _rest() -> bool:
    time.sleep(LOOK_EVERY)
    return True


def follow(engine: Engine, since: datetime, say: Callable[[str], None], go_on: Callable[[], bool]) -> None:
    """Say each line once, oldest first, for as long as `go_on`, asked after each look, says so."""
    seen = Seen(0, since.timestamp(), since.timestamp())
    with reading(engine) as conn:
        before = sa.select(sa.func.max(deliveries.c.id)).where(deliveries.c.at < since.timestamp())
        seen = replace(seen, delivery=conn.execute(before).scalar() or 0)
    while True:
        with reading(engine) as conn:
            lines, seen = _news(conn, seen)
        for line in sorted(lines, key=lambda line: line.at):
            say(str(line))
        if not go_on():
            return


def _news(conn: Connection, seen: Seen) -> tuple[list[Line], Seen]:
    came = conn.execute(sa.select(deliveries).where(deliveries.c.id > seen.delivery).order_by(deliveries.c.id)).all()
    ended = conn.execute(sa.select(hints).where(hints.c.ended_at > seen.hint).order_by(hints.c.ended_at)).all()
    asked = conn.execute(sa.select(requests).where(requests.c.ended_at > seen.request)).all()
    lines = [*_delivered(came), *_hinted(ended), *_clicked(asked)]
    return lines, Seen(
        max((row.id for row in came), default=seen.delivery),
        max((row.ended_at for row in ended), default=seen.hint),
        max((row.ended_at for row in asked), default=seen.request),
    )


def _delivered(rows: Sequence[sa.Row[Any]]) -> Iterator[Line]:
    for row in rows:
        about = f" about {row.key}" if row.key else ""
        again = f", retry {row.retry_number}" if row.retry_number else ""
        yield Line(moment(row.at), f"webhook  {row.side}{about}: {row.status} {row.reason}{again}")


def _hinted(rows: Sequence[sa.Row[Any]]) -> Iterator[Line]:
    for row in rows:
        took = row.ended_at - (row.changed_at or row.received_at)
        words = why(row.state, row.reason, row.sentence)
        ended = row.state.replace("_", " ")
        yield Line(moment(row.ended_at), f"hint {row.id}  {row.side}/{row.key}: {ended} after {took:.2f} s. {words}")


def _clicked(rows: Sequence[sa.Row[Any]]) -> Iterator[Line]:
    for row in rows:
        kind = str(row.choice.get("kind", "")).replace("_", " ")
        yield Line(moment(row.ended_at), f"request {row.id}  {kind}, asked by {row.asked_by}: {row.state}")
