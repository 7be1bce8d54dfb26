"""Database users with few rights on a MariaDB: enough for the job, or not enough in one respect."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.columns import MYSQL, TOKEN_INFO
from practice_salon.bookly.journal import Site

Rights = Literal["least", "read_only", "no_clients", "nothing"]
SITE_VIEW = "bookly_sync_site"
SEAT_COLUMNS = "status, status_changed_at, updated_at, appointment_id"
SITE_OPTIONS = ("timezone_string", "gmt_offset")


@contextmanager
def user_with(site: Site, rights: Rights) -> Iterator[str]:
    """The URL of a new user of the site's database who may do only so much; the user is dropped afterwards.

    least: read what is needed (no tokens, options through a view), write appointments and four columns of who is on
    them. read_only: the same without writing. no_clients: the same as least without who is on them. nothing: may
    enter, and see no table. Raises PracticeError where the database is not MariaDB or MySQL.
    """
    if site.engine.dialect.name not in MYSQL:
        raise PracticeError("SQLite knows no users; try this on MariaDB.")
    name, password = f"practice_{secrets.token_hex(4)}", secrets.token_hex(8)
    who = f"'{name}'@'%'"
    statements = [
        f"CREATE USER {who} IDENTIFIED BY '{password}'",
        *(f"GRANT {g} TO {who}" for g in _grants(site, rights)),
    ]
    try:
        _run(site, [_view(site), *statements])
        yield site.engine.url.set(username=name, password=password).render_as_string(hide_password=False)
    finally:
        _run(site, [f"DROP USER IF EXISTS {who}", f"DROP VIEW IF EXISTS {site.bookly.prefix}{SITE_VIEW}"])


def _grants(site: Site, rights: Rights) -> list[str]:
    prefix = site.bookly.prefix
    if rights == "nothing":
        return [f"SELECT ON `{site.engine.url.database}`.`{prefix}bookly_form_sessions`"]
    grants = [f"SELECT ON {prefix}{SITE_VIEW}"]
    for name, table in site.bookly.by_name.items():
        if name not in ("options", "form_sessions") and (rights, name) != ("no_clients", "customer_appointments"):
            grants.append(_may_read(table))
    if rights != "read_only":
        grants.append(f"INSERT, UPDATE, DELETE ON {prefix}bookly_appointments")
    if rights == "least":
        grants.append(f"UPDATE ({SEAT_COLUMNS}) ON {prefix}bookly_customer_appointments")
    return grants


def _may_read(table: sa.Table) -> str:
    """The whole table, or all of it but its secrets."""
    secret = [column.name for column in table.columns if column.info == TOKEN_INFO]
    if not secret:
        return f"SELECT ON {table.name}"
    columns = ", ".join(f"`{column.name}`" for column in table.columns if column.name not in secret)
    return f"SELECT ({columns}) ON {table.name}"


def _view(site: Site) -> str:
    names = ", ".join(f"'{name}'" for name in SITE_OPTIONS)
    prefix = site.bookly.prefix
    return (
        f"CREATE OR REPLACE SQL SECURITY DEFINER VIEW {prefix}{SITE_VIEW} AS"
        f" SELECT option_name, option_value FROM {prefix}options WHERE option_name IN ({names})"
    )


def _run(site: Site, statements: list[str]) -> None:
    with site.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
