"""What only a database server can show: the named lock, minimal rights, lost connections, other writers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa

from sync.calendars import OutcomeUnknown, Taken, WriteRefused
from sync.calendars.bookly.lock import lock_name
from sync.calendars.bookly.work import Work
from sync.calendars.bookly.write import BooklyWriter
from sync.model import Cancel, Move, Reinstate, Withdraw, Written
from tests.sync.calendars.bookly.proxy import wire
from tests.sync.calendars.bookly.salon import ANNA, BEN, MADE, MARIA, YEAR, Salon, ref, utc
from tests.sync.calendars.bookly.writes import part, place, shown

pytestmark = pytest.mark.mariadb

GRANTS = (
    *(
        f"GRANT SELECT ON {{db}}.wp_bookly_{name} TO {{user}}"
        for name in ("appointments", "services", "staff_services", "staff_schedule_items", "schedule_item_breaks",
                     "holidays", "log")
    ),
    "GRANT SELECT (id, full_name, email, phone, visibility, time_zone) ON {db}.wp_bookly_staff TO {user}",
    "GRANT SELECT (id, full_name, first_name, last_name, phone, email) ON {db}.wp_bookly_customers TO {user}",
    ("GRANT SELECT (id, customer_id, appointment_id, number_of_persons, status, payment_id, compound_token, "
    "status_changed_at, created_at, updated_at) ON {db}.wp_bookly_customer_appointments TO {user}"),
    "GRANT SELECT ON {db}.bookly_sync_site TO {user}",
)  # fmt: skip
WRITE_GRANTS = (
    "GRANT INSERT, UPDATE, DELETE ON {db}.wp_bookly_appointments TO {user}",
    (
        "GRANT UPDATE (status, status_changed_at, updated_at, appointment_id) "
        "ON {db}.wp_bookly_customer_appointments TO {user}"
    ),
)


@pytest.fixture
def salon(mariadb_salon: Salon) -> Salon:
    return mariadb_salon


@pytest.fixture
def small_user(salon: Salon) -> Iterator[str]:
    """The URL of a database user who may do what the docs ask for and nothing else."""
    url = sa.make_url(salon.url)
    user = f"'small_{url.database}'@'127.0.0.1'"
    with salon.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE VIEW bookly_sync_site AS SELECT option_name, option_value FROM wp_options "
            "WHERE option_name IN ('timezone_string', 'gmt_offset')"
        )
        connection.exec_driver_sql(f"CREATE USER {user} IDENTIFIED BY 'sesame'")
        for grant in (*GRANTS, *WRITE_GRANTS):
            connection.exec_driver_sql(grant.format(db=url.database, user=user))
    yield url.set(username=f"small_{url.database}", password="sesame").render_as_string(hide_password=False)
    with salon.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP USER {user}")


def writer(salon: Salon, url: str = "", wait: int = 1) -> BooklyWriter:
    return BooklyWriter(salon.door(url), lambda: salon.now, lock_wait=wait)


# --- minimal rights -------------------------------------------------------------------------------------------------


def test_minimal_rights_are_enough_for_every_write(salon: Salon, small_user: str) -> None:
    write = writer(salon, small_user)
    assert write.check() == []
    block = write.write(place("2026-12-01 08:00", "2026-12-01 09:00"))
    row = salon.row("2026-12-01 10:00")
    anna, ben = salon.client(row, ANNA), salon.client(row, BEN)
    visit = shown(salon, anna)
    move = Move(visit.ref, (part("2026-12-01 14:00", "2026-12-01 14:30"),), "k", visit.fingerprint)
    moved = write.write(move)
    assert write.settle(move) == moved
    visit = shown(salon, ben)
    gone = write.write(Cancel(visit.ref, "k", visit.fingerprint)).appointment
    assert gone
    assert write.write(Reinstate(gone.ref, "k", gone.fingerprint, "approved")).appointment == visit
    visit = shown(salon, ben)
    write.write(Move(visit.ref, (part("2026-12-01 16:00", "2026-12-01 16:30"),), "k", visit.fingerprint))
    assert write.write(Withdraw(block.ref, "k")) == Written(block.ref, None)


def test_reading_needs_no_more_than_that_and_finds_the_zone_in_the_view(salon: Salon, small_user: str) -> None:
    from sync.calendars.bookly import BooklyReader

    reader = BooklyReader(salon.door(small_user), lambda: salon.now)
    line = salon.visit("2026-12-01 10:00")
    assert reader.check() == []
    assert reader.snapshot(YEAR) == salon.reader.snapshot(YEAR)
    assert reader.read([ref(f"ca:{line}")])[ref(f"ca:{line}")] == shown(salon, line)


def test_rights_that_are_missing_are_named_before_anything_is_written(salon: Salon, small_user: str) -> None:
    url = sa.make_url(small_user)
    user = f"'{url.username}'@'127.0.0.1'"
    with salon.engine.begin() as connection:
        for table in ("appointments", "customer_appointments"):
            connection.exec_driver_sql(f"REVOKE INSERT, UPDATE, DELETE ON {url.database}.wp_bookly_{table} FROM {user}")
        connection.exec_driver_sql(
            f"REVOKE UPDATE (status, status_changed_at, updated_at, appointment_id) ON "
            f"{url.database}.wp_bookly_customer_appointments FROM {user}"
        )
    (problem,) = writer(salon, small_user).check()
    assert "grant INSERT, UPDATE, DELETE on wp_bookly_appointments, and UPDATE (status" in problem.sentence
    assert "appointment_id) on wp_bookly_customer_appointments." in problem.sentence
    with pytest.raises(WriteRefused, match="too few rights") as refused:
        writer(salon, small_user).write(place())
    assert refused.value.permanent and refused.value.setting == "BOOKLY_DATABASE_URL"


# --- the named lock -------------------------------------------------------------------------------------------------


def test_the_locks_name_is_the_one_the_plugin_computes() -> None:
    assert lock_name("salon", "wp_") == "slotkeeper:" + hashlib.sha256(b"salon:wp_").hexdigest()[:16]


def name_of(salon: Salon) -> str:
    return lock_name(str(sa.make_url(salon.url).database), "wp_")


def test_nothing_is_written_while_bookly_holds_the_lock(salon: Salon) -> None:
    write = writer(salon, wait=0)
    with salon.engine.connect() as bookly:
        bookly.execute(sa.text("SELECT GET_LOCK(:n, 0)"), {"n": name_of(salon)})
        with pytest.raises(WriteRefused, match="busy with another booking") as refused:
            write.write(place())
        bookly.execute(sa.text("SELECT RELEASE_LOCK(:n)"), {"n": name_of(salon)})
    assert refused.value.waiting and not refused.value.permanent and salon.rows("appointments") == {}
    assert write.write(place()).appointment


def test_the_lock_is_given_back_after_a_write_and_after_a_refusal(salon: Salon) -> None:
    salon.writer.write(place())
    with pytest.raises(Taken):
        salon.writer.write(place(mark="slotkeeper:a1:8:0"))
    with salon.engine.connect() as bookly:
        free = bookly.execute(sa.text("SELECT IS_FREE_LOCK(:n)"), {"n": name_of(salon)}).scalar()
    assert free == 1


def test_a_booking_made_while_the_lock_was_waited_for_is_seen(salon: Salon) -> None:
    """Bookly holds the lock, writes its booking and lets go: the overlap test must not look at an older moment."""
    write = writer(salon, wait=20)
    with ThreadPoolExecutor(1) as pool, salon.engine.connect() as bookly:
        bookly.execute(sa.text("SELECT GET_LOCK(:n, 0)"), {"n": name_of(salon)})
        waiting = pool.submit(write.write, place())
        _until_asked(salon, "SELECT GET_LOCK%")
        salon.visit("2026-12-01 10:00")
        bookly.execute(sa.text("SELECT RELEASE_LOCK(:n)"), {"n": name_of(salon)})
        with pytest.raises(Taken):
            waiting.result(timeout=20)


def _until_asked(salon: Salon, like: str) -> None:
    """Wait until somebody's statement of that shape is with the server."""
    query = sa.text(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE :like AND id != CONNECTION_ID()"
    )
    bound = monotonic() + 20
    with salon.engine.connect() as connection:
        while not connection.execute(query, {"like": like}).scalar():
            assert monotonic() < bound, "nobody waits"


