"""The present versions of the services that are to be booked in Square, asked for while the look around is made: both
come before the booking, and neither needs the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from sync.calendars import ReadFailed
from sync.converge.house import House
from sync.model import Place, Side, Step

Versions = Mapping[str, int]


def begin(house: House, steps: Iterable[Step]) -> Callable[[], Versions]:
    """Begin to ask for what these steps would book; what waits for it gives version by service id. Empty where that
    could not be read: the writer asks for what is missing, and says what is wrong."""
    wanted = {part.service for step in steps if (place := _in_square(step)) for part in place.parts if part.service}
    if not wanted:
        return dict
    return partial(_found, house.alongside(partial(house.readers[Side.SQUARE].service_versions, sorted(wanted))))


def given(steps: Iterable[Step], versions: Versions) -> tuple[Step, ...]:
    """The steps, with the versions that are known by now."""
    return tuple(_given(step, place, versions) if (place := _in_square(step)) else step for step in steps)


def _in_square(step: Step) -> Place | None:
    return step.write if isinstance(step.write, Place) and step.write.side is Side.SQUARE else None


def _found(wait: Callable[[], Versions]) -> Versions:
    try:
        return wait()
    except ReadFailed:
        return {}


def _given(step: Step, place: Place, versions: Versions) -> Step:
    parts = tuple(
        replace(part, service_version=versions.get(part.service or "", part.service_version)) for part in place.parts
    )
    return replace(step, write=replace(place, parts=parts))
