"""The first start of the practice salon: what a person would confirm and link, confirmed and linked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection

from sync.converge import House
from sync.decide.choices import choices
from sync.decide.matching import suggest_services, suggest_staff
from sync.model import Choice, Kind, Side
from sync.store import findings, keeping, mapping, requests
from sync.store.board import load_board
from sync.store.connection import reading, writing
from sync.store.findings import Kept
from sync.store.lists import listed

WHO = "Slotkeeper"
AROUND = timedelta(hours=2)
"""What may matter to sending a visit across lies this near."""


def confirm_suggestions(house: House) -> tuple[int, int]:
    """Confirm every suggested couple of staff and services, and switch writing on; returns how many of each."""
    now = house.now()
    with writing(house.engine) as conn:
        staff, services = listed(conn)
        people = suggest_staff(staff[Side.BOOKLY], staff[Side.SQUARE])
        mapping.confirm_staff(conn, {couple.bookly: couple.square for couple in people}, WHO, now)
        bookly, square = ([s for s in services if s.side is side] for side in Side)
        known = suggest_services(bookly, square)
        mapping.confirm_services(conn, {couple.bookly: couple.square for couple in known}, WHO, now)
        keeping.set_writes(conn, True, WHO, now)
    return len(people), len(known)


def ask_for_suggested(house: House, kinds: Iterable[Kind]) -> int:
    """Ask for the suggested choice of every open finding of these kinds; returns how many were asked for."""
    wanted = frozenset(kinds)
    with reading(house.engine) as conn:
        kept = [one for one in findings.all_in(conn, "open") if one.finding.kind in wanted]
        asked = [(one, choice) for one in kept if (choice := _suggested(conn, house, one))]
    with writing(house.engine) as conn:
        rows = [(f"first:{one.id}:{one.finding.seen}", one.id, choice, one.finding.seen) for one, choice in asked]
        requests.ask_many(conn, rows, who=WHO, role="manager", now=house.now())
    return len(asked)


def _suggested(conn: Connection, house: House, one: Kept) -> Choice | None:
    found = one.finding
    refs = [ref for concerned in found.concerned for ref in concerned.refs]
    board = load_board(conn, house.now(), found.start - AROUND, found.end + AROUND, refs)
    return next((choice for choice in choices(found, board) if choice.suggested), None)
