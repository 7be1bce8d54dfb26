"""The pages of docs/ and the README say what is there: settings, commands, names, states, files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from jobs.__main__ import jobs
from jobs.registry import JOBS
from practice_salon.__main__ import main as practice
from practice_salon.bookly.faults import FAULTS as BOOKLY_FAULTS
from practice_salon.people.disturb import KINDS
from practice_salon.square.faults import FAULTS as SQUARE_FAULTS
from queries.__main__ import queries
from sync.__main__ import sync
from sync.calendars.square.checks import SCOPES
from sync.converge.grip import NEEDED
from sync.decide.same_visit import NEAR_START
from sync.intake.body import MOST_BYTES
from sync.intake.news import Reason
from sync.intake.rates import CALLS, FAILURES
from sync.intake.refusals import LINES
from sync.model import Kind
from sync.settings import Settings
from sync.store.deliveries import KEPT
from sync.store.intents import STATES as INTENT_STATES
from tests.docs.trying import ROOT
from tools.pictures import LOOKS, PICTURES
from tools.pictures import PAGES as PICTURED

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PROGRAMS: dict[str, tuple[click.Group, str]] = {
    "jobs": (jobs, "docs/jobs.md"),
    "sync": (sync, "docs/jobs.md"),
    "queries": (queries, "docs/jobs.md"),
    "practice_salon": (practice, "docs/practice-salon.md"),
}
COMMANDS = [(name, command) for name, (group, _) in PROGRAMS.items() for command in sorted(group.commands)]


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def rows(page: str) -> Iterator[list[str]]:
    """The cells of every row of every table on the page."""
    for line in page.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def names_in(page: str) -> set[str]:
    """What stands in back quotes in the first cell of a row."""
    return {cell[0].strip("`") for cell in rows(page) if cell[0].startswith("`")}


def section(page: str, title: str) -> str:
    """From that heading to the next of its depth."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


# --- settings -----------------------------------------------------------------------------------------------------


def test_settings_lists_every_setting_and_its_default() -> None:
    listed = {cell[0].strip("`"): cell[1].strip("`") for cell in rows(text("docs/settings.md")) if "`" in cell[0]}
    assert listed == {name.upper(): _default(name) for name in Settings.model_fields}


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    secret = getattr(value, "get_secret_value", None)
    return str(secret() if secret else value) or "left out"


def test_settings_gives_an_example_that_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for cell in rows(text("docs/settings.md")):
        if cell[0].startswith("`"):
            monkeypatch.setenv(cell[0].strip("`"), cell[2].strip("`"))
    assert Settings().writes == "on"


def test_settings_names_each_right_that_the_square_token_needs() -> None:
    assert set(
        re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", section(text("docs/settings.md"), "What the Square token needs"))
    ) == {*SCOPES}


# --- commands -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "command"), COMMANDS, ids=lambda one: str(one))
def test_each_command_is_described_with_its_options(program: str, command: str) -> None:
    group, page = PROGRAMS[program]
    described = [cell for cell in rows(text(page)) if cell[0].startswith(f"`python -m {program} {command}")]
    assert len(described) == 1, f"{page} has no line for python -m {program} {command}"
    for option in _options(group.commands[command]):
        assert option in " ".join(described[0]), f"{page}: python -m {program} {command} has {option}"


def _options(command: click.Command) -> list[str]:
    return [name for option in command.params for name in option.opts if name.startswith("--")]


def test_no_command_is_described_that_does_not_exist() -> None:
    for page in PAGES:
        for program, command in re.findall(r"python -m ([a-z_]+) ([a-z][a-z-]+)", page.read_text(encoding="utf-8")):
            if program in PROGRAMS:
                assert command in PROGRAMS[program][0].commands, f"{page}: python -m {program} {command}"


def test_no_option_is_described_that_does_not_exist() -> None:
    known = {name for group, _ in PROGRAMS.values() for one in group.commands.values() for name in _options(one)}
    for page in ("docs/jobs.md", "docs/practice-salon.md"):
        assert set(re.findall(r"(?<!-)--[a-z][a-z-]*", text(page))) <= known


def test_jobs_lists_each_job_and_how_often_it_runs() -> None:
    listed = {cell[0].strip("`"): cell[1] for cell in rows(section(text("docs/jobs.md"), "Jobs"))}
    assert {name: listed.get(name) for name in JOBS} == {name: f"every {job.every} s" for name, job in JOBS.items()}


def test_each_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))}
    assert {"run", "test", "check", "reset"} <= named <= targets


def test_each_make_target_for_people_is_told_to_developers_or_in_the_readme() -> None:
    public = set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE)) - {"help"}
    told = text("README.md") + text("docs/developer.md")
    assert {target for target in public if f"make {target}" not in told} == set()


