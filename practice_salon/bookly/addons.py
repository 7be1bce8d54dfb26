"""Tables that only Bookly's add-ons bring: a site may have them, the free plugin's never does."""

from collections.abc import Mapping

import sqlalchemy as sa

from practice_salon.bookly import columns as c
from practice_salon.bookly.rules import BUSY_WORDS
from practice_salon.bookly.tables import DEFAULT_PREFIX


def custom_statuses(prefix: str = DEFAULT_PREFIX) -> sa.Table:
    """The custom statuses' table: a slug, whether it occupies, and how it looks."""
    return c.table(
        prefix,
        sa.MetaData(),
        "bookly_custom_statuses",
        c.identity(),
        c.words("slug", 255),
        c.words("name", 255, null=True),
        c.flag("busy", default=1),
        c.words("color", 255, default="#dddddd"),
        c.whole("position", default=9999),
    )


def install_custom_statuses(engine: sa.Engine, busy: Mapping[str, bool], prefix: str = DEFAULT_PREFIX) -> None:
    """Make the salon's own statuses (slug to whether it occupies) the ones there are."""
    table = custom_statuses(prefix)
    table.create(engine, checkfirst=True)
    rows = [{"slug": slug, "name": slug.capitalize(), "busy": int(counts)} for slug, counts in busy.items()]
    with engine.begin() as connection:
        connection.execute(sa.delete(table))
        if rows:
            connection.execute(sa.insert(table), rows)


def busy_words(connection: sa.Connection, prefix: str = DEFAULT_PREFIX) -> frozenset[str]:
    """The statuses that occupy on this site, custom ones included where the add-on is there."""
    table = custom_statuses(prefix)
    if not sa.inspect(connection).has_table(table.name):
        return BUSY_WORDS
    return BUSY_WORDS | set(connection.scalars(sa.select(table.c.slug).where(table.c.busy == 1)))
