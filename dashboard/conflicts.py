"""What Conflicts shows: a filtered list, or one finding with its history; and what can be settled in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy.engine import Connection

from dashboard import desk
from dashboard.actions import Wish
from dashboard.components.filters import Chosen
from dashboard.desk import Card, Result
from dashboard.dialogs import board_loader
from dashboard.screen import Screen
from queries import findings, requests
from queries.register import Asked
from sync.model import Choice, ChoiceKind, Finding, Kind, Side

PAGE = 20
"""Cards on one page of the list."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """What one button settles: the wishes, and a line for each."""

    do: str
    wishes: tuple[Wish, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """`total` is how many the filter leaves in all."""

    cards: tuple[Card, ...]
    total: int
    bulks: tuple[Bulk, ...]
    batches: pd.DataFrame

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class Detail:
    """One finding on its own page."""

    card: Card
    history: tuple[Result, ...]


def listing(conn: Connection, screen: Screen, chosen: Chosen, page: int) -> Listing:
    """One page of what the filter leaves, without ways out: those stand on each one's own page."""
    asked = Asked(screen.salon.now)
    names = {"kinds": chosen.kinds, "staff": chosen.staff, "sides": chosen.sides, "states": chosen.states}
    found = findings.listed(conn, asked, **names, limit=PAGE, skip=(page - 1) * PAGE)
    rows = desk.rows_of(found)
    cards = [card for row in rows for card in desk.cards(conn, screen.salon, [row])]
    return Listing(
        cards=tuple(cards),
        total=findings.count_listed(conn, asked, **names),
        bulks=bulks(conn, screen),
        batches=requests.batches(conn, asked),
    )


def detail(conn: Connection, screen: Screen, number: int) -> Detail | None:
    """One finding with its ways out and its history; None when there is none of that number."""
    rows = desk.rows_of(findings.one(conn, number, screen.salon.now))
    if not rows:
        return None
    card = desk.cards(conn, screen.salon, rows)[0]
    if card.to_decide:
        card = desk.with_ways(card, board_loader(conn, screen), screen.salon)
    return Detail(card, tuple(desk.history(conn, screen.salon, number)))


# --- in one go ----------------------------------------------------------------------------------------------------


def bulks(conn: Connection, screen: Screen) -> tuple[Bulk, ...]:
    """Everything that can be settled in one go now."""
    asked = Asked(screen.salon.now)
    found = (
        _bulk("link", findings.likely_twins(conn, asked), screen),
        _bulk("send_square", findings.missing(conn, asked, Kind.MISSING_IN_SQUARE), screen),
        _bulk("send_bookly", findings.missing(conn, asked, Kind.MISSING_IN_BOOKLY), screen),
    )
    return tuple(bulk for bulk in found if bulk.wishes)


def _bulk(do: str, found: pd.DataFrame, screen: Screen) -> Bulk:
    salon = screen.salon
    couples = [(row, choice) for row in desk.rows_of(found) if (choice := _CHOICES[do](row.finding))]
    return Bulk(
        do=do,
        wishes=tuple(Wish(row.number, row.finding.seen, choice) for row, choice in couples),
        lines=tuple(desk.short_line(row.finding, salon) for row, _ in couples[:5]),
    )


def _link(finding: Finding) -> Choice | None:
    """The link of two single entries; where a class has several, a person looks at it alone."""
    refs = {side: [r for c in finding.concerned if c.side is side for r in c.refs] for side in Side}
    if any(len(found) != 1 for found in refs.values()):
        return None
    return Choice(ChoiceKind.LINK, ref=refs[Side.BOOKLY][0], other=refs[Side.SQUARE][0])


def _send(finding: Finding) -> Choice | None:
    refs = [ref for concerned in finding.concerned for ref in concerned.refs]
    return Choice(ChoiceKind.SEND_ACROSS, ref=refs[0]) if len(refs) == 1 else None


_CHOICES = {"link": _link, "send_square": _send, "send_bookly": _send}


def bulk_named(found: Sequence[Bulk], do: str) -> Bulk | None:
    """The bulk of that name, if there is anything in it."""
    return next((bulk for bulk in found if bulk.do == do), None)
