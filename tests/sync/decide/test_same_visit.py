"""A salon that typed its visits into both calendars by hand: what is one visit, and how sure that is."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.decide.findings import find
from sync.decide.likeness import distance, folded, like_name, phone, region_of, same_mail, same_name, same_phone
from sync.decide.same_visit import Couple, couples
from sync.model import Appointment, Client, Kind, Ref, Side, Standing
from tests.sync.decide.views import (
    ANNA,
    ANNA_THERE,
    BEN,
    BEN_THERE,
    NOW,
    at,
    block,
    bookly,
    keys,
    of_kind,
    pair,
    part,
    square,
    view,
)

SET_UP = (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE)


def one(*appointments: Appointment) -> Couple:
    (couple,) = couples(view(*appointments))
    return couple


def client(name: str = "", phone: str = "", mail: str = "") -> Client:
    return Client("C1", name, phone, mail)


# --- who is one client ------------------------------------------------------------------------------------------


def test_one_phone_in_two_forms_is_one_client_and_the_couple_is_likely() -> None:
    found = one(
        bookly("1", at(10), client=client("Anna", "+13125550111")),
        square("S", at(10), client=client("A. Berg", "312-555-0111")),
    )
    assert (found.likely, found.by, found.differs) == (True, "phone", ("name",))


def test_one_mail_in_another_case_is_one_client() -> None:
    found = one(
        bookly("1", at(10), client=client("Anna", mail="Anna@Mail.example")),
        square("S", at(10, 5), client=client("Anna", mail="anna@mail.example ")),
    )
    assert (found.likely, found.by, found.differs) == (True, "mail", ("time",))


def test_starts_more_than_a_quarter_of_an_hour_apart_are_unsure() -> None:
    near, far = (square("S", at(10, minute), client=ANNA_THERE) for minute in (15, 16))
    assert one(bookly("1", at(10)), near).likely
    assert not one(bookly("1", at(10)), far).likely


def test_the_same_name_at_the_same_start_is_likely_and_five_minutes_later_unsure() -> None:
    here = bookly("1", at(10), client=client("José García"))
    same, later = (square("S", start, client=client("GARCIA, Jose")) for start in (at(10), at(10, 5)))
    assert (one(here, same).likely, one(here, same).by, one(here, same).differs) == (True, "name", ())
    assert (one(here, later).likely, one(here, later).differs) == (False, ("time",))


def test_a_name_with_a_slip_in_it_is_unsure() -> None:
    found = one(bookly("1", at(10), client=client("Anna Bergman")), square("S", at(10), client=client("Ana Bergmann")))
    assert (found.likely, found.by, found.differs) == (False, "name", ("name",))


def test_the_same_name_with_another_phone_says_what_differs() -> None:
    found = one(
        bookly("1", at(10), client=client("Anna Berg", "312 555 0111")),
        square("S", at(10), client=client("Anna Berg", "312 555 0199")),
    )
    assert found.differs == ("phone",)


def test_two_clients_are_two_visits_and_clash() -> None:
    found = find(view(bookly("1", at(10)), square("S", at(10))))
    assert of_kind(found, Kind.DOUBLE_BOOKING) and not of_kind(found, Kind.SAME_VISIT)


def test_time_shut_for_nobody_counts_where_start_and_end_are_equal() -> None:
    found = one(block("5", at(10)), square("S", at(10)))
    assert (found.likely, found.by) == (False, "block")
    assert not couples(view(block("5", at(10)), square("S", at(10, 5))))


def test_a_block_may_hold_the_busy_time_of_the_booking() -> None:
    assert one(block("5", at(10), 75), square("S", at(10), after=15)).by == "block"


def test_our_own_mark_makes_a_block_at_the_same_time_likely() -> None:
    """The store was lost: what it once put there is known again by its mark and its time."""
    marked = block("5", at(10), mark="slotkeeper:abc:7:0")
    found = find(view(marked, square("S", at(10))))
    assert keys(found, *SET_UP) == ["same_visit|bookly:5|square:S"]
    assert of_kind(found, Kind.SAME_VISIT)[0].detail["likely"] is True


def test_anybody_of_a_class_is_enough() -> None:
    group = replace(bookly("9", at(10)), ref=Ref(Side.BOOKLY, "row:9"), is_class=True, clients=(BEN, ANNA))
    assert one(group, square("S", at(10), client=ANNA_THERE)).by == "phone"


# --- who can be one visit at all ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (bookly("1", at(10)), square("S", at(11), client=ANNA_THERE)),
        (bookly("1", at(10)), square("S", at(10), client=ANNA_THERE, staff="TM2")),
        (bookly("1", at(10), staff="3"), square("S", at(10), client=ANNA_THERE, staff="TM4")),
        (replace(bookly("1", at(10)), standing=Standing.CANCELLED), square("S", at(10), client=ANNA_THERE)),
        (bookly("1", at(10), anomaly="no_end", standing=Standing.UNKNOWN), square("S", at(10), client=ANNA_THERE)),
    ],
    ids=["times that touch", "another stylist", "nobody mapped them", "cancelled", "an anomaly"],
)
def test_no_couple(here: Appointment, there: Appointment) -> None:
    assert couples(view(here, there)) == ()


def test_what_is_linked_looks_for_nobody_else() -> None:
    here, there, twin = (
        bookly("1", at(10)),
        square("S", at(10), client=ANNA_THERE),
        square("T", at(10), client=ANNA_THERE),
    )
    assert couples(view(here, there, twin, pairs=(pair(here, there),))) == ()


def test_each_finds_at_most_one_other_half_and_the_best_one() -> None:
    here = [bookly("1", at(10)), bookly("2", at(10, 15))]
    there = [square("S", at(10, 15), client=ANNA_THERE), square("T", at(10), client=ANNA_THERE)]
    found = {(c.bookly.key, c.square.key) for c in couples(view(*here, *there))}
    assert found == {("ca:1", "T"), ("ca:2", "S")}


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_the_order_of_reading_changes_nothing_and_nobody_is_matched_twice(seed: int) -> None:
    rng = random.Random(seed)
    people = [(ANNA, ANNA_THERE), (BEN, BEN_THERE), (client("Cleo Dahl"), client("Cleo Dal"))]
    visits: list[Appointment] = []
    for number in range(6):
        mine, theirs = rng.choice(people)
        visits.append(bookly(str(number), at(10, rng.randrange(0, 60, 5)), client=mine))
        visits.append(square(f"S{number}", at(10, rng.randrange(0, 60, 5)), client=theirs))
    found = couples(view(*visits))
    rng.shuffle(visits)
    assert couples(view(*visits)) == found
    assert len({c.bookly for c in found}) == len({c.square for c in found}) == len(found)


def test_the_parts_of_a_compound_may_each_be_a_booking_of_their_own() -> None:
    parts = (part("1", at(10), 30, "5"), part("2", at(10, 45), 30, "6"))
    compound = replace(bookly("5", at(10)), ref=Ref(Side.BOOKLY, "compound:5"), parts=parts)
    first = square("S1", at(10), 30, client=ANNA_THERE)
    second = square("S2", at(10, 45), 30, client=ANNA_THERE, staff="TM2")
    assert [c.square.key for c in couples(view(compound, first, second))] == ["S1", "S2"]
    halfway = view(compound, first, second, pairs=(pair(compound, first),))
    assert [c.square.key for c in couples(halfway)] == ["S2"]
    assert couples(view(compound, first, second, pairs=(pair(compound, first, second),))) == ()


# --- what it means for the rest -----------------------------------------------------------------------------------


def test_a_couple_is_never_a_double_booking_and_never_missing() -> None:
    found = find(view(bookly("1", at(10)), square("S", at(10, 5), client=ANNA_THERE)))
    assert keys(found, *SET_UP) == ["same_visit|bookly:1|square:S"]
    detail = of_kind(found, Kind.SAME_VISIT)[0].detail
    assert (detail["likely"], detail["by"], detail["differs"]) == (True, "phone", ["time"])


def test_an_unsure_couple_is_no_double_booking_either() -> None:
    unsure = square("S", at(10, 40), client=ANNA_THERE)
    assert keys(find(view(bookly("1", at(10)), unsure)), *SET_UP) == ["same_visit|bookly:1|square:S"]


def test_who_meets_both_ends_of_a_likely_couple_clashes_once() -> None:
    found = find(view(bookly("1", at(10)), square("S", at(10), client=ANNA_THERE), bookly("2", at(10, 30), client=BEN)))
    assert keys(of_kind(found, Kind.DOUBLE_BOOKING)) == ["double_booking|bookly:1|bookly:2"]


def test_paddings_of_a_couple_do_not_clash() -> None:
    found = find(view(bookly("1", at(10), after=15), square("S", at(10), client=ANNA_THERE, after=30)))
    assert not of_kind(found, Kind.PADDING_CLASH)


SPELLINGS = ("Anna Berg", "anna  berg", "Berg, Anna", "Ánna Berg", "Anna Berk")


@given(
    spelling=st.sampled_from(SPELLINGS),
    form=st.sampled_from(["+13125550111", "(312) 555-0111", "312.555.0111", "1-312-555-0111", ""]),
    mail=st.sampled_from(["anna@mail.example", "ANNA@mail.example", ""]),
    late=st.sampled_from([-5, 0, 5]),
)
@settings(max_examples=100, deadline=None)
def test_a_true_twin_is_never_a_double_booking_nor_missing(spelling: str, form: str, mail: str, late: int) -> None:
    twin = square("S", at(10) + timedelta(minutes=late), client=Client("C77", spelling, form, mail))
    found = find(view(bookly("1", at(10)), twin))
    assert keys(found, *SET_UP) == ["same_visit|bookly:1|square:S"]


def test_ten_days_typed_twice_are_all_couples_and_nothing_else() -> None:
    visits: list[Appointment] = []
    for day in range(10):
        for hour in range(9, 17):
            number = day * 24 + hour
            start = at(hour) + timedelta(days=day)
            here = Client(f"{number}", f"Client {chr(65 + day)}{chr(65 + hour)}", f"+1312555{number:04d}")
            visits += [
                bookly(str(number), start, client=here),
                square(f"S{number}", start, client=replace(here, key=f"C{number}")),
            ]
    found = find(view(*visits, now=NOW))
    assert {f.kind for f in found} - set(SET_UP) == {Kind.SAME_VISIT}
    assert len(of_kind(found, Kind.SAME_VISIT)) == 80 and all(
        f.detail["likely"] for f in of_kind(found, Kind.SAME_VISIT)
    )


# --- likeness -----------------------------------------------------------------------------------------------------


def test_names_are_compared_without_case_accents_punctuation_and_order() -> None:
    assert folded("  GARCÍA,  Ava-Mae ") == "ava garcia mae"
    assert same_name("O'Neil, Sean", "sean ONEIL") and same_name("Łukasz Groß", "Lukasz Gross")
    assert not same_name("", "")


@pytest.mark.parametrize(
    ("name", "other", "like"),
    [
        ("Anna Berg", "Anna Berk", True),
        ("Anna Bergman", "Ana Bergmann", True),
        ("Priya", "Pirya", True),
        ("Ann", "Amy", False),
        ("Anna Berg", "Hanna Borg Lee", False),
        ("", "Anna", False),
    ],
)
def test_a_slip_of_a_letter_or_two_is_forgiven(name: str, other: str, like: bool) -> None:
    assert like_name(name, other) is like


def test_the_distance_counts_letters_put_in_left_out_changed_and_swapped() -> None:
    assert [distance("berg", other, 3) for other in ("berg", "bberg", "brg", "bexg", "ebrg")] == [0, 1, 1, 1, 1]
    assert distance("berg", "something else", 2) == 3


def test_phones_are_compared_by_number_whatever_their_form() -> None:
    assert phone("(312) 555-0111", "US") == "+13125550111"
    assert same_phone("+44 20 7946 0018", "020 7946 0018", "GB")
    assert same_phone("+1 312 555 0111", "(312) 555-0111", None)
    assert not same_phone("312 555 0111", "312 555 0112", "US")
    assert not same_phone("", "", "US") and not same_phone("n/a", "n/a", None) and not same_phone("123", "123", None)


def test_an_empty_mail_is_nobodys() -> None:
    assert not same_mail("", "") and not same_mail("none", "none")


def test_the_country_is_guessed_from_the_zone_or_not_at_all() -> None:
    assert region_of("America/Chicago") == "US" and region_of("Europe/Vienna") == "AT"
    assert region_of("UTC") is None and region_of("-06:00") is None
