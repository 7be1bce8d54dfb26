"""`python -m sync`: check the connections, carry what was asked for, pause and resume, see who holds what."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

import click
from sqlalchemy import Engine

from sync.converge import open_house
from sync.converge.house import utc_now
from sync.converge.opening import open_readers
from sync.inbox.opening import open_worker
from sync.locking.sqlite import StoreLocks
from sync.model import Problem
from sync.settings import Settings, WrongSettings, settings
from sync.store import keeping
from sync.store.connection import open_store, reading, writing
from sync.store.trouble import StoreProblem

WRONG = 2
PERSON = "the command line"


@click.group()
def sync() -> None:
    """Slotkeeper's engine. Exit 0: all well; 1: something is wrong with a calendar; 2: a setting is wrong."""


@sync.command()
def check() -> None:
    """Connections, rights and mapping, in plain words."""
    with _plain_errors() as (found, engine):
        problems: list[Problem] = []
        for side, reader in open_readers(found).items():
            wrong = reader.check()
            problems += wrong
            click.echo(f"{side.brand}: " + ("all well." if not wrong else f"{len(wrong)} thing(s) to mend."))
        for problem in problems:
            seen = f" (seen: {problem.seen})" if problem.seen else ""
            click.echo(f"  {problem.setting}: {problem.sentence}{seen}")
        with reading(engine) as conn:
            on = keeping.writes_on(conn, found.writes)
            paused = keeping.paused(conn)
        click.echo("Writing: " + ("paused." if paused else "on." if on else "off; Slotkeeper only watches."))
    sys.exit(1 if problems else 0)


@sync.command()
def work() -> None:
    """Carry what people ask for, until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with _plain_errors() as (found, engine):
        worker = open_worker(open_house(engine, found))
        stop = _stop_on_signals()

        def stopped(wait: float) -> bool:
            worker.beat()
            return stop.wait(wait)

        worker.work_until(stopped)


@sync.command()
def pause() -> None:
    """Stop all writing at once; what is asked for is kept."""
    _set_paused(True)
    click.echo("Paused: nothing is written to Bookly or Square until you run: python -m sync resume")


@sync.command()
def resume() -> None:
    """Write again."""
    _set_paused(False)
    click.echo("Writing goes on.")


@sync.command()
def locks() -> None:
    """Who holds whose time, until when."""
    with _plain_errors() as (_, engine):
        held = StoreLocks(engine).leases()
        for lease in held:
            until = datetime.fromtimestamp(lease.expires_at, UTC)
            click.echo(f"{lease.owner} holds {len(lease.claims)} claim(s) until {until:%H:%M:%S} UTC:")
            for claim in lease.claims:
                click.echo(f"  {claim.subject}")
        if not held:
            click.echo("Nobody holds anything.")


@sync.command("pin-timezone")
@click.argument("name")
def pin_timezone(name: str) -> None:
    """Confirm that the salon's time zone is NAME now."""
    with _plain_errors() as (_, engine), writing(engine) as conn:
        keeping.pin_timezone(conn, name, PERSON, utc_now())
    click.echo(f"The salon's time zone is {name}.")


def _set_paused(paused: bool) -> None:
    with _plain_errors() as (_, engine), writing(engine) as conn:
        keeping.set_paused(conn, paused, PERSON, utc_now())


@contextmanager
def _plain_errors() -> Iterator[tuple[Settings, Engine]]:
    """The settings and the store; what is wrong with them ends with one sentence and exit 2, never a traceback."""
    try:
        found = settings()
        yield found, open_store(found.database_url)
    except (WrongSettings, StoreProblem) as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop


if __name__ == "__main__":
    sync()
