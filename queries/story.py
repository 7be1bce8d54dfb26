"""One visit's whole story, from any id: a verdict first, then all that happened, in the order of time.

No client is named: visits go by their ids, staff and times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.naming import meant_by
from sync.model import Pair, Ref, Side
from sync.model.calls import Call
from sync.store import calls, hints, mirror, pairs
from sync.store.findings import open_on
from sync.store.hints import Hint
from sync.store.tables import audit, deliveries, finding_units, findings, intents, ledger, requests, visits
from sync.store.times import moment
from sync.wording.hints import why

Unit = tuple[Side, str]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened: when (UTC), what kind of thing (a stable word), and a sentence."""

    at: datetime
    kind: str
    said: str


@dataclass(frozen=True, slots=True)
class Story:
    """`verdict` is how the visit stands now. `refs`: its appointments. `visit`: its number, once it is linked."""

    verdict: str
    visit: int | None
    refs: tuple[str, ...]
    lines: tuple[Line, ...]


def story(conn: Connection, asked: str, now: datetime) -> Story | None:
    """The story of the visit that `asked` names (`queries.naming.meant_by`); None when nothing is known under it."""
    refs = meant_by(conn, asked, now)
    if not refs:
        return None
    known = pairs.pairs_of(conn, refs)
    told = hints.of(conn, refs)
    units = _units(conn, refs)
    numbers = _findings(conn, units)
    lines = [
        *_linked(conn, known),
        *_delivered(conn, refs),
        *(line for hint in told for line in _hinted(conn, hint)),
        *_sent(conn, known),
        *_found(conn, numbers),
        *_asked(conn, numbers),
        *_guarded(conn, refs, known),
    ]
    return Story(
        _verdict(conn, refs, known, told, units),
        known[0].visit if known else None,
        tuple(str(ref) for ref in sorted(refs)),
        tuple(sorted(lines, key=lambda line: line.at)),
    )


# --- how it stands --------------------------------------------------------------------------------------------------


def _verdict(
    conn: Connection, refs: Collection[Ref], known: tuple[Pair, ...], told: tuple[Hint, ...], units: Collection[Unit]
) -> str:
    dead = [hint for hint in told if hint.state == "dead" and hint.closed_at is None]
    if dead:
        return f"Not carried: dead letter {dead[-1].id} waits. {_why(dead[-1])}"
    under_way = [hint for hint in told if hint.state in hints.OPEN]
    if under_way:
        return f"On its way: hint {under_way[-1].id} is {under_way[-1].state}. {_why(under_way[-1])}".rstrip()
    waiting = open_on(conn, units)
    if waiting:
        return f"Waits for a person: {_kinds(conn, waiting)}."
    return _settled(conn, refs, known, told)


def _settled(conn: Connection, refs: Collection[Ref], known: tuple[Pair, ...], told: tuple[Hint, ...]) -> str:
    there = mirror.load(conn, refs)
    standing = {ref.side for ref, appointment in there.items() if appointment.stands}
    last = next((hint for hint in reversed(told) if hint.state == "applied" and hint.ended_at), None)
    took = f" The last change took {_took(last):.1f} s to cross." if last else ""
    if len(standing) == 2 and known:
        return f"It stands in both calendars, as agreed.{took}"
    if not standing:
        return f"It stands in neither calendar any more.{took}"
    only = next(iter(standing))
    return f"It stands in {only.brand} only.{took}"


def _took(hint: Hint) -> float:
    assert hint.ended_at is not None
    return (hint.ended_at - (hint.changed_at or hint.received_at)).total_seconds()


def _why(hint: Hint) -> str:
    return why(hint.state, hint.reason, hint.sentence) if hint.reason else ""


def _kinds(conn: Connection, numbers: Iterable[int]) -> str:
    rows = conn.execute(sa.select(findings.c.id, findings.c.kind).where(findings.c.id.in_(list(numbers))))
    return ", ".join(f"{row.kind.replace('_', ' ')} (finding {row.id})" for row in rows)


# --- what happened --------------------------------------------------------------------------------------------------


def _linked(conn: Connection, known: tuple[Pair, ...]) -> Iterator[Line]:
    made = {row.id: row for row in conn.execute(sa.select(visits).where(visits.c.id.in_([p.visit for p in known])))}
    for pair in known:
        now = ", ".join(f"{partner.ref}{'' if partner.current else ' (former)'}" for partner in pair.partners)
        said = f"Visit {pair.visit}, made in {pair.owner.brand}, was kept as one: {now}."
        yield Line(moment(made[pair.visit].made_at), "linked", said)


def _delivered(conn: Connection, refs: Collection[Ref]) -> Iterator[Line]:
    for ref in sorted(refs):
        here = sa.and_(deliveries.c.side == ref.side, deliveries.c.key == ref.key)
        for row in conn.execute(sa.select(deliveries).where(here)):
            again = f", retry {row.retry_number} ({row.retry_reason})" if row.retry_number else ""
            said = f"Webhook {row.event_id} of {ref}: answered {row.status} ({row.reason}) in {row.ms:.0f} ms{again}."
            yield Line(moment(row.at), "webhook", said)


