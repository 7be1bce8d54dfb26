"""`python -m sync`: check the connections, carry what was asked for, pause and resume, see who holds what."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import FrameType

import click
from sqlalchemy import Connection, Engine

from sync.calendars import CalendarReader, ReadFailed
from sync.commands.plain import DOWN, PERSON, WRONG, plain_errors
from sync.commands.resend import resend_command
from sync.commands.tail import tail_command
from sync.converge import open_house
from sync.converge.house import utc_now
from sync.converge.opening import open_readers, write_problems
from sync.converge.strangers import strangers
from sync.inbox.pausing import set_paused
from sync.inbox.waking import Ringer
from sync.inbox.working import work_until
from sync.intake.holding import open_hold_routes
from sync.intake.serving import serve
from sync.locking.contract import FOREVER, Claim
from sync.locking.opening import open_locks, redis_problem
from sync.logs import log_to_stderr
from sync.model import Problem, Service, Side, StaffMember
from sync.model.zones import zone
from sync.rounds.pull import zone_moved
from sync.settings import Settings, WrongSettings
from sync.store import keeping, mapping
from sync.store.connection import reading, writing
from sync.store.directories import directory
from sync.telemetry.metrics import metrics_text
from sync.telemetry.running import measuring

ZONE = "SALON_TIMEZONE"
Listed = StaffMember | Service


@click.group()
def sync() -> None:
    """Slotkeeper's engine. Exit 0: all well; 1: a calendar or Redis does not answer; 2: a setting is wrong."""


@sync.command()
def check() -> None:
    """Connections, rights and mapping, in plain words."""
    with plain_errors() as (found, engine):
        with reading(engine) as conn:
            on, paused = keeping.writes_on(conn, found.writes), keeping.paused(conn)
            pinned = keeping.pinned_timezone(conn)
            matched = list(_matched(conn))
        codes, told = [], False
        with open_readers(found) as readers:
            for side in Side:
                code, told = _check_side(found, side, readers[side], pinned, zone_told=told)
                codes.append(code)
        codes.append(_check_locks(found, engine))
        for line in matched:
            click.echo(line)
        click.echo(f"Writing: {_writing(found, on, paused)}")
    sys.exit(max(codes))


def _matched(conn: Connection) -> Iterator[str]:
    """How many of the staff and the services a person matched, and who is left, as of the last pulls."""
    bookly, square = (directory(conn, side) for side in Side)
    yield _counted("Staff", bookly.staff, square.staff, mapping.staff_map(conn))
    yield _counted("Services", bookly.services, square.services, mapping.service_map(conn))


def _counted(what: str, bookly: Sequence[Listed], square: Sequence[Listed], couples: Mapping[str, str]) -> str:
    if not bookly or not square:
        return f"{what}: not read from both calendars yet, so nothing can be matched."
    done = set(couples.values())
    left = [f"{one.name} (Bookly)" for one in bookly if one.active and one.id not in couples]
    left += [f"{one.name} (Square)" for one in square if one.active and one.id not in done]
    said = f"{what}: {len(couples)} matched"
    return f"{said}; not matched, which Set-up asks for: {', '.join(left)}." if left else f"{said}, nothing left out."


def _writing(found: Settings, on: bool, paused: bool) -> str:
    if paused:
        return "paused."
    if on:
        return "on."
    if found.writes == "on":
        return "off until somebody switches it on at Set-up; Slotkeeper only watches."
    return "off; Slotkeeper only watches."


def _check_side(
    found: Settings, side: Side, reader: CalendarReader, pinned: str | None, *, zone_told: bool
) -> tuple[int, bool]:
    """Say how one side stands; the exit code for it, and whether a wrong zone was told (once is enough for both).

    What only keeps from writing is no fault while WRITES is off.
    """
    zone_shown, failed = _tried(reader)
    for_writing = write_problems(found, side) if failed is None else []
    wrong = [problem for problem in reader.check() if problem not in for_writing]
    wrong = [problem for problem in wrong if not (zone_told and problem.setting == ZONE)]
    if failed is not None and not wrong:
        wrong = [Problem(failed.setting, "", str(failed))]
    if not wrong and side is Side.BOOKLY:
        wrong = _zone_problems(zone_shown, pinned)
    for_writing = [] if wrong else for_writing
    if found.writes == "on":
        wrong, for_writing = [*wrong, *for_writing], []
    click.echo(f"{side.brand}: " + ("all well." if not wrong else f"{len(wrong)} thing(s) to mend."))
    for problem in wrong:
        click.echo(f"  {_said(problem)}")
    for problem in for_writing:
        click.echo(f"  Before WRITES=on: {_said(problem)}")
    is_down = failed is not None and not failed.permanent
    code = DOWN if is_down else WRONG if wrong else 0
    return code, zone_told or any(problem.setting == ZONE for problem in wrong)


