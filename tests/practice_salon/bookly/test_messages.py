"""The website tells what changed, once a request, by ids; and nobody who books notices whether anyone listens."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from standardwebhooks.webhooks import Webhook

from practice_salon import PracticeError
from practice_salon.bookly.backoffice import BackOffice
from practice_salon.bookly.door import Form
from practice_salon.bookly.journal import Site, open_site
from practice_salon.bookly.messages import Messenger, Touched
from practice_salon.bookly.seed import seed
from practice_salon.shop import shop
from tests.practice_salon.people.conftest import TUESDAY_NOON
from tests.practice_salon.square.listener import listening

SECRET = "whsec_c2VjcmV0IG9mIGEgcHJhY3RpY2Ugc2Fsb24="
ANNA = Form("Anna Abbott", "anna@client.example", "+13125550100")
TEN = datetime.fromisoformat("2026-05-20T10:00")
"""Bookly's naive local digits."""
ROW = {"staff_id": 1, "start_date": TEN, "end_date": TEN, "created_at": TEN, "updated_at": TEN, "internal_note": ""}


class Heard(list[tuple[list[int], list[int]]]):
    """What was told: ids of rows and of lines, once a request."""

    def hear(self, touched: Touched) -> None:
        self.append((list(touched.appointments), list(touched.customer_appointments)))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, heard: Heard) -> Iterator[Site]:
    url = f"sqlite:///{tmp_path_factory.mktemp('bookly')}/bookly.db"
    seed(url, shop(1), TUESDAY_NOON)
    made = open_site(url, clock=lambda: TUESDAY_NOON, tell=heard.hear)
    yield made
    made.engine.dispose()


def test_a_booking_a_move_a_cancellation_and_a_deletion_are_told_with_row_and_line(site: Site, heard: Heard) -> None:
    office = BackOffice(site)
    booked = office.book(1, 1, TEN, [ANNA])
    (row,), (line,) = booked.appointments, booked.customer_appointments
    office.move(row, TEN.replace(hour=12))
    office.cancel(line)
    office.delete(row)
    assert heard == [([row], [line]), ([row], []), ([row], [line]), ([row], [line])]


def test_a_block_is_a_row_without_a_line(site: Site, heard: Heard) -> None:
    row = BackOffice(site).block(1, TEN, 30)
    assert heard == [([row], [])]


def test_what_changes_no_visit_is_not_told(site: Site, heard: Heard) -> None:
    office = BackOffice(site)
    office.rename_client(1, "Someone Else")
    office.delete_service(1)
    assert heard == []


def test_what_was_done_before_a_failure_is_told_as_it_is_kept(site: Site, heard: Heard) -> None:
    with pytest.raises(PracticeError), site.request("admin") as request:
        request.row(site.bookly.staff, request.insert(site.bookly.appointments, ROW))
    assert [lines for _, lines in heard] == [[]] and len(heard[0][0]) == 1


def test_it_is_posted_as_the_standard_has_it() -> None:
    with listening() as listener:
        Messenger(listener.url, SECRET).tell(Touched({7: None}, {9: None}))
        (arrived,) = listener.wait_for(1)
    body = Webhook(SECRET).verify(arrived.raw, arrived.headers)
    assert (body["type"], body["appointments"], body["customer_appointments"]) == ("bookly.changed", [7], [9])
    assert datetime.fromisoformat(body["changed_at"]).tzinfo is not None


def test_each_message_has_an_id_of_its_own() -> None:
    messenger = Messenger("http://127.0.0.1:1", SECRET)
    assert messenger.headers("{}")["webhook-id"] != messenger.headers("{}")["webhook-id"]


def test_it_does_not_matter_that_nobody_listens() -> None:
    Messenger("http://127.0.0.1:1", SECRET).tell(Touched({7: None}))


def test_a_secret_that_is_none_is_refused() -> None:
    with pytest.raises(PracticeError, match="--secret"):
        Messenger("http://127.0.0.1:1", "whsec_*")
