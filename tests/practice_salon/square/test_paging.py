"""Pages and cursors of every list."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from square.core.api_error import ApiError

from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY, ONCE, Salon

TUESDAY = MONDAY + timedelta(days=1)
Page = tuple[list[str], str | None]
Fetch = Callable[[str | None], Page]


def by_page(fetch: Fetch) -> Iterator[list[str]]:
    """Ids page by page, carried on while there is a cursor, also after an empty page."""
    cursor: str | None = None
    while True:
        ids, cursor = fetch(cursor)
        yield ids
        if cursor is None:
            return


def five(salon: Salon) -> list[str]:
    """Five bookings on Tuesday."""
    made = [
        salon.square.act(
            "staff", "book", team_member_id=salon.staff(), start_at=stamp(TUESDAY + timedelta(hours=h)),
            duration_minutes=30,
        )
        for h in range(5)
    ]  # fmt: skip
    return [one["booking"]["id"] for one in made]


def fetcher(client: Any, limit: int = 2, **query: Any) -> Fetch:
    def fetch(cursor: str | None) -> Page:
        pager = client.bookings.list(limit=limit, cursor=cursor, request_options=ONCE, **query)
        return [booking.id for booking in pager.items or []], pager.response.cursor

    return fetch


def fetchers(client: Any) -> dict[str, Fetch]:
    def posted(call: Any, name: str, **more: Any) -> Fetch:
        def fetch(cursor: str | None) -> Page:
            answer = call(limit=2, request_options=ONCE, **({"cursor": cursor} if cursor else {}), **more)
            answer = getattr(answer, "response", answer)
            return [row.id for row in getattr(answer, name) or []], answer.cursor

        return fetch

    return {
        "bookings.list": fetcher(client),
        "team_members.search": posted(client.team_members.search, "team_members"),
        "catalog.search_items": posted(client.catalog.search_items, "items"),
        "catalog.search": posted(client.catalog.search, "objects", object_types=["ITEM_VARIATION"]),
        "customers.search": posted(client.customers.search, "customers"),
        "customers.list": posted(client.customers.list, "customers"),
    }


@pytest.mark.parametrize(
    "route",
    [
        "bookings.list",
        "team_members.search",
        "catalog.search_items",
        "catalog.search",
        "customers.search",
        "customers.list",
    ],
)
@pytest.mark.parametrize("gap", [False, True])
def test_all_pages_together_are_all_rows_once_also_around_an_empty_page(
    salon: Salon, client: Any, route: str, gap: bool
) -> None:
    five(salon)
    fetch = fetchers(client)[route]
    whole = [row for page in by_page(fetch) for row in page]
    assert len(whole) == len(set(whole)) >= 5
    armed = salon.square.arm("list_empty_middle_page", route) if gap else None
    pages = list(by_page(fetch))
    assert [row for page in pages for row in page] == whole
    assert ([] in pages[:-1]) == gap
    assert armed is None or armed.fired == 1


def test_the_clients_own_pager_stops_at_the_empty_page_and_loses_rows(salon: Salon, client: Any) -> None:
    made = five(salon)
    salon.square.arm("list_empty_middle_page", "bookings.list")
    assert 0 < len(list(client.bookings.list(limit=2))) < len(made)


def test_a_cursor_lives_five_minutes(salon: Salon, client: Any) -> None:
    five(salon)
    fetch = fetcher(client)
    _, cursor = fetch(None)
    salon.square.advance(299)
    fetch(cursor)
    salon.square.advance(1)
    with pytest.raises(ApiError) as refused:
        fetch(cursor)
    assert (refused.value.status_code, refused.value.errors[0].code) == (400, "INVALID_CURSOR")


def test_a_cursor_belongs_to_its_query(salon: Salon, client: Any) -> None:
    five(salon)
    _, cursor = fetcher(client)(None)
    with pytest.raises(ApiError) as refused:
        fetcher(client, location_id=salon.location())(cursor)
    assert refused.value.errors[0].code == "INVALID_CURSOR"


def test_the_server_decides_how_long_a_page_is_at_most(salon: Salon, client: Any) -> None:
    five(salon)
    salon.square.world.set_rules(page_cap=3)
    assert [len(page) for page in by_page(fetcher(client, limit=100))] == [3, 2]


@pytest.mark.parametrize(("limit", "code"), [("0", "VALUE_TOO_LOW"), ("many", "EXPECTED_INTEGER")])
def test_a_senseless_limit_is_refused(salon: Salon, limit: str, code: str) -> None:
    answer = salon.http.get("/v2/bookings", params={"limit": limit})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


def test_filters_by_staff_client_and_place_hold(salon: Salon, client: Any) -> None:
    five(salon)
    second = {"team_member_id": salon.staff(1), "duration_minutes": 30}
    first = {"team_member_id": salon.staff(2), "duration_minutes": 30}
    when = stamp(TUESDAY)
    two = salon.square.act("staff", "book", start_at=when, segments=[first, second], customer_id=salon.customer(4))
    expected = [two["booking"]["id"]]
    assert [row for page in by_page(fetcher(client, team_member_id=salon.staff(1))) for row in page] == expected
    assert [row for page in by_page(fetcher(client, customer_id=salon.customer(4))) for row in page] == expected
    assert list(by_page(fetcher(client, location_id="nowhere"))) == [[]]
