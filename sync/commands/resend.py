"""`python -m sync resend`: say what sending a dead letter round again would do, or all that match, and send them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy import Engine

from sync.commands.plain import DOWN, PERSON, plain_errors
from sync.converge import open_house
from sync.converge.house import House, utc_now
from sync.decide.resending import Now, verdict
from sync.inbox.dead_letters import resend, resend_many
from sync.inbox.planning import plan_of
from sync.inbox.waking import Ringer
from sync.model import Side
from sync.settings import Settings
from sync.store import dead_letters
from sync.store.connection import reading, writing
from sync.store.dead_letters import Filter
from sync.store.hints import Hint
from sync.wording.dead_letters import cause, many_resent, plan_of_many, resent, would_do

PlanOf = Callable[[House, Hint], Now]
"""What the present of a dead letter's visit is. Raises nothing for a side that cannot be read: then `end` is None."""

SIDES = [side.value for side in Side]
HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}


@dataclass(frozen=True, slots=True)
class Line:
    """One dead letter as it is told: what it is, why it lies there, what sending it again would do."""

    letter: Hint
    word: str
    steps: tuple[str, ...]

    def told(self) -> str:
        start = self.letter.visit_start
        when = f"visit {start.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if start else "time of the visit unknown"
        why = cause(self.letter.reason, sentence=self.letter.sentence)
        return f"{self.letter.id}  {self.letter.ref}  {when}\n  {why}\n  {would_do(self.word, self.steps)}"


def on_terminal() -> bool:
    """Whether somebody sits there who can be asked."""
    return sys.stdin.isatty()


def resend_command(plan_of: PlanOf = plan_of, can_ask: Callable[[], bool] = on_terminal) -> click.Command:
    """The command; `plan_of` looks at the present of one letter, `can_ask` says whether there is anybody to ask."""

    @click.command("resend")
    @click.argument("number", metavar="ID", required=False, type=int)
    @click.option("--all", "every", is_flag=True, help="All open dead letters that match, the soonest visit first.")
    @click.option("--plan", is_flag=True, help="Only say for each what sending it again would do.")
    @click.option("--yes", is_flag=True, help="Send without asking; needed where there is no terminal.")
    @click.option("--cause", "why", default="", help="With --all: only with this reason word, such as no_answer.")
    @click.option(
        "--side",
        type=click.Choice(SIDES),
        default=None,
        help="With --all: only from this calendar.",
    )
    @click.option("--since", default="", help="With --all: buried within this time, such as 90m, 24h or 7d.")
    @click.option("--before", default="", help="With --all: the visit begins within this time from now.")
    def command(
        number: int | None, every: bool, plan: bool, yes: bool, why: str, side: str | None, since: str, before: str
    ) -> None:
        """Send the dead letter ID round again, or with --all every one that matches. What that would do is said first,
        after a look at both calendars."""
        if (number is None) != every:
            raise click.UsageError("Name one ID, or --all.")
        if not (plan or yes or can_ask()):
            raise click.UsageError("There is no terminal to ask on: add --yes to send, or --plan only to see.")
        now = utc_now()
        wanted = Filter(
            cause=why,
            side=Side(side) if side else None,
            since=now - _length("--since", since) if since else None,
            starts_before=now + _length("--before", before) if before else None,
            ids=(number,) if number is not None else (),
        )
        with plain_errors() as (found, engine):
            told = _tell(engine, found, wanted, now, plan_of)
            if not told:
                _nothing(engine, number, now, plan=plan)
            elif plan:
                return
            elif not yes and not click.confirm(_question(len(told))):
                click.echo("Nothing was sent.")
                sys.exit(DOWN)
            else:
                _send(engine, number, replace(wanted, ids=told), utc_now())

    return command


def _tell(engine: Engine, settings: Settings, wanted: Filter, now: datetime, plan_of: PlanOf) -> tuple[int, ...]:
    """Say for each that is meant what sending it again would do, as it is looked at; returns their numbers."""
    with reading(engine) as conn:
        letters = dead_letters.matching(conn, wanted, now)
    if not letters:
        return ()
    house, words = open_house(engine, settings), list[str]()
    try:
        for letter in letters:
            line = _line(letter, plan_of(house, letter))
            words.append(line.word)
            click.echo(line.told())
    finally:
        house.close()
    if not wanted.ids:
        click.echo(plan_of_many(words))
    return tuple(letter.id for letter in letters)


def _line(letter: Hint, now: Now) -> Line:
    return Line(letter, verdict(letter.permanent, now), now.steps)


def _nothing(engine: Engine, number: int | None, now: datetime, *, plan: bool) -> None:
    """None is meant: say why."""
    if number is None:
        click.echo(plan_of_many(()) if plan else many_resent(0, 0))
    elif plan:
        click.echo(f"{number} is no dead letter that waits.", err=True)
        sys.exit(DOWN)
    else:
        _send_one(engine, number, now)


def _question(count: int) -> str:
    return "Send it again?" if count == 1 else f"Send these {count} letters again?"


def _send(engine: Engine, number: int | None, told: Filter, now: datetime) -> None:
    """What was told, and nothing that came since."""
    if number is not None:
        _send_one(engine, number, now)
        return
    with writing(engine) as conn:
        done = resend_many(conn, told, PERSON, now)
    _ring(engine)
    click.echo(many_resent(len(done.hints), done.on_their_way))


def _send_one(engine: Engine, number: int, now: datetime) -> None:
    with writing(engine) as conn:
        done = resend(conn, number, PERSON, now)
    _ring(engine)
    known = done.word in ("sent", "on_its_way")
    click.echo(resent(done.word, done.by if done.by != PERSON else ""), err=not known)
    sys.exit(0 if known else DOWN)


def _ring(engine: Engine) -> None:
    ringer = Ringer(engine)
    ringer.ring()
    ringer.close()


def _length(option: str, text: str) -> timedelta:
    unit, count = HOURS.get(text[-1:]), text[:-1]
    if unit is None or not count.isdigit() or len(count) > 6:
        raise click.UsageError(f"{option} {text} is no length of time: write 90m, 24h or 7d.")
    return timedelta(hours=unit * int(count))
