"""What of a short look is news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sync.decide.noticing import all_at_once, news, remembered, stirred
from sync.model import Appointment, Polled, Ref, Side, Window
from tests.sync.store.made import NOON, square, visit

ANNA, BEN = Ref(Side.BOOKLY, "ca:1"), Ref(Side.BOOKLY, "ca:2")
ROW = Ref(Side.BOOKLY, "row:9")
LISA = square("S1")


def look(stamps: Mapping[Ref, str], **more: object) -> Polled:
    window = Window(NOON, NOON + timedelta(days=14))
    return replace(Polled(Side.BOOKLY, NOON, window, stamps, lambda _refs: {}), **more)  # type: ignore[arg-type]


def test_what_shows_something_else_than_last_time_has_stirred() -> None:
    polled = look({ANNA: "a", BEN: "c"}, elsewhere={ROW: "r"})
    assert stirred(polled, {ANNA: "a", BEN: "b", ROW: "r"}) == {BEN}
    assert stirred(polled, {}) == stirred(polled, None) == {ANNA, BEN, ROW}


def test_a_row_that_somebody_may_still_be_writing_is_news_from_the_second_look_on() -> None:
    polled = look({ROW: "r"}, half=frozenset({ROW}))
    first = remembered(polled, {})
    assert stirred(polled, {}) == frozenset()
    assert stirred(polled, first) == {ROW}
    second = remembered(polled, first)
    assert stirred(polled, second) == frozenset() and second == {ROW: "r"}
    other = look({ROW: "x"}, half=frozenset({ROW}))
    assert stirred(other, second) == frozenset() and stirred(other, remembered(other, second)) == {ROW}


def test_what_is_known_as_it_is_shown_is_no_news() -> None:
    polled, shown = look({ANNA: "a"}), visit(ANNA)
    assert news(polled, {ANNA}, {ANNA: shown}, {ANNA: shown}) == ()
    for other in (visit(ANNA, start=30), replace(shown, status="pending")):
        assert [one.ref for one in news(polled, {ANNA}, {ANNA: shown}, {ANNA: other})] == [ANNA]
    assert [one.ref for one in news(polled, {ANNA}, {}, {ANNA: shown})] == [ANNA]


def test_another_name_of_a_service_is_no_news() -> None:
    shown = visit(ANNA)
    part = replace(shown.parts[0], service="7", service_name="Cut")
    known = replace(shown, parts=(part,))
    renamed = replace(shown, parts=(replace(part, service_name="Short cut"),))
    nameless = replace(shown, parts=(replace(part, service=None),))
    other = replace(shown, parts=(replace(part, service=None, service_name="Trial"),))
    assert news(look({ANNA: "a"}), {ANNA}, {ANNA: known}, {ANNA: renamed}) == ()
    assert news(look({ANNA: "a"}), {ANNA}, {ANNA: nameless}, {ANNA: other})


def test_what_cannot_be_understood_is_left_to_the_whole_read() -> None:
    assert news(look({ANNA: "a"}), {ANNA}, {}, {}) == ()


def test_what_is_gone_is_news_while_it_is_known() -> None:
    polled = look({}, gone=frozenset({ANNA, BEN}))
    assert [one.ref for one in news(polled, set(), {BEN: visit(BEN)}, {})] == [BEN]


def test_a_version_is_news_until_it_or_a_later_one_is_known() -> None:
    polled = look({LISA: "3"}, versions={LISA: 3}, changed_at={LISA: NOON})
    known: dict[int, Appointment] = {n: visit(LISA, version=n) for n in (2, 3, 4)}
    (told,) = news(polled, {LISA}, {LISA: known[2]}, {})
    assert (told.ref, told.version, told.changed_at) == (LISA, 3, NOON)
    assert news(polled, {LISA}, {LISA: known[3]}, {}) == news(polled, {LISA}, {LISA: known[4]}, {}) == ()
    assert news(polled, {LISA}, {LISA: visit(LISA, version=None)}, {})


def test_what_is_held_back_is_told_apart() -> None:
    found = news(look({ANNA: "a", BEN: "b"}), {ANNA, BEN}, {}, {ANNA: visit(ANNA), BEN: visit(BEN)})
    on, back = all_at_once(found, {BEN})
    assert ([one.ref for one in on], [one.ref for one in back]) == ([ANNA], [BEN])
