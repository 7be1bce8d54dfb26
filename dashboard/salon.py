"""How things stand with the salon as a whole, as every page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from queries import breakers, sides, staff
from queries.register import Asked
from sync.model import Breaker, Side
from sync.model.zones import zone
from sync.settings import Settings
from sync.store import keeping, polls
from sync.wording import Reading, Scene

WORTH_SAYING = timedelta(minutes=1)
"""A calendar that does not answer for a moment is nobody's concern: what waits for it is carried a moment later."""


@dataclass(frozen=True, slots=True)
class Salon:
    """`zone` is the salon's by name. `may_write` is the setting WRITES, `writing` what a person switched on as well.

    `alive_at` is when the process that was silent longest gave its last sign of life; None when one never did.
    """

    now: datetime
    zone: str
    paused: bool
    may_write: bool
    writing: bool
    practice: bool
    readings: tuple[Reading, ...]
    alive_at: datetime | None
    scene: Scene

    @property
    def nothing_read(self) -> bool:
        """Neither calendar was ever read whole: there is nothing to show, and no zone is known."""
        return not any(reading.read_at for reading in self.readings)


def salon(conn: Connection, settings: Settings, now: datetime) -> Salon:
    """Everything a page's frame shows, in four short statements."""
    kept = sides.values(conn)
    found = sides.readings(conn, Asked(now))
    name = _zone(settings, kept, found)
    return Salon(
        now=now,
        zone=name,
        paused=keeping.paused(conn),
        may_write=settings.writes == "on",
        writing=keeping.writes_on(conn, settings.writes),
        practice=settings.practice,
        readings=_readings(found, breakers.left_alone(conn, now - WORTH_SAYING), polls.last(conn)),
        alive_at=_alive(keeping.beats(conn)),
        scene=Scene(now, name, *_names(conn, now)),
    )


def _zone(settings: Settings, kept: Mapping[str, Any], found: pd.DataFrame) -> str:
    """The salon's zone: as set, as pinned at set-up, as a side says; until one is known, that of no place."""
    said = [settings.salon_timezone, str(kept.get("pinned_timezone") or ""), *found["timezone"]]
    return next((name for name in said if name and _is_zone(name)), "UTC")


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True


def _readings(
    found: pd.DataFrame, down: Mapping[Side, Breaker], looked: Mapping[Side, datetime]
) -> tuple[Reading, ...]:
    by_side: dict[str, Mapping[Any, Any]] = {row["side"]: row for row in found.to_dict("records")}
    return tuple(_reading(side, by_side.get(side.value), down.get(side), looked.get(side)) for side in Side)


def _reading(side: Side, row: Mapping[Any, Any] | None, down: Breaker | None, looked: datetime | None) -> Reading:
    """A side that does not answer is no better for having been read a moment before. `looked`: when the last short look
    that went well began; it counts once the side was read whole."""
    read_at, since, problem = None, None, ""
    if row is not None:
        whole, since, problem = _moment(row["whole_began_at"]), _moment(row["failing_since"]), row["problem"] or ""
        read_at = max(whole, looked) if whole and looked else whole
    if since is None and down is not None:
        since, problem = down.opened_at, down.reason
    return Reading(side, read_at, since, problem)


def _moment(value: Any) -> datetime | None:
    return None if pd.isna(value) else value.to_pydatetime()


def _alive(beats: Mapping[str, datetime]) -> datetime | None:
    """The jobs and the workers each have to be alive; of several of a kind, one is enough."""
    newest: dict[str, datetime] = {}
    for name, at in beats.items():
        kind = "jobs" if name.startswith("jobs") else "worker"
        newest[kind] = max(at, newest.get(kind, at))
    return min(newest.values()) if newest else None


def _names(conn: Connection, now: datetime) -> tuple[dict[tuple[Side, str], str], dict[str, str]]:
    """Staff names by side and id, and by person id."""
    rows = staff.people(conn, Asked(now)).to_dict("records")
    on_side = {(Side(row["side"]), row["id"]): row["name"] for row in rows}
    return on_side, {f"{side}:{member}": name for (side, member), name in on_side.items()}
