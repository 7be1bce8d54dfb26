"""What must hold after every history (docs: the design, section 4), judged from the raw calendars and the store's rows.

Each function takes the evidence of a history that has come to rest and gives what is wrong, a sentence each.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.simulation.line import MUTATING, Sent
from tests.simulation.raw import CANCELLED, OVER, STANDS, Place, Shown, State
from tests.simulation.watch import Deed

ENDS = frozenset({"applied", "already_true", "superseded", "conflict", "dead"})
TRIES = 4
"""A dead letter that another try could have helped was tried this often at least."""

WRITES_A_CHANGE = 6
"""How many changes of ours one change by a person, or one thing that went wrong, may lead to."""


@dataclass(frozen=True, slots=True)
class Ack:
    """A 2xx that we gave: for which appointment, when, and the hint that stood for it at that moment (0: none)."""

    side: str
    key: str
    at: datetime
    hint: int
    again: bool = False


@dataclass(slots=True)
class Evidence:
    """All that is known of a history from outside.

    deeds: every change, in order. bookly, square: how both stand at the end. alone: (bookly, square, excused) as they
    stood when every hint had ended and before anything was polled; None where a message had been lost for good.
    excused: what open findings name. acks, hints, requests, audit, log: as they are. sent: every call to Square.
    settled: deeds that there were when all had come to rest, before one more round. clients: what must not be in a log.
    """

    now: datetime
    deeds: list[Deed]
    bookly: State
    square: State
    excused: frozenset[tuple[str, str]]
    acks: list[Ack] = field(default_factory=list)
    hints: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    private: tuple[str, ...] = ()
    settled: int = 0
    troubles: int = 0
    writes: str = "on"
    silent: list[tuple[int, int]] = field(default_factory=list)
    alone: tuple[State, State, frozenset[tuple[str, str]]] | None = None
    customers: list[tuple[str, str]] = field(default_factory=list)

    def ours(self) -> list[Deed]:
        """What the engine did by itself or for a click."""
        return [deed for deed in self.deeds if deed.by == "engine"]


Sentences = Iterator[str]


def nothing_acknowledged_is_lost(seen: Evidence) -> Sentences:
    """1: what was answered with 2xx is on disk at that moment, and its hint is there to the end."""
    there = {hint["id"]: hint for hint in seen.hints}
    for ack in seen.acks:
        if not ack.hint:
            yield f"{ack.side}/{ack.key} was acknowledged and no hint was kept"
        elif ack.hint not in there:
            yield f"hint {ack.hint} for {ack.side}/{ack.key} is gone"
        elif not ack.again:
            ended = there[ack.hint]["ended_at"]
            if ended is not None and ended < ack.at.timestamp() - 0.5:
                yield f"hint {ack.hint} had ended before {ack.side}/{ack.key} was acknowledged"


def every_hint_ends_once(seen: Evidence) -> Sentences:
    """2: at rest every hint has exactly one end, and says why."""
    for hint in seen.hints:
        if hint["state"] not in ENDS:
            yield f"hint {hint['id']} {hint['side']}/{hint['key']} is still {hint['state']} ({hint['reason']})"
        elif not hint["reason"]:
            yield f"hint {hint['id']} ended as {hint['state']} without a reason"
        elif hint["ended_at"] is None:
            yield f"hint {hint['id']} ended as {hint['state']} at no time"


def our_writes_never_overlap(seen: Evidence) -> Sentences:
    """3: no booking of ours that we put onto somebody else's time in Square is left there, unless a person clicked.

    Visits count where their owner has them: what only shows one, was moved by staff and is a question to a person by
    now, is no time of anybody's."""
    for deed in seen.ours():
        if deed.side != "square" or deed.clicked or deed.after is None or not _now_somewhere_else(deed):
            continue
        for other in deed.around:
            asked = other.ours and ("square", other.thing) in seen.excused
            if other.thing != deed.thing and other.standing == STANDS and not asked and _meet(deed.after, other):
                mine, its = seen.square.get(deed.thing), seen.square.get(other.thing)
                if mine and its and mine.standing == its.standing == STANDS and _meet(mine, its):
                    yield f"we put {deed.thing} onto {other.thing} and left it there: {deed}"


def no_call_is_repeated_blindly(seen: Evidence) -> Sentences:
    """4: no mark of ours was ever on two bookings we made or stands on two blocks, and no client was made twice."""
    made = [d for d in seen.ours() if d.side == "square" and d.before is None and d.after and d.after.mark]
    for mark, times in Counter(deed.after.mark for deed in made if deed.after).items():
        if times > 1:
            yield f"{times} bookings were made under the mark {mark}"
    standing = [shown.mark for shown in seen.bookly.values() if shown.ours and shown.mark]
    for mark, times in Counter(standing).items():
        if times > 1:
            yield f"{times} blocks stand under the mark {mark}"
    for phone, times in Counter(phone for phone, by in seen.customers if by == "engine").items():
        if times > 1:
            yield f"the client ...{phone[-4:]} was made {times} times in Square"


