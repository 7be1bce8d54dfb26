"""The road of a hint: settle what is open, look, lock, look again, decide, act, record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from sync.calendars import CalendarError, OutcomeUnknown, ReadFailed, WriteRefused
from sync.converge import versions
from sync.converge.acting import Acted, act
from sync.converge.adopting import AGAIN, adopt, meant_for
from sync.converge.claiming import claims_of, claims_on
from sync.converge.errand import Errand
from sync.converge.grip import Grip, LeaseLost
from sync.converge.holds import end_holds
from sync.converge.house import House
from sync.converge.settling import is_unsettled, settle_open
from sync.converge.sighting import Seen, known_of, moved, see
from sync.converge.strangers import strangers_lately
from sync.converge.waiting import BUSY, KEPT_CHANGING, UNSETTLED, WRITING_OFF, Waiting, not_now
from sync.decide.carrying import Verdict, carry
from sync.decide.case import as_if_standing
from sync.decide.differences import differences
from sync.locking.contract import Busy, Claim, LocksUnavailable
from sync.locking.fencing import Superseded
from sync.model import Appointment, Board, End, Move, Place, Ref, Reinstate, Side, Source
from sync.store import hints, ledger, mirror, pairs, runs
from sync.store.board import load_board
from sync.store.connection import reading, writing
from sync.store.hints import Hint
from sync.store.keeping import Switches

GROWN = 3
"""How often the claims may turn out larger on the second look before the hint goes back to wait."""

NEVER_THERE = timedelta(minutes=10)
"""How long a version is waited for of what its side does not have at all."""

BOTH = frozenset(Side)
NOBODY: frozenset[Side] = frozenset()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a hint ended. `visit` and `start` are the visit it was about; `touched` what is to be looked at again;
    leased_at: when the lock was granted, lock_seconds: what asking for it took."""

    end: End
    reason: str
    sentence: str = ""
    permanent: bool = False
    visit: int | None = None
    start: datetime | None = None
    touched: frozenset[Ref] = frozenset()
    leased_at: datetime | None = None
    lock_seconds: float = 0.0
    in_the_way: tuple[Ref, ...] = ()


def converge_hint(house: House, hint: Hint) -> Ended | Waiting:
    """Carry one hint down the road and say how it ended. Nothing is raised for what a calendar does."""
    try:
        return _settled(house, hint) or _carried(house, hint)
    except (ReadFailed, WriteRefused, OutcomeUnknown) as error:
        return _failed(error)
    except LocksUnavailable as error:
        return Waiting(str(error), attempt=False, reason="locks_away")
    except Superseded:
        with writing(house.engine) as conn:
            ledger.note(conn, ledger.LATE_WRITE_REFUSED, house.now(), ref=hint.ref, hint=hint.id)
        return Waiting(
            "Somebody else was let in before this was written down; looking again.", attempt=False, reason="overtaken"
        )
    except LeaseLost:
        with writing(house.engine) as conn:
            ledger.note(conn, ledger.LATE_WRITE_REFUSED, house.now(), ref=hint.ref, hint=hint.id)
        return Waiting(
            "The lock ran out before the calendar was asked; nothing was sent.", attempt=False, reason="lease_lost"
        )


def verdict_now(house: House, ref: Ref) -> tuple[Verdict, Seen]:
    """What would be done about an appointment now, looked at live; nothing is locked and nothing written.

    Raises ReadFailed.
    """
    seen = see(house, ref)
    verdict = carry(seen.sight)
    around = _sides_around(verdict)
    if not around:
        return verdict, seen
    seen = see(house, ref, around)
    return carry(seen.sight), seen


def _failed(error: CalendarError) -> Ended | Waiting:
    """Errors know whether trying again can help: what cannot is buried at once. A wrong setting (a revoked token) is
    not the hint's fault: it waits until somebody mends that."""
    if waiting := not_now(error):
        return waiting
    if error.permanent and not error.setting:
        return Ended(End.DEAD, error.fault, sentence=str(error), permanent=True)
    if error.permanent:  # a wrong setting is not the hint's fault: it waits until somebody mends that
        return Waiting(str(error), attempt=False, reason=error.fault)
    return Waiting(str(error), attempt=True, seconds=0.0, reason=error.fault)


def _settled(house: House, hint: Hint) -> Waiting | None:
    """Settle first: nothing new is planned for a visit while the end of an earlier write is not known."""
    with reading(house.engine) as conn:
        visit = pairs.visit_of(conn, hint.ref)
    return settle_open(house, Errand(hint=hint.id), {hint.ref}, partial(_remembered, house), visit)


def _remembered(house: House, refs: Iterable[Ref]) -> Board:
    wanted, now = frozenset(refs), house.now()
    with reading(house.engine) as conn:
        known = [a for a in mirror.load(conn, wanted).values() if a.parts]
        start, end = min((a.start for a in known), default=now), max((a.end for a in known), default=now)
        return load_board(conn, now, start, end, wanted)