# --- names and states ---------------------------------------------------------------------------------------------


def test_practice_salon_lists_its_faults_and_disturbances() -> None:
    page = text("docs/practice-salon.md")
    assert names_in(section(page, "Square's faults")) == {fault.name for fault in SQUARE_FAULTS}
    assert names_in(section(page, "Bookly's faults")) == set(BOOKLY_FAULTS)
    sides = {"bookly": "Bookly", "square": "Square"}
    wanted = {kind: " and ".join(sides[s] for k, s in KINDS if k == kind) for kind, _ in KINDS}
    assert {c[0].strip("`"): c[1] for c in rows(section(page, "Disturbances")) if "`" in c[0]} == wanted


def test_the_glossary_explains_each_kind_of_finding() -> None:
    assert names_in(text("docs/glossary.md")) == {kind.value for kind in Kind}


def test_the_page_on_webhooks_lists_each_reason_and_the_limits_of_the_code() -> None:
    page = text("docs/webhooks.md")
    listed = {word for cell in rows(page) if len(cell) == 3 for word in re.findall(r"`([a-z_]+)`", cell[1])}
    assert listed == {reason.value for reason in Reason} - {Reason.NOT_LISTED.value}
    assert f"{CALLS.burst} calls at once or {CALLS.per_second} a second" in page
    assert f"{FAILURES.burst} at once or one a second" in page and FAILURES.per_second == 1
    assert MOST_BYTES == 256 * 1024 and KEPT.days == 3 and LINES.per_second == 2


STATES = {
    "A finding": "findings",
    "A request": "requests",
    "An intent": "intents",
    "A run of a job": "runs",
    "A hint": "hints",
    "A hold": "holds",
    "A breaker": "breakers",
}


@pytest.mark.parametrize("title", STATES)
def test_states_are_those_of_the_table(title: str) -> None:
    source = "".join(text(f"sync/store/tables/{name}.py") for name in ("calendars", "house", "inbox"))
    columns = source[source.index(f"{STATES[title]} = table(") :]
    comment = re.search(r'"state", .*?#\s*([a-z_, ]+)\n', columns, re.DOTALL)
    assert comment
    kept = {word.strip() for word in comment[1].split(",")}
    chapter = section(text("docs/states.md"), title)
    told = {word for line in re.findall(r"^- (`.*?):", chapter, re.MULTILINE) for word in re.findall(r"`(\w+)`", line)}
    drawn = set(re.findall(r"^\s+(?:\[\*\]|\w+) --> (\w+)", chapter, re.MULTILINE))
    assert kept == told == drawn


def test_the_states_of_an_intent_are_those_the_store_takes() -> None:
    chapter = section(text("docs/states.md"), "An intent")
    assert set(re.findall(r"^- `(\w+)`", chapter, re.MULTILINE)) == set(INTENT_STATES)


def test_the_limits_that_are_numbers_are_those_of_the_code() -> None:
    page = text("docs/limits.md")
    back, ahead = (Settings.model_fields[name].default for name in ("pull_days_back", "pull_days_ahead"))
    assert f"Square from {back} days back to {ahead} ahead" in page
    assert f"`LEASE_SECONDS` has to be {NEEDED:g} or more" in page
    assert NEAR_START.total_seconds() == 15 * 60 and "at most fifteen minutes apart" in page


# --- files --------------------------------------------------------------------------------------------------------


def links(page: Path) -> list[str]:
    """Where the page leads to inside of the project; what stands in back quotes is code."""
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [link for link in re.findall(r"\]\(([^)#\s]+)", prose) if "://" not in link]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_leads_to_a_file(page: Path) -> None:
    gone = [link for link in links(page) if not (page.parent / link).exists()]
    assert [link for link in gone if not _not_taken_yet(page.parent / link)] == []


def _not_taken_yet(file: Path) -> bool:
    """A picture that `make pictures` takes, in a checkout in which nobody took any."""
    titles, looks = "|".join(PICTURED), "|".join(f"{look.device}-{look.scheme}" for look in LOOKS)
    named = re.fullmatch(rf"({titles})-({looks})\.png", file.name)
    return bool(named) and file.parent == PICTURES and not PICTURES.exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_file_that_is_named_is_there(page: Path) -> None:
    rooms = "|".join(sorted(path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()))
    named = re.findall(rf"`((?:{rooms}|docs)/[\w/.-]*)`", page.read_text(encoding="utf-8"))
    gone = [name for name in named if not (ROOT / name).exists()]
    assert [name for name in gone if ROOT / name != PICTURES] == []


def test_each_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        waiting += [(page.parent / link).resolve() for link in links(page)]
    assert {page for page in PAGES if page not in reached} == set()
