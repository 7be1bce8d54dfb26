"""Pull one side whole into the mirror, or conclude nothing and say why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from sync.calendars import CalendarReader, Progress, ReadFailed
from sync.converge.holds import end_holds
from sync.decide.guards import absences_to_withhold
from sync.inbox.waking import ring_once
from sync.model import Ref, Side, Snapshot, Source, Window
from sync.store import hints, keeping, mirror, runs
from sync.store.connection import reading, writing
from sync.store.lists import lists
from sync.store.shrinking import lost_lately

FAR_BACK = datetime(1970, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)
"""Bookly's tables cost one scan however much is asked of them, so all of them is read."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """How a pull ended: whole, or nothing concluded. `sentence` says it in plain words.

    `wrong`: a setting is wrong, so that trying again cannot help before somebody mends it.
    """

    whole: bool
    sentence: str
    counts: dict[str, int] = field(default_factory=dict)
    setting: str = ""
    wrong: bool = False


def window_for(side: Side, now: datetime, days_back: int, days_ahead: int) -> Window:
    """What a pull covers: all of Bookly; of Square the days where calls are worth their price."""
    if side is Side.BOOKLY:
        return Window(FAR_BACK, FAR_AHEAD)
    return Window(now - timedelta(days=days_back), now + timedelta(days=days_ahead))


def pull(
    engine: Engine,
    reader: CalendarReader,
    window: Window,
    now: datetime,
    progress: Progress | None = None,
    *,
    hinting: bool = False,
) -> Pulled:
    """Read `reader`'s side in `window` and commit it only whole. A read that failed changes nothing but says so.

    With `hinting`, what lies ahead and was new, changed or gone becomes hints in the same commit; a first pull has
    nothing to compare with and gives none.
    """
    side = reader.side
    with reading(engine) as conn:
        known = mirror.known_refs(conn, side, window)
    try:
        snapshot = reader.snapshot(window, known, progress)
    except ReadFailed as error:
        return _failed(engine, side, error, now)
    moved = _zone_moved(engine, snapshot)
    if moved:
        return _failed(engine, side, ReadFailed(moved, permanent=True, setting="SALON_TIMEZONE"), now)
    pulled = _commit(engine, snapshot, now, hinting)
    if pulled.counts["hints"]:
        ring_once(engine)
    return pulled


def _failed(engine: Engine, side: Side, error: ReadFailed, now: datetime) -> Pulled:
    with writing(engine) as conn:
        runs.read_failed(conn, side, str(error), error.setting, now)
    return Pulled(False, str(error), setting=error.setting, wrong=bool(error.setting) and error.permanent)


def _zone_moved(engine: Engine, snapshot: Snapshot) -> str:
    """The zone is pinned at the first pull: a changed WordPress setting would otherwise move every client."""
    if snapshot.side is not Side.BOOKLY:
        return ""
    with writing(engine) as conn:
        pinned = keeping.pinned_timezone(conn)
        if pinned is None:
            keeping.pin_timezone(conn, snapshot.directory.timezone, "the first pull", snapshot.began_at)
    return zone_moved(pinned, snapshot.directory.timezone)


def zone_moved(pinned: str | None, now_said: str) -> str:
    """What is wrong when WordPress says another zone than the pinned one; empty when it says the same, or none is."""
    if pinned in (None, now_said):
        return ""
    return (
        f"WordPress now says its time zone is {now_said}, but Slotkeeper was set up with {pinned}, so nothing of "
        "Bookly is read: set the zone back in WordPress (and SALON_TIMEZONE, where it is used), or confirm the new one "
        f"with `python -m sync pin-timezone {now_said}`."
    )


def _commit(engine: Engine, snapshot: Snapshot, now: datetime, hinting: bool) -> Pulled:
    with writing(engine) as conn:
        before = runs.side_read(conn, snapshot.side)
        withheld = _withheld(conn, snapshot, now)
        known = lists(conn)
        counts = mirror.commit_snapshot(conn, snapshot, now, withheld)
        end_holds(conn, counts.stirred, now, known)
        runs.read_whole(conn, snapshot, withheld)
        is_first = before is None or before.whole_began_at is None
        given = _hint(conn, snapshot, counts.stirred, now) if hinting and not is_first else 0
    said = {"new": counts.new, "changed": counts.changed, "gone": counts.gone, "same": counts.same}
    said["unreadable"] = len(snapshot.unreadable)
    said["withheld"] = len(withheld)
    said["hints"] = given
    return Pulled(True, _sentence(snapshot, len(withheld)), said)


def _hint(conn: Connection, snapshot: Snapshot, stirred: Collection[Ref], now: datetime) -> int:
    """Hints for what lies ahead of these; how many."""
    versions = {appointment.ref: appointment.version for appointment in snapshot.appointments}
    ahead = mirror.ending_after(conn, stirred, now)
    for ref in sorted(ahead):
        hints.put(conn, ref, Source.SNAPSHOT, now, version=versions.get(ref))
    return len(ahead)


def _withheld(conn: Connection, snapshot: Snapshot, now: datetime) -> frozenset[Ref]:
    """Absences and moves that look like a mistake (ENGINE, "Shrink guard"), unless a person said that they are real."""
    if runs.take_real(conn, snapshot.side, now):
        return frozenset()
    known = mirror.known_ahead(conn, snapshot.side, now)
    read = {appointment.ref: appointment for appointment in snapshot.appointments}
    lately = lost_lately(conn, snapshot.side, now)
    return absences_to_withhold(known, read, snapshot.window, now, lately)


def _sentence(snapshot: Snapshot, withheld: int) -> str:
    count = len(snapshot.appointments)
    text = f"{snapshot.side.brand} was read whole: {count} appointment{'' if count == 1 else 's'}."
    if withheld:
        text += (
            f" {withheld} that were known have vanished or moved all at once, which looks like a mistake; "
            "they are kept as they were until somebody says it is real."
        )
    return text
