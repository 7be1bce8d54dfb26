"""Wrong settings: one plain sentence each, naming the setting, what was seen, and what to do."""

from __future__ import annotations

import socket

import httpx
import pytest

from practice_salon.square.grants import ALL_SCOPES, add_grant, revoke
from sync.calendars import ReadFailed
from sync.calendars.square.checks import problems_of, same_zone, write_problems_of
from sync.calendars.square.client import host_of, masked, open_square
from sync.calendars.square.read import SquareReader
from sync.model import Problem, Side
from tests.sync.calendars.square.conftest import HORIZON, Salon

SECRET = "EAAAl-secret-rest-of-the-token"


def the_one(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, problems
    (problem,) = problems
    assert problem.setting in problem.sentence
    assert problem.sentence.endswith(".") and "\n" not in problem.sentence
    assert "secret" not in f"{problem}"
    return problem


def second_location(salon: Salon) -> None:
    with salon.square.world.change():
        place = salon.square.world["locations"].values()[0]
        salon.square.world["locations"].put("LPARK", {**place, "id": "LPARK", "name": "Park"})


def test_nothing_is_wrong_with_right_settings(salon: Salon) -> None:
    assert SquareReader(salon.client, "America/Chicago").check() == []
    assert problems_of(salon.other_client(location=salon.location())) == []


def test_nobody_at_the_address() -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{door.getsockname()[1]}"
        problem = the_one(problems_of(open_square(f"http://{address}", SECRET)))
    assert (problem.setting, problem.seen) == ("SQUARE_BASE_URL", address)
    assert address in problem.sentence


@pytest.mark.parametrize("address", ["", "connect.square.example", "ftp://square.example"])
def test_an_address_that_is_none(address: str) -> None:
    problem = the_one(problems_of(open_square(address, SECRET)))
    assert problem.setting == "SQUARE_BASE_URL"
    assert "no web address" in problem.sentence


def test_an_address_with_a_broken_host() -> None:
    assert the_one(problems_of(open_square("http://[broken", SECRET))).setting == "SQUARE_BASE_URL"


def test_an_address_with_a_password_does_not_show_it() -> None:
    assert host_of("https://anna:secret@square.example:8443/x") == "square.example:8443"
    assert "secret" not in host_of("anna:secret@square")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, html="<h1>Not found</h1>"),
        httpx.Response(200, html="<h1>Welcome</h1>"),
        httpx.Response(301, headers={"location": "https://elsewhere.example/"}),
        httpx.Response(404, json={"message": "no route"}),
    ],
)
def test_another_server_at_the_address(answer: httpx.Response) -> None:
    client = open_square("https://blog.example", SECRET, transport=httpx.MockTransport(lambda _: answer))
    problem = the_one(problems_of(client))
    assert problem.setting == "SQUARE_BASE_URL"
    assert "is not Square" in problem.sentence


def test_a_token_nobody_knows_shows_its_first_four_signs(salon: Salon) -> None:
    problem = the_one(problems_of(salon.other_client(SECRET)))
    assert problem.setting == "SQUARE_ACCESS_TOKEN"
    assert "EAAA…" in problem.sentence and "EAAAl" not in problem.sentence


@pytest.mark.parametrize("token", ["", "with\nbreak-secret", "fünf-secret"])
def test_a_token_that_cannot_be_one(salon: Salon, token: str) -> None:
    problem = the_one(problems_of(salon.other_client(token)))
    assert problem.setting == "SQUARE_ACCESS_TOKEN"


def test_a_short_token_is_hardly_shown() -> None:
    assert masked("abcd") == "a…"
    assert masked("") == "(empty)"


def test_an_expired_and_a_revoked_token_are_told_apart(salon: Salon) -> None:
    with salon.square.world.change():
        add_grant(salon.square.world, "old-secret", expires_at="2026-01-01T00:00:00Z")
        add_grant(salon.square.world, "taken-secret")
        revoke(salon.square.world, "taken-secret")
    assert "has expired" in the_one(problems_of(salon.other_client("old-secret"))).sentence
    assert "was revoked" in the_one(problems_of(salon.other_client("taken-secret"))).sentence


