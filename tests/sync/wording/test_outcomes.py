import re
from dataclasses import replace
from pathlib import Path

import pytest

from sync.decide.plan import plan
from sync.model import Choice, ChoiceKind, DoneStep, Kind, Outcome
from sync.wording import not_told, not_told_words, refused, result, scene_of
from sync.wording.outcomes import _NOT_SENT, REFUSED, not_sent
from tests.dashboard.small_store import busy_day
from tests.sync.wording.people import at

SHOP = busy_day()
BOARD = SHOP.board()
SCENE = scene_of(BOARD)
ANNA = next(a for a in SHOP.appointments if a.clients[0].name == "Anna Barros")
PLAN = plan(Choice(ChoiceKind.SHOW_BOTH), SHOP.findings[0], BOARD)
MOVE = plan(Choice(ChoiceKind.OTHER_STYLIST, ref=ANNA.ref, person="bookly:3"), SHOP.findings[0], BOARD)


def _done() -> Outcome:
    return Outcome("done", done=tuple(DoneStep(s, s.ref, s.after) for s in MOVE.steps), tell=MOVE.tell)


def test_done_says_what_was_done_in_each_calendar_and_who_may_hear_of_it() -> None:
    moved = "In Bookly: Anna Barros, Women's Haircut, goes from Maria Lindqvist to Priya Raman, today 14:00 as before."
    placed = "In Square: A booking is made for Anna Barros: Priya Raman, today 14:00 to 14:45."
    said = result(_done(), SCENE)
    assert said.startswith(f"Done. {moved} {placed} Bookly sends nothing to anybody")
    assert said.endswith("Square may write to Anna Barros: not known.")


def test_a_calendar_that_was_not_touched_is_named_too() -> None:
    one = MOVE.steps[0]
    said = result(Outcome("done", done=(DoneStep(one, one.ref, one.after),)), SCENE)
    assert "In Square nothing changes." in said and "may write" not in said


def test_after_it_the_call_is_offered() -> None:
    clients = not_told(_done())
    assert [client.name for client in clients] == ["Anna Barros"]
    assert clients[0].phone.startswith("+1312555")
    assert not_told_words(clients) == "Anna Barros has not been told."
    assert not_told_words([]) == ""


def test_who_was_first_is_named_with_the_hour() -> None:
    first = Outcome("refused", word="settled_already", by="Dana", by_at=at("10:42").timestamp())
    assert result(first, SCENE) == "Dana settled this at 10:42."
    before = at("10:42", -1).timestamp()
    assert refused("settled_already", "Dana", before, SCENE) == "Dana settled this yesterday 10:42."


def test_half_done_says_what_was_done_why_not_the_rest_and_how_to_do_it_by_hand() -> None:
    first, second = PLAN.steps
    half = Outcome(
        "half", done=(DoneStep(first, first.ref, first.after),), left=(second,), error="Bookly did not answer."
    )
    said = result(half, SCENE)
    assert said.startswith("Half done. Bookly did not answer. Done: ")
    assert "Please do the rest by hand: In " in said
    assert "enter " in said and said.endswith(".")


def test_what_may_have_gone_through_all_the_same_is_to_be_looked_at_first() -> None:
    said = [result(Outcome("half", left=PLAN.steps, word=word), SCENE) for word in ("unknown_result", "down")]
    assert ["Look first whether it went through all the same." in one for one in said] == [True, False]


def test_while_watching_it_says_that_nothing_was_written_and_what_would_have_been() -> None:
    said = result(Outcome("would", left=MOVE.steps), SCENE)
    assert said.startswith(
        "Nothing was written: Slotkeeper only watches. It would have done this: In Bookly: Anna Barros"
    )


def test_somebody_else_in_the_chair_after_the_write_is_said() -> None:
    said = result(Outcome("done", done=_done().done, overlaps=(ANNA.ref,)), SCENE)
    assert said.endswith("look at the new card.")


@pytest.mark.parametrize("word", [*REFUSED, "a word nobody knows"])
def test_every_refusal_is_a_sentence(word: str) -> None:
    said = refused(word)
    assert said[0].isupper() and said.endswith(".")


def test_every_refusal_the_planner_knows_has_a_sentence_of_its_own() -> None:
    decide = Path(__file__).parents[3] / "sync" / "decide"
    text = "".join(file.read_text() for file in decide.glob("*.py"))
    words = set(re.findall(r'(?:Refused|NotMapped)\("(\w+)"', text))
    assert len(words) > 5
    assert words <= set(REFUSED)


@pytest.mark.parametrize("word", [*_NOT_SENT, "a word nobody knows"])
def test_why_it_cannot_be_put_into_the_other_calendar_is_a_sentence(word: str) -> None:
    said = not_sent(word, replace(SHOP.findings[0], kind=Kind.MISSING_IN_SQUARE))
    assert said.startswith("It cannot be put into Square from here: ") and said.endswith(".")
    assert "{" not in said
