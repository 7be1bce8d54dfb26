"""Dead letters in words: every verdict and every word has its sentence, and none of our own words is in it."""

from __future__ import annotations

import pytest

from sync.decide.resending import Verdict
from sync.decide.retry import WORKER_DIED
from sync.model import Fault, Side
from sync.wording.dead_letters import (
    BECOMES_A_QUESTION,
    CAUSES,
    RESENT,
    VERDICTS,
    cause,
    judged,
    looked_at,
    many_resent,
    only_the_soonest,
    plan_of_many,
    redriven,
    resent,
    send_all,
    would_do,
)
from tests.sync.wording.test_plain_words import complaints


def test_every_kind_of_failure_has_its_sentence() -> None:
    assert {*Fault, WORKER_DIED} <= {*CAUSES}
    assert {*VERDICTS} == {*Verdict}


def test_the_calendar_that_failed_is_named_where_it_is_known() -> None:
    assert cause("no_answer", Side.SQUARE) == "Square was asked and gave no answer."
    assert cause("no_answer") == "A calendar was asked and gave no answer."


def test_a_word_without_a_sentence_gives_what_was_said_then() -> None:
    assert cause("odd", Side.SQUARE, "The row has no end.") == "The row has no end."
    assert cause("odd") == "It could not be carried, and nothing more is known."


def test_what_would_be_written_is_told_where_it_would_be() -> None:
    steps = ["In Square: Anna comes at 10:00."]
    assert would_do(Verdict.STILL_NEEDED, steps) == f"{VERDICTS['still_needed']} In Square: Anna comes at 10:00."
    assert would_do(Verdict.STILL_NEEDED) == VERDICTS["still_needed"]
    assert would_do(Verdict.ALREADY_TRUE, steps) == VERDICTS["already_true"]


def test_a_plan_of_many_counts() -> None:
    assert plan_of_many([]) == "No letter matches: nothing would be sent."
    verdicts = [Verdict.STILL_NEEDED] * 9 + [Verdict.ALREADY_TRUE] * 2 + [Verdict.WOULD_OVERWRITE]
    assert plan_of_many(verdicts) == (
        "Of 12 letters 9 are still needed, 2 are true already and 1 meets something newer."
    )


def test_the_button_for_all_says_when_it_sends_only_the_soonest() -> None:
    assert send_all(4, 500, narrowed=False) == "Send all 4 again"
    assert send_all(500, 500, narrowed=True) == "Send all 500 that match again"
    assert send_all(812, 500, narrowed=True) == "Send the 500 soonest of 812 that match again"


def test_each_of_many_is_judged_in_a_few_words() -> None:
    assert judged(Verdict.STILL_NEEDED, [Side.BOOKLY]) == "is still needed: it would write to Bookly"
    assert judged(Verdict.STILL_NEEDED) == "is still needed: nothing is written at once"
    assert judged(Verdict.ALREADY_TRUE) == "is true already"
    assert {judged(verdict) for verdict in Verdict} >= {"meets something newer", "would fail again"}


def test_who_was_first_is_named() -> None:
    assert resent("on_its_way", "Ida") == "It is on its way already, asked for by Ida."
    assert resent("on_its_way") == "It is on its way already."


@pytest.mark.parametrize(("sent", "there", "said"), [
    (0, 0, "No letter matches: nothing was sent."),
    (1, 0, "1 letter is on the way again."),
    (2, 1, "2 letters are on the way again. 1 letter was on the way already."),
    (0, 2, "None is new. 2 letters were on the way already."),
])  # fmt: skip
def test_what_came_of_many(sent: int, there: int, said: str) -> None:
    assert many_resent(sent, there) == said


def test_no_sentence_holds_a_word_of_ours() -> None:
    said = [cause(word, side) for word in CAUSES for side in (None, *Side)]
    said += [would_do(verdict, [BECOMES_A_QUESTION]) for verdict in Verdict]
    said += [resent(word, "Ida") for word in RESENT]
    said += [plan_of_many(list(Verdict)), *(redriven(sent, well) for sent in (0, 1, 2) for well in (True, False))]
    said += [only_the_soonest(500, 812), looked_at(1, 1), looked_at(20, 812), send_all(9, 5, narrowed=True) + "."]
    assert {one: complaints(one) for one in said if complaints(one)} == {}
    assert all(one[0].isupper() or one[0].isdigit() for one in said) and all(one.endswith(".") for one in said)
