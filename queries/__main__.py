"""`python -m queries list`, `run NAME [--since 24h] [--csv | --json]` and `story ANY_ID`: every screen's numbers on a
terminal, and all that is known of one visit."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import click
import pandas as pd
from rich.console import Console
from rich.table import Table

from queries import (
    api_errors,
    breakers,
    dead_letters,
    deliveries,
    findings,
    guards,
    jobs,
    latency,
    locks,
    requests,
    sides,
    staff,
    visits,
)
from queries.register import QUERIES, Asked
from queries.story import Story, story
from sync.model import plain
from sync.settings import WrongSettings, settings
from sync.store.connection import StoreProblem, open_store, reading

NOUNS = (
    findings,
    visits,
    requests,
    jobs,
    sides,
    staff,
    locks,
    latency,
    dead_letters,
    deliveries,
    api_errors,
    breakers,
    guards,
)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Stretch(click.ParamType[timedelta]):
    """A length of time as one types it: 90m, 24h, 7d."""

    name = "length"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,6})([mhd])", value.strip())
        if not found:
            self.fail(f"{value!r} is no length of time: write 90m, 24h or 7d.", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601; without an offset it is taken as UTC."""

    name = "moment"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment: write 2026-11-21T10:00:00+00:00.", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


@click.group()
def queries() -> None:
    """The numbers behind every screen."""


@queries.command("list")
def list_them() -> None:
    """List every query with what it answers."""
    width = max(len(name) for name in QUERIES)
    for query in sorted(QUERIES.values(), key=lambda query: query.name):
        click.echo(f"{query.name:<{width}}  {query.description}")


@queries.command()
@click.argument("name")
@click.option("--since", type=Stretch(), default="24h", show_default=True, help="How far back, or ahead.")
@click.option("--now", type=Moment(), default=None, help="Answer as if it were this moment.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
@click.option("--json", "form", flag_value="json", help="Print JSON, a list of rows.")
def run(name: str, since: timedelta, now: datetime | None, form: str | None) -> None:
    """Run the query NAME and print what it answers. Times are UTC."""
    if name not in QUERIES:
        raise click.ClickException(f"There is no query called {name}: `python -m queries list` names them all.")
    try:
        engine = open_store(settings().database_url)
        with reading(engine) as conn:
            found = QUERIES[name].run(conn, Asked(now or datetime.now(UTC), since))
    except (StoreProblem, WrongSettings) as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(_as_text(found, form), nl=form != "csv")


@queries.command("story")
@click.argument("any_id", nargs=-1, required=True)
@click.option("--now", type=Moment(), default=None, help="Answer as if it were this moment.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def tell_story(any_id: tuple[str, ...], now: datetime | None, as_json: bool) -> None:
    """One visit's whole story, from ANY_ID: a booking id, `ca:12`, a webhook's event id, `hint 7`, "Priya 14:00"."""
    asked = " ".join(any_id)
    try:
        engine = open_store(settings().database_url)
        with reading(engine) as conn:
            found = story(conn, asked, now or datetime.now(UTC))
    except (StoreProblem, WrongSettings) as problem:
        raise click.ClickException(str(problem)) from problem
    if found is None:
        raise click.ClickException(
            f'Nothing is known under "{asked}": give an id as a screen or a log line shows it, or a name and a time '
            'such as "Priya 14:00".'
        )
    click.echo(json.dumps(plain(found), ensure_ascii=False, indent=2) if as_json else _as_story(found))


def _as_story(found: Story) -> str:
    named = f"Visit {found.visit}: " if found.visit is not None else ""
    lines = (f"{line.at:%Y-%m-%d %H:%M:%S}.{line.at.microsecond // 1000:03}  {line.said}" for line in found.lines)
    return "\n".join((found.verdict, f"{named}{', '.join(found.refs)}. Times are UTC.", "", *lines))


def _as_text(found: pd.DataFrame, form: str | None) -> str:
    if form == "csv":
        return str(found.to_csv(index=False))
    rows = json.loads(found.to_json(orient="records", date_format="iso"))
    if form == "json":
        return json.dumps(rows, ensure_ascii=False, indent=2)
    return _as_table(found) if len(found) else "No rows."


def _as_table(found: pd.DataFrame) -> str:
    table = Table(*map(str, found.columns))
    for row in found.itertuples(index=False):
        table.add_row(*("" if value is None or value is pd.NaT else str(value) for value in row))
    console = Console(width=200)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()


if __name__ == "__main__":
    queries(prog_name="python -m queries")
