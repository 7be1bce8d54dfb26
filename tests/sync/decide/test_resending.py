"""What a resend would do, and how long a letter lies before the machine sends it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.decide.resending import NOTHING_KNOWN, Now, Verdict, lies_for, verdict
from sync.model import End

WOULD_WRITE = Now(End.APPLIED, steps=("Square gets Anna at 10:00",))


@pytest.mark.parametrize("permanent", [True, False])
@pytest.mark.parametrize("end", [End.ALREADY_TRUE, End.SUPERSEDED])
def test_what_both_sides_show_needs_nothing(permanent: bool, end: End) -> None:
    assert verdict(permanent, Now(end, newer_there=True)) is Verdict.ALREADY_TRUE


def test_what_would_be_written_is_still_needed() -> None:
    assert verdict(False, WOULD_WRITE) is Verdict.STILL_NEEDED


def test_a_question_for_a_person_is_still_needed() -> None:
    assert verdict(False, Now(End.CONFLICT)) is Verdict.STILL_NEEDED


@pytest.mark.parametrize("permanent", [True, False])
def test_something_newer_is_told_before_anything_else(permanent: bool) -> None:
    now = Now(End.APPLIED, newer_there=True, mended=True)
    assert verdict(permanent, now) is Verdict.WOULD_OVERWRITE


def test_what_can_never_help_cannot_until_it_is_mended() -> None:
    assert verdict(True, WOULD_WRITE) is Verdict.CANNOT_HELP
    assert verdict(True, Now(End.APPLIED, mended=True)) is Verdict.STILL_NEEDED
    assert verdict(False, Now(End.DEAD)) is Verdict.CANNOT_HELP


def test_a_side_that_cannot_be_read_leaves_it_open_unless_a_later_hint_ended_well() -> None:
    assert verdict(False, NOTHING_KNOWN) is Verdict.CANNOT_SAY
    assert verdict(True, NOTHING_KNOWN) is Verdict.CANNOT_SAY
    assert verdict(False, Now(succeeded_since=True)) is Verdict.ALREADY_TRUE


def test_a_later_success_does_not_hide_that_the_sides_differ_now() -> None:
    assert verdict(False, Now(End.APPLIED, succeeded_since=True)) is Verdict.STILL_NEEDED


def test_a_letter_that_dies_again_and_again_lies_longer() -> None:
    lying = [lies_for(times) for times in range(6)]
    assert lying[0] == timedelta(0)
    assert lying == sorted(lying) and lying[1] < lying[2] < lying[3] == lying[5]
