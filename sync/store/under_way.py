"""What is on its way: appointments with a hint or a click that is not carried out yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sync.model import Kind, Ref, Side, choice_from
from sync.store import hints
from sync.store.requests import ENDED
from sync.store.tables import findings, requests

APART = (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY, Kind.DRIFT)
"""Kinds that say that the sides differ: no news of what is on its way."""


def under_way(conn: Connection) -> frozenset[Ref]:
    """Open hints, and what open clicks are about. What a card on the screen tells already stays there until its cause
    is gone: it is no longer on its way unseen."""
    return (hints.open_refs(conn) | asked_about(conn)) - told_of(conn, APART)


def asked_about(conn: Connection) -> frozenset[Ref]:
    """What a person has asked to be settled and is not yet."""
    rows = conn.execute(
        sa.select(requests.c.choice, findings.c.concerned)
        .outerjoin(findings, findings.c.id == requests.c.finding)
        .where(requests.c.state.not_in(ENDED))
    ).all()
    choices = [choice_from(row.choice) for row in rows]
    named = {ref for choice in choices for ref in (choice.ref, choice.other) if ref is not None}
    return frozenset(named).union(*(_refs(row.concerned or ()) for row in rows))


def told_of(conn: Connection, kinds: Iterable[Kind]) -> frozenset[Ref]:
    """What findings of these kinds are about that wait for a person, or were left by one."""
    wanted = sa.and_(findings.c.state != "closed", findings.c.kind.in_([kind.value for kind in kinds]))
    rows = conn.execute(sa.select(findings.c.concerned).where(wanted)).scalars()
    return frozenset[Ref]().union(*map(_refs, rows))


def _refs(concerned: Iterable[Mapping[str, Any]]) -> frozenset[Ref]:
    return frozenset(Ref(Side(ref["side"]), ref["key"]) for c in concerned for ref in c["refs"])
