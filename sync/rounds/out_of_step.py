"""What the pairs say is out of step, given to the road as hints; and which side must be read whole before something can
be called missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from sync.decide.drift import SETTLING
from sync.decide.same_visit import is_somebodys
from sync.decide.shape import seen_of
from sync.inbox.waking import ring_once
from sync.model import End, Finding, Kind, Ref, Side, Source
from sync.rounds.view import LATELY
from sync.store import findings, hints, keeping, mapping, mirror, out_of_step, runs
from sync.store.connection import reading, writing
from sync.store.out_of_step import Apart
from sync.store.under_way import APART, asked_about

HINTED = "hinted_apart"
"""Where it is kept which differences were hinted at, so that none is hinted at again while it stays the same."""
WAITS_FOR_A_PERSON = (*APART, Kind.SAME_VISIT)
FOR_NOW = ("watching", "another_installation")
"""Reasons that have nothing to do with the visit, and may be over."""
ASKED_BY = "the schedule"


def hint_apart(engine: Engine, writes_setting: str, now: datetime) -> int:
    """Hints for pairs that are out of step and for visits made since writing was switched on that nobody linked; how
    many. None while nothing would be written: what is out of step then is a finding, and is looked at anew after."""
    with reading(engine) as conn:
        known: dict[str, str] = keeping.get(conn, HINTED, {})
        apart = _apart(conn, writes_setting, now)
        fresh = [one for one in apart if known.get(str(one.ref)) != one.state]
        fresh = _nobodys(conn, fresh)
    told = {str(one.ref): one.state for one in apart if known.get(str(one.ref)) == one.state or one in fresh}
    if told == known and not fresh:
        return 0
    with writing(engine) as conn:
        for one in fresh:
            hints.put(conn, one.ref, Source.RECONCILE, now)
        keeping.put(conn, HINTED, told, now)
    if fresh:
        ring_once(engine)
    return len(fresh)


def _apart(conn: Connection, writes_setting: str, now: datetime) -> tuple[Apart, ...]:
    """All that is out of step and would be carried; Pause and Resume make it news again."""
    switches = keeping.switches(conn, writes_setting)
    since = switches.on_since
    if switches.paused or since is None:
        return ()
    lonely = out_of_step.unlinked(conn, now, since)
    shown = mirror.load(conn, (one.ref for one in lonely))
    made = [one for one in lonely if is_somebodys(a := shown[one.ref]) and (a.made_at or now) >= since]
    again = f"|{since}|{keeping.changed_at(conn, keeping.PAUSED)}"
    return tuple(replace(one, state=one.state + again) for one in (*out_of_step.changed_partners(conn, now), *made))


def _nobodys(conn: Connection, apart: Iterable[Apart]) -> list[Apart]:
    """Without what is on its way already, lies dead, or waits for a person as it is."""
    these = list(apart)
    if not these:
        return []
    busy = hints.open_refs(conn) | asked_about(conn) | {hint.ref for hint in hints.dead(conn)} | _waiting(conn)
    visits = out_of_step.partners_of(conn, {one.visit for one in these if one.visit is not None})
    busy |= _left(conn, these)
    return [one for one in these if not (visits.get(one.visit or 0, frozenset()) | {one.ref}) & busy]


def _left(conn: Connection, these: Iterable[Apart]) -> set[Ref]:
    """What the road looked at as it is and left for a person."""
    changed = {one.ref: one.changed_at for one in these}
    newest = {hint.ref: hint for hint in hints.of(conn, changed)}
    return {
        ref
        for ref, hint in newest.items()
        if hint.state == End.CONFLICT and hint.reason not in FOR_NOW and hint.ended_at and hint.ended_at >= changed[ref]
    }


def _waiting(conn: Connection) -> set[Ref]:
    """What a person is asked about and has not changed since."""
    kept = [one.finding for one in findings.all_in(conn, "open", "left") if one.finding.kind in WAITS_FOR_A_PERSON]
    shown = mirror.load(conn, {ref for finding in kept for ref in _refs(finding)})
    return {
        ref
        for finding in kept
        if finding.seen == seen_of(shown[ref] for ref in _refs(finding) if ref in shown)
        for ref in _refs(finding)
    }


def _refs(finding: Finding) -> set[Ref]:
    return {ref for concerned in finding.concerned for ref in concerned.refs}


def ask_for_reads(engine: Engine, now: datetime) -> frozenset[Side]:
    """Ask for a whole read of each side without which a visit of the other cannot be called missing: nothing is said to
    be missing from a side that was not read whole since. Returns the sides asked for."""
    with reading(engine) as conn:
        sides = frozenset(side for side in Side if _is_waited_for(conn, side, now))
    if sides:
        with writing(engine) as conn:
            for side in sides:
                runs.ask(conn, f"pull-{side}", ASKED_BY, now)
    return sides


def _is_waited_for(conn: Connection, side: Side, now: datetime) -> bool:
    """Whether a mapped visit of the other side that nobody linked and that has settled changed since the side's last
    whole read. What the road has looked at and left for a person needs no read, and a side that cannot be read is tried
    again by itself."""
    read = runs.side_read(conn, side)
    if read is None or read.whole_began_at is None or read.window is None or read.failing_since is not None:
        return False
    alone = out_of_step.alone_since(conn, side.other, now, read.whole_began_at, now - SETTLING)
    settled = hints.open_refs(conn) | hints.left_for_people(conn, now - LATELY).keys()
    shown = mirror.load(conn, set(alone) - settled)
    staff = mapping.staff_map(conn)
    mapped = frozenset(staff if side.other is Side.BOOKLY else staff.values())
    return any(
        is_somebodys(a)
        and read.window.start <= a.start < read.window.end
        and all(part.span.staff in mapped for part in a.parts)
        for a in shown.values()
    )
