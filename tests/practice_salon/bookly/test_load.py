"""Loading another Bookly's rows, or refusing them whole."""

import copy
import itertools
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from practice_salon import PracticeError
from practice_salon.bookly.load import load
from tests.practice_salon.bookly.conftest import SAMPLE

Document = dict[str, Any]
SITTING = "('approved', 'pending')"


@pytest.fixture(scope="module")
def sample() -> Document:
    loaded: Document = json.loads(SAMPLE.read_text("utf-8"))
    return loaded


def write(folder: Path, document: Any) -> Path:
    file = folder / "rows.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return file


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(statement))]
    engine.dispose()
    return found


def test_the_sample_is_loaded_row_for_row_and_value_for_value(either_url: str, sample: Document) -> None:
    load(either_url, SAMPLE)
    for name, given in {**sample["tables"], **sample["extra_tables"]}.items():
        columns = list(given[0])
        there = rows(either_url, f"SELECT {', '.join(f'`{c}`' for c in columns)} FROM wp_bookly_{name} ORDER BY id")
        assert [_plain(row) for row in there] == [_plain(tuple(row.values())) for row in given], name


def _plain(row: tuple[Any, ...]) -> tuple[str, ...]:
    """Values as both databases and the file can show them: money to the cent, times of day as HH:MM:SS."""
    return tuple(_plain_value(value) for value in row)


def _plain_value(value: Any) -> str:
    if isinstance(value, timedelta):
        return f"{value.seconds // 3600 + value.days * 24:02d}:{value.seconds // 60 % 60:02d}:{value.seconds % 60:02d}"
    try:
        return f"{float(value):.2f}"
    except (TypeError, ValueError):
        return str(value)


def test_the_loaded_sample_holds_exactly_what_was_planted_in_it(either_url: str, sample: Document) -> None:
    load(either_url, SAMPLE)
    facts = sample["meta"]["seed_facts"]
    busy = _busy_rows(either_url)
    overlaps = {pair for pair in itertools.combinations(busy, 2) if _meet(*pair, padded=False)}
    padded = {pair for pair in itertools.combinations(busy, 2) if _meet(*pair, padded=True)} - overlaps
    assert _ids(overlaps) == {frozenset(pair) for pair in facts["double_bookings"]}
    assert _ids(padded) == {frozenset(pair) for pair in facts["padding_only_clash"]}
    over = rows(
        either_url,
        "SELECT a.id FROM wp_bookly_appointments a JOIN wp_bookly_customer_appointments c ON c.appointment_id = a.id"
        f" AND c.status IN {SITTING} JOIN wp_bookly_staff_services s ON s.staff_id = a.staff_id"
        " AND s.service_id = a.service_id GROUP BY a.id, s.capacity_max HAVING SUM(c.number_of_persons) > capacity_max",
    )
    assert {row[0] for row in over} == set(facts["over_capacity_rows"])


Busy = tuple[Any, ...]


def _busy_rows(url: str) -> list[Busy]:
    return rows(
        url,
        "SELECT a.id, a.staff_id, a.start_date, a.end_date, a.extras_duration, COALESCE(s.padding_left, 0),"
        " COALESCE(s.padding_right, 0) FROM wp_bookly_appointments a"
        " LEFT JOIN wp_bookly_services s ON s.id = a.service_id WHERE a.start_date IS NOT NULL AND ("
        " EXISTS (SELECT 1 FROM wp_bookly_customer_appointments c WHERE c.appointment_id = a.id"
        f" AND status IN {SITTING} AND number_of_persons > 0) OR (a.service_id IS NULL AND NOT EXISTS (SELECT 1 FROM"
        " wp_bookly_customer_appointments c WHERE c.appointment_id = a.id)))",
    )


def _meet(a: Busy, b: Busy, padded: bool) -> bool:
    (a_start, a_end), (b_start, b_end) = (_span(row, padded) for row in (a, b))
    return bool(a[1] == b[1] and a_start < b_end and b_start < a_end)


def _span(row: Busy, padded: bool) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(str(moment)) for moment in row[2:4])
    end += timedelta(seconds=row[4])
    return (start - timedelta(seconds=row[5]), end + timedelta(seconds=row[6])) if padded else (start, end)


