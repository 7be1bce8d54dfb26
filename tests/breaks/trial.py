"""Trying a wrong change in a copy of the checkout: the checkout itself is never written to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.breaks.changes import Break

ROOT = Path(__file__).parents[2]
LEFT_OUT = (".git", ".venv*", "var", "wordpress", "node_modules", "__pycache__", ".hypothesis", ".*_cache")
LONGEST_S = 300

PASSED, FAILED_TESTS = 0, 1
BY_ASSERTION = ("AssertionError", "assert ", "Failed: ")
"""How the message of a test begins that was refuted: by `assert`, or by `pytest.raises` and `pytest.fail`."""


@dataclass(frozen=True, slots=True)
class Result:
    """How the named tests ended: `red` where every one of them was refuted by an assertion in its own body.

    `why` says what else happened where that is not so. `seconds` is what it took.
    """

    red: bool
    why: str
    seconds: float


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """A copy of the checkout in `folder`, without history, virtual environments, caches and what runs leave behind."""
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    yield copy


@contextmanager
def broken(copy: Path, change: Break) -> Iterator[None]:
    """The copy with the change in it, and afterwards as it was. Raises Stale when the change no longer fits."""
    before = {edit.file: (copy / edit.file).read_text() for edit in change.edits}
    try:
        for edit in change.edits:
            (copy / edit.file).write_text(edit.applied(copy))
        yield
    finally:
        for file, text in before.items():
            (copy / file).write_text(text)


def run_tests(copy: Path, names: Iterable[str]) -> tuple[int, dict[str, str], str]:
    """Run these tests in the copy: pytest's exit code, the trouble of each that did not pass, and what was printed.

    The trouble begins with "failure" where the test's own body failed, and with "error" where anything around it did.
    """
    report = copy / "report.xml"
    report.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTEST_ADDOPTS")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=line",
         f"--junitxml={report}", *names],
        cwd=copy, env={**environment, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True,
        timeout=LONGEST_S, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, _troubles(report), done.stdout + done.stderr


def try_out(copy: Path, change: Break) -> Result:
    """Break the copy, run the named tests, mend the copy."""
    began = time.monotonic()
    with broken(copy, change):
        code, troubles, _ = run_tests(copy, change.tests)
    why = verdict(code, troubles, len(change.tests))
    return Result(not why, why, time.monotonic() - began)


def verdict(code: int, troubles: dict[str, str], wanted: int) -> str:
    """What keeps this from being red; empty when every test was refuted by an assertion in its own body."""
    if code == PASSED:
        return "no test noticed"
    if code != FAILED_TESTS:
        return f"pytest could not run the tests (exit code {code})"
    other = [trouble for trouble in troubles.values() if not _refuted(trouble)]
    if other:
        return f"not an assertion: {other[0][:60]}"
    if len(troubles) < wanted:
        return f"only {len(troubles)} of {wanted} tests noticed"
    return ""


def _refuted(trouble: str) -> bool:
    what, _, message = trouble.partition(": ")
    return what == "failure" and message.startswith(BY_ASSERTION)


def _troubles(report: Path) -> dict[str, str]:
    if not report.exists():
        return {}
    cases: Sequence[ElementTree.Element] = list(ElementTree.parse(report).getroot().iter("testcase"))
    return {
        f"{case.get('classname')}::{case.get('name')}": f"{bad.tag}: {bad.get('message', '')}"
        for case in cases
        for bad in case
        if bad.tag in ("failure", "error")
    }
