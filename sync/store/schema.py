"""Bringing the store's schema up to date, by Alembic, inside a transaction that is already the only writer."""

from __future__ import annotations

import io
from argparse import Namespace
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy.engine import Connection

from sync.store.tables import metadata
from sync.store.trouble import StoreProblem

_MIGRATIONS = Path(__file__).with_name("migrations")
_VERSIONS = sa.table("alembic_version", sa.column("version_num"))


def bring_up_to_date(conn: Connection) -> None:
    """Run the migrations that are missing; an empty database gets what they come to at once. `conn` must be in a write
    transaction: a second process then finds all done.

    Raises StoreProblem when a newer release wrote the store, or when the database is somebody else's.
    """
    at = revision_of(conn)
    if at == head():
        return
    if at is not None and at not in _known():
        raise StoreProblem(
            "DATABASE_URL names a store that a newer release wrote: start that release, or choose another name."
        )
    if at is None:
        _refuse_what_is_not_ours(conn)
    if at is None and not sa.inspect(conn).get_table_names():
        metadata.create_all(conn, checkfirst=False)
        MigrationContext.configure(conn).stamp(_scripts(), "head")
        return
    migrate(conn)


def migrate(conn: Connection) -> None:
    """Run the migrations that are missing, one after the other. `conn` as for `bring_up_to_date`."""
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def revision_of(conn: Connection) -> str | None:
    """The revision this store is at; None for an empty database."""
    if not sa.inspect(conn).has_table(_VERSIONS.name):
        return None
    found: str | None = conn.execute(sa.select(_VERSIONS.c.version_num)).scalar()
    return found


def write_revision(conn: Connection, what: str) -> Path:
    """Write a new revision file: what the tables have beyond `conn`, a store at the newest revision. Returns where."""
    config = _config(quiet=True)
    config.attributes["connection"] = conn
    number = f"{int(head()) + 1:04}"
    made = command.revision(config, what, autogenerate=True, rev_id=number)
    assert isinstance(made, Script)
    return Path(made.path)


@cache
def head() -> str:
    """The revision this release needs."""
    newest = _scripts().get_current_head()
    assert newest is not None
    return newest


def _refuse_what_is_not_ours(conn: Connection) -> None:
    strangers = sorted(set(sa.inspect(conn).get_table_names()) - set(metadata.tables))
    if strangers:
        raise StoreProblem(
            f"DATABASE_URL names a database with other tables in it ({', '.join(strangers[:3])}): "
            "give Slotkeeper one of its own."
        )


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config(*, quiet: bool = False) -> Config:
    config = Config(stdout=io.StringIO(), cmd_opts=Namespace(quiet=quiet))
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