def _ours(house: House, hint: Hint, seen: Seen) -> Waiting | None:
    """A stranger that is ours (its maker died, or has not written it down yet) is settled, or joins its visit."""
    intent, live = meant_for(house, seen), seen.live.get(hint.ref)
    if intent is None or live is None:
        return None
    if intent.state == "open":
        return settle_open(house, Errand(hint=hint.id), (), partial(_remembered, house), intent.visit) or AGAIN
    return adopt(house, intent, live)


def _echo(house: House, hint: Hint) -> Ended | None:
    """A version that was seen already, in a visit that is in step by what is known: mostly our own write come back.
    Square need not be asked for it again. A version that is told of a second time may be an old body about something
    newer: that is looked at."""
    if hint.version is None or hint.counter > 1:
        return None
    with reading(house.engine) as conn:
        if hints.told_before(conn, hint):
            return None
    known = known_of(house, hint.ref)
    partners = [partner for partner in known.pair.partners if partner.current] if known.pair else []
    last = known.before.get(hint.ref)
    if known.gone or last is None or last.version is None or last.version < hint.version:
        return None
    if not partners or any(differences(p.agreed, as_if_standing(known.before.get(p.ref))) for p in partners):
        return None
    visit = known.pair.visit if known.pair else None
    return Ended(End.ALREADY_TRUE, "in_step", visit=visit, start=last.start if last.parts else None)


def _carried(house: House, hint: Hint) -> Ended | Waiting:
    echo = _echo(house, hint)
    if echo is not None:
        return echo
    seen = see(house, hint.ref)
    early = _not_shown_yet(house, hint, seen) or _ours(house, hint, seen)
    if early is not None:
        return early
    verdict, around = carry(seen.sight), NOBODY
    for _ in range(GROWN):
        around |= _sides_around(verdict)
        stop = _stop(house, verdict, seen.known.switches)
        if stop is not None:
            return stop
        if verdict.changes_nothing and not around:
            return _nothing(house, seen, verdict)
        asked = house.monotonic()
        lease = house.locks.acquire(_claims(verdict, seen), house.owner, house.lease_seconds)
        if isinstance(lease, Busy):
            return BUSY
        grip, took = Grip(house, lease), house.monotonic() - asked
        try:
            if is_unsettled(house, Errand(hint=hint.id), {hint.ref}):
                return UNSETTLED
            asked_for = versions.begin(house, verdict.steps)
            seen = see(house, hint.ref, around)
            verdict = carry(seen.sight)
            fits = _claims(verdict, seen) <= frozenset(lease.claims) and _sides_around(verdict) <= around
            if fits:
                verdict = replace(verdict, steps=versions.given(verdict.steps, asked_for()))
                ended = _stop(house, verdict, seen.known.switches) or _under_lease(house, grip, hint, seen, verdict)
                return replace(ended, lock_seconds=took) if isinstance(ended, Ended) else ended
        finally:
            house.locks.release(grip.lease)
    return KEPT_CHANGING


def _not_shown_yet(house: House, hint: Hint, seen: Seen) -> Waiting | None:
    """A hint that names a version is not done until a read shows that version or a later one. What is not there at all
    may never have been (Square's test event names a made-up booking): that is waited for for a while only."""
    live = seen.live.get(hint.ref)
    if hint.version is None or hint.ref not in seen.live:
        return None
    if live is None and house.now() - hint.received_at > NEVER_THERE:
        return None
    if live is not None and live.version is not None and live.version >= hint.version:
        return None
    return Waiting("The calendar does not show the change yet.", attempt=False, reason="not_shown_yet")


def _sides_around(verdict: Verdict) -> frozenset[Side]:
    """Where what stands around has to be read live before this may be believed: where something is to be put where
    others may be, and where a person may have typed the visit in."""
    if verdict.end is End.CONFLICT and verdict.reason in ("taken", "same_visit"):
        return BOTH
    writes = [step.write for step in verdict.steps]
    if any(isinstance(w, Place | Move | Reinstate) and not getattr(w, "even_if_taken", False) for w in writes):
        return BOTH
    return frozenset({Side.BOOKLY}) if verdict.steps and verdict.reason in ("shown", "not_mapped_staff") else NOBODY


def _claims(verdict: Verdict, seen: Seen) -> frozenset[Claim]:
    """The visit with every span it has or had, and every span that it will have."""
    return claims_on(seen.sight.ref, seen.sight.board) | claims_of(verdict.steps, seen.sight.board)


def _stop(house: House, verdict: Verdict, switches: Switches) -> Ended | Waiting | None:
    """Why nothing may be done now: it waits, writing is paused, we only watch, or another installation is at work."""
    if verdict.end is None:
        return Waiting("The visit is still being written down.", attempt=False, reason=verdict.reason)
    if not any(step.write for step in verdict.steps):
        return None
    if switches.paused:
        return WRITING_OFF
    if switches.on_since is None:
        return Ended(End.CONFLICT, "watching")
    if strangers_lately(house.engine, house.now()):
        return Ended(End.CONFLICT, "another_installation")
    return None