@pytest.mark.parametrize("right", sorted(ALL_SCOPES))
def test_a_missing_right_is_named(salon: Salon, right: str) -> None:
    with salon.square.world.change():
        add_grant(salon.square.world, SECRET, scopes=ALL_SCOPES - {right})
    problems = problems_of(salon.other_client(SECRET))
    assert problems
    assert all(problem.setting == "SQUARE_ACCESS_TOKEN" for problem in problems)
    assert all(f"lacks {right}:" in problem.sentence and "secret" not in problem.sentence for problem in problems)
    assert len(problems) == 1


def test_several_missing_rights_are_one_sentence(salon: Salon) -> None:
    with salon.square.world.change():
        add_grant(salon.square.world, SECRET, scopes=ALL_SCOPES - {"ITEMS_READ", "CUSTOMERS_READ"})
    assert "lacks CUSTOMERS_READ, ITEMS_READ:" in the_one(problems_of(salon.other_client(SECRET))).sentence


@pytest.mark.parametrize("right", sorted(ALL_SCOPES))
def test_only_rights_to_write_keep_from_writing_and_only_rights_to_read_from_a_whole_read(
    salon: Salon, right: str
) -> None:
    with salon.square.world.change():
        add_grant(salon.square.world, SECRET, scopes=ALL_SCOPES - {right})
    client = salon.other_client(SECRET)
    said = [problem.sentence for problem in write_problems_of(client)]
    if right.endswith("_WRITE"):
        assert f"lacks {right}:" in said[0]
        assert SquareReader(client).snapshot(HORIZON).side is Side.SQUARE
    else:
        assert all("_WRITE" not in one for one in said)
        with pytest.raises(ReadFailed, match=f"lacks {right}:"):
            SquareReader(client).snapshot(HORIZON)


def test_a_plan_without_seller_level_writing(salon: Salon) -> None:
    with salon.square.world.change():
        salon.square.world.set_rules(seller_writes=False)
    problem = the_one(problems_of(salon.client))
    assert "Appointments Plus" in problem.sentence


def test_several_locations_and_none_chosen(salon: Salon) -> None:
    second_location(salon)
    problem = the_one(problems_of(salon.client))
    assert problem.setting == "SQUARE_LOCATION_ID"
    assert "Park (LPARK)" in problem.sentence and salon.location() in problem.sentence
    assert problems_of(salon.other_client(location="LPARK")) == []


def test_a_location_that_is_not_there(salon: Salon) -> None:
    problem = the_one(problems_of(salon.other_client(location="LNONE")))
    assert (problem.setting, problem.seen) == ("SQUARE_LOCATION_ID", "LNONE")


def test_no_location_at_all(salon: Salon) -> None:
    salon.arm("list_empty", "locations.list")
    assert "no active location" in the_one(problems_of(salon.client)).sentence


def test_reading_says_the_same_of_a_wrong_location_as_the_check(salon: Salon) -> None:
    reader = SquareReader(salon.other_client(location="LNONE"))
    with pytest.raises(ReadFailed) as raised:
        reader.directory()
    assert raised.value.permanent
    assert str(raised.value) == the_one(reader.check()).sentence


def test_a_zone_that_is_not_the_salons(salon: Salon) -> None:
    problem = the_one(SquareReader(salon.client, "America/New_York").check())
    assert (problem.setting, problem.seen) == ("SALON_TIMEZONE", "America/Chicago")
    assert SquareReader(salon.client, "US/Central").check() == []


def test_zones_are_the_same_by_the_time_they_keep() -> None:
    assert same_zone("America/Chicago", "US/Central")
    assert same_zone("Etc/GMT-2", "+02:00")
    assert same_zone("UTC+02:00", "+02:00")
    assert not same_zone("Europe/Berlin", "+01:00")
    assert not same_zone("America/Chicago", "")
    assert not same_zone("America/Phoenix", "America/Denver")


@pytest.mark.parametrize("fault", ["error_500", "html_502", "rate_limited", "truncated_json", "reset_before"])
def test_a_check_never_raises_and_says_what_it_met(salon: Salon, fault: str) -> None:
    armed = salon.arm(fault, "locations.list")
    assert the_one_said(problems_of(salon.client))
    assert armed.fired == 1


def the_one_said(problems: list[Problem]) -> bool:
    return len(problems) == 1 and problems[0].sentence.endswith(".")
