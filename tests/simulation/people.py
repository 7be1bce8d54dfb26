"""Everybody who can touch either calendar: clients and staff in both doors, and what befalls a calendar."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation.acting import Message
from tests.simulation.bookly_doors import BooklyDoors
from tests.simulation.square_doors import SquareDoors

__all__ = ["ACTS", "BOOKING", "RARE", "Message", "People"]


class People(BooklyDoors, SquareDoors):
    """All of them."""

    def act(self, name: str) -> bool:
        """One act by its name in ACTS. False when there was nothing to do it on, or it was refused."""
        return bool(ACTS[name](self))


ACTS: dict[str, Callable[[People], bool]] = {
    name: getattr(People, name)
    for name in (
        "books_on_website", "books_over", "books_online", "backs_out", "pays", "times_out", "books_parts",
        "books_class", "joins_class", "leaves_class", "moves_in_office", "moves_on_website",
        "changes_staff_in_office", "changes_service_in_office", "cancels_on_website", "cancels_in_office",
        "reinstates_in_office", "takes_cancelled_time", "is_done", "deletes_in_office", "deletes_by_sql",
        "restores_backup", "puts_backup_right", "blocks_in_office", "drags_block", "deletes_block",
        "books_in_square", "buys_in_square", "books_over_in_square", "books_several_in_square", "moves_in_square",
        "swaps_in_square", "changes_staff_in_square", "changes_service_in_square", "cancels_in_square",
        "reinstates_in_square", "does_not_come", "writes_a_note", "blocks_in_square",
    )
}  # fmt: skip
"""By name, so that a history can be written down and played again."""

BOOKING = ("books_on_website", "books_online", "books_parts", "books_class", "books_in_square", "buys_in_square")
RARE = frozenset({"restores_backup", "puts_backup_right", "deletes_by_sql", "books_over", "books_over_in_square"})