def _nothing(house: House, seen: Seen, verdict: Verdict) -> Ended:
    if verdict.reason == "not_there":
        _hint_by_its_name(house, seen.sight.ref)
    if seen.news or seen.around or seen.sight.withheld:
        with writing(house.engine) as conn:
            _remember(conn, house, seen)
    return _ended(seen, verdict)


def _hint_by_its_name(house: House, ref: Ref) -> None:
    """What goes by another name than it was told of gets a hint under its own."""
    names = house.readers[ref.side].known_as(ref)
    if not names:
        return
    with writing(house.engine) as conn:
        for name in sorted(names):
            hints.put(conn, name, Source.FOLLOW_UP, house.now())


def _under_lease(house: House, grip: Grip, hint: Hint, seen: Seen, verdict: Verdict) -> Ended | Waiting:
    acted = act(house, grip, Errand(hint=hint.id), verdict.steps, seen.sight.board)
    failed = _not_done(acted)
    with writing(house.engine) as conn:
        grip.fence(conn)
        _remember(conn, house, seen)
        if failed is None:
            _agree(conn, house, hint, seen, verdict)
    if isinstance(failed, Waiting):
        return failed
    ended = _ended(seen, verdict) if failed is None else failed
    written = {one.ref for one in acted.done if one.ref} | set(acted.overlaps)
    leased_at = datetime.fromtimestamp(grip.lease.granted_at, tz=house.now().tzinfo)
    return replace(
        ended, visit=ended.visit or _visit(house, hint.ref), touched=ended.touched | written, leased_at=leased_at
    )


def _not_done(acted: Acted) -> Ended | Waiting | None:
    if acted.word == "changed":
        return Waiting("The visit was changed at this very moment; looking again.", attempt=False, reason="changed")
    if acted.word in ("taken", "met_another"):
        return Ended(End.CONFLICT, acted.word, touched=frozenset(acted.overlaps), in_the_way=acted.overlaps)
    return Ended(End.DEAD, acted.word, sentence=acted.error, permanent=True) if acted.word else None


def _agree(conn: Connection, house: House, hint: Hint, seen: Seen, verdict: Verdict) -> None:
    """What both sides are agreed on now, as it was read before planning; recording never reads again."""
    now = house.now()
    for ref in verdict.former:
        pairs.make_former(conn, ref, now)
    for ref in verdict.agree:
        if ref not in verdict.former:
            pairs.agree(conn, ref, seen.sight.board.appointments.get(ref), now)
    if verdict.putting_back and verdict.steps:
        ledger.note(conn, ledger.PUT_BACK, now, ref=hint.ref, visit=pairs.visit_of(conn, hint.ref), hint=hint.id)


def _remember(conn: Connection, house: House, seen: Seen) -> None:
    """Take what was read into the mirror, but for what a calendar suddenly small keeps back."""
    now = house.now()
    for ref in seen.news:
        before, live = seen.known.before.get(ref), seen.live[ref]
        mirror.record(conn, ref, live, seen.began_at, now)
        if before is not None and live is not None and moved(before, live) and before.start > now:
            ledger.note(conn, ledger.MOVED, now, ref=ref)
    met = _neighbours(conn, seen)
    for ref, neighbour in met:
        mirror.record(conn, ref, neighbour, seen.began_at, now)
        hints.put(conn, ref, Source.FOLLOW_UP, now)
    end_holds(conn, {*seen.live, *(ref for ref, _ in met)}, now, seen.known.lists)
    for side in {ref.side for ref in seen.sight.withheld}:
        runs.withhold(conn, side, (ref for ref in seen.sight.withheld if ref.side is side))


def _neighbours(conn: Connection, seen: Seen) -> tuple[tuple[Ref, Appointment], ...]:
    """What was met around and is not in the mirror yet: it is somebody's change, too, and gets a hint of its own."""
    met = {ref: a for ref, a in seen.around.items() if ref not in seen.live}
    known = mirror.load(conn, met)
    return tuple((ref, a) for ref, a in sorted(met.items()) if ref not in known or not _alike(known[ref], a))


def _alike(known: Appointment, live: Appointment) -> bool:
    return known == live or known.fingerprint == live.fingerprint


def _ended(seen: Seen, verdict: Verdict) -> Ended:
    assert verdict.end is not None
    visit = seen.visit
    return Ended(
        verdict.end,
        verdict.reason,
        visit=seen.pair.visit if seen.pair else None,
        start=visit.start if visit and visit.parts else None,
        touched=frozenset({seen.sight.ref, *seen.live, *verdict.in_the_way}),
        in_the_way=verdict.in_the_way,
    )


def _visit(house: House, ref: Ref) -> int | None:
    with reading(house.engine) as conn:
        return pairs.visit_of(conn, ref)
