"""A plan that was begun, and cut short by a death: what came true without it since, and what was overtaken. Pure.

While such a plan rests nobody holds the visit, and its own change is a change like any other: a hint carries it to the
other side before the plan is taken up again.
"""

from __future__ import annotations

from collections.abc import Iterable

from sync.decide.showing import shown_there
from sync.model import Appointment, Board, DoneStep, Move, Place, PlacedPart, Step

Places = list[tuple[object, ...]]


def came_true(step: Step, board: Board) -> Appointment | None:
    """What stands on the board just as the step would have it, or None: the step is still to be carried out."""
    write = step.write
    if isinstance(write, Move):
        stands = [there for there in [board.appointments.get(write.ref)] if there is not None]
    elif isinstance(write, Place) and step.projection and step.ref is not None:
        stands = shown_there(board, step.ref)
    else:
        return None
    return next((there for there in stands if there.stands and _places(there) == _wanted(write.parts)), None)


def is_overtaken(step: Step, board: Board, done: Iterable[DoneStep]) -> bool:
    """Whether the visit that the step would show no longer stands where the plan had put it."""
    if not isinstance(step.write, Place) or not step.projection:
        return False
    left = [one.answered for one in done if one.ref == step.ref and one.answered is not None]
    now = board.appointments.get(step.ref) if step.ref else None
    return bool(left) and (now is None or not now.stands or _places(now) != _places(left[-1]))


def _places(there: Appointment) -> Places:
    return sorted((part.span.staff, part.span.start, part.span.end) for part in there.parts)


def _wanted(parts: Iterable[PlacedPart]) -> Places:
    return sorted((part.staff, part.start, part.end) for part in parts)