def both_sides_are_in_step(seen: Evidence) -> Sentences:
    """5 and 6, at rest: what stands on one side stands on the other, as often, unless a finding names it."""
    yield from out_of_step(seen.now, seen.bookly, seen.square, seen.excused)


def hints_alone_bring_both_sides_in_step(seen: Evidence) -> Sentences:
    """The same, before any poll: no hint was lost by being merged, put back, or carried by a dead worker."""
    if seen.alone is not None:
        yield from (f"before any poll: {said}" for said in out_of_step(seen.now, *seen.alone))


def nobody_is_cancelled_or_moved_by_us_alone(seen: Evidence) -> Sentences:
    """5 and 7: each change of a client's visit by us follows from what a person did, or clicked."""
    for number, deed in enumerate(seen.deeds):
        if deed.by != "engine" or deed.clicked or deed.before is None or _harmless(deed):
            continue
        told = [past for past in seen.deeds[:number] if past.side != deed.side and _told_of_something(past)]
        if not _follows(deed, told, seen):
            yield f"nobody asked for it: {deed}"


def only_what_may_be_written_is_written(seen: Evidence) -> Sentences:
    """Minimal rights in Bookly: no client's line and no row of a person's goes, and only times and words change."""
    for deed in seen.ours():
        if deed.side != "bookly" or deed.before is None:
            continue
        if deed.after is None and not deed.before.ours:
            yield f"taken away from Bookly: {deed}"
        elif deed.after is not None and not deed.before.ours and deed.after.others[2:] != deed.before.others[2:]:
            yield f"more than times and status was written: {deed}"


def our_echo_changes_nothing(seen: Evidence) -> Sentences:
    """6: one more round after all has come to rest writes nothing, and no change leads to a flood."""
    late = [deed for deed in seen.deeds[seen.settled :] if deed.by == "engine"]
    yield from (f"at rest, and yet: {deed}" for deed in late)
    causes = sum(deed.by == "people" for deed in seen.deeds) + seen.troubles + len(seen.requests)
    if len(seen.ours()) > WRITES_A_CHANGE * max(1, causes):
        yield f"{len(seen.ours())} changes of ours after {causes} of others"


def nothing_is_sent_again_without_a_look(seen: Evidence) -> Sentences:
    """8: a call under a new key leaves only after something was read in the same step."""
    known: set[str] = set()
    read: set[int] = set()
    for sent in seen.sent:
        if sent.route not in MUTATING:
            read.add(sent.step)
            continue
        if sent.key not in known and sent.step not in read:
            yield f"{sent.route} left in step {sent.step} before anything was read"
        known.add(sent.key)


def dead_letters_were_tried(seen: Evidence) -> Sentences:
    """A hint is buried only after its tries, or when trying again cannot help."""
    for hint in seen.hints:
        if hint["state"] == "dead" and not hint["permanent"] and hint["attempts"] + 1 < TRIES:
            yield f"hint {hint['id']} was buried after {hint['attempts']} attempts ({hint['reason']})"


def every_click_leaves_an_audit_row(seen: Evidence) -> Sentences:
    """9: who, when, what, for each request that ended."""
    noted = {row["request"]: row for row in seen.audit if row["request"] is not None}
    for request in seen.requests:
        if request["state"] in ("waiting", "working"):
            yield f"request {request['id']} is still {request['state']}"
        elif request["id"] not in noted:
            yield f"request {request['id']} left no audit row"
        elif noted[request["id"]]["who"] != request["asked_by"]:
            yield f"the audit says another name for request {request['id']}"


def nobody_is_named_in_a_log(seen: Evidence) -> Sentences:
    """10: no client's name, phone or mail, and no secret, in anything that was logged."""
    for line in seen.log:
        if any(word in line for word in seen.private):
            yield "a log line names a client or a secret"


def nothing_is_written_while_writing_is_off(seen: Evidence) -> Sentences:
    """11: with WRITES=off, or while paused, nothing outside changes."""
    if seen.writes == "off":
        yield from (f"written with writing off: {deed}" for deed in seen.ours())
    for first, last in seen.silent:
        yield from (f"written while paused: {deed}" for deed in seen.deeds[first:last] if deed.by == "engine")


Invariant = Callable[[Evidence], Sentences]
INVARIANTS: tuple[Invariant, ...] = (
    nothing_acknowledged_is_lost,
    every_hint_ends_once,
    our_writes_never_overlap,
    no_call_is_repeated_blindly,
    both_sides_are_in_step,
    hints_alone_bring_both_sides_in_step,
    nobody_is_cancelled_or_moved_by_us_alone,
    only_what_may_be_written_is_written,
    our_echo_changes_nothing,
    nothing_is_sent_again_without_a_look,
    dead_letters_were_tried,
    every_click_leaves_an_audit_row,
    nobody_is_named_in_a_log,
    nothing_is_written_while_writing_is_off,
)