def _ids(pairs: set[tuple[Busy, Busy]]) -> set[frozenset[int]]:
    return {frozenset((a[0], b[0])) for a, b in pairs}


def test_the_site_keeps_the_zone_that_the_file_names(sqlite_url: str, sample: Document, tmp_path: Path) -> None:
    document = copy.deepcopy(sample)
    for zone, name, offset in (("Europe/Lisbon", "Europe/Lisbon", "0"), ("+05:30", "", "5.5"), ("UTC-6", "", "-6")):
        document["meta"]["site_timezone"] = zone
        load(sqlite_url, write(tmp_path, document))
        options = dict(rows(sqlite_url, "SELECT option_name, option_value FROM wp_options"))
        assert (options["timezone_string"], options["gmt_offset"]) == (name, offset)


def test_loading_again_replaces_what_was_there(either_url: str, sample: Document, tmp_path: Path) -> None:
    load(either_url, SAMPLE)
    fewer = copy.deepcopy(sample)
    fewer["tables"]["appointments"] = fewer["tables"]["appointments"][:10]
    kept = {row["id"] for row in fewer["tables"]["appointments"]}
    fewer["tables"]["customer_appointments"] = [
        row for row in fewer["tables"]["customer_appointments"] if row["appointment_id"] in kept
    ]
    load(either_url, write(tmp_path, fewer))
    assert rows(either_url, "SELECT COUNT(*) FROM wp_bookly_appointments") == [(10,)]


def test_tables_and_columns_not_known_here_are_left_aside_and_told(
    sqlite_url: str, sample: Document, tmp_path: Path
) -> None:
    document = copy.deepcopy(sample)
    document["extra_tables"]["coupons"] = [{"id": 1}]
    document["tables"]["staff"][0]["favourite_colour"] = "green"
    loaded = load(sqlite_url, write(tmp_path, document))
    assert loaded.ignored_tables == ("coupons",)
    assert loaded.ignored_columns == ("staff.favourite_colour",)
    assert "Left aside: 1 tables and 1 columns" in loaded.sentence()


def test_a_dump_with_numbers_as_text_and_without_columns_that_have_defaults_is_loaded(
    sqlite_url: str, sample: Document, tmp_path: Path
) -> None:
    document = copy.deepcopy(sample)
    for row in document["tables"]["appointments"]:
        row["staff_id"] = str(row["staff_id"])
        del row["created_from"], row["extras_duration"], row["google_event_id"]
    load(sqlite_url, write(tmp_path, document))
    assert rows(sqlite_url, "SELECT DISTINCT created_from FROM wp_bookly_appointments") == [("bookly",)]
    assert rows(sqlite_url, "SELECT typeof(staff_id) FROM wp_bookly_appointments LIMIT 1") == [("integer",)]


