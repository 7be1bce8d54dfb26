"""The comparison in columns against the plainest way to compare, and a part of a salon against the whole of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.decide import diff
from sync.decide.diff import (
    CLIENT,
    KINDS,
    PROJECTION,
    SERVICE,
    SETTLED,
    STAFF,
    STANDING,
    STANDS,
    TIME,
    UNLINKED,
    Rows,
    differences,
    found,
    state_of,
)
from sync.decide.findings import find
from sync.model import Appointment, Client, Pair, Ref, Standing
from tests.sync.decide.views import BEN, at, block, bookly, pair, square, view

BASE = 1_790_000_000


class Line(NamedTuple):
    staff: int
    start: int
    length: int
    after: int
    visit: int
    stands: bool
    projection: bool
    settled: bool
    service: int
    client: int


def rows(lines: list[Line], first_unit: int = 0) -> Rows:
    states = [
        state_of(stands=x.stands, projection=x.projection, settled=x.settled, service=x.service, client=x.client)
        for x in lines
    ]
    columns = [
        [x.staff for x in lines],
        [first_unit + number for number in range(len(lines))],
        [BASE + x.start for x in lines],
        [BASE + x.start + x.length for x in lines],
        [BASE + x.start for x in lines],
        [BASE + x.start + x.length + x.after for x in lines],
        [x.visit for x in lines],
        states,
    ]
    return Rows(*(np.array(column, np.int64) for column in columns))


def oracle(bookly: list[Line], square: list[Line], now: int) -> Counter[str]:
    """How much of each kind there is, by looking at everything."""
    count: Counter[str] = Counter()
    for kind, mine in (("missing_in_square", bookly), ("missing_in_bookly", square)):
        count[kind] += sum(x.visit == UNLINKED and ahead(x, now) and holds(x) for x in mine)
    for mine, theirs in ((bookly, square), (square, bookly)):
        numbers = {x.visit for x in theirs}
        count["drift"] += sum(
            x.visit != UNLINKED and x.visit not in numbers and x.stands and ahead(x, now) for x in mine
        )
    count["drift"] += sum(bool(differ(x, y)) for x in bookly for y in square if x.visit == y.visit != UNLINKED)
    held = [x for x in (*bookly, *square) if holds(x)]
    for number, x in enumerate(held):
        for y in held[:number]:
            if x.staff == y.staff and meet(x, y, 0, 0):
                count["double_booking"] += 1
            elif x.staff == y.staff and meet(x, y, x.after, y.after):
                count["padding_clash"] += 1
    return count


def ahead(x: Line, now: int) -> bool:
    return x.start + x.length > now


def holds(x: Line) -> bool:
    return x.stands and not x.projection and not x.settled


def meet(x: Line, y: Line, more: int, yet_more: int) -> bool:
    return x.start < y.start + y.length + yet_more and y.start < x.start + x.length + more


def differ(here: Line, there: Line) -> int:
    end = there.start + there.length + (there.after if here.projection else 0)
    return (
        TIME * ((here.start, here.start + here.length) != (there.start, end))
        | STAFF * (here.staff != there.staff)
        | STANDING * (here.stands != there.stands)
        | SERVICE * (here.service != there.service and bool(here.service and there.service))
        | CLIENT * (here.client != there.client and bool(here.client and there.client))
    )


def lines(visits: st.SearchStrategy[int]) -> st.SearchStrategy[list[Line]]:
    one = st.builds(
        Line,
        staff=st.integers(0, 1),
        start=st.integers(0, 20),
        length=st.integers(1, 6),
        after=st.integers(0, 2),
        visit=visits,
        stands=st.booleans(),
        projection=st.booleans(),
        settled=st.booleans(),
        service=st.integers(0, 2),
        client=st.integers(0, 2),
    )
    linked_once = st.lists(one, max_size=12, unique_by=lambda x: x.visit)
    lonely = st.lists(one.map(lambda x: x._replace(visit=UNLINKED)), max_size=8)
    return st.tuples(linked_once, lonely).map(lambda both: [*both[0], *both[1]])


NEAR, FAR = st.integers(0, 9), st.integers(0, 9).map(lambda n: n * 10**12)


@pytest.mark.parametrize("visits", [NEAR, FAR], ids=["numbers by table", "numbers by search"])
def test_it_finds_exactly_what_looking_at_everything_finds(visits: st.SearchStrategy[int]) -> None:
    @given(here=lines(visits), there=lines(visits), now=st.integers(0, 25), chunk=st.integers(1, 5))
    @settings(max_examples=150, deadline=None)
    def exactly(here: list[Line], there: list[Line], now: int, chunk: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(diff, "CHUNK", chunk)
            records = found(rows(here), rows(there, len(here)), BASE + now)
        assert Counter(KINDS[kind] for kind in records["kind"].tolist()) == +oracle(here, there, now)

    exactly()


@given(here=lines(NEAR), there=lines(NEAR))
@settings(max_examples=150, deadline=None)
def test_it_says_what_differs_between_the_two_ends_of_a_visit(here: list[Line], there: list[Line]) -> None:
    told = differences(rows(here), rows(there), BASE)
    said = {(x, y): by for (x, y), by in zip(map(tuple, told.partners.tolist()), told.by.tolist(), strict=True)}
    assert said == {
        (x, y): differ(here[x], there[y])
        for x in range(len(here))
        for y in range(len(there))
        if here[x].visit == there[y].visit != UNLINKED and differ(here[x], there[y])
    }


def test_a_record_names_its_rows_staff_and_times() -> None:
    one = Line(3, 0, 60, 0, UNLINKED, True, False, False, 0, 0)
    other = one._replace(start=40)
    (record,) = found(rows([one]), rows([other], 1), BASE + 1000)
    assert record.tolist() == (0, 0, 3, 0, 1, BASE + 40, BASE + 60)


def test_the_bits_of_a_state_do_not_run_into_each_other() -> None:
    most = state_of(stands=True, projection=True, settled=True, service=(1 << 24) - 1, client=(1 << 31) - 1)
    assert most == (1 << 63) - 1 - 0xF8 and most & (STANDS | PROJECTION | SETTLED) == 7
    assert {field.name for field in fields(Rows)} == {
        "staff", "unit", "start", "end", "busy_start", "busy_end", "visit", "state",
    }  # fmt: skip


# --- a part instead of the whole ----------------------------------------------------------------------------------


class Salon(NamedTuple):
    appointments: list[Appointment]
    pairs: list[Pair]


@st.composite
def salons(draw: st.DrawFn) -> Salon:
    """Anything that can stand in two calendars on one day, linked or not, in step or not."""
    made = Salon([], [])
    for number in range(draw(st.integers(1, 8))):
        start = at(8) + draw(st.integers(0, 40)) * (at(0, 15) - at(0))
        client = draw(st.sampled_from([BEN, Client("13", "Cleo Dahl"), Client("14", "", "+13125550144")]))
        staff = draw(st.sampled_from("12"))
        here = bookly(str(number), start, client=client, staff=staff, after=draw(st.sampled_from([0, 15])))
        late = draw(st.sampled_from([0, 0, 5, 30])) * (at(0, 1) - at(0))
        there = square(f"S{number}", start + late, client=replace(client, key=f"C{client.key}"), staff=f"TM{staff}")
        kind = draw(st.sampled_from(["here", "there", "typed", "linked", "block", "cancelled", "stray"]))
        _add(made, kind, here, there)
    return made


def _add(made: Salon, kind: str, here: Appointment, there: Appointment) -> None:
    if kind == "cancelled":
        there = replace(there, standing=Standing.CANCELLED)
    if kind == "stray":
        there = replace(there, mark="slotkeeper:abc:1:0")
    if kind == "block":
        shown = block(here.units[0], here.start, staff=here.parts[0].span.staff)
        made.appointments.extend((shown, there))
        made.pairs.append(pair(there, shown, agreed=()))
        return
    made.appointments.extend({"here": (here,), "there": (there,), "stray": (there,)}.get(kind, (here, there)))
    if kind in ("linked", "cancelled"):
        made.pairs.append(pair(here, there, agreed=()))


def connected(salon: Salon, ref: Ref) -> set[Ref]:
    """Everything that hangs together with one appointment, by busy times and by pairs."""
    partners = {p.ref: {q.ref for q in one.partners} for one in salon.pairs for p in one.partners}
    found, front = set(), {ref}
    while front:
        found |= front
        near = [a for a in salon.appointments if a.ref in front]
        front = {b.ref for a in near for b in salon.appointments if meets(a, b)}
        front |= {other for a in near for other in partners.get(a.ref, ())}
        front -= found
    return found


def meets(a: Appointment, b: Appointment) -> bool:
    one, other = a.parts[0].span, b.parts[0].span
    same = one.staff.removeprefix("TM") == other.staff.removeprefix("TM")
    return same and one.busy_start < other.busy_end and other.busy_start < one.busy_end


@given(salon=salons())
@settings(max_examples=150, deadline=None)
def test_a_look_at_what_hangs_together_finds_the_same_as_a_look_at_everything(salon: Salon) -> None:
    whole = find(view(*salon.appointments, pairs=tuple(salon.pairs)))
    first = salon.appointments[0]
    scope = frozenset({(first.ref.side, first.units[0])})
    refs = connected(salon, first.ref)
    part = find(
        view(
            *(a for a in salon.appointments if a.ref in refs),
            pairs=tuple(p for p in salon.pairs if any(partner.ref in refs for partner in p.partners)),
        ),
        scope,
    )
    assert part == tuple(f for f in whole if any((c.side, c.unit) in scope for c in f.concerned))


@given(salon=salons(), seed=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_reading_changes_nothing_and_no_key_comes_twice(salon: Salon, seed: object) -> None:
    found_first = find(view(*salon.appointments, pairs=tuple(salon.pairs)))
    shuffled, pairs = list(salon.appointments), list(salon.pairs)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    seed.shuffle(pairs)  # type: ignore[attr-defined]
    assert find(view(*shuffled, pairs=tuple(pairs))) == found_first
    assert len({f.key for f in found_first}) == len(found_first)
