from dataclasses import replace

from sync.decide.plan import plan
from sync.model import Appointment, Choice, ChoiceKind, Kind, LeaveReason, Plan, Side, Step, StepKind
from sync.wording import clients_to_tell, scene_of, what_changes_in, what_is_kept, who_hears
from sync.wording.plans import step_words
from tests.dashboard.small_store import busy_day

SHOP = busy_day()
BOARD = SHOP.board()
SCENE = scene_of(BOARD)
CLASH = SHOP.findings[0]
ANNA, SAM = (a for a in SHOP.appointments if a.clients[0].name in ("Anna Barros", "Sam Kessler"))


def _planned(choice: Choice) -> Plan:
    planned = plan(choice, CLASH, BOARD)
    assert not planned.refused
    return planned


def test_a_move_says_from_whom_to_whom_and_that_the_time_stays() -> None:
    planned = _planned(Choice(ChoiceKind.OTHER_STYLIST, ref=SAM.ref, person="bookly:2"))
    assert what_changes_in(planned, Side.SQUARE, SCENE)[0] == (
        "Sam Kessler, Blowout, goes from Maria Lindqvist to Theo Abara, today 14:15 as before."
    )


def test_square_may_write_and_bookly_never_does() -> None:
    square = _planned(Choice(ChoiceKind.OTHER_STYLIST, ref=SAM.ref, person="bookly:2"))
    bookly = _planned(Choice(ChoiceKind.OTHER_TIME, ref=ANNA.ref, start=SHOP.at("15:00")))
    assert "Square may write to Sam Kessler: not known." in who_hears(square)
    assert who_hears(square)[-1] == "Please call Sam Kessler."
    assert "Bookly sends nothing to anybody for a change made here." in who_hears(bookly)
    assert who_hears(bookly)[-1] == "Please call Anna Barros."


def test_leaving_changes_nothing_and_nobody_hears() -> None:
    planned = _planned(Choice(ChoiceKind.LEAVE, reason=LeaveReason.OTHER))
    assert what_changes_in(planned, Side.BOOKLY, SCENE) == ("Nothing changes.",)
    assert who_hears(planned) == ("Nobody hears of it: no calendar is changed.",)
    assert what_is_kept(planned, SCENE) == (
        "Everything stays as it is; you are asked again if one of the visits changes.",
    )


def test_showing_both_says_what_is_put_where() -> None:
    planned = _planned(Choice(ChoiceKind.SHOW_BOTH))
    assert what_changes_in(planned, Side.BOOKLY, SCENE) == (
        "A blocked time is put in for Sam Kessler: Maria Lindqvist, today 14:15 to 15:00.",
    )
    assert what_changes_in(planned, Side.SQUARE, SCENE) == (
        "A booking is made for Anna Barros: Maria Lindqvist, today 14:00 to 14:45.",
    )


def test_a_cancelled_client_is_named_and_to_be_called() -> None:
    planned = _planned(Choice(ChoiceKind.CANCEL, ref=ANNA.ref))
    assert what_changes_in(planned, Side.BOOKLY, SCENE) == (
        "Anna Barros, Women's Haircut, is cancelled: Maria Lindqvist, today 14:00 to 14:45.",
    )
    assert clients_to_tell(planned) == ("Anna Barros",)


def test_every_client_of_a_group_is_named_and_called() -> None:
    shop = busy_day()
    group = shop.book(Side.BOOKLY, 6, "16:00", "Max Abel + Rio Beck + Kit Cole", 2)
    finding = shop.find(Kind.OVER_CAPACITY, group, persons=3, capacity=2)
    planned = plan(Choice(ChoiceKind.OTHER_TIME, ref=group.ref, start=shop.at("16:15")), finding, shop.board())
    assert clients_to_tell(planned) == ("Max Abel", "Rio Beck", "Kit Cole")
    assert who_hears(planned)[-1] == "Please call Max Abel, Rio Beck and Kit Cole."


def test_each_kind_of_step_is_a_sentence() -> None:
    moved = replace(SAM, parts=(replace(SAM.parts[0], span=SAM.parts[0].span.moved(SHOP.at("15:00"), "TM2")),))

    def said(kind: StepKind, before: Appointment | None, after: Appointment | None, *, projection: bool = False) -> str:
        return step_words(Step(kind, Side.SQUARE, SAM.ref, before, after, None, projection), SCENE)

    assert said(StepKind.MOVE, SAM, moved) == (
        "Sam Kessler, Blowout, moves from today 14:15 to 15:00 and goes from Maria Lindqvist to Theo Abara."
    )
    assert said(StepKind.WITHDRAW, SAM, None, projection=True).startswith("The booking for Sam Kessler is taken away: ")
    assert said(StepKind.REINSTATE, None, SAM).startswith("Sam Kessler, Blowout, stands again: ")
    assert said(StepKind.PLACE_AGAIN, None, SAM).endswith("; the cancelled one cannot be brought back.")
    assert "one visit" in said(StepKind.LINK, SAM, ANNA)
    assert "two visits" in said(StepKind.UNLINK, SAM, ANNA)
    assert said(StepKind.REOPEN, None, None) == "The question is open again."
    assert said(StepKind.ACCEPT, None, None) == "What the calendars show now is taken as right."
    assert {said(kind, SAM, SAM) for kind in StepKind}  # none is without words
