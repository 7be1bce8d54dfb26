from dataclasses import replace
from datetime import timedelta

import pytest

from sync.model import Kind, Side, Standing
from sync.wording import group_headline, headline, story
from sync.wording.findings import state_words, title, when_words
from tests.dashboard.small_store import NOW, ZONE, Shop, busy_day


def _clash() -> Shop:
    shop = Shop()
    shop.clash(shop.book(Side.BOOKLY, 1, "14:00", "Anna Barros"), shop.book(Side.SQUARE, 1, "14:15", "Sam Kessler", 2))
    return shop


def test_a_clash_says_who_with_whom_when_and_in_how_long() -> None:
    said = headline(_clash().findings[0], NOW, ZONE)
    assert said == "Anna Barros and Sam Kessler are both booked with Maria Lindqvist, today 14:15, in 40 minutes."


def test_a_clash_that_goes_on_is_now_and_one_that_is_over_was() -> None:
    finding = _clash().findings[0]
    assert headline(finding, finding.start + timedelta(minutes=1), ZONE).endswith("today 14:15, right now.")
    over = headline(finding, finding.end, ZONE)
    assert " were both booked " in over and over.endswith("today 14:15.")


def test_the_end_of_an_overlap_is_over_and_the_moment_before_is_not() -> None:
    finding = _clash().findings[0]
    assert "are both" in headline(finding, finding.end - timedelta(seconds=1), ZONE)
    assert "were both" in headline(finding, finding.end, ZONE)


def test_three_in_one_chair_are_one_sentence() -> None:
    shop = busy_day()
    three = [f for f in shop.findings if f.staff == "Dana Whitlow"]
    assert group_headline(three, NOW, ZONE).startswith(
        "Ben Ivanov, Tara Yoon and Victor Larkin are all booked with Dana"
    )
    assert title(three, NOW, ZONE) == "Ben Ivanov, Tara Yoon and Victor Larkin with Dana Whitlow"
    assert when_words(three, NOW, ZONE) == "today 15:00, in 1 hour 25 minutes"


def test_every_client_of_a_group_is_named() -> None:
    shop = Shop()
    group = shop.book(Side.BOOKLY, 1, "14:00", "Max Abel + Rio Beck")
    finding = shop.clash(group, shop.book(Side.SQUARE, 1, "14:15", "Kit Cole"))
    assert headline(finding, NOW, ZONE).startswith("Max Abel, Rio Beck and Kit Cole are all booked")
    assert story(finding, NOW, ZONE)[0].startswith("Max Abel and Rio Beck: ")


def test_the_same_client_twice_is_named_once() -> None:
    shop = Shop()
    twice = shop.book(Side.BOOKLY, 1, "14:00", "Anna Barros"), shop.book(Side.SQUARE, 1, "14:15", "Anna Barros")
    assert headline(shop.clash(*twice), NOW, ZONE).startswith("Anna Barros is booked twice with Maria Lindqvist")


def test_persons_without_a_name_are_counted() -> None:
    shop = Shop()
    finding = shop.clash(shop.book(Side.BOOKLY, 1, "14:00", "Anna"), shop.book(Side.SQUARE, 1, "14:15", "Sam"))
    finding.detail["visits"][0]["persons"] = 3
    assert story(finding, NOW, ZONE)[0].startswith("Anna and 2 more: ")


def test_a_visit_without_a_client_is_told_by_what_it_is() -> None:
    shop = Shop()
    finding = shop.clash(shop.book(Side.BOOKLY, 1, "14:00", ""), shop.book(Side.SQUARE, 1, "14:15", ""))
    said = headline(finding, NOW, ZONE)
    assert said.startswith("A blocked time (Women's Haircut) and a booking without a name (Women's Haircut) are both")


