"""Every wrong setting: the check, the jobs and the screen say the same one sentence, and the docs list it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs.__main__ import jobs
from sync.__main__ import sync
from sync.model import Side
from sync.settings import Settings
from sync.store import keeping, mapping, tables
from sync.store.connection import open_store, writing
from sync.store.directories import directory
from tests.docs import listing
from tests.docs.trying import (
    ROOT,
    Told,
    filled_bookly,
    run,
    said_by_check,
    salon_on_mariadb,
    salon_on_sqlite,
    tried,
)
from tests.docs.wrong import CASES, Case, Salon, environment, small

SECRETS = ("sesame", "rest-of-the-token")
NOT_PLAIN = ("Traceback", "Exception", "sqlalchemy", "pydantic", "pymysql.err", "errno", " object at 0x")
STEPS = (
    "write", "set", "choose", "correct", "mend", "put", "grant", "copy", "check", "use", "say", "move", "subscribe",
    "connect", "give", "begins with", "add", "is it running",
)  # fmt: skip
ON_SQLITE = [case for case in CASES if not case.mariadb]
ON_MARIADB = [case for case in CASES if case.mariadb]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_bookly(tmp_path_factory.mktemp("filled"))


@pytest.fixture
def salon(filled: Path, tmp_path: Path) -> Iterator[Salon]:
    with salon_on_sqlite(filled, tmp_path) as made:
        yield made


@pytest.fixture
def salon_on_a_server(mariadb_url: str, tmp_path: Path) -> Iterator[Salon]:
    with salon_on_mariadb(mariadb_url, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def page() -> str:
    return listing.FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", ON_SQLITE, ids=str)
def test_a_wrong_setting_is_one_sentence_everywhere(case: Case, salon: Salon, page: str) -> None:
    judge(case, tried(case, salon), salon, page)


@pytest.mark.parametrize("case", ON_MARIADB, ids=str)
def test_a_wrong_setting_on_a_database_server_is_one_sentence_everywhere(
    case: Case, salon_on_a_server: Salon, page: str
) -> None:
    judge(case, tried(case, salon_on_a_server), salon_on_a_server, page)


def judge(case: Case, told: Told, salon: Salon, page: str) -> None:
    """Everything that holds for every case."""
    said = said_by_check(told)
    assert len(said) == 1, said
    (sentence,) = said
    assert_plain(case, sentence)
    assert told.check.code == case.check
    assert {name: ended.code for name, ended in told.jobs.items()} == dict.fromkeys(case.jobs, case.code)
    assert all(ended.lines[-1].endswith(sentence) and len(ended.lines) == 1 for ended in told.jobs.values())
    assert all(kept.endswith(sentence) for kept in told.stored.values())
    if case.jobs:
        assert sentence in told.shown["Jobs"]
        assert case.only_writing or sentence in told.shown["Today"]
    assert not [secret for secret in SECRETS if secret in told.everything]
    assert not [word for word in NOT_PLAIN if word in told.everything]
    assert listing.entry(case, listing.settled(sentence, salon)) in page, "run: python -m tests.docs"


def assert_plain(case: Case, sentence: str) -> None:
    """One sentence that names the setting and says what to do."""
    assert case.setting in sentence
    assert not re.search(r"[.!?] [A-Z]", sentence), sentence
    assert any(re.search(rf"\b{step}\b", sentence) for step in STEPS), sentence


def test_the_page_lists_the_cases_and_no_other(page: str) -> None:
    capital = [(case.setting, f"{case.what[0].upper()}{case.what[1:]}") for case in CASES]
    assert listing.listed(page) == capital
    assert len(set(capital)) == len(capital)


def test_every_setting_that_can_be_wrong_by_itself_has_a_case() -> None:
    never_by_itself = {"PRACTICE"}  # `make run` alone sets it
    assert {name.upper() for name in Settings.model_fields} - never_by_itself == {case.setting for case in CASES}


def test_all_is_well_where_nothing_is_wrong(salon: Salon) -> None:
    """What the cases spoil is whole before: else they would prove nothing."""
    check = run(salon, sync, "check")
    assert (check.code, check.lines) == (
        0,
        [
            "Bookly: all well.",
            "Square: all well.",
            "Staff: not read from both calendars yet, so nothing can be matched.",
            "Services: not read from both calendars yet, so nothing can be matched.",
            "Writing: off until somebody switches it on at Set-up; Slotkeeper only watches.",
        ],
    )
    assert [run(salon, jobs, "run", name).code for name in ("pull-bookly", "pull-square")] == [0, 0]
    staff = next(line for line in run(salon, sync, "check").lines if line.startswith("Staff: "))
    assert staff.startswith("Staff: 0 matched; not matched, which Set-up asks for: ")
    assert all(f"{person.name} ({side})" in staff for person in small().staff for side in ("Bookly", "Square"))


def test_the_check_says_who_of_those_still_there_is_not_matched_and_whether_it_writes(salon: Salon) -> None:
    for name in ("pull-bookly", "pull-square"):
        assert run(salon, jobs, "run", name).code == 0
    engine, now = open_store(salon.settings["DATABASE_URL"]), datetime.now(UTC)
    with writing(engine) as conn:
        bookly, square = ({one.name: one.id for one in directory(conn, side).staff if one.active} for side in Side)
        left, *matched = sorted(bookly.keys() & square.keys())
        mapping.confirm_staff(conn, {bookly[name]: square[name] for name in matched}, "Dana", now)
        keeping.set_writes(conn, True, "Dana", now)
    lines = run(salon, sync, "check").lines
    assert (
        f"Staff: {len(matched)} matched; not matched, which Set-up asks for: {left} (Bookly), {left} (Square)." in lines
    )
    assert lines[-1] == "Writing: on."
    with writing(engine) as conn:
        conn.execute(sa.update(tables.staff).where(tables.staff.c.name == left).values(active=False))
        keeping.set_paused(conn, True, "Dana", now)
    engine.dispose()
    lines = run(salon, sync, "check").lines
    assert f"Staff: {len(matched)} matched, nothing left out." in lines
    assert lines[-1] == "Writing: paused."


@pytest.mark.parametrize("what", ["left out", "may not write, and WRITES is on"])
def test_with_json_the_sentence_goes_to_stderr_and_only_json_to_stdout(what: str, salon: Salon) -> None:
    case = next(one for one in CASES if one.what == what and one.setting == "SQUARE_ACCESS_TOKEN")
    case.spoil(salon)
    ended = run(salon, jobs, "run", "pull-square", "--json")
    assert ended.code == 2
    assert "SQUARE_ACCESS_TOKEN" in ended.err and len(ended.err.splitlines()) == 1
    assert ended.out == "" or json.loads(ended.out)["new"] == 0


@pytest.mark.parametrize("words", [("loop",), ("first-start",)])
def test_jobs_that_go_on_do_not_begin_with_a_calendar_left_out(words: tuple[str, ...], salon: Salon) -> None:
    salon.set(BOOKLY_DATABASE_URL="")
    ended = run(salon, jobs, *words)
    assert (ended.code, len(ended.lines)) == (2, 1)
    assert ended.lines[0].startswith("BOOKLY_DATABASE_URL is empty")


def test_what_only_keeps_from_writing_is_no_fault_while_watching(salon: Salon) -> None:
    case = next(one for one in CASES if one.what.startswith("a plan"))
    case.spoil(salon)
    salon.set(WRITES="off")
    check = run(salon, sync, "check")
    assert check.code == 0
    assert any(line.startswith("  Before WRITES=on: ") for line in check.lines)
    pulled = run(salon, jobs, "run", "pull-square")
    assert (pulled.code, pulled.lines) == (0, ["Square was read whole: 0 appointments."])


@pytest.mark.parametrize("words", [("sync", "check"), ("sync", "work"), ("jobs", "run", "pull-square")])
def test_a_process_of_its_own_ends_without_a_traceback(words: tuple[str, ...], salon: Salon) -> None:
    salon.set(SQUARE_ACCESS_TOKEN="")
    wanted = {**os.environ, **environment(salon.settings), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", *words],
        env={name: value for name, value in wanted.items() if value is not None},
        cwd=salon.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert (done.stdout, len(done.stderr.splitlines())) == ("", 1)
    assert done.stderr.startswith("SQUARE_ACCESS_TOKEN is empty: ")
