"""Clients of the other side as Square's customers: found exactly, else created once."""

from __future__ import annotations

from typing import Any

import pytest

from sync.calendars import OutcomeUnknown, ReadFailed, WriteRefused
from sync.calendars.square.customers import clients_named, e164, each_of, fields_for, mail_of
from sync.model import Client
from tests.sync.calendars.square.conftest import Salon

NEW = Client("bookly:9", "Paula van Quist", "+13125550142", "paula.quist@mail.example")


def names_of(salon: Salon) -> list[str]:
    kept = salon.square.world["customers"].values()
    shown = (entry["history"][-1]["profile"] for entry in kept)
    return sorted(f"{c.get('given_name', '')} {c.get('family_name', '')}" for c in shown if c)


def add(salon: Salon, **fields: Any) -> str:
    made = salon.square.act("staff", "add_customer", **fields)["customer"]
    salon.square.advance(60)
    return str(made["id"])


def test_a_customer_is_found_by_exact_phone_however_it_is_spaced(salon: Salon) -> None:
    customer = salon.customer()
    phone = customer["phone_number"]
    spaced = f"{phone[:2]} ({phone[2:5]}) {phone[5:8]}-{phone[8:]}"
    found = salon.writer.client_for(Client("bookly:1", "Somebody", spaced, "other@mail.example"), "k")
    assert found == customer["id"]


def test_a_customer_is_found_by_mail_in_any_letters_when_the_phone_finds_nobody(salon: Salon) -> None:
    customer = salon.customer()
    wanted = Client("bookly:1", "Somebody", "+13125550199", customer["email_address"].upper())
    assert salon.writer.client_for(wanted, "k") == customer["id"]


def test_of_several_with_one_phone_the_one_with_the_mail_then_the_name_then_the_first_is_meant(salon: Salon) -> None:
    phone = "+13125550177"
    first = add(salon, given_name="Rosa", family_name="Rao", phone_number=phone)
    daughter = add(salon, given_name="Uma", family_name="Rao", phone_number=phone)
    mailed = add(salon, given_name="R", family_name="R", phone_number=phone, email_address="rosa@mail.example")
    client_for = salon.writer.client_for
    assert client_for(Client("1", "Uma Rao", phone), "k") == daughter
    assert client_for(Client("1", "Uma Rao", phone, "rosa@mail.example"), "k") == mailed
    assert client_for(Client("1", "Zoe Rao", phone), "k") == first


def test_who_is_found_nowhere_is_created_with_name_phone_and_mail(salon: Salon) -> None:
    made = salon.writer.client_for(NEW, "t1:client:9")
    assert made is not None
    shown = clients_named(salon.client, [made])[made]
    assert (shown.name, shown.phone, shown.email) == (NEW.name, NEW.phone, NEW.email)


def test_asked_twice_before_the_search_knows_the_new_one_no_second_is_made(salon: Salon) -> None:
    before = len(names_of(salon))
    first = salon.writer.client_for(NEW, "t1:client:9")
    assert salon.writer.client_for(NEW, "t1:client:9") == first
    assert len(names_of(salon)) == before + 1


def test_a_lost_answer_to_a_create_is_asked_again_under_the_same_key_and_makes_no_second(salon: Salon) -> None:
    before = len(names_of(salon))
    salon.arm("reset_after", "customers.create")
    with pytest.raises(OutcomeUnknown):
        salon.writer.client_for(NEW, "t1:client:9")
    assert salon.writer.client_for(NEW, "t1:client:9") is not None
    assert len(names_of(salon)) == before + 1


def test_a_client_renamed_while_the_search_lags_is_not_made_twice(salon: Salon) -> None:
    salon.writer.client_for(NEW, "t1:client:9")
    with pytest.raises(WriteRefused, match="try again") as raised:
        salon.writer.client_for(Client(NEW.key, "Paula Married", NEW.phone, NEW.email), "t1:client:9")
    assert not raised.value.permanent
    salon.square.advance(60)
    assert salon.writer.client_for(Client(NEW.key, "Paula Married", NEW.phone, NEW.email), "t1:client:9")


def test_a_customer_deleted_in_square_since_is_made_anew(salon: Salon) -> None:
    first = salon.writer.client_for(NEW, "t1:client:9")
    other = salon.customer(1)["id"]
    salon.square.act("owner", "merge_customers", from_customer_ids=[first, other])
    again = salon.writer.client_for(NEW, "t1:client:9")
    assert again not in (None, first)
    assert salon.writer.client_for(NEW, "t1:client:9") == again


def test_a_mail_that_square_finds_no_good_is_left_out(salon: Salon) -> None:
    salon.square.world.faults.clear()
    odd = Client("9", "Tara Tully", "", "tara@tully.example")
    salon.arm("unknown_error_code", "customers.create")
    with pytest.raises(WriteRefused, match="SOMETHING_NEVER_SEEN"):
        salon.writer.client_for(odd, "k")
    assert salon.writer.client_for(odd, "k") is not None


def test_nothing_to_know_a_client_by_is_no_customer(salon: Salon) -> None:
    assert salon.writer.client_for(Client("9", "", "555", "no mail"), "k") is None
    assert salon.calls("customers.create") == 0


def test_a_search_that_fails_creates_nobody(salon: Salon) -> None:
    salon.arm("error_503", "customers.search")
    with pytest.raises(WriteRefused):
        salon.writer.client_for(NEW, "k")
    assert salon.calls("customers.create") == 0


def test_phones_count_only_with_their_country() -> None:
    assert e164("+1 (312) 555-0142") == "+13125550142"
    assert e164("0049 30 5550142") == "+49305550142"
    assert e164("312 555 0142") is None
    assert e164("") is None


def test_mails_are_compared_in_small_letters() -> None:
    assert mail_of(" Anna@Mail.Example ") == "anna@mail.example"
    assert mail_of("anna at mail") is None


def test_a_name_is_given_name_and_the_rest() -> None:
    assert fields_for(Client("1", "Paula van Quist")) == {"given_name": "Paula", "family_name": "van Quist"}
    assert fields_for(Client("1", "Cher")) == {"given_name": "Cher"}


def test_an_id_without_an_answer_or_with_another_error_is_no_missing_one() -> None:
    gone = {"errors": [{"code": "NOT_FOUND", "category": "INVALID_REQUEST_ERROR"}]}
    assert each_of({"a": gone}, ["a"], "booking") == {"a": None}
    trouble = {"errors": [{"code": "INTERNAL_SERVER_ERROR"}]}
    answers: list[Any] = [{}, {"a": {}}, {"a": None}, {"a": trouble}, None, []]
    for odd in answers:
        with pytest.raises(ReadFailed):
            each_of(odd, ["a"], "booking")


def test_many_customers_are_asked_for_a_hundred_at_a_time(salon: Salon) -> None:
    found = clients_named(salon.client, [f"GONE{n}" for n in range(150)])
    assert salon.calls("customers.bulk_retrieve_customers") == 2
    assert found["GONE3"] == Client("GONE3")
