"""A click carried down the road, on both real calendars: what stands afterwards, and what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from sync.model import ChoiceKind, Kind, Ref, Side
from sync.store import audit, keeping, pairs, requests
from sync.store.connection import reading, writing
from tests.sync.converge.conftest import ANNA, BEN, CLEO, NOON, Salon
from tests.sync.converge.stories import meeting, stylist


def test_a_website_client_goes_to_another_stylist_and_the_clash_is_gone(salon: Salon) -> None:
    anna, _ = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    outcome = salon.click(kept, choice)
    assert outcome.state == "done", outcome
    assert f"bookly:{salon.rows()[int(anna.unit)].staff_id}" == choice.person
    assert outcome.tell == (Ref(Side.BOOKLY, f"ca:{anna.seats[0]}"),)
    assert not salon.found(Kind.DOUBLE_BOOKING)


def test_a_square_client_gets_another_time_under_the_version_that_was_read(salon: Salon) -> None:
    _, ben = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_TIME, Side.SQUARE)
    assert salon.click(kept, choice).state == "done"
    stands = salon.bookings()[str(ben.unit)]
    assert choice.start is not None
    assert stands["start_at"] == choice.start.isoformat().replace("+00:00", "Z")
    assert stands["version"] == 1
    assert not salon.found(Kind.DOUBLE_BOOKING)


def test_two_people_at_once_one_does_it_and_the_other_is_told_by_whom(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    first = salon.ask(kept, salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY), who="Dana")
    second = salon.ask(kept, salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE), who="Priya")
    salon.work()
    assert salon.ended(first).state == "done"
    late = salon.ended(second)
    assert (late.state, late.word, late.by) == ("refused", "settled_already", "Dana")
    assert {doc["status"] for doc in salon.bookings().values()} == {"ACCEPTED"}


def test_one_click_moves_the_client_and_shows_her_where_she_went_in_the_other_calendar_too(salon: Salon) -> None:
    anna, _ = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    before, rows = set(salon.bookings()), salon.rows()
    request = salon.ask(kept, salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY))
    assert salon.ended(request, work=True).state == "done"
    (there,) = (doc for key, doc in salon.bookings().items() if key not in before)
    assert there["start_at"] == salon.at(11).isoformat().replace("+00:00", "Z")
    salon.pull()
    assert [one.finding.kind for one in salon.found()] == [Kind.MISSING_IN_BOOKLY], "Ben's, whom nobody moved"
    with reading(salon.house.engine) as conn:
        (pair,) = pairs.pairs_of(conn, [Ref(Side.BOOKLY, f"ca:{anna.seats[0]}")])
    (own,) = (partner for partner in pair.partners if partner.ref.side is Side.BOOKLY)
    assert own.agreed is not None and own.agreed.parts[0].span.staff == str(salon.rows()[int(anna.unit)].staff_id)
    assert salon.undo(kept, request).state == "done"
    assert set(salon.bookings()) == before
    assert {key: row.staff_id for key, row in salon.rows().items()} == {key: row.staff_id for key, row in rows.items()}


def test_what_changed_since_it_was_seen_is_not_touched(salon: Salon) -> None:
    anna, _ = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    salon.people.moves_in_office(anna, salon.at(15))
    outcome = salon.click(kept, choice)
    assert (outcome.state, outcome.word) == ("refused", "changed")
    assert salon.rows()[int(anna.unit)].start_date.endswith("15:00:00")


def test_a_time_taken_a_moment_ago_is_refused_and_nothing_is_written(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY)
    taken = next(chair for chair in salon.people.stage.chairs if f"bookly:{chair.bookly}" == choice.person)
    salon.people.books_in_square(taken, salon.cut(), salon.at(11), CLEO)
    before = salon.rows()
    assert salon.click(kept, choice).word == "taken"
    assert salon.rows() == before


def test_nothing_is_written_while_paused_or_only_watching(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE)
    with writing(salon.house.engine) as conn:
        keeping.set_paused(conn, True, "Dana", NOON)
    assert salon.click(kept, choice).word == "paused"
    with writing(salon.house.engine) as conn:
        keeping.set_paused(conn, False, "Dana", NOON)
        keeping.set_writes(conn, False, "Dana", NOON)
    would = salon.click(kept, choice, who="Priya")
    assert (would.state, len(would.left)) == ("would", 1)
    assert len(salon.bookings()) == 1


def test_with_the_setting_off_nothing_is_written_whatever_was_switched_on(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    request = salon.ask(kept, salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE))
    salon.work(replace(salon.house, writes="off"))
    assert salon.ended(request).state == "would"
    assert len(salon.bookings()) == 1


def test_a_website_visit_is_sent_across_once_and_carries_its_client(salon: Salon) -> None:
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    anna = salon.people.books_on_website(chair, treat, salon.at(11), ANNA)
    salon.pull()
    (kept,) = salon.found(Kind.MISSING_IN_SQUARE)
    choice = salon.first(kept, ChoiceKind.SEND_ACROSS)
    assert salon.click(kept, choice).state == "done"
    assert salon.click(kept, choice, who="Priya").word == "settled_already"
    (booking,) = salon.bookings().values()
    assert "slotkeeper:" in str(booking["seller_note"])
    assert booking["appointment_segments"][0]["team_member_id"] == chair.square
    assert booking["customer_id"]
    salon.pull()
    assert not salon.found()
    with reading(salon.house.engine) as conn:
        (pair,) = pairs.all_pairs(conn)
    assert (pair.owner, pair.current(Side.BOOKLY)[0].ref.key) == (Side.BOOKLY, f"ca:{anna.seats[0]}")


def test_a_square_booking_becomes_a_block_without_a_client(salon: Salon) -> None:
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    salon.people.books_in_square(chair, treat, salon.at(11), BEN)
    salon.pull()
    assert not salon.found(), "Bookly was not read since"
    salon.pull()
    (kept,) = salon.found(Kind.MISSING_IN_BOOKLY)
    assert salon.click(kept, salon.first(kept, ChoiceKind.SEND_ACROSS)).state == "done"
    (row,) = salon.rows().values()
    assert (row.staff_id, row.service_id) == (chair.bookly, None)
    assert "slotkeeper:" in row.internal_note
    assert BEN.name in row.custom_service_name
    salon.pull()
    assert not salon.found()


def test_both_are_shown_in_both_calendars_over_the_overlap(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    assert salon.click(kept, salon.first(kept, ChoiceKind.SHOW_BOTH)).state == "done"
    assert (len(salon.rows()), len(salon.bookings())) == (2, 2)
    salon.pull()
    assert [one.finding.kind for one in salon.found()] == [Kind.DOUBLE_BOOKING]


def test_a_shown_visit_moves_on_both_sides(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    salon.click(kept, salon.first(kept, ChoiceKind.SHOW_BOTH))
    salon.pull()
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    assert salon.click(kept, salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.SQUARE), who="Priya").state == "done"
    salon.pull()
    assert not salon.found()
    assert len({row.staff_id for row in salon.rows().values()}) == 2


def test_one_of_two_on_a_chair_gets_a_time_of_their_own(salon: Salon) -> None:
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    anna = salon.people.books_on_website(chair, treat, salon.at(11), ANNA)
    with salon.site.engine.begin() as conn:
        seat = "INSERT INTO wp_bookly_customer_appointments ({0}) SELECT {1} FROM wp_bookly_customer_appointments"
        names = [c["name"] for c in sa.inspect(conn).get_columns("wp_bookly_customer_appointments")]
        names = [name for name in names if name not in ("id", "customer_id", "token")]
        columns = ", ".join(names)
        conn.execute(sa.text(seat.format(f"customer_id, {columns}", f"2, {columns}")))
    salon.pull()
    (kept,) = salon.found(Kind.OVER_CAPACITY)
    assert salon.click(kept, salon.first(kept, ChoiceKind.OTHER_TIME)).state == "done"
    assert len(salon.rows()) == 2
    salon.pull()
    assert not salon.found(Kind.OVER_CAPACITY)
    assert anna.unit in salon.rows()


def test_leaving_keeps_it_quiet_until_one_of_the_visits_changes(salon: Salon) -> None:
    anna, _ = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    assert salon.click(kept, salon.first(kept, ChoiceKind.LEAVE)).state == "done"
    salon.pull()
    assert not salon.found(Kind.DOUBLE_BOOKING)
    salon.people.moves_in_office(anna, salon.at(11) - timedelta(minutes=5))
    salon.pull()
    assert salon.found(Kind.DOUBLE_BOOKING)


def test_linking_writes_nothing_and_ends_the_finding(salon: Salon) -> None:
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    salon.people.books_on_website(chair, treat, salon.at(11), ANNA)
    salon.people.books_in_square(chair, treat, salon.at(11) + timedelta(minutes=5), ANNA)
    salon.pull()
    (kept,) = salon.found()
    assert kept.finding.kind is Kind.SAME_VISIT
    before = salon.rows(), salon.bookings()
    assert salon.click(kept, salon.first(kept, ChoiceKind.LINK)).state == "done"
    assert (salon.rows(), salon.bookings()) == before
    salon.pull()
    assert not salon.found()


def test_every_action_leaves_a_row_of_who_what_stood_what_was_sent_and_what_came_back(salon: Salon) -> None:
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    request = salon.ask(kept, salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.BOOKLY), who="Priya")
    salon.work()
    with reading(salon.house.engine) as conn:
        (row,) = audit.of_request(conn, request)
        assert requests.get(conn, request) is not None
    assert (row.who, row.role, row.what) == ("Priya", "manager", "other_stylist done")
    assert row.stood[0]["parts"][0]["span"]["staff"] != row.answered[0]["parts"][0]["span"]["staff"]
    assert row.sent[0]["key"]


def test_nothing_is_written_while_another_installation_is_at_work(salon: Salon) -> None:
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    salon.people.office.block(chair.bookly, salon.people.stage.local(salon.at(16)), 30, note="slotkeeper:another1:7:0")
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE)
    assert salon.click(kept, choice).word == "another_installation"
    assert len(salon.bookings()) == 1
    with writing(salon.house.engine) as conn:
        keeping.adopt(conn, ["another1"], "Dana", NOON)
    assert salon.click(kept, choice, who="Priya").state == "done"


def test_two_that_look_like_one_visit_are_a_double_booking_once_a_person_says_they_are_two(salon: Salon) -> None:
    treat = salon.cut()
    chair = salon.stylists(treat)[0]
    salon.people.books_on_website(chair, treat, salon.at(11), ANNA)
    salon.people.books_in_square(chair, treat, salon.at(11) + timedelta(minutes=5), ANNA)
    salon.pull()
    (kept,) = salon.found(Kind.SAME_VISIT)
    request = salon.ask(kept, salon.first(kept, ChoiceKind.LEAVE))
    assert salon.ended(request, work=True).state == "done"
    for _ in range(2):
        salon.pull()
        assert len(salon.found(Kind.DOUBLE_BOOKING)) == 1
        assert not salon.found(Kind.SAME_VISIT)
    assert salon.undo(kept, request).state == "done"
    salon.pull()
    assert [one.finding.kind for one in salon.found()] == [Kind.SAME_VISIT]


def test_a_visit_given_to_somebody_else_since_the_last_pull_is_seen_at_the_click(salon: Salon) -> None:
    """The copy still has Cleo with a third stylist: what is read now counts, before anything is written."""
    meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.OTHER_STYLIST, Side.SQUARE)
    chosen, first = stylist(salon, choice), salon.stylists(salon.cut())[0]
    third = next(chair for chair in salon.stylists(salon.cut()) if chair not in (chosen, first))
    cleo = salon.people.books_on_website(third, salon.cut(), salon.at(11), CLEO)
    salon.pull()
    salon.people.gives_away_in_office(cleo, chosen)
    before = salon.bookings()
    outcome = salon.click(kept, choice)
    assert (outcome.state, outcome.word) == ("refused", "taken")
    assert salon.bookings() == before


def test_a_card_that_closed_by_itself_was_not_settled_by_who_settled_it_long_ago(salon: Salon) -> None:
    """Anna was sent across by Dana; she is cancelled and stands again, and an hour later Priya sends her across."""
    treat = salon.cut()
    anna = salon.people.books_on_website(salon.stylists(treat)[0], treat, salon.at(11), ANNA)
    salon.pull()
    (kept,) = salon.found(Kind.MISSING_IN_SQUARE)
    choice = salon.first(kept, ChoiceKind.SEND_ACROSS)
    assert salon.click(kept, choice).state == "done"
    salon.people.sets_status(anna, "cancelled")
    salon.pull()
    (drift,) = salon.found(Kind.DRIFT)
    assert salon.click(drift, salon.first(drift, ChoiceKind.TAKE_SIDE, Side.BOOKLY)).state == "done"
    salon.people.sets_status(anna, "approved")
    salon.pull()
    hour = NOON + timedelta(hours=1)
    with writing(salon.house.engine) as conn:
        conn.execute(sa.text("UPDATE findings SET state = 'closed' WHERE id = :id"), {"id": kept.id})
        asked = requests.ask(
            conn, key="an hour later", finding=kept.id, choice=choice, seen=kept.finding.seen, who="Priya",
            role="manager", now=hour,
        )  # fmt: skip
    salon.work(replace(salon.house, clock=lambda: hour))
    assert salon.ended(asked.id).state == "done"
    assert len(salon.bookings()) == 1


def test_what_somebody_changed_in_a_calendar_was_not_settled_by_whoever_clicked_an_hour_ago(salon: Salon) -> None:
    """Dana showed both in both, the card stays; then Anna is moved a little at the desk, and Priya clicks."""
    anna, _ = meeting(salon)
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    assert salon.click(kept, salon.first(kept, ChoiceKind.SHOW_BOTH)).state == "done"
    salon.pull()
    (kept,) = salon.found(Kind.DOUBLE_BOOKING)
    choice = salon.first(kept, ChoiceKind.CANCEL, Side.SQUARE)
    salon.people.moves_in_office(anna, salon.at(11, 5))
    hour = NOON + timedelta(hours=1)
    with writing(salon.house.engine) as conn:
        asked = requests.ask(
            conn, key="an hour later", finding=kept.id, choice=choice, seen=kept.finding.seen, who="Priya",
            role="manager", now=hour,
        )  # fmt: skip
    salon.work(replace(salon.house, clock=lambda: hour))
    outcome = salon.ended(asked.id)
    assert (outcome.state, outcome.word, outcome.by) == ("refused", "changed", "")
