"""A calendar that is suddenly small: what it lacks is kept back, what it adds counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from sync.decide.guards import absences_to_withhold, shrink
from sync.model import Appointment, Ref, Side, Standing, Window
from tests.sync.decide.views import NOW, WINDOW, at, square


def visits(count: int) -> dict[Ref, Appointment]:
    return by_ref(square(f"S{n}", at(8) + timedelta(hours=n)) for n in range(count))


def by_ref(appointments: Iterable[Appointment]) -> dict[Ref, Appointment]:
    return {a.ref: a for a in appointments}


def without(known: dict[Ref, Appointment], count: int) -> dict[Ref, Appointment]:
    return dict(list(known.items())[count:])


@pytest.mark.parametrize(("known", "gone", "small"), [(20, 5, False), (20, 6, True), (100, 10, False), (100, 11, True)])
def test_more_than_five_and_more_than_a_tenth_gone_is_small(known: int, gone: int, small: bool) -> None:
    before = visits(known)
    found = shrink(before, without(before, gone), WINDOW, NOW)
    assert (found.ahead, len(found.gone), found.small) == (known, gone, small)
    assert set(found.withheld) == (set(list(before)[:gone]) if small else set())


def test_moves_count_as_absences_do() -> None:
    before = visits(20)
    after = by_ref(
        replace(a, parts=(replace(a.parts[0], span=a.parts[0].span.moved(a.start + timedelta(hours=1))),))
        for a in before.values()
    )
    found = shrink(before, after, WINDOW, NOW)
    assert found.gone == () and len(found.moved) == 20 and set(found.withheld) == set(before)


def test_a_first_pull_is_never_small() -> None:
    assert not shrink({}, visits(3), WINDOW, NOW).small
    assert not shrink({}, {}, WINDOW, NOW).small


def test_an_empty_calendar_after_a_full_one_is_small() -> None:
    before = visits(8)
    assert set(shrink(before, {}, WINDOW, NOW).withheld) == set(before)


def test_what_was_over_or_outside_the_window_does_not_count() -> None:
    past = by_ref(square(f"P{n}", NOW - timedelta(hours=n + 1)) for n in range(50))
    assert shrink(past, {}, WINDOW, NOW).ahead == 0
    assert shrink(visits(50), {}, Window(NOW - timedelta(days=9), at(8) + timedelta(hours=3)), NOW).ahead == 3


def test_a_visit_that_its_side_cancelled_is_neither_gone_nor_moved() -> None:
    before = visits(20)
    after = by_ref(replace(a, standing=Standing.CANCELLED) for a in before.values())
    assert shrink(before, after, WINDOW, NOW).withheld == ()


def test_what_was_cancelled_already_is_not_missed() -> None:
    before = by_ref(replace(a, standing=Standing.CANCELLED) for a in visits(20).values())
    assert shrink(before, {}, WINDOW, NOW).ahead == 0


def test_new_bookings_are_never_withheld_and_do_not_make_up_for_what_is_gone() -> None:
    before = visits(20)
    after = {**without(before, 6), **by_ref(square(f"N{n}", at(9)) for n in range(30))}
    assert set(shrink(before, after, WINDOW, NOW).withheld) == set(list(before)[:6])


def test_a_slow_leak_is_one_too() -> None:
    """On the fast road they go one by one: what went in the last quarter of an hour counts with them."""
    before = visits(20)
    lately = frozenset(Ref(Side.SQUARE, f"gone{n}") for n in range(5))
    assert not shrink(before, without(before, 1), WINDOW, NOW).small
    assert len(shrink(before, without(before, 1), WINDOW, NOW, lately).withheld) == 1


def test_only_the_absences_and_moves_are_asked_for() -> None:
    before = visits(8)
    assert absences_to_withhold(before, without(before, 6), WINDOW, NOW) == frozenset(list(before)[:6])