def _hinted(conn: Connection, hint: Hint) -> Iterator[Line]:
    more = f", {hint.counter} in one" if hint.counter > 1 else ""
    yield Line(hint.received_at, "hint", f"Hint {hint.id} about {hint.ref} came by {hint.source}{more}.")
    yield from _taken_up(hint)
    for kept in calls.of(conn, hint.id):
        yield Line(kept.call.at, "call", f"Hint {hint.id}, try {kept.attempt}: {_called(kept.call)}")
    if hint.ended_at is not None:
        ended = hint.state.replace("_", " ")
        how = f"{_took(hint):.2f} s after the change{_tries(hint)}"
        said = f"Hint {hint.id} ended {ended}, {how}. {_why(hint)}"
        yield Line(hint.ended_at, "ended", said)
    if hint.closed_at is not None:
        yield Line(hint.closed_at, "closed", f"Dead letter {hint.id} was closed: {hint.closed_because}.")


def _taken_up(hint: Hint) -> Iterator[Line]:
    """When a worker began, when it had its lock, and until when and why it waits."""
    if hint.started_at is not None:
        after = (hint.started_at - hint.received_at).total_seconds()
        yield Line(hint.started_at, "started", f"Hint {hint.id} was taken up, {after:.2f} s after it came.")
    if hint.leased_at is not None:
        said = f"Hint {hint.id} had its lock; asking for it took {hint.lock_ms:.0f} ms in all."
        yield Line(hint.leased_at, "lock", said)
    if hint.state == "waiting" and (hint.reason or hint.due_at > hint.received_at):
        yield Line(hint.due_at, "waits", f"Hint {hint.id} waits until then{_tries(hint)}. {_why(hint)}".rstrip())


def _tries(hint: Hint) -> str:
    """How often it failed and how often it waited, where it did either."""
    failed = f"{hint.attempts} failed {'try' if hint.attempts == 1 else 'tries'}" if hint.attempts else ""
    waited = f"{hint.waits} {'wait' if hint.waits == 1 else 'waits'}" if hint.waits else ""
    both = " and ".join(filter(None, (failed, waited)))
    return f", after {both}" if both else ""


def _called(call: Call) -> str:
    how = f"{call.outcome}, {call.code}" if call.code else call.outcome
    named = f", there known as {call.request_id}" if call.request_id else ""
    return f"{call.name} in {call.side} took {call.ms:.0f} ms ({how}){named}."


def _sent(conn: Connection, known: tuple[Pair, ...]) -> Iterator[Line]:
    ours = sa.select(intents).where(intents.c.visit.in_([pair.visit for pair in known]))
    for row in conn.execute(ours):
        kind = row.write.get("kind", "write")
        said = f"{kind.replace('_', ' ')} in {row.side} under {row.idempotency_key}: {row.state}."
        yield Line(moment(row.made_at), "sent", said[0].upper() + said[1:])


def _found(conn: Connection, numbers: Collection[int]) -> Iterator[Line]:
    for row in conn.execute(sa.select(findings).where(findings.c.id.in_(sorted(numbers)))):
        kind = row.kind.replace("_", " ")
        yield Line(moment(row.first_seen_at), "finding", f"Finding {row.id} was opened: {kind}.")
        if row.closed_at is not None:
            yield Line(
                moment(row.closed_at), "finding", f"Finding {row.id} was closed. {row.closed_because or ''}".rstrip()
            )


def _asked(conn: Connection, numbers: Collection[int]) -> Iterator[Line]:
    rows = conn.execute(sa.select(requests).where(requests.c.finding.in_(sorted(numbers)))).all()
    for row in rows:
        said = f"{row.asked_by} asked for {str(row.choice['kind']).replace('_', ' ')} (request {row.id}): {row.state}."
        yield Line(moment(row.asked_at), "click", said)
    done = sa.select(audit).where(audit.c.request.in_([row.id for row in rows]))
    for row in conn.execute(done):
        yield Line(moment(row.at), "audit", f"Request {row.request} ended: {row.what}.")


def _guarded(conn: Connection, refs: Collection[Ref], known: tuple[Pair, ...]) -> Iterator[Line]:
    here = [sa.and_(ledger.c.side == ref.side, ledger.c.key == ref.key) for ref in sorted(refs)]
    ours = sa.or_(*here, ledger.c.visit.in_([pair.visit for pair in known]))
    for row in conn.execute(sa.select(ledger).where(ours)):
        yield Line(moment(row.at), "guard", f"{row.kind.replace('_', ' ').capitalize()}.")


def _units(conn: Connection, refs: Collection[Ref]) -> frozenset[Unit]:
    shown = mirror.load(conn, refs) | mirror.last_shown(conn, refs)
    return frozenset((ref.side, unit) for ref, appointment in shown.items() for unit in appointment.units)


def _findings(conn: Connection, units: Collection[Unit]) -> frozenset[int]:
    """Every finding that is or was about one of these units."""
    found: set[int] = set()
    for side, unit in units:
        here = sa.and_(finding_units.c.side == side, finding_units.c.unit == unit)
        found.update(conn.execute(sa.select(finding_units.c.finding).where(here)).scalars())
    return frozenset(found)