def broken(seen: Evidence) -> dict[str, list[str]]:
    """Each invariant that does not hold, with what is wrong."""
    found = {invariant.__name__: list(invariant(seen)) for invariant in INVARIANTS}
    return {name: sentences for name, sentences in found.items() if sentences}


def out_of_step(now: datetime, bookly: State, square: State, excused: frozenset[tuple[str, str]]) -> Sentences:
    """Places ahead that are taken more often on one side than on the other, where no finding names one of the units.

    What is over (done, not come) may be shown on the other side or not, and so may a person's own time.
    """
    here, there = _taken("bookly", bookly, now), _taken("square", square, now)
    for place in sorted({*here, *there}):
        one, other = here.get(place, []), there.get(place, [])
        if _surely(one) <= len(other) and _surely(other) <= len(one):
            continue
        if not any(names & excused for names, _ in (*one, *other)):
            yield f"{place} is taken in Bookly by {_said(one)} and in Square by {_said(other)}"


Taking = tuple[frozenset[tuple[str, str]], bool]
"""What a finding may call it, as (side, name), and whether it must be on the other side too."""


def _taken(side: str, state: State, now: datetime) -> dict[Place, list[Taking]]:
    found: dict[Place, list[Taking]] = {}
    for shown in state.values():
        if shown.standing in (STANDS, OVER):
            sure = shown.standing == STANDS and not shown.own_time
            for place in shown.places:
                if place.end > now:
                    names = frozenset({(side, shown.unit), (side, shown.thing)})
                    found.setdefault(place, []).append((names, sure))
    return found


def _surely(takings: list[Taking]) -> int:
    return sum(sure for _, sure in takings)


def _said(takings: list[Taking]) -> str:
    return ", ".join(max(name for _, name in names) for names, _ in takings) or "nobody"


def _now_somewhere_else(deed: Deed) -> bool:
    assert deed.after is not None
    stood = deed.before is not None and deed.before.standing == STANDS
    return deed.after.standing == STANDS and not (stood and deed.before and deed.before.places == deed.after.places)


def _meet(one: Shown, other: Shown) -> bool:
    return any(a.meets(b) for a in one.places for b in other.places)


def _told_of_something(past: Deed) -> bool:
    """A person's deed that was meant. An unpaid booking that vanishes counts as given up by its client."""
    given_up = past.before is not None and past.before.unpaid and past.after is None
    return past.by == "people" and (past.meant or given_up)


def _harmless(deed: Deed) -> bool:
    """A block of ours in Bookly, or nothing that a client would notice."""
    assert deed.before is not None
    if deed.side == "bookly" and deed.before.ours:
        return True
    after = deed.after
    return after is not None and (after.places, after.standing) == (deed.before.places, deed.before.standing)


def _follows(deed: Deed, told: list[Deed], seen: Evidence) -> bool:
    """Whether something that a person did on the other side explains it."""
    before, after = deed.before, deed.after
    assert before is not None
    if after is None or (after.standing == CANCELLED and before.standing != CANCELLED):
        gone = any(_left(past, before) for past in told)
        return gone or (deed.side == "square" and before.ours and _met_somebody(deed, seen))
    return any(_came(past, after) for past in told)


def _left(past: Deed, shown: Shown) -> bool:
    """Whether that deed took a client's visit away from this very time."""
    before, after = past.before, past.after
    if before is None or before.standing != STANDS or (past.side == "bookly" and before.ours):
        return False
    stays = after is not None and after.standing == STANDS and bool(set(after.places) & set(shown.places))
    return bool(set(before.places) & set(shown.places)) and _same(before, shown) and not stays


def _came(past: Deed, shown: Shown) -> bool:
    """Whether that deed brought a client's visit to this very time."""
    after = past.after
    return after is not None and after.standing == STANDS and bool(set(after.places) & set(shown.places)) and _same(
        after, shown
    )  # fmt: skip


def _same(one: Shown, other: Shown) -> bool:
    return not one.who or not other.who or one.who == other.who


def _met_somebody(deed: Deed, seen: Evidence) -> bool:
    """Ours was withdrawn because it met another in the chair; that is counted."""
    assert deed.before is not None
    met = any(o.thing != deed.thing and o.standing == STANDS and _meet(deed.before, o) for o in deed.around)
    return met and bool(seen.counted.get("withdrawn_after_write"))


def as_text(found: dict[str, list[str]]) -> str:
    """For people."""
    return json.dumps(found, indent=1, ensure_ascii=False)
