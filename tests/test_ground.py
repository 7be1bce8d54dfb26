"""What the README, the Makefile, the requirements and the layers promise."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = dict(re.findall(r"^([a-z-]+):.*## (.+)$", MAKEFILE, re.MULTILINE))
INNER = {"setup", "setup-dev", "servers"}  # steps that the targets for people stand on
BIN = Path(sys.executable).parent


def make(*arguments: str) -> str:
    done = subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_of_the_readme_is_there(page: str) -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)\b(?= |`|$)", code_of(ROOT / page), re.MULTILINE))
    assert named
    assert named <= set(TARGETS)


def test_the_readme_gives_the_two_commands_first() -> None:
    assert re.findall(r"^make ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE)[:2] == ["run", "test"]


def test_every_target_is_described_in_make_help() -> None:
    shown = make("help")
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) - INNER == set(TARGETS)
    for target, words in TARGETS.items():
        assert re.search(rf"^  make {target} +{re.escape(words)}$", shown, re.MULTILINE)


def test_every_folder_the_readme_names_is_there() -> None:
    named = re.findall(r"^\| \[?`([a-z_./]+)`", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(named) >= 8
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"(?<!!)\[[^\]]+\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_direct_requirement_is_pinned_and_has_its_reason() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                assert re.fullmatch(r"[\w.-]+==\S+ +# .+", line), f"{name}: {line}"


def test_every_direct_requirement_agrees_with_the_constraints() -> None:
    fixed = set(re.findall(r"^\S+==\S+", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE)) <= fixed


def test_the_entry_page_imports_the_dashboard_and_nothing_else_of_ours() -> None:
    tree = ast.parse((ROOT / "streamlit_app.py").read_text())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in named} <= {"__future__", "streamlit", "dashboard"}


# importer, what it imports, whether the layers allow it
IMPORTS = [
    ("dashboard.pages", "queries", True),
    ("dashboard.pages", "sync.wording", True),
    ("dashboard.pages", "jobs", False),
    ("jobs.reconcile", "queries", True),
    ("jobs.reconcile", "dashboard", False),
    ("jobs.practise", "practice_salon", False),
    ("queries.visits", "sync.store", True),
    ("queries.visits", "sync.converge", False),
    ("sync.worker", "queries", False),
    ("sync.decide.plans", "sync.model", True),
    ("sync.decide.plans", "numpy", True),
    ("sync.decide.plans", "math", True),
    ("sync.decide.plans", "pandas", False),
    ("sync.decide.plans", "time", False),
    ("sync.decide.plans", "sync.store", False),
    ("sync.locking.sqlite", "sync.store", True),
    ("sync.locking.sqlite", "sync.calendars", False),
    ("sync.store.tables", "sync.locking", False),
    ("sync.calendars.bookly.read", "sync.calendars", True),
    ("sync.calendars.bookly.read", "sync.store", False),
    ("sync.calendars.bookly.read", "sync.calendars.bookly.write", True),
    ("sync.converge", "sync.calendars.square.write", True),
    ("sync.worker", "sync.calendars.square.write", False),
    ("practice_salon.people", "sync.model", False),
]


@pytest.fixture(scope="module")
def lint(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the layers say about a made-up tree in which every one of IMPORTS stands."""
    tree = tmp_path_factory.mktemp("layers")
    shutil.copy(ROOT / "pyproject.toml", tree)
    shutil.copytree(ROOT / "tools", tree / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    packages = {"sync.model", "sync.store", "sync.calendars.square.write", "sync.calendars.bookly.write"}
    for module in ["sync", "jobs", "queries", "dashboard", "practice_salon", *packages, *(row[0] for row in IMPORTS)]:
        put_module(tree, module, [row[1] for row in IMPORTS if row[0] == module])
    command = [str(BIN / "lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=60, check=False).stdout


def put_module(tree: Path, module: str, imports: list[str]) -> None:
    folder = tree.joinpath(*module.split("."))
    for place in [folder, *folder.parents]:
        if place == tree:
            break
        place.mkdir(parents=True, exist_ok=True)
        (place / "__init__.py").touch()
    (folder / "__init__.py").write_text("".join(f"import {name}\n" for name in imports))


@pytest.mark.parametrize(("importer", "imported", "allowed"), IMPORTS)
def test_the_layers_tell_lawful_imports_from_others(lint: str, importer: str, imported: str, allowed: bool) -> None:
    complaint = f"{importer} imports {imported}; "
    assert (complaint not in lint) == allowed, lint


def test_neither_calendar_may_know_the_other() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    assert 'type = "independence"\nmodules = ["sync.calendars.bookly", "sync.calendars.square"]' in text


def test_a_change_of_requirements_changes_the_set_ups_fingerprint(tmp_path: Path) -> None:
    from tools.setup import RUN, fingerprint

    for name in RUN:
        shutil.copy(ROOT / name, tmp_path)
    before = fingerprint(RUN, tmp_path)
    assert fingerprint(RUN, tmp_path) == before
    (tmp_path / "constraints.txt").write_text("numpy==1\n")
    assert fingerprint(RUN, tmp_path) != before


def code_of(page: Path) -> str:
    """What stands in code blocks and between backticks."""
    text = page.read_text()
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text)])
