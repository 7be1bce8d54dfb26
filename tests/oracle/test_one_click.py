"""What a click did, judged on calendars small enough to judge by eye."""

from __future__ import annotations

import pytest

from sync.model import Choice, ChoiceKind, Finding, Kind, Ref, Side
from tests.oracle.judge import judged
from tests.oracle.one_click import Asked, misdone
from tests.oracle.raw import Calendars, Taken
from tests.oracle.test_judge import ANNA, BEN, MAILS, TEN, taken

HERE, THERE = taken("bookly", "7", named="Anna Rao"), taken("square", "A", named="Anna Rao", marked=True)
OTHER = taken("bookly", "8", at=30, who=BEN, named="Ben Ito")
BEFORE = (HERE, THERE, OTHER)
AFTERNOON = (taken("bookly", "7", at=180, named="Anna Rao"), taken("square", "A", at=180, named="Anna Rao"))
CANCEL = Choice(ChoiceKind.CANCEL, ref=Ref(Side.BOOKLY, "ca:70"))
MOVE = Choice(ChoiceKind.OTHER_TIME, ref=Ref(Side.BOOKLY, "ca:70"), start=AFTERNOON[0].start)


def said(choice: Choice, after: tuple[Taken, ...], before: tuple[Taken, ...] = BEFORE) -> list[str]:
    visits = [
        {"side": "bookly", "unit": "7", "ref": "bookly/ca:70", "clients": ["Anna Rao"]},
        {"side": "bookly", "unit": "8", "ref": "bookly/ca:80", "clients": ["Ben Ito"]},
    ]
    found = Finding("k", Kind.DOUBLE_BOOKING, "", "", TEN, TEN, (), "", {"visits": visits})
    stood = Calendars(before, MAILS)
    return [line.partition(": ")[2] for line in misdone(Asked(choice, found, judged(stood).twins), stood,
                                                        Calendars(after, MAILS))]  # fmt: skip


@pytest.mark.parametrize(("choice", "after"), [(CANCEL, (OTHER,)), (MOVE, (*AFTERNOON, OTHER))])
def test_the_client_who_is_named_is_gone_from_there_on_both_sides_and_nobody_else(
    choice: Choice, after: tuple[Taken, ...]
) -> None:
    assert said(choice, after) == []


@pytest.mark.parametrize("choice", [CANCEL, MOVE])
def test_the_other_calendar_left_as_it_was_is_told(choice: Choice) -> None:
    assert said(choice, (THERE, OTHER)) == ["square A"]


@pytest.mark.parametrize("choice", [CANCEL, MOVE])
def test_another_clients_visit_taken_instead_is_told(choice: Choice) -> None:
    assert said(choice, (HERE, THERE)) == ["bookly 7", "square A", "bookly 8"]


def test_of_two_on_one_row_only_the_one_who_is_named_goes() -> None:
    both = (HERE, taken("bookly", "7", who=BEN, named="Ben Ito"))
    assert said(CANCEL, both[1:], both) == []
    assert said(CANCEL, both[:1], both) == ["bookly 7", "bookly 7"]


def test_a_block_that_bears_her_name_goes_with_her_visit() -> None:
    block = taken("square", "A", who=frozenset(), named="Bookly · Anna Rao · Blowout", marked=True)
    assert said(CANCEL, (), (HERE, block)) == []
    assert said(CANCEL, (block,), (HERE, block)) == ["square A"]


def test_of_a_difference_the_side_that_is_right_stays_as_it_is() -> None:
    right = Choice(ChoiceKind.TAKE_SIDE, ref=CANCEL.ref, side=Side.BOOKLY)
    assert said(right, (HERE, AFTERNOON[1], OTHER)) == []
    assert said(right, (AFTERNOON[0], THERE, OTHER)) == ["bookly 7"]


@pytest.mark.parametrize("kind", [ChoiceKind.LEAVE, ChoiceKind.LINK, ChoiceKind.SEND_ACROSS, ChoiceKind.SHOW_BOTH])
def test_what_only_adds_or_leaves_takes_nothing_away(kind: ChoiceKind) -> None:
    more = taken("square", "B", at=30, who=BEN | ANNA)
    assert said(Choice(kind), (*BEFORE, more)) == []
    assert said(Choice(kind), (HERE, THERE, more)) == ["bookly 8"]
