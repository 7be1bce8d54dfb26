"""`python -m jobs`: list the jobs, run one, or keep running them on their schedule."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import Engine

from jobs.first_start import first_start
from jobs.loop import AnotherLoop, loop
from jobs.registry import JOBS
from jobs.running import Ran, Work, run
from jobs.turns import breaking_off
from sync.calendars import Progress as Report
from sync.logs import log_to_stderr
from sync.model import plain
from sync.settings import Settings, WrongSettings, settings
from sync.store.connection import open_store
from sync.store.trouble import StoreProblem
from sync.wording.runs import title, what_for

WHOLE, NOTHING, WRONG = 0, 1, 2


@click.group()
def jobs() -> None:
    """What runs on a schedule. Exit 0: ran whole; 1: concluded nothing; 2: a setting is wrong."""


@jobs.command("list")
def list_jobs() -> None:
    """The jobs, what each does, and how often."""
    for job in JOBS.values():
        click.echo(f"{job.name:14} every {job.every} s  {title(job.name)}: {what_for(job.name)}")


@jobs.command("run")
@click.argument("name", type=click.Choice(list(JOBS)))
@click.option("--json", "as_json", is_flag=True, help="Print only the result, as JSON.")
@click.option("--now", "now_text", default="", help="Run as if it were this time, e.g. 2026-11-24T09:00:00Z.")
def run_job(name: str, as_json: bool, now_text: str) -> None:
    """Run one job now."""
    with _plain_errors():
        found = settings()
        now = _time(now_text)
        engine = _store(found)
        with _bar(title(name)) as report:
            ran = run(JOBS[name], Work(engine, found, now, report, _tell), asked_by="the command line")
    _say(ran, as_json)
    sys.exit(_code(ran))


@jobs.command("loop")
def run_loop() -> None:
    """Run every job on its schedule, and at once what a button asks for, until stopped."""
    log_to_stderr()
    with _plain_errors():
        found, engine = _opened()
        loop(engine, found)


@jobs.command("first-start")
@click.option("--practice", is_flag=True, help="The practice salon: confirm and link everything likely, send the rest.")
def run_first_start(practice: bool) -> None:
    """Read both calendars, match staff and services, look for clashes."""
    with _plain_errors():
        found, engine = _opened()
        with _bar("First start") as report:
            ran = first_start(engine, found, practice=practice, progress=report)
    _say(ran, as_json=False)
    sys.exit(_code(ran))


def _opened() -> tuple[Settings, Engine]:
    found = settings()
    found.two_calendars_named()
    return found, _store(found)


def _store(found: Settings) -> Engine:
    """The store, closed when the command ends."""
    engine = open_store(found.database_url)
    click.get_current_context().call_on_close(engine.dispose)
    return engine


def _time(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise WrongSettings("--now", f"--now {text} is no time: write it like 2026-11-24T09:00:00Z.") from None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def _say(ran: Ran, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(plain(ran.result), indent=1))
        if not ran.whole or ran.wrong:
            _tell(ran.sentence)
    else:
        click.echo(ran.sentence)


def _tell(sentence: str) -> None:
    """Beside the result: on stderr, so that stdout holds only the result."""
    click.echo(sentence, err=True)


def _code(ran: Ran) -> int:
    """A wrong setting is told apart from a side that was down; a run that was whole may still have met one."""
    if ran.wrong:
        return WRONG
    return WHOLE if ran.whole else NOTHING


@contextmanager
def _plain_errors() -> Iterator[None]:
    """A wrong setting or a store that cannot be used ends with one sentence and exit 2, never a traceback; what is
    broken off by SIGTERM or SIGINT, and a second loop, with a sentence and exit 1."""
    try:
        with breaking_off():
            yield
    except (WrongSettings, StoreProblem) as error:
        _tell(str(error))
        sys.exit(WRONG)
    except AnotherLoop as error:
        _tell(str(error))
        sys.exit(NOTHING)
    except KeyboardInterrupt:
        _tell("Broken off; nothing was concluded.")
        sys.exit(NOTHING)


@contextmanager
def _bar(title: str) -> Iterator[Report]:
    """A progress bar on the terminal; on stderr, so that stdout holds only the result."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(title, total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield report


if __name__ == "__main__":
    jobs()
