"""Tries one case of wrong settings: what `sync check`, the jobs and the screen say of it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import sqlalchemy as sa
import streamlit as st
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from jobs.__main__ import jobs
from practice_salon.bookly.seed import seed
from practice_salon.square.seed import seeded_world
from practice_salon.square.server import running_square
from sync.__main__ import sync
from sync.settings import settings
from sync.store.connection import open_store, reading
from sync.store.tables import runs
from tests.docs.wrong import Case, Salon, environment, small, wholesome

ROOT = Path(__file__).resolve().parents[2]
RUNNER = CliRunner()
PAGES = {"Today": "today.py", "Jobs": "jobs.py"}
OF_THE_CHECK_ITSELF = re.compile(r"^(Bookly|Square|Locks): (all well|\d+ thing)|^(Writing|Staff|Services): ")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit code, what it said on each stream."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return [line for line in (self.out + self.err).splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of a case. `stored` is the sentence that each job's run keeps; `shown` what each page shows."""

    check: Ended
    jobs: Mapping[str, Ended]
    stored: Mapping[str, str]
    shown: Mapping[str, str]

    @property
    def everything(self) -> str:
        ended = [self.check, *self.jobs.values()]
        return "\n".join([*(one.out + one.err for one in ended), *self.stored.values(), *self.shown.values()])


def filled_bookly(folder: Path) -> Path:
    """A small salon's Bookly in a file, made once; each case gets a copy."""
    filled = folder / "filled.db"
    seed(f"sqlite:///{filled}", small(), datetime.now(UTC))
    return filled


@contextmanager
def salon_on_sqlite(filled: Path, folder: Path) -> Iterator[Salon]:
    """A salon of its own in `folder`, with all settings right."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(filled, folder / "bookly.db")
    with running_square(seeded_world(small(), datetime.now(UTC))) as square:
        yield wholesome(folder, square, f"sqlite:///{folder / 'bookly.db'}")


@contextmanager
def salon_on_mariadb(url: str, folder: Path) -> Iterator[Salon]:
    """The same with Bookly in an empty database at `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    seed(url, small(), datetime.now(UTC))
    with running_square(seeded_world(small(), datetime.now(UTC))) as square:
        yield wholesome(folder, square, url)


def tried(case: Case, salon: Salon, pages: tuple[str, ...] = tuple(PAGES)) -> Told:
    """Spoils the salon as the case says, then asks the check, the jobs and the pages."""
    if case.before:
        good = [run(salon, jobs, "run", name) for name in case.jobs]
        assert [one.code for one in good] == [0] * len(good), good
    with _spoilt(case, salon):
        check = run(salon, sync, "check")
        ended = {name: run(salon, jobs, "run", name) for name in case.jobs}
        stored = {name: _stored(salon, name) for name in case.jobs} if case.recorded else {}
        return Told(check, ended, stored, {page: shown(salon, page) for page in pages})


def _spoilt(case: Case, salon: Salon) -> AbstractContextManager[object]:
    left = case.spoil(salon)
    return left if isinstance(left, AbstractContextManager) else contextlib.nullcontext()


def run(salon: Salon, program: click.Command, *words: str) -> Ended:
    """The command as typed, in a folder without a `.env`. Anything but an exit is raised."""
    with _settings_of(salon):
        done = RUNNER.invoke(program, words, catch_exceptions=False)
    return Ended(done.exit_code, done.stdout, done.stderr)


def _stored(salon: Salon, job: str) -> str:
    engine = open_store(salon.settings["DATABASE_URL"])
    try:
        with reading(engine) as conn:
            last = sa.select(runs.c.sentence).where(runs.c.job == job).order_by(runs.c.id.desc()).limit(1)
            return str(conn.execute(last).scalar_one())
    finally:
        engine.dispose()


def shown(salon: Salon, page: str) -> str:
    """Everything a person reads on that page. Anything unforeseen on it is raised."""
    with _settings_of(salon):
        at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        if PAGES[page] != "today.py":
            at.switch_page(f"dashboard/pages/manager/{PAGES[page]}")
        at.run()
        assert not at.exception, at.exception
        kinds = ("title", "error", "warning", "info", "success", "markdown", "caption")
        texts = (str(getattr(element, "value", "")) for kind in kinds for element in at.get(kind))
        return "\n".join(texts).replace("\\", "")


def said_by_check(told: Told) -> list[str]:
    """The sentences of the check, without what it says of the sides and of writing."""
    return [line.strip() for line in told.check.lines if not OF_THE_CHECK_ITSELF.match(line)]


@contextmanager
def _settings_of(salon: Salon) -> Iterator[None]:
    before, here = dict(os.environ), Path.cwd()
    for name, value in environment(salon.settings).items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    os.chdir(salon.folder)
    _forget()
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)
        _forget()


def _forget() -> None:
    settings.cache_clear()
    st.cache_resource.clear()
