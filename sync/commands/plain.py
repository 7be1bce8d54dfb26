"""What every command shares: settings and store, and errors that are one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Engine

from sync.settings import Settings, WrongSettings, settings
from sync.store.connection import open_store
from sync.store.trouble import StoreProblem

DOWN, WRONG = 1, 2
PERSON = "the command line"


@contextmanager
def plain_errors() -> Iterator[tuple[Settings, Engine]]:
    """The settings and the store; what is wrong with them ends with one sentence and exit 2, never a traceback."""
    try:
        found = settings()
        engine = open_store(found.database_url)
        click.get_current_context().call_on_close(engine.dispose)
        yield found, engine
    except (WrongSettings, StoreProblem) as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG)