def test_a_lock_lost_before_the_commit_leaves_nothing_written(salon: Salon, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Work.apply

    def and_the_lock_dies(work: Work, change: Any) -> int:
        made = plain(work, change)
        with salon.engine.begin() as root:
            holder = root.execute(sa.text("SELECT IS_USED_LOCK(:n)"), {"n": name_of(salon)}).scalar()
            root.exec_driver_sql(f"KILL {holder}")
        return made

    monkeypatch.setattr(Work, "apply", and_the_lock_dies)
    with pytest.raises(WriteRefused) as refused:
        salon.writer.write(place())
    assert refused.value.waiting and not refused.value.permanent and salon.rows("appointments") == {}


def test_nobody_is_put_on_a_row_while_it_is_moved(salon: Salon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bookly knows no lock of ours without the plugin: its insert of a customer has to wait for the row itself."""
    row = salon.row("2026-12-01 10:00")
    visit = shown(salon, salon.client(row))
    met: list[int] = []

    def meanwhile(*_: object, **__: object) -> None:
        with salon.engine.connect() as bookly:
            bookly.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 0")
            with pytest.raises(sa.exc.OperationalError, match="Lock wait timeout"):
                bookly.execute(
                    sa.insert(salon.tables.customer_appointments).values(
                        appointment_id=row, customer_id=BEN, created_at=MADE, updated_at=MADE
                    )
                )
        met.append(row)

    monkeypatch.setattr(Work, "refuse_taken", meanwhile)
    salon.writer.write(Move(visit.ref, (part("2026-12-01 14:00", "2026-12-01 14:30"),), "k", visit.fingerprint))
    assert met == [row]


# --- lost connections -----------------------------------------------------------------------------------------------


@pytest.fixture
def cut_wire(salon: Salon) -> Iterator[tuple[Any, str]]:
    url = sa.make_url(salon.url)
    with wire(int(url.port or 0)) as (line, port):
        yield line, url.set(port=port).render_as_string(hide_password=False)


@pytest.mark.parametrize("heard", [True, False])
def test_a_lost_answer_to_the_commit_is_settled_by_a_look(salon: Salon, cut_wire: tuple[Any, str], heard: bool) -> None:
    line, url = cut_wire
    write = writer(salon, url)
    line.word, line.heard = b"\x03COMMIT", heard
    with pytest.raises(OutcomeUnknown):
        write.write(place())
    assert line.cut == 1
    line.word = None
    settled = writer(salon).settle(place())
    assert (settled is not None) == heard
    assert [row["internal_note"] for row in salon.rows("appointments").values()] == ([place().mark] if heard else [])


def test_a_connection_lost_before_the_commit_is_a_refusal(salon: Salon, cut_wire: tuple[Any, str]) -> None:
    line, url = cut_wire
    write = writer(salon, url)
    line.word = b"INSERT INTO"
    with pytest.raises(WriteRefused) as refused:
        write.write(place())
    assert line.cut == 1 and not refused.value.permanent
    line.word = None
    assert writer(salon).settle(place()) is None
    assert write.write(place()).appointment, "the next write opens new connections"


def test_settling_waits_for_a_write_that_is_not_over(salon: Salon) -> None:
    """The connection died, the server has not noticed: its open row must not be taken for no row."""
    settle = writer(salon)
    with ThreadPoolExecutor(1) as pool, salon.engine.connect() as dying:
        a = salon.tables.appointments
        values = {
            "staff_id": MARIA,
            "internal_note": place().mark,
            "start_date": utc("2026-12-01 10:00").replace(tzinfo=None),
        }
        stamps = {"created_at": values["start_date"], "updated_at": values["start_date"]}
        ends = {"end_date": utc("2026-12-01 11:00").replace(tzinfo=None)}
        dying.execute(sa.insert(a).values({**values, **stamps, **ends}))
        waiting = pool.submit(settle.settle, place())
        _until_asked(salon, "%internal_note LIKE%FOR UPDATE")
        dying.commit()
        assert waiting.result(timeout=20) is not None
