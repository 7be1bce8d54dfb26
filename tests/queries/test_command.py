"""`python -m queries`: every query answers, on an empty store and a full one, and writes nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from queries.__main__ import queries
from queries.register import QUERIES, Asked
from sync.settings import settings
from sync.store.connection import open_store, reading
from tests.dashboard.small_store import NOW

ARGUMENTS = ["--now", NOW.isoformat(), "--since", "12h"]


@pytest.fixture(autouse=True)
def _this_store(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", str(engine.url))
    settings.cache_clear()
    yield
    settings.cache_clear()


def _say(*arguments: str) -> str:
    result = CliRunner().invoke(queries, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_list_names_and_describes_every_query() -> None:
    lines = _say("list").splitlines()
    assert [line.split()[0] for line in lines] == sorted(QUERIES)
    assert all(line.rstrip().endswith(".") for line in lines)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_query_answers_in_each_form(name: str) -> None:
    assert _say("run", name, *ARGUMENTS)
    rows = json.loads(_say("run", name, *ARGUMENTS, "--json"))
    assert isinstance(rows, list)
    table = list(csv.reader(io.StringIO(_say("run", name, *ARGUMENTS, "--csv"))))
    assert len(table) == len(rows) + 1


def test_times_are_in_utc_and_say_so() -> None:
    rows = json.loads(_say("run", "findings-open", *ARGUMENTS, "--json"))
    assert rows[0]["start"] == "2026-11-20T20:15:00.000Z"


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_query_answers_on_an_empty_store_and_cannot_write(name: str, tmp_path: Path) -> None:
    empty = open_store(f"sqlite:///{tmp_path / 'empty.db'}")
    with reading(empty) as conn:  # a reading transaction refuses every write
        assert len(QUERIES[name].run(conn, Asked(NOW))) == 0
    empty.dispose()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "nonsense"], "There is no query called nonsense: `python -m queries list` names them all."),
        (["run", "findings", "--since", "soon"], "'soon' is no length of time: write 90m, 24h or 7d."),
        (["run", "findings", "--now", "noon"], "'noon' is no moment: write 2026-11-21T10:00:00+00:00."),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(queries, arguments)
    assert result.exit_code != 0
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_a_store_that_cannot_be_used_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    settings.cache_clear()
    result = CliRunner().invoke(queries, ["run", "findings"])
    assert result.exit_code == 1
    assert "DATABASE_URL" in result.output