def _check_locks(found: Settings, engine: Engine) -> int:
    """Say whether the Redis that LOCK_URL names holds leases; nothing where there is none. The exit code for it."""
    lock_url = found.lock_url.get_secret_value()
    if not lock_url:
        return 0
    problem = redis_problem(engine, lock_url)
    if problem is None:
        click.echo("Locks: all well.")
        return 0
    click.echo(f"Locks: 1 thing(s) to mend.\n  {problem}")
    return DOWN if problem.passes else WRONG


def _tried(reader: CalendarReader) -> tuple[str, ReadFailed | None]:
    """The zone that the side shows, or why it cannot be read: one that just does not answer is down."""
    try:
        return reader.directory().timezone, None
    except ReadFailed as error:
        return "", error


def _zone_problems(shown: str, pinned: str | None) -> list[Problem]:
    sentence = zone_moved(pinned, shown)
    return [Problem(ZONE, shown, sentence)] if sentence else []


def _said(problem: Problem) -> str:
    """The sentence, with the setting where it does not name it."""
    return problem.sentence if problem.setting in problem.sentence else f"{problem.setting}: {problem.sentence}"


@sync.command()
def work() -> None:
    """Carry what people ask for and what the calendars tell of, until stopped."""
    log_to_stderr()
    with plain_errors() as (found, engine), measuring(engine, utc_now):
        ringer = Ringer(engine)
        work_until(_stop_on_signals(), open_house(engine, found, ring=ringer.ring), ringer)


@sync.command()
@click.option("--port", type=click.IntRange(0, 65535), required=True, help="The port; 0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="On which of this machine's addresses.")
def intake(port: int, host: str) -> None:
    """Take webhooks in and answer whether times are free, until stopped."""
    log_to_stderr()
    with plain_errors() as (found, engine), measuring(engine, utc_now):
        _stop_on_signals()  # uvicorn passes on what stopped it, when all is answered and kept
        with open_hold_routes(engine, found) as routes:
            serve(engine, found, host, port, metrics=lambda: metrics_text(engine, utc_now()), more=routes)


@sync.command()
def pause() -> None:
    """Stop all writing at once; a click meanwhile is answered with "paused"."""
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
    with plain_errors() as (found, engine):
        held = open_locks(engine, found.lock_url.get_secret_value()).leases()
        for lease in held:
            until = datetime.fromtimestamp(lease.expires_at, UTC)
            click.echo(f"{lease.owner} holds {len(lease.claims)} claim(s) until {until:%H:%M:%S} UTC:")
            for claim in lease.claims:
                click.echo(f"  {_claimed(claim)}")
        if not held:
            click.echo("Nobody holds anything.")


def _claimed(claim: Claim) -> str:
    """What is held, and from when to when; a visit is held as a whole."""
    if claim.end >= FOREVER:
        return claim.subject
    start, end = (datetime.fromtimestamp(at, UTC) for at in (claim.start, claim.end))
    to = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{claim.subject}, {start:%Y-%m-%d %H:%M} to {to} UTC"


@sync.command("pin-timezone")
@click.argument("name")
def pin_timezone(name: str) -> None:
    """Confirm that the salon's time zone is NAME now."""
    with plain_errors() as (_, engine):
        _be_a_zone(name)
        with writing(engine) as conn:
            keeping.pin_timezone(conn, name, PERSON, utc_now())
    click.echo(f"The salon's time zone is {name}.")


@sync.command("only-one")
def only_one() -> None:
    """Say that this Slotkeeper is the salon's only one: marks of an earlier one count as its own."""
    with plain_errors() as (_, engine), writing(engine) as conn:
        others = strangers(conn, utc_now())
        keeping.adopt(conn, others, PERSON, utc_now())
    click.echo(f"{len(others)} earlier Slotkeeper(s) taken over." if others else "There was no other.")


sync.add_command(resend_command())
sync.add_command(tail_command)


def _be_a_zone(name: str) -> None:
    try:
        zone(name)
    except ValueError:
        raise WrongSettings("NAME", f"{name} is no time zone: write a name such as America/Chicago.") from None


def _set_paused(paused: bool) -> None:
    with plain_errors() as (_, engine), writing(engine) as conn:
        set_paused(conn, paused, PERSON, utc_now())


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop


if __name__ == "__main__":
    sync()
