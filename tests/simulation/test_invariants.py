"""What judges the histories can say no: each invariant on what a wrong engine would leave behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulation import invariants as all_of
from tests.simulation.clock import NOON
from tests.simulation.invariants import INVARIANTS, Ack, Evidence, broken
from tests.simulation.line import Sent
from tests.simulation.raw import CANCELLED, OVER, STANDS, Place, Shown
from tests.simulation.watch import Deed

TOMORROW = NOON + timedelta(days=1)


def at(hour: int, person: int = 1, minutes: int = 30) -> Place:
    start = TOMORROW + timedelta(hours=hour)
    return Place(person, start, start + timedelta(minutes=minutes))


ANNA = Shown("ca:1", "1", (at(0),), STANDS, who="3125550110", others=(2, "", 1, 1))
HERS = Shown("abc", "abc", (at(0),), STANDS, who="3125550110", ours=True, mark="slotkeeper:x:1:0:0")
BEN = Shown("def", "def", (at(3),), STANDS, who="3125550111")
HIS = Shown("row:2", "2", (at(3),), STANDS, ours=True, mark="slotkeeper:x:2:0:0")
BOOKED = Deed("people", "bookly", "ca:1", None, ANNA)
SHOWN = Deed("engine", "square", "abc", None, HERS, around=(BEN,))
BOUGHT = Deed("people", "square", "def", None, BEN)
BLOCKED = Deed("engine", "bookly", "row:2", None, HIS)
DEEDS = [BOUGHT, BOOKED, SHOWN, BLOCKED]
NO_MORE = replace(ANNA, standing=CANCELLED)


def hint(**more: Any) -> dict[str, Any]:
    """One that ended well."""
    ended = {"state": "applied", "reason": "shown", "ended_at": NOON.timestamp(), "attempts": 0, "permanent": 0}
    return {"id": 1, "side": "bookly", "key": "ca:1", **ended, **more}


def evidence(**more: Any) -> Evidence:
    """Anna came by the website, Ben by Square, and each is shown on the other side."""
    good: dict[str, Any] = {
        "now": NOON,
        "deeds": DEEDS,
        "bookly": {"ca:1": ANNA, "row:2": HIS},
        "square": {"abc": HERS, "def": BEN},
        "excused": frozenset(),
        "acks": [Ack("bookly", "ca:1", NOON, 1)],
        "hints": [hint()],
        "requests": [{"id": 1, "state": "done", "asked_by": "Dana"}],
        "audit": [{"request": 1, "who": "Dana"}],
        "sent": [Sent("bookings.list", "", 1), Sent("bookings.create", "k", 1)],
        "log": ["hint=1 side=bookly end=applied"],
        "private": ("Anna Abbott",),
        "settled": len(DEEDS),
    }
    return Evidence(**{**good, **more})


def deeds(*more: Deed, **others: Any) -> Evidence:
    """The same with these deeds after it."""
    all_deeds = [*DEEDS, *more]
    return evidence(**{"deeds": all_deeds, "settled": len(all_deeds), **others})


MOVED_THERE = Deed("engine", "square", "def", BEN, replace(BEN, places=(at(5),)))
ON_TOP = replace(HERS, places=(at(3),))
WRONG: list[tuple[Callable[..., object], Evidence]] = [
    (all_of.nothing_acknowledged_is_lost, evidence(acks=[Ack("bookly", "ca:1", NOON, 0)])),
    (all_of.nothing_acknowledged_is_lost, evidence(acks=[Ack("bookly", "ca:1", NOON, 7)])),
    (all_of.nothing_acknowledged_is_lost, evidence(acks=[Ack("bookly", "ca:1", NOON + timedelta(minutes=1), 1)])),
    (all_of.every_hint_ends_once, evidence(hints=[hint(state="working", ended_at=None)])),
    (all_of.every_hint_ends_once, evidence(hints=[hint(reason="")])),
    (
        all_of.our_writes_never_overlap,
        deeds(Deed("engine", "square", "abc", HERS, ON_TOP, around=(BEN,)), square={"abc": ON_TOP, "def": BEN}),
    ),
    (
        all_of.no_call_is_repeated_blindly,
        deeds(Deed("engine", "square", "ghi", None, replace(HERS, thing="ghi", unit="ghi"))),
    ),
    (
        all_of.no_call_is_repeated_blindly,
        evidence(bookly={"ca:1": ANNA, "row:2": HIS, "row:3": replace(HIS, thing="row:3", unit="3")}),
    ),
    (all_of.no_call_is_repeated_blindly, evidence(customers=[("3125550110", "engine")] * 2)),
    (all_of.both_sides_are_in_step, evidence(square={"def": BEN})),
    (all_of.both_sides_are_in_step, evidence(bookly={"ca:1": NO_MORE, "row:2": HIS})),
    (
        all_of.hints_alone_bring_both_sides_in_step,
        evidence(alone=({"ca:1": ANNA}, {}, frozenset())),
    ),
    (
        all_of.nobody_is_cancelled_or_moved_by_us_alone,
        deeds(Deed("engine", "square", "def", BEN, replace(BEN, standing=CANCELLED))),
    ),
    (all_of.nobody_is_cancelled_or_moved_by_us_alone, deeds(MOVED_THERE)),
    (
        all_of.nobody_is_cancelled_or_moved_by_us_alone,  # a backup was restored: nobody meant it
        deeds(
            Deed("people", "bookly", "ca:1", ANNA, None, meant=False),
            Deed("engine", "square", "abc", HERS, replace(HERS, standing=CANCELLED)),
        ),
    ),
    (
        all_of.nobody_is_cancelled_or_moved_by_us_alone,  # a block was dragged, and its client was moved
        deeds(Deed("people", "bookly", "row:2", HIS, replace(HIS, places=(at(5),)), meant=False), MOVED_THERE),
    ),
    (
        all_of.nobody_is_cancelled_or_moved_by_us_alone,  # she was served, and her booking is cancelled
        deeds(
            Deed("people", "bookly", "ca:1", ANNA, replace(ANNA, standing=OVER)),
            Deed("engine", "bookly", "ca:1", ANNA, NO_MORE),
        ),
    ),
    (all_of.only_what_may_be_written_is_written, deeds(Deed("engine", "bookly", "ca:1", ANNA, None))),
    (
        all_of.only_what_may_be_written_is_written,
        deeds(Deed("engine", "bookly", "ca:1", ANNA, replace(ANNA, others=(2, "", 1, 9)))),
    ),
    (all_of.our_echo_changes_nothing, evidence(settled=3)),
    (all_of.our_echo_changes_nothing, deeds(*[Deed("engine", "square", "abc", HERS, HERS)] * 20)),
    (all_of.nothing_is_sent_again_without_a_look, evidence(sent=[Sent("bookings.create", "k", 1)])),
    (all_of.dead_letters_were_tried, evidence(hints=[hint(state="dead", attempts=1)])),
    (all_of.every_click_leaves_an_audit_row, evidence(audit=[])),
    (all_of.every_click_leaves_an_audit_row, evidence(audit=[{"request": 1, "who": "Ines"}])),
    (all_of.nobody_is_named_in_a_log, evidence(log=["could not book Anna Abbott"])),
    (all_of.nothing_is_written_while_writing_is_off, evidence(writes="off")),
    (all_of.nothing_is_written_while_writing_is_off, evidence(silent=[(1, 4)])),
]


def test_what_a_good_engine_leaves_is_good() -> None:
    assert broken(evidence()) == {}


@pytest.mark.parametrize(("invariant", "seen"), WRONG)
def test_what_a_wrong_engine_leaves_is_found(invariant: Callable[[Evidence], object], seen: Evidence) -> None:
    assert invariant.__name__ in broken(seen)


def test_each_invariant_is_seen_to_fail() -> None:
    assert {invariant for invariant, _ in WRONG} == set(INVARIANTS)


GOOD = [
    # what a person did on one side, carried to the other
    deeds(
        Deed("people", "bookly", "ca:1", ANNA, NO_MORE),
        Deed("engine", "square", "abc", HERS, replace(HERS, standing=CANCELLED)),
        bookly={"ca:1": NO_MORE, "row:2": HIS},
        square={"def": BEN},
    ),
    # a finding excuses what is on one side only
    evidence(square={"def": BEN}, excused=frozenset({("bookly", "1")})),
    # served clients may be shown or not
    evidence(bookly={"ca:1": replace(ANNA, standing=OVER), "row:2": HIS}, square={"def": BEN}),
    # a person clicked
    deeds(replace(MOVED_THERE, clicked=True), square={"abc": HERS, "def": BEN}),
    # put onto somebody, seen, and withdrawn
    deeds(
        Deed("engine", "square", "ghi", None, replace(ON_TOP, thing="ghi", mark="m"), around=(BEN,)),
        Deed(
            "engine", "square", "ghi", replace(ON_TOP, thing="ghi"), replace(ON_TOP, standing=CANCELLED), around=(BEN,)
        ),
        counted={"withdrawn_after_write": 1},
    ),
]


@pytest.mark.parametrize("seen", GOOD)
def test_what_is_right_is_not_found_wrong(seen: Evidence) -> None:
    assert broken(seen) == {}
