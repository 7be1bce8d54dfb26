"""Wrong settings: each gives one plain sentence that names the setting, shows what was seen, and says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from practice_salon.bookly.tables import create, open_engine
from sync.calendars import ReadFailed
from sync.calendars.bookly import BooklyReader, open_bookly
from sync.calendars.bookly.write import BooklyWriter
from sync.model import Problem
from tests.sync.calendars.bookly.salon import NOW, YEAR, Salon

URL, PREFIX, ZONE = "BOOKLY_DATABASE_URL", "BOOKLY_TABLE_PREFIX", "SALON_TIMEZONE"


def only_problem(url: str, prefix: str | None = None, zone: str | None = None) -> Problem:
    """The one problem that `check` tells, after making sure that a read fails with the same words."""
    door = open_bookly(url, prefix, zone)
    reader = BooklyReader(door, lambda: NOW)
    try:
        (problem,) = reader.check()
        with pytest.raises(ReadFailed) as failed:
            reader.snapshot(YEAR)
        assert str(failed.value) == problem.sentence
        assert failed.value.setting == problem.setting
        assert BooklyWriter(door, lambda: NOW).check() == [problem]
    finally:
        door.close()
    return problem


def test_all_is_well_on_a_sound_site(salon: Salon) -> None:
    assert salon.reader.check() == []
    assert salon.writer.check() == []


@pytest.mark.parametrize(
    ("url", "seen", "said"),
    [
        ("", "not set", "is no database address"),
        ("not an address", "an address that cannot be read", "is no database address"),
        ("postgresql://me:sesame@db.example/wp", "postgresql://me:***@db.example/wp", "kind of database"),
        ("mysql://me:sesame@db.example", "mysql://me:***@db.example", "names no database"),
        ("sqlite:////nowhere/at/all.db", "sqlite:////nowhere/at/all.db", "no file at the path"),
    ],
)
def test_an_address_that_is_none_is_told_with_an_example_and_without_its_password(
    url: str, seen: str, said: str
) -> None:
    problem = only_problem(url)
    assert (problem.setting, problem.seen) == (URL, seen)
    assert said in problem.sentence and "sesame" not in problem.sentence


def test_a_server_that_is_not_there_is_worth_another_try() -> None:
    problem = only_problem("mysql://me:sesame@127.0.0.1:1/wp")
    assert (problem.setting, problem.seen) == (URL, "mysql://me:***@127.0.0.1:1/wp")
    assert "does not answer" in problem.sentence
    with pytest.raises(ReadFailed) as failed:
        BooklyReader(open_bookly("mysql://me@127.0.0.1:1/wp")).directory()
    assert not failed.value.permanent


@pytest.mark.mariadb
def test_a_wrong_password_and_a_wrong_database_are_told_apart(mariadb_url: str) -> None:
    url = sa.make_url(mariadb_url).set(query={})
    wrong = url.set(username="stranger", password="sesame").render_as_string(hide_password=False)
    problem = only_problem(wrong)
    assert "refused the user or password" in problem.sentence
    assert "sesame" not in problem.seen and "stranger:***@" in problem.seen
    assert "does not exist there" in only_problem(url.set(database="no_such").render_as_string()).sentence


def test_a_database_that_is_not_booklys_is_told(bookly_url: str) -> None:
    engine = open_engine(bookly_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE wp_options (option_name VARCHAR(20), option_value VARCHAR(20))")
    engine.dispose()
    problem = only_problem(bookly_url)
    assert problem.setting == URL and "holds no Bookly tables" in problem.sentence


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear salon, " * 200)
    assert "is no SQLite database" in only_problem(f"sqlite:///{tmp_path / 'letter.db'}").sentence


def test_several_sites_in_one_database_need_a_prefix(salon: Salon) -> None:
    create(salon.engine, "wp_2_")
    problem = only_problem(salon.url)
    assert (problem.setting, problem.seen) == (PREFIX, "not set")
    assert "wp_2_, wp_" in problem.sentence or "wp_, wp_2_" in problem.sentence
    assert BooklyReader(salon.door(prefix="wp_"), lambda: NOW).check() == []


def test_a_site_of_which_little_may_be_seen_does_not_stand_beside_a_whole_one(salon: Salon) -> None:
    with salon.engine.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE wp_2_bookly_appointments (id INTEGER)")
    assert BooklyReader(salon.door(), lambda: NOW).check() == []


def test_a_wrong_prefix_is_told_with_the_right_one(salon: Salon) -> None:
    problem = only_problem(salon.url, prefix="blog_")
    assert (problem.setting, problem.seen) == (PREFIX, "blog_")
    assert "found here: wp_" in problem.sentence


def test_another_prefix_than_wordpress_usual_one_is_found(bookly_url: str) -> None:
    salon = Salon(bookly_url, prefix="x7_")
    line = salon.visit("2026-12-01 10:00")
    assert list(salon.shown()) == [f"ca:{line}"]
    salon.close()


def test_a_column_that_cannot_be_read_is_named(sqlite_salon: Salon) -> None:
    with sqlite_salon.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE wp_bookly_appointments DROP COLUMN extras_duration")
    problem = only_problem(sqlite_salon.url)
    assert problem.setting == URL and "wp_bookly_appointments.extras_duration" in problem.sentence


def test_a_zone_that_differs_from_the_pinned_one_stops_everything(salon: Salon) -> None:
    problem = only_problem(salon.url, zone="Europe/Dublin")
    assert (problem.setting, problem.seen) == (ZONE, "Europe/Dublin")
    assert "America/Chicago" in problem.sentence
    assert BooklyReader(salon.door(timezone_expected="US/Central"), lambda: NOW).check() == []


def test_a_pinned_zone_that_is_none_is_told(sqlite_salon: Salon) -> None:
    problem = only_problem(sqlite_salon.url, zone="Mars/Base")
    assert (problem.setting, problem.seen) == (ZONE, "Mars/Base")


def test_a_site_with_only_an_offset_is_read_and_warned_of_loudly(salon: Salon) -> None:
    salon.options({"timezone_string": "", "gmt_offset": "-6"})
    (warning,) = salon.reader.check()
    assert (warning.setting, warning.seen) == (ZONE, "-06:00")
    assert "an hour off" in warning.sentence
    assert salon.reader.directory().timezone == "-06:00"


def test_a_site_without_any_zone_is_read_only_with_the_setting(salon: Salon) -> None:
    salon.options({"timezone_string": "", "gmt_offset": ""})
    assert only_problem(salon.url).setting == ZONE
    reader = BooklyReader(salon.door(timezone_expected="America/Chicago"), lambda: NOW)
    (warning,) = reader.check()
    assert "would go unnoticed" in warning.sentence
    assert reader.directory().timezone == "America/Chicago"


def test_a_zone_that_wordpress_made_up_is_told(sqlite_salon: Salon) -> None:
    sqlite_salon.options({"timezone_string": "Salon/Time"})
    problem = only_problem(sqlite_salon.url)
    assert (problem.setting, problem.seen) == (ZONE, "Salon/Time")
    assert "choose a city" in problem.sentence


def test_a_file_that_may_only_be_read_cannot_be_written_and_says_so(sqlite_salon: Salon, tmp_path: Path) -> None:
    url = f"sqlite:///file:{tmp_path / 'bookly.db'}?mode=ro&uri=true"
    (problem,) = BooklyWriter(sqlite_salon.door(url), lambda: NOW).check()
    assert problem.setting == URL and "may only be read" in problem.sentence
    assert BooklyReader(sqlite_salon.door(url), lambda: NOW).check() == []