def _set(table: str, row: int, column: str, value: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["tables"][table][row][column] = value

    return change


def _drop_table(name: str) -> Callable[[Document], None]:
    return lambda document: document["tables"].pop(name)


def _drop_column(document: Document) -> None:
    del document["tables"]["appointments"][6]["staff_id"]


MALFORMED: list[tuple[Callable[[Document], None], str]] = [
    (_drop_table("appointments"), "table appointments is missing"),
    (_drop_table("customer_appointments"), "table customer_appointments is missing"),
    (lambda d: d.pop("meta"), "no object `meta`"),
    (lambda d: d.pop("tables"), "no object `tables`"),
    (lambda d: d["meta"].pop("site_timezone"), "`meta.site_timezone` is missing"),
    (lambda d: d["meta"].update(site_timezone="Mars/Olympus"), "no time zone"),
    (lambda d: d["tables"].update(staff={"id": 1}), "table staff is not a list of rows"),
    (lambda d: d["tables"]["staff"].__setitem__(1, "Maria"), "table staff, row 2 is not an object"),
    (_drop_column, "table appointments, row 7, column staff_id has no value"),
    (_set("appointments", 4, "staff_id", None), "table appointments, row 5, column staff_id has no value"),
    (_set("appointments", 4, "staff_id", "Maria"), "row 5, column staff_id is not a whole number"),
    (_set("appointments", 4, "staff_id", 1.5), "row 5, column staff_id is not a whole number"),
    (_set("appointments", 4, "staff_id", True), "row 5, column staff_id is not a whole number"),
    (_set("appointments", 4, "staff_id", -1), "row 5, column staff_id is not between 0 and 4294967295"),
    (_set("appointments", 4, "staff_id", 99), "row 5, column staff_id names staff 99, which is not there"),
    (_set("appointments", 4, "service_id", 99), "row 5, column service_id names services 99, which is not there"),
    (_set("appointments", 4, "start_date", "2026-02-30 10:00:00"), "row 5, column start_date is not a date and time"),
    (_set("appointments", 4, "end_date", "tomorrow"), "row 5, column end_date is not a date and time"),
    (_set("appointments", 4, "start_date", 20261122), "row 5, column start_date is not a date and time"),
    (_set("appointments", 4, "start_date", "0000-00-00 00:00:00"), "row 5, column start_date is not a date and time"),
    (_set("appointments", 4, "created_from", "moon"), "column created_from is none of bookly, google, outlook, apple"),
    (_set("appointments", 4, "id", 1), "table appointments, row 5, column id: 1 is there twice"),
    (_set("customer_appointments", 0, "appointment_id", 9999), "column appointment_id names appointments 9999"),
    (_set("customer_appointments", 0, "customer_id", 9999), "column customer_id names customers 9999"),
    (_set("customer_appointments", 0, "status", 7), "column status is not text"),
    (_set("customers", 0, "full_name", "x" * 129), "column full_name is longer than 128 characters"),
    (_set("customers", 0, "notes", None), "column notes has no value"),
    (_set("services", 0, "price", "free"), "column price is not an amount of money"),
    (_set("services", 0, "recurrence_frequencies", "hourly"), "column recurrence_frequencies has a word that is none"),
    (_set("staff_schedule_items", 0, "start_time", "9 o'clock"), "column start_time is not a time"),
    (_set("holidays", 0, "date", "2026-13-01"), "table holidays, row 1, column date is not a date"),
]


@pytest.mark.parametrize(("spoil", "said"), MALFORMED, ids=[said for _, said in MALFORMED])
def test_a_malformed_file_is_refused_whole_with_a_sentence_that_names_the_place(
    sqlite_url: str, sample: Document, tmp_path: Path, spoil: Callable[[Document], None], said: str
) -> None:
    load(sqlite_url, SAMPLE)
    before = rows(sqlite_url, "SELECT * FROM wp_bookly_appointments ORDER BY id")
    document = copy.deepcopy(sample)
    spoil(document)
    with pytest.raises(PracticeError) as refused:
        load(sqlite_url, write(tmp_path, document))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value) and "nothing was loaded" in str(refused.value)
    assert rows(sqlite_url, "SELECT * FROM wp_bookly_appointments ORDER BY id") == before


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"rows"', "not json at all"])
def test_a_file_that_is_no_object_is_refused(sqlite_url: str, tmp_path: Path, content: str) -> None:
    with pytest.raises(PracticeError, match="nothing was loaded"):
        load(sqlite_url, write(tmp_path, content))


def test_a_file_that_is_not_there_is_named(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match=r"missing\.json cannot be read"):
        load(sqlite_url, tmp_path / "missing.json")


def test_a_sentence_never_repeats_a_clients_data(sqlite_url: str, sample: Document, tmp_path: Path) -> None:
    document = copy.deepcopy(sample)
    document["tables"]["customer_appointments"][0]["customer_id"] = "Anna Abbott, +1 312 555 0100"
    with pytest.raises(PracticeError) as refused:
        load(sqlite_url, write(tmp_path, document))
    assert "Anna" not in str(refused.value) and "0100" not in str(refused.value)


def test_a_database_that_cannot_be_reached_is_told_in_a_sentence() -> None:
    with pytest.raises(PracticeError, match="could not be written"):
        load("mysql+pymysql://nobody@127.0.0.1:1/none", SAMPLE)
