"""What Today shows, put together: the opening sentence, the first cards with their ways out, and the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.engine import Connection

from dashboard import desk
from dashboard.agenda import agenda, shown_day
from dashboard.charts import Day
from dashboard.components.card import Hands
from dashboard.current_user import Right
from dashboard.desk import Card
from dashboard.dialogs import board_loader, choose, choose_undo
from dashboard.screen import Screen
from sync import wording
from sync.model import Kind
from sync.wording import Said
from sync.wording.times import long_date

MOST_CARDS = 6
"""More than this is a list, not a glance: the rest stands on Conflicts."""
TOGETHER = (Kind.SAME_VISIT, Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)
"""Kinds that are settled in one go on another page and would bury the clashes here."""
MANY = 3
"""From this many on, visits that one calendar lacks are one line instead of a card each."""


@dataclass(frozen=True, slots=True)
class Today:
    """`summary` counts by kind what is not shown as a card."""

    said: tuple[Said, ...]
    cards: tuple[Card, ...] = ()
    summary: dict[Kind, int] = field(default_factory=dict)
    day: Day | None = None
    heading: str = ""
    busy: bool = False


def today(conn: Connection, screen: Screen) -> Today:
    """Everything Today shows, read in one moment of the store."""
    salon = screen.salon
    opened = desk.open_cards(conn, salon)
    shown, rest = _chosen([card for card in opened if card.kind not in TOGETHER])
    cards = [desk.with_ways(card, board_loader(conn, screen), salon) for card in shown]
    asking = [card.about for card in shown if card.to_decide]
    waiting = [*rest, *(card for card in opened if card.kind in TOGETHER)]
    counts = _counted([card for card in waiting if card.to_decide])
    said = wording.opening(salon.readings, asking, salon.alive_at, salon.scene, sum(counts.values()))
    if salon.nothing_read:
        return Today(said)
    at = shown_day(conn, salon)
    settled = desk.just_settled(conn, salon)
    return Today(
        said=said,
        cards=tuple(sorted([*cards, *settled], key=lambda card: card.start)),
        summary=counts,
        day=agenda(conn, salon, at),
        heading=long_date(at, salon.now, salon.zone),
        busy=any(card.result and card.result.under_way for card in opened),
    )


def _chosen(cards: Sequence[Card]) -> tuple[list[Card], list[Card]]:
    """The cards to show, and the rest."""
    many = {kind for kind in desk.MISSING if sum(card.kind is kind for card in cards) >= MANY}
    single = [card for card in cards if card.kind not in many]
    rest = [card for card in cards if card.kind in many]
    return single[:MOST_CARDS], [*single[MOST_CARDS:], *rest]


def _counted(cards: Sequence[Card]) -> dict[Kind, int]:
    counts: dict[Kind, int] = {}
    for card in cards:
        counts[card.kind] = counts.get(card.kind, 0) + len(card.rows)
    return counts


def hands(screen: Screen) -> Hands:
    """What the buttons of a card do on this screen."""
    return Hands(choose, choose_undo, screen.salon.writing, screen.user.may(Right.SETTLE))
