"""Who is who on both sides: only what a person confirmed joins; the rest is a suggestion or nothing."""

from __future__ import annotations

import pytest

from sync.decide.matching import Suggestion, suggest_services, suggest_staff
from sync.model import Service, Side, StaffMember, people


def here(staff: str, name: str = "", mail: str = "", phone: str = "") -> StaffMember:
    return StaffMember(Side.BOOKLY, staff, name, mail, phone)


def there(staff: str, name: str = "", mail: str = "", phone: str = "") -> StaffMember:
    return StaffMember(Side.SQUARE, staff, name, mail, phone)


def test_two_are_one_person_only_where_the_map_says_so() -> None:
    found = people(
        [here("1", "Maria"), here("2", "Theo")], [there("TM1", "Maria A."), there("TM2", "Theo")], {"1": "TM1"}
    )
    assert [(p.id, p.name, p.bookly and p.bookly.id, p.square and p.square.id) for p in found] == [
        ("bookly:1", "Maria", "1", "TM1"),
        ("bookly:2", "Theo", "2", None),
        ("square:TM2", "Theo", None, "TM2"),
    ]


def test_a_map_row_whose_other_half_is_gone_joins_nobody() -> None:
    assert [p.id for p in people([here("1")], [], {"1": "TM1", "9": "TM2"})] == ["bookly:1"]


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        (here("1", "Maria", "m@salon.example"), there("T", "M. Alvarez", "M@salon.example"), "mail"),
        (here("1", "Maria", phone="(312) 555-0101"), there("T", "M. Alvarez", phone="+13125550101"), "phone"),
        (here("1", "Maria Álvarez"), there("T", "maria alvarez"), "name"),
        (here("1", "Maria Alvarez"), there("T", "Maria"), "name"),
        (here("1", "Maria Alvarez"), there("T", "Maria A."), "name"),
    ],
)
def test_a_suggestion_says_by_what(one: StaffMember, other: StaffMember, by: str) -> None:
    assert suggest_staff([one], [other], "US") == (Suggestion("1", "T", by),)


def test_the_strongest_word_is_said_where_several_agree() -> None:
    one, other = here("1", "Maria", "m@salon.example"), there("T", "Maria", "m@salon.example")
    assert suggest_staff([one], [other])[0].by == "mail"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ([here("1", "Maria")], [there("T", "Maria"), there("U", "Maria")]),
        ([here("1", "Maria"), here("2", "Maria")], [there("T", "Maria")]),
        ([here("1", "Maria", "t@salon.example")], [there("T", "Theo", "t@salon.example"), there("U", "Maria")]),
        ([here("1", "Maria Alvarez")], [there("T", "Maria Lopez")]),
        ([here("1", "")], [there("T", "")]),
    ],
    ids=["two there", "two here", "mail and name disagree", "another surname", "no name at all"],
)
def test_what_is_ambiguous_is_no_suggestion(mine: list[StaffMember], theirs: list[StaffMember]) -> None:
    assert suggest_staff(mine, theirs) == ()


def test_the_salons_own_phone_behind_every_name_does_not_spoil_the_names() -> None:
    mine = [here("1", "Maria", phone="3125550100"), here("2", "Theo", phone="3125550100")]
    theirs = [there("T", "Theo", phone="3125550100"), there("M", "Maria", phone="3125550100")]
    assert suggest_staff(mine, theirs, "US") == (Suggestion("1", "M", "name"), Suggestion("2", "T", "name"))


def test_a_namesake_by_first_name_does_not_spoil_a_sure_match() -> None:
    mine = [here("1", "Maria Alvarez", "m@salon.example")]
    theirs = [there("T", "M. Alvarez", "m@salon.example"), there("U", "Maria Lopez")]
    assert suggest_staff(mine, theirs) == (Suggestion("1", "T", "mail"),)


def offered(side: Side, service: str, name: str, minutes: int = 45) -> Service:
    return Service(side, service, name, minutes)


def test_services_are_suggested_by_name_whatever_case_and_punctuation() -> None:
    found = suggest_services(
        [offered(Side.BOOKLY, "1", "Women's Haircut")], [offered(Side.SQUARE, "V", "womens haircut (Regular)")]
    )
    assert found == (Suggestion("1", "V", "name"),)


def test_services_of_one_name_are_told_apart_by_their_length_or_not_at_all() -> None:
    mine = [offered(Side.BOOKLY, "1", "Colour", 90)]
    theirs = [offered(Side.SQUARE, "V", "Colour", 60), offered(Side.SQUARE, "W", "Colour", 90)]
    assert suggest_services(mine, theirs) == (Suggestion("1", "W", "name"),)
    assert suggest_services(mine, [theirs[1], offered(Side.SQUARE, "X", "Colour", 90)]) == ()
