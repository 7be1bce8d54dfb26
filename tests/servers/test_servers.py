"""The private servers are there, alone, and gone afterwards."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
from playwright.sync_api import Page

from tests.servers import programs
from tests.servers.browser import PHONE_DARK
from tests.servers.process import NotStartedError, answers, free_port, running


def test_each_test_gets_an_empty_mariadb_database(mariadb_url: str) -> None:
    engine = sa.create_engine(mariadb_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        assert (
            connection.execute(
                sa.text("SELECT count(*) FROM information_schema.tables WHERE table_schema = database()")
            ).scalar()
            == 0
        )
        connection.execute(sa.text("CREATE TABLE left_behind (id INT)"))


def test_what_the_test_before_left_is_not_seen(mariadb_url: str) -> None:
    with sa.create_engine(mariadb_url, poolclass=sa.NullPool).connect() as connection:
        assert "left_behind" not in sa.inspect(connection).get_table_names()


def test_mariadb_keeps_four_byte_letters(mariadb_url: str) -> None:
    with sa.create_engine(mariadb_url, poolclass=sa.NullPool).connect() as connection:
        assert connection.execute(sa.text("SELECT '\U0001f487'")).scalar() == "\U0001f487"


def test_each_test_gets_an_empty_redis(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_a_page_has_the_size_and_the_colours_asked_for(browser_page: Callable[..., Page]) -> None:
    page = browser_page(PHONE_DARK)
    assert page.viewport_size == {"width": 390, "height": 844}
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is True


def test_two_pages_are_two_people(browser_page: Callable[..., Page]) -> None:
    assert browser_page().context is not browser_page().context


async def one() -> int:
    return 1


def test_a_test_without_a_page_may_run_a_loop_of_its_own_after_one_with_a_page() -> None:
    assert asyncio.run(one()) == 1


def test_and_a_page_still_works_after_it(browser_page: Callable[..., Page]) -> None:
    page = browser_page()
    page.set_content("<p>still here</p>")
    assert page.inner_text("p") == "still here"


def test_a_server_is_gone_when_its_block_is_left(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    with running(command, tmp_path / "log", lambda: answers(port)) as child:
        assert answers(port)
    assert child.poll() is not None
    assert not answers(port)


def test_a_server_that_ends_at_once_is_named_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no room here')"]
    with pytest.raises(NotStartedError, match="no room here"), running(command, tmp_path / "log", lambda: False):
        pass


def test_a_missing_program_skips_and_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt install imaginary-server"):
        programs.program("imaginaryd", "imaginary-server")


def test_a_missing_program_fails_where_all_must_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt install imaginary-server"):
        programs.program("imaginaryd", "imaginary-server")


def test_a_child_that_ignores_being_asked_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.servers.process.END", 0.5)
    log = tmp_path / "log"
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    with running([sys.executable, "-c", stubborn], log, lambda: b"up" in log.read_bytes()) as child:
        assert isinstance(child, subprocess.Popen)
    assert child.returncode == -9
