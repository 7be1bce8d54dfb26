"""Two appointments that are one visit: whose it is, and whether there is room for one more beside those linked."""

from __future__ import annotations

from sync.decide.showing import showing, shown_there
from sync.model import Appointment, Board, Side


def has_room(board: Board, visit: Appointment) -> bool:
    """Whether a linked visit has a part that nothing on the other side shows yet."""
    pair = board.pair_of(visit.ref)
    if pair is None or visit.ref not in {partner.ref for partner in pair.current(pair.owner)}:
        return False
    return bool(showing(board, visit, shown_there(board, visit.ref)).unshown)


def made_where(first: Appointment, second: Appointment) -> Side:
    """Where a person made a visit that stands in both: where it has more parts, since only there it is whole; a block
    was copied into Bookly; else where it was made first."""
    bookly, square = (first, second) if first.ref.side is Side.BOOKLY else (second, first)
    if len(bookly.parts) != len(square.parts):
        return Side.BOOKLY if len(bookly.parts) > len(square.parts) else Side.SQUARE
    if not bookly.clients and not bookly.is_class:
        return Side.SQUARE
    if bookly.made_at and square.made_at and square.made_at < bookly.made_at:
        return Side.SQUARE
    return Side.BOOKLY
