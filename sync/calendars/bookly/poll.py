"""The short look at Bookly: all that lies ahead in one consistent read, a hash a visit, nothing built for what is the
same as before.

`updated_at` lies, a delete and a cascade leave nothing, so only a compare of contents is right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter

from sync.calendars.bookly import statements
from sync.calendars.bookly.connect import Session
from sync.calendars.bookly.fetch import rows_of_refs, whole_visits
from sync.calendars.bookly.rows import Row, capacity_of, units
from sync.calendars.bookly.times import local
from sync.calendars.bookly.visits import build, ref
from sync.model import Appointment, Polled, Ref, Side, Window

SLACK = timedelta(hours=3)
"""Digits that lie behind by less than this may still be ahead: a repeated hour, and extras that end_date leaves out."""

NOT_COMPARED = ("title",)
"""A service that gets another name changes no visit."""


@dataclass(slots=True)
class Sight:
    """Joined rows by visit: which appointment rows each stands on, a hash of each row's content, what looks half."""

    rows: list[Row]
    on: dict[Ref, list[int]] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)
    half: set[Ref] = field(default_factory=set)

    def stamp(self, name: Ref) -> str:
        """Differs as soon as anything of the rows that the visit stands on does, who else sits there included."""
        on = self.on[name]
        return self.hashes[on[0]] if len(on) == 1 else _hash(self.hashes[row] for row in sorted(set(on)))


def look(session: Session, window: Window, known: frozenset[Ref], began_at: datetime) -> Polled:
    """See `CalendarReader.poll`."""
    after = local(window.start, session.zone) - SLACK
    seen = sight(whole_visits(session, session.rows(statements.ending_after(session.tables, after))))
    lost = [name for name in known if name not in seen.on]
    again = sight(whole_visits(session, rows_of_refs(session, lost)) if lost else [])
    here = {row.row_id for row in seen.rows}
    rows = [*seen.rows, *(row for row in again.rows if row.row_id not in here)]
    zone, custom = session.zone, session.custom

    def shown(names: Iterable[Ref]) -> Mapping[Ref, Appointment]:
        wanted = set(names)
        of = {row for name in wanted for row in seen.on.get(name) or again.on.get(name) or ()}
        built = build(units((row for row in rows if row.row_id in of), zone, custom)).appointments
        return {name: built[name] for name in wanted if name in built}

    return Polled(
        side=Side.BOOKLY,
        began_at=began_at,
        window=window,
        stamps={name: seen.stamp(name) for name in seen.on},
        shown=shown,
        elsewhere={name: again.stamp(name) for name in lost if name in again.on},
        gone=frozenset(name for name in lost if name not in again.on),
        half=frozenset(seen.half),
        timezone=session.zone.name,
    )


def sight(rows: list[Row]) -> Sight:
    """The rows by the visits that `visits.build` would make of them; pure."""
    found = Sight(rows)
    if not rows:
        return found
    compared = itemgetter(*(n for n, name in enumerate(rows[0]._fields) if name not in NOT_COMPARED))
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.row_id, []).append(row)
    parts: dict[str, list[tuple[int, int]]] = {}
    for number, group in groups.items():
        if group[0].start_date is not None:
            found.hashes[number] = _hash(repr(compared(row)) for row in group)
            _name(found, number, group, parts)
    for pieces in parts.values():
        found.on[ref("compound", min(line for line, _ in pieces))] = [number for _, number in pieces]
    return found


def _name(found: Sight, number: int, group: list[Row], parts: dict[str, list[tuple[int, int]]]) -> None:
    nobody = group[0].ca_id is None
    if nobody or capacity_of(group[0].capacity) > 1:
        found.on[ref("row", number)] = [number]
        if nobody and group[0].service_id is not None:
            found.half.add(ref("row", number))
        return
    for row in group:
        if row.compound_token:
            parts.setdefault(row.compound_token, []).append((row.ca_id, number))
        else:
            found.on[ref("ca", row.ca_id)] = [number]


def _hash(texts: Iterable[str]) -> str:
    return hashlib.blake2b("\x1f".join(texts).encode(), digest_size=16).hexdigest()
