"""Rows of other Booklys than the sample's: no crash, nothing false, nothing left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from zoneinfo import ZoneInfo

import pytest

from practice_salon.bookly.load import load
from tests.jobs.looking import look_at
from tests.jobs.raw_bookly import CHICAGO, Rows, raw_bookly, sample_rows
from tests.jobs.salon import Salon, clashes, planted
from tests.jobs.shape import assert_shape
from tests.jobs.truth import truth
from tests.jobs.variants import VARIANTS, Site, shaken, wrong_in

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SHAKEN = [1, 2, 3, 4]


def put(url: str, site: Site) -> None:
    raw_bookly(url, site.rows, prefix=site.prefix, options=site.options, without=site.without, add=site.add)


def dumped(folder: Path, rows: Rows, zone: str = "America/Chicago") -> Path:
    """A file in the form of the sample."""
    meta = {"source": "made up", "site_timezone": zone}
    file = folder / "rows.json"
    file.write_text(json.dumps({"meta": meta, "tables": rows, "extra_tables": {}}))
    return file


def test_looking_at_every_two_rows_of_the_sample_gives_its_planted_truth() -> None:
    assert truth(sample_rows(), ZoneInfo("America/Chicago")) == planted()


@pytest.mark.parametrize("change", VARIANTS, ids=lambda change: change.__name__)
def test_tables_filled_by_plain_sql_report_what_is_in_them(
    mariadb_url: str, tmp_path: Path, change: Callable[[Site], None]
) -> None:
    site = Site()
    change(site)
    put(mariadb_url, site)
    done, found = look_at(mariadb_url, tmp_path, NOW)
    assert done.whole, done.sentence
    assert_shape(found)
    assert clashes(found) == wrong_in(site)


@pytest.mark.parametrize("number", SHAKEN)
def test_rows_shaken_at_random_report_what_is_in_them_by_plain_sql(
    mariadb_url: str, tmp_path: Path, number: int
) -> None:
    site = shaken(number)
    put(mariadb_url, site)
    done, found = look_at(mariadb_url, tmp_path, NOW)
    assert done.whole, done.sentence
    assert_shape(found)
    assert clashes(found) == wrong_in(site)


@pytest.mark.parametrize(
    ("number", "zone"), [(5, "America/Chicago"), (6, "Europe/Berlin"), (7, "Australia/Lord_Howe"), (8, "UTC")]
)
def test_rows_shaken_at_random_report_what_is_in_them_by_the_practice_salons_loader(
    tmp_path: Path, number: int, zone: str
) -> None:
    assert_loaded_and_told(shaken(number), zone, tmp_path)


def test_rows_shaken_anew_in_every_run_report_what_is_in_them(tmp_path: Path) -> None:
    number = SystemRandom().randrange(1000, 10**6)
    assert_loaded_and_told(shaken(number), "America/Chicago", tmp_path, f"this was shaken({number})")


def assert_loaded_and_told(site: Site, zone: str, tmp_path: Path, said: str = "") -> None:
    url = f"sqlite:///{tmp_path}/bookly.db"
    load(url, dumped(tmp_path, site.rows, zone))
    done, found = look_at(url, tmp_path, NOW)
    assert done.whole, done.sentence
    assert clashes(found) == truth(site.rows, ZoneInfo(zone)), said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"timezone_string": "", "gmt_offset": "-6"}, "-06:00"),
        ({"timezone_string": "", "gmt_offset": "5.5"}, "+05:30"),
        ({"timezone_string": "", "gmt_offset": "0"}, "+00:00"),
        ({"gmt_offset": "-3.5"}, "-03:30"),
        ({"timezone_string": "Europe/Berlin", "gmt_offset": ""}, "Europe/Berlin"),
        ({**CHICAGO, "siteurl": "https://salon.example", "timezone_string": "America/Chicago"}, "America/Chicago"),
    ],
)
def test_clashes_are_the_same_wherever_the_site_says_it_is(
    mariadb_url: str, tmp_path: Path, options: dict[str, str], said: str
) -> None:
    raw_bookly(mariadb_url, sample_rows(), options=options)
    done, found = look_at(mariadb_url, tmp_path, NOW)
    assert done.whole, (done.sentence, said)
    assert clashes(found) == planted()


@pytest.mark.parametrize("options", [None, {}, {"timezone_string": "", "gmt_offset": ""}])
def test_a_site_that_tells_no_zone_concludes_nothing_until_the_setting_does(
    mariadb_url: str, tmp_path: Path, options: dict[str, str] | None
) -> None:
    raw_bookly(mariadb_url, sample_rows(), options=options)
    done, _ = look_at(mariadb_url, tmp_path, NOW)
    assert not done.whole and "SALON_TIMEZONE" in done.sentence
    done, found = look_at(mariadb_url, tmp_path, NOW, zone="America/Chicago")
    assert done.whole and clashes(found) == planted()


def test_two_sites_in_one_database_are_told_apart_by_the_prefix(mariadb_url: str, tmp_path: Path) -> None:
    other = sample_rows()
    for row in other["appointments"]:
        row["staff_id"] = row["id"]
    raw_bookly(mariadb_url, sample_rows(), options=CHICAGO)
    raw_bookly(mariadb_url, other, prefix="wp_3_", options=CHICAGO)
    done, _ = look_at(mariadb_url, tmp_path, NOW)
    assert not done.whole and "BOOKLY_TABLE_PREFIX" in done.sentence and "wp_3_" in done.sentence
    done, found = look_at(mariadb_url, tmp_path, NOW, prefix="wp_")
    assert done.whole and clashes(found) == planted()


def test_a_site_filled_by_plain_sql_is_read_by_the_typed_commands(
    mariadb_url: str, tmp_path: Path, empty_square: str
) -> None:
    site = shaken(7)
    site.prefix = "blog7_"
    put(mariadb_url, site)
    found = Salon(tmp_path, mariadb_url, empty_square).reconciled()
    assert_shape(found)
    assert clashes(found) == wrong_in(site)


def test_a_file_with_only_the_tables_that_are_needed_is_enough(tmp_path: Path) -> None:
    needed = ("staff", "services", "staff_services", "customers", "appointments", "customer_appointments")
    rows = {name: sample_rows()[name] for name in needed}
    url = f"sqlite:///{tmp_path}/bookly.db"
    load(url, dumped(tmp_path, rows))
    done, found = look_at(url, tmp_path, NOW)
    assert done.whole and clashes(found) == planted()
