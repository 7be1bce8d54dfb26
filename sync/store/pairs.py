"""Pairs: which appointments of both sides are one visit, and what each side showed when all was last agreed.

Everything that changes a pair marks its partners with a new value of the change counter. A side's appointment belongs
to one visit at most. Setting functions need a `writing` connection; `now` is an aware datetime or seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from sync.model import Appointment, Pair, Partner, Ref, Side, appointment_from, plain
from sync.store import keeping
from sync.store.connection import driver_of, from_json
from sync.store.prepared import Prepared
from sync.store.rows import insert_all, named, ref_chunks, upsert
from sync.store.tables import appointments, partners, visits
from sync.store.taking import stored
from sync.store.times import When, seconds


class LinkedAlready(Exception):
    """An appointment is to join a visit but is part of another one. `visit` is the one it belongs to."""

    def __init__(self, ref: Ref, visit: int) -> None:
        super().__init__(f"{ref} belongs to another visit already.")
        self.ref = ref
        self.visit = visit


def link(conn: Connection, owner: Side, parts: Iterable[tuple[Ref, Appointment | None]], now: When) -> int:
    """Make one visit of these, all current, each agreed as it is given; returns the visit's id.

    Raises LinkedAlready, and changes nothing, when one of them is or was a partner of a visit.
    """
    joining = dict(parts)
    _refuse_linked(conn, joining)
    made = {"owner": owner.value, "generation": 0, "made_at": seconds(now)}
    visit = int(_NEW_VISIT.run(conn, made).fetchall()[0][0])
    change = keeping.next_change(conn)
    insert_all(conn, partners, [_row(visit, ref, shown, change, now) for ref, shown in joining.items()])
    return visit


_NEW_VISIT = Prepared(visits.insert().returning(visits.c.id), ("owner", "generation", "made_at"))


def add_partner(conn: Connection, visit: int, ref: Ref, appointment: Appointment | None, now: When) -> None:
    """Let an appointment join a visit as a current partner, agreed as given; a former partner becomes current again.

    Raises LinkedAlready when it belongs to another visit.
    """
    _refuse_linked(conn, [ref], but=visit)
    upsert(conn, partners, [_row(visit, ref, appointment, keeping.next_change(conn), now)])


def agree(conn: Connection, ref: Ref, appointment: Appointment | None, now: When) -> bool:
    """Keep what a partner shows now as agreed. False, and nothing done, for one that is in no visit."""
    agreed = {f"new_{name}": value for name, value in _agreed(appointment, now).items()}
    given = {**agreed, "new_change": keeping.next_change(conn), "of_side": ref.side.value, "of_key": ref.key}
    return _AGREE.run(conn, given).rowcount == 1


_AGREE = Prepared(
    partners.update()
    .where(partners.c.side == sa.bindparam("of_side"), partners.c.key == sa.bindparam("of_key"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("agreed", "agreed_fingerprint", "agreed_at", "change")})
)


def agree_as_shown(conn: Connection, ref: Ref, now: When) -> bool:
    """Agree on what the mirror shows of the visit on both sides; a partner that is gone becomes former.

    False, and nothing done, when `ref` is in no visit.
    """
    pair = next(iter(pairs_of(conn, [ref])), None)
    if pair is None:
        return False
    current = [partner.ref for partner in pair.partners if partner.current]
    shown = stored(conn, current)
    for one in current:
        if one in shown:
            agree(conn, one, shown[one], now)
        else:
            make_former(conn, one, now)
    return True


def make_former(conn: Connection, ref: Ref, now: When) -> bool:
    """A partner was cancelled for good or replaced: it is former from now on, and the visit's generation grows.

    False, and nothing done, when it is in no visit or former already.
    """
    ours = sa.and_(_is(ref), partners.c.current)
    values = {"current": False, "agreed_at": seconds(now), "change": keeping.next_change(conn)}
    if conn.execute(partners.update().where(ours).values(values)).rowcount == 0:
        return False
    visit = sa.select(partners.c.visit).where(_is(ref)).scalar_subquery()
    grown = visits.update().where(visits.c.id == visit).values(generation=visits.c.generation + 1)
    conn.execute(grown)
    return True


def unlink(conn: Connection, ref: Ref, now: When) -> bool:
    """Take the visit that `ref` is in apart: its appointments are on their own again. False when it is in none.

    The appointments count as changed: what is concluded about them is another thing now.
    """
    visit = conn.execute(sa.select(partners.c.visit).where(_is(ref))).scalar()
    if visit is None:
        return False
    freed = [partner.ref for pair in _pairs(conn, partners.c.visit == visit) for partner in pair.partners]
    conn.execute(partners.delete().where(partners.c.visit == visit))
    change = keeping.next_change(conn)
    for one in freed:
        this = sa.and_(appointments.c.side == one.side, appointments.c.key == one.key)
        conn.execute(appointments.update().where(this).values(change=change, changed_at=seconds(now)))
    return True


# --- reading --------------------------------------------------------------------------------------------------------


def pairs_of(conn: Connection, refs: Iterable[Ref]) -> tuple[Pair, ...]:
    """The pairs that these appointments are or were partners in, each with all its partners, by visit."""
    found: dict[int, Pair] = {}
    db = driver_of(conn)
    for side, keys in ref_chunks(refs):
        places, given = named(keys)
        rows = db.execute(_PAIRS.format(places), {"side": side.value, **given}).fetchall()
        found.update((pair.visit, pair) for pair in _put_together((*row[:6], from_json(db, row[6])) for row in rows))
    return tuple(found[visit] for visit in sorted(found))


def of_visit(conn: Connection, visit: int) -> tuple[Pair, ...]:
    """The pair of this visit; empty when it was taken apart."""
    return _pairs(conn, partners.c.visit == visit)


def all_pairs(conn: Connection, ending_after: When | None = None) -> tuple[Pair, ...]:
    """Every pair by visit; with a time, those of which an end is known to reach beyond it."""
    if ending_after is None:
        return _pairs(conn)
    known = sa.and_(appointments.c.side == partners.c.side, appointments.c.key == partners.c.key)
    late = sa.select(partners.c.visit).join(appointments, known).where(appointments.c.end > seconds(ending_after))
    return _pairs(conn, partners.c.visit.in_(late))


def visit_of(conn: Connection, ref: Ref) -> int | None:
    """The visit that an appointment is or was a partner in."""
    asked = 'SELECT visit FROM partners WHERE side = :side AND "key" = :key'
    row = driver_of(conn).execute(asked, {"side": ref.side.value, "key": ref.key}).fetchone()
    return int(row[0]) if row else None


def visits_of(conn: Connection, refs: Iterable[Ref]) -> set[int]:
    """The visits that any of these is or was a partner in."""
    found: set[int] = set()
    for side, keys in ref_chunks(refs):
        places, given = named(keys)
        these = f'SELECT visit FROM partners WHERE side = :side AND "key" IN ({places})'
        found.update(row[0] for row in driver_of(conn).execute(these, {"side": side.value, **given}).fetchall())
    return found


def changed_since(conn: Connection, change: int) -> tuple[Ref, ...]:
    """Partners whose pair changed after the change counter stood at `change`."""
    statement = sa.select(partners.c.side, partners.c.key).where(partners.c.change > change)
    return tuple(sorted(Ref(Side(row.side), row.key) for row in conn.execute(statement)))


# --- helpers --------------------------------------------------------------------------------------------------------


def _is(ref: Ref) -> sa.ColumnElement[bool]:
    return sa.and_(partners.c.side == ref.side, partners.c.key == ref.key)


def _refuse_linked(conn: Connection, refs: Iterable[Ref], but: int | None = None) -> None:
    for ref in refs:
        visit = visit_of(conn, ref)
        if visit is not None and visit != but:
            raise LinkedAlready(ref, visit)


def _row(visit: int, ref: Ref, shown: Appointment | None, change: int, now: When) -> dict[str, Any]:
    named = {"side": ref.side, "key": ref.key, "visit": visit, "current": True, "change": change}
    return named | _agreed(shown, now)


def _agreed(shown: Appointment | None, now: When) -> dict[str, Any]:
    return {
        "agreed": plain(shown),
        "agreed_fingerprint": shown.fingerprint if shown else "",
        "agreed_at": seconds(now),
    }


def _pairs(conn: Connection, *where: sa.ColumnElement[bool]) -> tuple[Pair, ...]:
    columns = (visits.c.id, visits.c.owner, visits.c.generation, partners.c.side, partners.c.key, partners.c.current)
    statement = (
        sa.select(*columns, partners.c.agreed)
        .join(partners, partners.c.visit == visits.c.id)
        .where(*where)
        .order_by(visits.c.id, partners.c.side, partners.c.key)
    )
    return _put_together(tuple(row) for row in conn.execute(statement))


_PAIRS = """
SELECT v.id, v.owner, v.generation, p.side, p."key", p.current, p.agreed
FROM visits v JOIN partners p ON p.visit = v.id
WHERE p.visit IN (SELECT visit FROM partners WHERE side = :side AND "key" IN ({}))
ORDER BY v.id, p.side, p."key"
"""


def _put_together(rows: Iterable[tuple[Any, ...]]) -> tuple[Pair, ...]:
    """Pairs of rows as _PAIRS has them, by visit."""
    found: dict[int, Pair] = {}
    for visit, owner, generation, side, key, current, shown in rows:
        agreed = appointment_from(shown) if shown else None
        partner = Partner(Ref(Side(side), key), bool(current), agreed)
        before = found[visit].partners if visit in found else ()
        found[visit] = Pair(visit, Side(owner), generation, (*before, partner))
    return tuple(found.values())
