from dataclasses import replace
from datetime import timedelta

from sync.model import Side
from sync.wording import Reading, Scene, Tone, opening
from sync.wording.sides import NEVER_READ
from tests.dashboard.small_store import NOW, ZONE, busy_day
from tests.sync.wording.people import at

SCENE = Scene(NOW, ZONE)
FRESH = (Reading(Side.BOOKLY, at("13:34")), Reading(Side.SQUARE, at("13:33")))
ALIVE = NOW - timedelta(seconds=30)


def test_before_anything_was_read_it_says_so() -> None:
    (said,) = opening((Reading(Side.BOOKLY, None), Reading(Side.SQUARE, None)), (), None, SCENE)
    assert said.tone is Tone.EMPTY
    assert said.text.startswith("Nothing was read yet")


def test_all_good_says_when_both_were_read() -> None:
    (said,) = opening(FRESH, (), ALIVE, SCENE)
    assert (said.tone, said.text) == (
        Tone.GOOD,
        "All good: nobody meets in one chair. Bookly was read at 13:34 and Square at 13:33.",
    )


def test_the_soonest_card_is_the_sentence_and_the_others_are_counted() -> None:
    shop = busy_day()
    cards = [[shop.findings[0]], shop.findings[1:3]]
    (said,) = opening(FRESH, cards, ALIVE, SCENE)
    assert said.tone is Tone.ACT
    assert said.text.startswith("Anna Barros and Sam Kessler are both booked")
    assert said.text.endswith("in 40 minutes. 1 more below.")


def test_what_can_wait_is_said_less_loudly_than_people_who_meet() -> None:
    (said,) = opening(FRESH, [[busy_day().findings[3]]], ALIVE, SCENE)
    assert said.tone is Tone.ASK
    assert "is in Bookly but not in Square" in said.text


def test_nothing_is_called_good_while_a_list_waits() -> None:
    (said,) = opening(FRESH, (), ALIVE, SCENE, waiting=7)
    assert said.tone is Tone.ASK
    assert said.text.startswith("Nobody is known to meet in one chair; 7 things wait for an answer below.")
    (single,) = opening(FRESH, (), ALIVE, SCENE, waiting=1)
    assert "1 thing waits" in single.text


def test_a_side_that_cannot_be_read_comes_first_with_its_reason() -> None:
    broken = (FRESH[0], Reading(Side.SQUARE, at("09:00"), at("12:10"), "Square did not accept the access token."))
    said = opening(broken, (), ALIVE, SCENE)
    assert [one.tone for one in said] == [Tone.TROUBLE, Tone.LOOK]
    assert said[0].text == "Square could not be read since 12:10. Square did not accept the access token."
    assert "All good" not in said[1].text


def test_an_old_picture_is_never_called_good() -> None:
    old = (FRESH[0], replace(FRESH[1], read_at=at("10:00")))
    said = opening(old, (), ALIVE, SCENE)
    assert said[0].text == "Square was last read 3 hours ago: newer bookings are not shown."
    assert all(one.tone is not Tone.GOOD for one in said)


def test_a_side_never_read_is_named() -> None:
    said = opening((FRESH[0], Reading(Side.SQUARE, None)), (), ALIVE, SCENE)
    assert said[0].text == "Square has not been read yet, so nothing can be compared."


def test_a_house_that_stands_still_is_said_after_two_minutes_and_not_before() -> None:
    still = NOW - timedelta(minutes=2, seconds=1)
    assert opening(FRESH, (), still, SCENE)[0].text.startswith("Slotkeeper has stood still since 13:32")
    assert opening(FRESH, (), NOW - timedelta(minutes=2), SCENE)[0].tone is Tone.GOOD
    assert opening(FRESH, (), None, SCENE)[0].tone is Tone.TROUBLE


def test_what_could_never_be_read_is_not_called_an_empty_day() -> None:
    never = tuple(Reading(side, None, NOW - timedelta(minutes=4), "It does not answer.") for side in Side)
    said = [one.text for one in opening(never, (), ALIVE, SCENE)]
    assert len(said) == 3
    assert said[-1] == NEVER_READ
    assert "decide" not in " ".join(said)
