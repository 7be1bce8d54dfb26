from dataclasses import replace

from sync.model import Choice, ChoiceKind, Kind, LeaveReason, Side
from sync.wording import button, reason, second_tap, value_on, would
from tests.dashboard.small_store import busy_day
from tests.sync.wording.people import board_of, every_choice, salon_of_every_kind

SHOP = busy_day()
BOARD = SHOP.board()
CLASH = SHOP.findings[0]
ANNA, SAM = (a for a in SHOP.appointments if a.clients[0].name in ("Anna Barros", "Sam Kessler"))


def test_another_stylist_is_named_and_why() -> None:
    choice = Choice(ChoiceKind.OTHER_STYLIST, ref=SAM.ref, person="bookly:2", suggested=True, why="free_and_does")
    assert button(choice, CLASH, BOARD) == "Give Sam Kessler to Theo Abara"
    assert reason(choice, CLASH, BOARD) == "Theo Abara is free, does blowouts, the time stays."


def test_only_the_suggested_choice_has_a_reason() -> None:
    choice = Choice(ChoiceKind.OTHER_STYLIST, ref=SAM.ref, person="bookly:2")
    assert reason(choice, CLASH, BOARD) == ""


def test_another_time_says_how_far_it_is_from_the_old_one() -> None:
    later = Choice(ChoiceKind.OTHER_TIME, ref=SAM.ref, start=SHOP.at("14:45"), suggested=True)
    earlier = Choice(ChoiceKind.OTHER_TIME, ref=ANNA.ref, start=SHOP.at("13:45"))
    assert button(later, CLASH, BOARD) == "Start Sam Kessler at 14:45, 30 minutes later"
    assert button(earlier, CLASH, BOARD) == "Start Anna Barros at 13:45, 15 minutes earlier"
    assert reason(later, CLASH, BOARD) == ("Maria Lindqvist is free then: today, 30 minutes later, the stylist stays.")


def test_a_cancellation_names_the_client_and_asks_again_with_the_time() -> None:
    choice = Choice(ChoiceKind.CANCEL, ref=SAM.ref)
    assert button(choice, CLASH, BOARD) == "Cancel Sam Kessler"
    assert second_tap(choice, BOARD) == "Yes, cancel Sam Kessler, today 14:15"


def test_leaving_says_why_where_people_share_a_chair_and_only_leaves_elsewhere() -> None:
    leave = Choice(ChoiceKind.LEAVE, reason=LeaveReason.ASSISTANT_HELPS)
    assert button(leave, CLASH, BOARD) == "Leave it: an assistant helps"
    missing = next(f for f in SHOP.findings if f.kind is Kind.MISSING_IN_SQUARE)
    assert button(replace(leave, reason=LeaveReason.OTHER), missing, BOARD) == "Leave it as it is"


def test_for_drift_the_buttons_are_the_two_values() -> None:
    shop = salon_of_every_kind()
    board = board_of(shop)
    drift = next(f for f in shop.findings if f.kind is Kind.DRIFT)
    said = [
        button(Choice(ChoiceKind.TAKE_SIDE, ref=drift.concerned[0].refs[0], side=side), drift, board) for side in Side
    ]
    assert said == [
        "Bookly is right: Ida Lowe, tomorrow 12:00 to 12:45 with Priya Raman, Women's Haircut",
        "Square is right: Ida Lowe, tomorrow 13:00 to 13:45 with Priya Raman, Women's Haircut",
    ]


def test_a_side_that_shows_nothing_says_so() -> None:
    assert (
        value_on(Side.SQUARE, next(f for f in SHOP.findings if f.kind is Kind.MISSING_IN_SQUARE), BOARD) == "not there"
    )


def test_two_choices_of_one_finding_never_look_alike() -> None:
    shop = salon_of_every_kind()
    board = board_of(shop)
    by_finding: dict[int, list[str]] = {}
    for finding, choice, _ in every_choice(shop, board):
        by_finding.setdefault(id(finding), []).append(button(choice, finding, board))
    assert len(by_finding) > 6
    assert all(len(labels) == len(set(labels)) for labels in by_finding.values())


def test_while_only_watching_a_button_says_what_it_would_do() -> None:
    assert would("Give Sam to Theo") == "Would do: give Sam to Theo"
    assert would("Bookly is right: today") == "Would do: Bookly is right: today"