def test_one_sentence_for_each_other_kind() -> None:
    shop = Shop()
    book = shop.book
    visit, other = book(Side.BOOKLY, 3, "16:30", "Wren Ashdown"), book(Side.SQUARE, 3, "17:00", "Wren Ashdown")

    def said(kind: Kind, *visits: object, **detail: object) -> str:
        return headline(shop.find(kind, *visits, **detail), NOW, ZONE)  # type: ignore[arg-type]

    assert said(Kind.MISSING_IN_SQUARE, visit) == (
        "Wren Ashdown with Priya Raman, today 16:30, is in Bookly but not in Square."
    )
    assert said(Kind.MISSING_IN_BOOKLY, other).endswith(
        "is in Square but not in Bookly, so the website may sell that time again."
    )
    assert said(Kind.DRIFT, visit, other, differs=["time", "staff"]) == (
        "Bookly and Square disagree about Wren Ashdown with Priya Raman, today 16:30: the time and the stylist."
    )
    assert said(Kind.SAME_VISIT, visit, other, likely=True).endswith("is probably one and the same visit.")
    assert said(Kind.SAME_VISIT, visit, other, likely=False).endswith("may be one and the same visit.")
    assert said(Kind.OVER_CAPACITY, visit, persons=3, capacity=2).startswith(
        "3 persons are booked with Priya Raman for Women's Haircut, today 16:30, in 2 hours 55 minutes, and it takes 2"
    )
    assert said(Kind.PADDING_CLASH, visit, minutes=10).endswith(
        "between Wren Ashdown, today 16:30, in 2 hours 55 minutes: 10 minutes short."
    )
    assert "far fewer visits than before" in said(Kind.ANOMALY, visit, what="calendar_small", side="square")
    assert said(Kind.ANOMALY, visit, what="no_end").startswith("A visit has no end: Wren Ashdown with")


FOUND = ("service_without_client", "block_changed", "no_end", "not_positive_length", "unknown_status", "no_persons",
         "no_staff", "vanished", "stray_mark")  # fmt: skip
"""What the two calendars and `sync.decide.anomalies` say of a visit that makes no sense."""


@pytest.mark.parametrize("what", FOUND)
def test_each_odd_thing_that_can_be_found_has_a_sentence_of_its_own(what: str) -> None:
    shop = Shop()
    visit = shop.book(Side.BOOKLY, 3, "16:30", "Wren Ashdown")
    own, unknown = (headline(shop.find(Kind.ANOMALY, visit, what=one), NOW, ZONE) for one in (what, "nobody knows"))
    assert own.partition(":")[0] != unknown.partition(":")[0]


def test_an_unmatched_stylist_is_asked_for() -> None:
    finding = Shop().ask_who(Kind.UNMAPPED_STAFF, Side.SQUARE, "TM9", "Zadie Quist")
    said = headline(finding, NOW, ZONE)
    assert (
        said == "Zadie Quist is on Square's list of staff: who is that in Bookly? 4 coming visits wait for the answer."
    )
    alone = replace(finding, detail={**finding.detail, "visits_ahead": 1})
    assert headline(alone, NOW, ZONE).endswith("1 coming visit waits for the answer.")


def test_time_without_a_service_asks_as_what_it_goes_across() -> None:
    finding = Shop().ask_who(Kind.UNMAPPED_SERVICE, Side.BOOKLY, "own", "Time blocked in Bookly")
    assert headline(finding, NOW, ZONE) == (
        "Time blocked in Bookly has no service there: which one of Square's stands for it? "
        "4 coming visits wait for the answer."
    )


def test_what_became_of_it() -> None:
    assert state_words("open", False, "", "", "") == ""
    assert "over" in state_words("open", True, "", "", "")
    assert state_words("left", False, "Dana", "same client", "").startswith("Left as it is by Dana: same client.")
    assert state_words("closed", False, "", "", "The cause is gone.") == "Settled. The cause is gone."


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing.STANDS, "in Bookly"),
        (Standing.CANCELLED, "in Bookly, cancelled"),
        (Standing.OVER, "in Bookly, marked as over"),
    ],
)
def test_a_visit_that_does_not_stand_any_more_is_told_so(standing: Standing, said: str) -> None:
    shop = busy_day()
    gone = replace(shop.appointments[0], standing=standing)
    assert story(shop.find(Kind.DRIFT, gone, differs=["standing"]), NOW, ZONE)[0].endswith(said)
