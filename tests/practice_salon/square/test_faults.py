"""Every fault on the list: what the real client meets, what was applied, and that it is told to have fired."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from square.core.api_error import ApiError

from practice_salon.square.faults import BY_NAME, FAULTS, HOOKS, makes_sense
from practice_salon.square.routes import ROUTES
from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY, ONCE, Salon

TUESDAY = MONDAY + timedelta(days=1)
NOT_APPLIED = (
    *("rate_limited", "rate_limited_retry_after", "ok_with_errors", "unknown_error_code"),
    *(f"{kind}_{status}" for kind in ("error", "html") for status in (500, 502, 503, 504)),
    *("token_expired", "token_revoked", "scope_missing", "hang_before", "reset_before"),
)
APPLIED = (
    *("rate_limited_after_write", "server_error_after_write", "unavailable_after_write"),
    *("hang_after", "reset_after", "truncated_json", "cut_short", "slow"),
)
STATUS = {
    "rate_limited": 429, "rate_limited_retry_after": 429, "rate_limited_after_write": 429,
    "server_error_after_write": 500, "unavailable_after_write": 503, "token_expired": 401, "token_revoked": 401,
    "scope_missing": 403, "unknown_error_code": 400, "truncated_json": 200,
    **{f"{kind}_{status}": status for kind in ("error", "html") for status in (500, 502, 503, 504)},
}  # fmt: skip


def test_the_list_is_sorted_out_into_what_is_tested_here_and_elsewhere() -> None:
    elsewhere = {fault.name for fault in FAULTS if fault.routes == HOOKS or fault.name.startswith("list_")}
    versions = {"version_mismatch_409", "version_mismatch_400", "cursor_expired", "customer_search_lag"}
    assert {*NOT_APPLIED, *APPLIED} | elsewhere | versions == set(BY_NAME)


def test_names_are_unique_and_each_fault_can_be_armed_where_it_says(salon: Salon) -> None:
    assert len(BY_NAME) == len(FAULTS)
    for fault in FAULTS:
        for route in fault.routes:
            salon.square.arm(fault.name, route)


@pytest.mark.parametrize("name", [*NOT_APPLIED, *APPLIED])
def test_a_disturbed_write_is_applied_or_not_as_the_list_says(salon: Salon, name: str) -> None:
    client = salon.client(timeout=0.3)
    armed = salon.square.arm(name, "bookings.create", seconds=0.01 if name == "slow" else None)
    body = salon.booking(TUESDAY)

    def create() -> Any:
        return client.bookings.create(booking=body, idempotency_key="k", request_options=ONCE)

    if name == "slow":
        assert create().booking.version == 0
    elif name == "ok_with_errors":
        answer = create()
        assert answer.booking is None
        assert answer.errors[0].category == "API_ERROR"
    elif name in STATUS:
        with pytest.raises(ApiError) as refused:
            create()
        assert refused.value.status_code == STATUS[name]
    else:
        with pytest.raises(httpx.ReadTimeout if name.startswith("hang") else httpx.TransportError):
            create()
    assert armed.fired == 1
    assert len(salon.square.world["bookings"]) == (1 if name in APPLIED else 0)
    again = create()
    assert again.booking.version == 0
    assert len(salon.square.world["bookings"]) == 1
    assert armed.fired == 1


def test_a_retry_after_is_only_sent_by_the_fault_that_says_so(salon: Salon) -> None:
    salon.square.arm("rate_limited_retry_after", "locations.list", seconds=7)
    assert salon.http.get("/v2/locations").headers["retry-after"] == "7"
    salon.square.arm("rate_limited", "locations.list")
    assert "retry-after" not in salon.http.get("/v2/locations").headers


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_html_error_is_no_json(salon: Salon, status: int) -> None:
    salon.square.arm(f"html_{status}", "*")
    answer = salon.http.get("/v2/locations")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")


@pytest.mark.parametrize("status", [409, 400])
@pytest.mark.parametrize("what", ["update", "cancel"])
def test_a_version_mismatch_means_that_staff_were_faster(salon: Salon, client: Any, status: int, what: str) -> None:
    made = client.bookings.create(booking=salon.booking(TUESDAY)).booking
    armed = salon.square.arm(f"version_mismatch_{status}", f"bookings.{what}")
    call = client.bookings.update if what == "update" else client.bookings.cancel
    sent = {"booking": {"version": 0, "seller_note": "x"}} if what == "update" else {"booking_version": 0}
    with pytest.raises(ApiError) as refused:
        call(made.id, **sent, request_options=ONCE)
    now = client.bookings.get(made.id).booking
    assert (refused.value.status_code, now.version, now.status, now.seller_note) == (status, 1, "ACCEPTED", None)
    assert armed.fired == 1


def test_a_fault_strikes_from_the_nth_call_on_so_many_times_and_only_its_route(salon: Salon, client: Any) -> None:
    armed = salon.square.arm("error_500", "locations.list", nth=2, times=2)
    outcomes = []
    for _ in range(5):
        client.merchants.get("me")
        try:
            client.locations.list(request_options=ONCE)
            outcomes.append(200)
        except ApiError as refused:
            outcomes.append(refused.status_code or 0)
    assert outcomes == [200, 500, 500, 200, 200]
    assert (armed.seen, armed.fired) == (5, 2)


def test_a_list_can_miss_a_row_or_be_suddenly_empty(salon: Salon, client: Any) -> None:
    made = {client.bookings.create(booking=salon.booking(TUESDAY, place=place)).booking.id for place in range(3)}
    salon.square.arm("list_missing_row", "bookings.list")
    short = {booking.id for booking in client.bookings.list().items}
    assert len(made - short) == 1
    assert client.bookings.get(*(made - short)).booking is not None
    salon.square.arm("list_suddenly_small", "bookings.list")
    small = client.bookings.list()
    assert (len(small.items), small.response.cursor) == (1, None)
    salon.square.arm("list_empty", "bookings.list")
    assert list(client.bookings.list()) == []
    assert {booking.id for booking in client.bookings.list()} == made


def test_a_fault_that_could_have_no_effect_waits_for_a_call_on_which_it_can(salon: Salon, client: Any) -> None:
    armed = salon.square.arm("list_missing_row", "bookings.list")
    assert list(client.bookings.list()) == []
    assert armed.fired == 0
    client.bookings.create(booking=salon.booking(TUESDAY))
    assert list(client.bookings.list()) == []
    assert armed.fired == 1


def test_a_good_cursor_can_be_called_expired(salon: Salon, client: Any) -> None:
    for place in range(2):
        client.bookings.create(booking=salon.booking(TUESDAY, place=place))
    first = client.bookings.list(limit=1)
    salon.square.arm("cursor_expired", "bookings.list")
    with pytest.raises(ApiError) as refused:
        first.get_next()
    assert refused.value.errors[0].code == "INVALID_CURSOR"


@pytest.mark.parametrize(
    ("name", "route", "nth"),
    [
        ("no_such_fault", "*", 1),
        ("error_500", "webhook.booking.created", 1),
        ("webhook_dropped", "bookings.list", 1),
        ("list_empty", "bookings.get", 1),
        ("error_500", "*", 0),
    ],
)
def test_what_cannot_be_armed_is_refused_with_a_sentence(salon: Salon, name: str, route: str, nth: int) -> None:
    answer = salon.http.post("/practice/faults", json={"name": name, "route": route, "nth": nth})
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_faults_are_armed_listed_with_how_often_they_fired_and_cleared_over_http(salon: Salon, client: Any) -> None:
    salon.http.post("/practice/faults", json={"name": "list_empty", "route": "locations.list", "times": 2})
    assert client.locations.list().locations == []
    listed = salon.http.get("/practice/faults").json()
    assert {fault["name"] for fault in listed["faults"]} == set(BY_NAME)
    assert [(one["name"], one["fired"]) for one in listed["armed"]] == [("list_empty", 1)]
    salon.http.delete("/practice/faults")
    assert salon.http.get("/practice/faults").json()["armed"] == []
    assert len(client.locations.list().locations) == 1


def test_every_route_is_known_to_some_fault() -> None:
    for route in ROUTES:
        assert any(makes_sense(fault, route.name) for fault in FAULTS)


def test_a_buyers_act_is_not_disturbed_by_faults_of_the_api(salon: Salon) -> None:
    salon.square.arm("error_500", "*", times=9)
    when = stamp(TUESDAY)
    booked = salon.http.post(
        "/practice/act",
        json={"who": "staff", "what": "book", "team_member_id": salon.staff(), "start_at": when, "duration_minutes": 5},
    )
    assert booked.status_code == 200
