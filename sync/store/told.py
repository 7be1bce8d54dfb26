"""Many hints at once, for whoever learns of many changes in one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from sync.model import Ref, Side, Source
from sync.store import hints
from sync.store.connection import driver_of
from sync.store.hint_statements import COLUMNS, by_name
from sync.store.rows import insert_all, named, ref_chunks
from sync.store.tables import hints as table


@dataclass(frozen=True, slots=True)
class Told:
    """A hint still to be kept: as `hints.put` takes it, for as many as `count`. Times are seconds since 1970 in UTC."""

    ref: Ref
    source: Source
    at: float
    changed_at: float | None = None
    version: int | None = None
    count: int = 1

    def and_then(self, later: Told) -> Told:
        """Both in one: what came first counts, with the earlier change and the higher version of both."""
        changed = [at for at in (self.changed_at, later.changed_at) if at is not None]
        versions = [number for number in (self.version, later.version) if number is not None]
        return replace(
            self,
            changed_at=min(changed, default=None),
            version=max(versions, default=None),
            count=self.count + later.count,
        )


def put_all(conn: Connection, told: Iterable[Told]) -> None:
    """Keep many hints, as `hints.put` would one after the other, in a few statements whatever their number."""
    wanted: dict[Ref, Told] = {}
    for one in told:
        wanted[one.ref] = wanted[one.ref].and_then(one) if one.ref in wanted else one
    open_now = {Ref(Side(row.side), row.key): row for row in _open_among(conn, wanted)}
    for ref, row in open_now.items():
        one = wanted[ref]
        hints.join(conn, row, one.changed_at, one.version, count=one.count)
    insert_all(conn, table, [_new(one) for ref, one in wanted.items() if ref not in open_now])


def _open_among(conn: Connection, refs: Iterable[Ref]) -> Iterator[SimpleNamespace]:
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    for side, keys in ref_chunks(refs):
        places, given = named(keys)
        there = f"side = :side AND \"key\" IN ({places}) AND state IN ('waiting', 'working')"
        rows = driver_of(conn).execute(f"SELECT {columns} FROM hints WHERE {there}", {"side": side.value, **given})
        yield from (by_name(row) for row in rows.fetchall())


def _new(one: Told) -> dict[str, Any]:
    return {
        "side": one.ref.side,
        "key": one.ref.key,
        "source": one.source,
        "state": "waiting",
        "counter": one.count,
        "version": one.version,
        "changed_at": one.changed_at,
        "received_at": one.at,
        "due_at": one.at,
    }
