"""Where and when a sentence is said: the moment, the salon's zone, and what people are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sync.model import Board, Side


@dataclass(frozen=True, slots=True)
class Scene:
    """`now` in UTC; `zone` the salon's zone by name; `staff` names by a side's own staff id; `people` by person id."""

    now: datetime
    zone: str
    staff: Mapping[tuple[Side, str], str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)

    def name_on(self, side: Side, staff: str) -> str:
        """What a side's staff member is called; never an id."""
        return self.staff.get((side, staff)) or "somebody on the staff"

    def name_of(self, person: str) -> str:
        """What a person of the staff is called; never an id."""
        return self.people.get(person) or "somebody on the staff"


def scene_of(board: Board) -> Scene:
    """The scene of a board: its moment, its zone, its people."""
    staff = {(side, member.id): p.name for p in board.people for side in Side if (member := p.on(side))}
    return Scene(board.now, board.timezone, staff, {p.id: p.name for p in board.people})
