"""What people outside our app do, and the truth about it."""

from datetime import timedelta
from typing import Any

import pytest

from practice_salon.square.acts import ACTS
from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY, Salon

TUESDAY = MONDAY + timedelta(days=1, hours=3)


def act(salon: Salon, who: str, what: str, **params: Any) -> Any:
    answer = salon.http.post("/practice/act", json={"who": who, "what": what, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def staff_books(salon: Salon, **more: Any) -> Any:
    fixed = {"team_member_id": salon.staff(), "start_at": stamp(TUESDAY), "duration_minutes": 30}
    return act(salon, "staff", "book", **{**fixed, **more})["booking"]


def test_staff_book_over_a_booking_without_a_service_and_with_several_people(salon: Salon, client: Any) -> None:
    client.bookings.create(booking=salon.booking(TUESDAY))
    bare = staff_books(salon)
    assert bare["source"] == "FIRST_PARTY_MERCHANT"
    assert "service_variation_id" not in bare["appointment_segments"][0]
    one = {"team_member_id": salon.staff(0), "duration_minutes": 20, "intermission_minutes": 10}
    segments = [one, {"team_member_id": salon.staff(1), "service_variation_id": salon.service()["id"]}]
    several = staff_books(salon, segments=segments)
    kept = client.bookings.get(several["id"]).booking
    assert [part.intermission_minutes for part in kept.appointment_segments] == [10, None]
    assert [part.duration_minutes for part in kept.appointment_segments] == [20, 30]
    assert {part.team_member_id for part in kept.appointment_segments} == {salon.staff(0), salon.staff(1)}


@pytest.mark.parametrize(
    ("who", "what", "status"),
    [
        ("staff", "cancel", "CANCELLED_BY_SELLER"),
        ("buyer", "cancel", "CANCELLED_BY_CUSTOMER"),
        ("staff", "no_show", "NO_SHOW"),
    ],
)
def test_a_booking_ends_as_who_ended_it_says(salon: Salon, client: Any, who: str, what: str, status: str) -> None:
    made = staff_books(salon)
    act(salon, who, what, booking_id=made["id"])
    assert client.bookings.get(made["id"]).booking.status == status
    again = salon.http.post("/practice/act", json={"who": who, "what": what, "booking_id": made["id"]})
    assert again.status_code == 400


@pytest.mark.parametrize(("what", "status"), [("accept", "ACCEPTED"), ("decline", "DECLINED")])
def test_only_what_is_pending_is_accepted_or_declined(salon: Salon, what: str, status: str) -> None:
    pending, sure = staff_books(salon, status="PENDING"), staff_books(salon)
    assert act(salon, "staff", what, booking_id=pending["id"])["booking"]["status"] == status
    refused = salon.http.post("/practice/act", json={"who": "staff", "what": what, "booking_id": sure["id"]})
    assert refused.status_code == 400


def test_staff_move_hand_over_and_edit_a_booking(salon: Salon, client: Any) -> None:
    made = staff_books(salon)
    later = stamp(TUESDAY + timedelta(hours=2))
    act(salon, "staff", "move", booking_id=made["id"], start_at=later)
    act(salon, "staff", "change_staff", booking_id=made["id"], team_member_id=salon.staff(1))
    change = {"duration_minutes": 45, "seller_note": "bring photos", "customer_id": salon.customer(2)}
    act(salon, "staff", "edit", booking_id=made["id"], **change)
    now = client.bookings.get(made["id"]).booking
    assert (now.version, now.start_at, now.seller_note, now.customer_id) == (
        3,
        later,
        "bring photos",
        salon.customer(2),
    )
    (segment,) = now.appointment_segments
    assert (segment.team_member_id, segment.duration_minutes) == (salon.staff(1), 45)


def test_a_reinstated_booking_is_a_new_one(salon: Salon, client: Any) -> None:
    made = staff_books(salon, customer_id=salon.customer(), seller_note="vip")
    act(salon, "staff", "cancel", booking_id=made["id"])
    back = act(salon, "staff", "reinstate", booking_id=made["id"])["booking"]
    assert back["id"] != made["id"]
    assert (back["version"], back["status"], back["seller_note"]) == (0, "ACCEPTED", "vip")
    assert back["appointment_segments"] == made["appointment_segments"]
    assert client.bookings.get(made["id"]).booking.status == "CANCELLED_BY_SELLER"


def test_a_buyer_cannot_book_or_move_onto_a_taken_time_or_a_hidden_block(salon: Salon, client: Any) -> None:
    chair = {"team_member_id": salon.staff(), "service_variation_id": salon.service()["id"]}
    own = act(salon, "buyer", "book", start_at=stamp(TUESDAY), customer={"given_name": "Ada"}, **chair)["booking"]
    assert (own["source"], own["creator_details"]["creator_type"]) == ("FIRST_PARTY_BUYER", "CUSTOMER")
    staff_books(salon, start_at=stamp(TUESDAY + timedelta(hours=1)))
    blocked = stamp(TUESDAY + timedelta(hours=2))
    block = act(salon, "staff", "block", team_member_id=salon.staff(), start_at=blocked, duration_minutes=30)["block"]
    for hours in (0, 1, 2):
        body = {"who": "buyer", "what": "book", "start_at": stamp(TUESDAY + timedelta(hours=hours)), **chair}
        refused = salon.http.post("/practice/act", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "start_at")
    move = {"who": "buyer", "what": "move", "booking_id": own["id"], "start_at": blocked}
    assert salon.http.post("/practice/act", json=move).status_code == 400
    assert len(list(client.bookings.list())) == 2
    act(salon, "staff", "unblock", block_id=block["id"])
    assert salon.http.post("/practice/act", json=move).status_code == 200


def test_the_truth_tells_every_booking_who_did_what_and_the_hidden_blocks(salon: Salon, client: Any) -> None:
    ours = client.bookings.create(booking=salon.booking(TUESDAY)).booking
    act(salon, "staff", "move", by="Marta", booking_id=ours.id, start_at=stamp(TUESDAY + timedelta(hours=1)))
    act(salon, "staff", "block", team_member_id=salon.staff(), start_at=stamp(TUESDAY), duration_minutes=15)
    truth = salon.http.get("/practice/truth").json()
    (known,) = truth["bookings"]
    assert known["booking"]["version"] == 1
    assert [(deed["actor"], deed["by"], deed["what"]) for deed in known["history"]] == [
        ("api", "sq0idp-practice", "create"),
        ("staff", "Marta", "move"),
    ]
    assert known["history"][1]["before"]["start_at"] == stamp(TUESDAY)
    assert len(truth["blocks"]) == 1


def test_an_unknown_act_is_refused_with_what_there_is(salon: Salon) -> None:
    refused = salon.http.post("/practice/act", json={"who": "buyer", "what": "paint"})
    assert refused.status_code == 400
    assert "book, cancel, move" in refused.json()["errors"][0]["detail"]
    assert salon.http.post("/practice/act", json={"who": "buyer"}).status_code == 400
    assert salon.http.post("/practice/act", content=b"[").status_code == 400
    listed = salon.http.get("/practice/act").json()["acts"]
    assert {(one["who"], one["what"]) for one in listed} == set(ACTS)


def test_clock_rules_tokens_and_counts_are_controlled_over_http(salon: Salon, client: Any) -> None:
    assert salon.http.post("/practice/clock", json={"seconds": 60}).json()["now"] == "2026-03-02T15:01:00.000Z"
    salon.http.post("/practice/rules", json={"seller_writes": False})
    assert client.bookings.get_business_profile().business_booking_profile.support_seller_level_writes is False
    assert salon.http.post("/practice/rules", json={"nonsense": 1}).status_code == 400
    salon.http.post("/practice/grants", json={"token": "other", "scopes": ["MERCHANT_PROFILE_READ"]})
    assert len(salon.client("other").locations.list().locations) == 1
    salon.http.request("DELETE", "/practice/grants", json={"token": "other"})
    headers = {"authorization": "Bearer other"}
    assert salon.http.get("/v2/locations", headers=headers).status_code == 401
    counts = salon.http.get("/practice/counts").json()["counts"]
    assert counts == {"bookings.get_business_profile": 1, "locations.list": 2}
    salon.http.delete("/practice/counts")
    assert salon.http.get("/practice/counts").json()["counts"] == {}
    assert salon.http.get("/practice/deliveries").json() == {"waiting": []}
