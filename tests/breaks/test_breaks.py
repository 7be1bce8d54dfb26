"""The wrong changes of `make breaks` still fit the code, and the tests they name are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.breaks.__main__ import main
from tests.breaks.changes import BREAKS, Break, Edit, Stale
from tests.breaks.trial import FAILED_TESTS, PASSED, ROOT, broken, try_out, verdict

ASKED_FOR = [
    "paddings dropped", "done counted busy", "extras ignored", "closed interval end", "local time read as UTC",
    "first segment only", "stop at an empty page", "no shrink guard", "no second read", "lock by start",
    "no version sent", "link without confirming", "fence", "read back", "shrink guard", "visit claim", "hint counter",
    "former partner", "block ownership", "status table", "agreed per side", "settle first",
]  # fmt: skip


def test_there_are_those_that_were_asked_for() -> None:
    assert [change.name for change in BREAKS] == ASKED_FOR


@pytest.mark.parametrize("change", BREAKS, ids=lambda change: change.name)
def test_a_wrong_change_still_fits_the_code(change: Break) -> None:
    assert change.tests
    for edit in change.edits:
        assert edit.applied(ROOT) != (ROOT / edit.file).read_text()


def test_the_tests_that_are_named_are_there() -> None:
    names = sorted({name for change in BREAKS for name in change.tests})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *names],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(names) <= set(done.stdout.splitlines())


def test_words_that_are_gone_or_stand_twice_make_a_break_stale(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 1\n")
    with pytest.raises(Stale, match="0 times"):
        Edit("a.py", "z = 1", "z = 2").applied(tmp_path)
    with pytest.raises(Stale, match="2 times"):
        Edit("a.py", " = 1", " = 2").applied(tmp_path)
    with pytest.raises(Stale, match="no Python"):
        Edit("a.py", "x = 1", "x = ").applied(tmp_path)


def test_a_copy_is_mended_after_a_break_even_when_something_goes_wrong(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 1\n")
    change = Break("two edits", (Edit("a.py", "x = 1", "x = 2"), Edit("a.py", "y = 1", "y = 2")), ("t",))
    with broken(tmp_path, change):
        assert (tmp_path / "a.py").read_text() == "x = 2\ny = 2\n"
    half = Break("half", (Edit("a.py", "x = 1", "x = 2"), Edit("a.py", "gone", "y")), ("t",))
    with pytest.raises(Stale), broken(tmp_path, half):
        pass
    assert (tmp_path / "a.py").read_text() == "x = 1\ny = 1\n"


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("a + b + 1", ""),
        ("b + a", "no test noticed"),
        ("a + c", "not an assertion: failure: NameError"),
    ],
)
def test_a_change_is_tried_in_the_copy_and_taken_back(tmp_path: Path, new: str, why: str) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    (tmp_path / "sums.py").write_text("def both(a, b):\n    return a + b\n")
    (tmp_path / "test_sums.py").write_text("from sums import both\n\ndef test_it():\n    assert both(1, 2) == 3\n")
    result = try_out(tmp_path, Break("sum", (Edit("sums.py", "a + b", new),), ("test_sums.py::test_it",)))
    assert result.red == (not why) and result.why.startswith(why)
    assert (tmp_path / "sums.py").read_text() == "def both(a, b):\n    return a + b\n"


def test_a_word_that_is_in_no_name_is_told() -> None:
    assert main(["unheard of"]) == 1


@pytest.mark.parametrize(
    ("code", "troubles", "why"),
    [
        (FAILED_TESTS, {"a": "failure: AssertionError: 1", "b": "failure: assert 1 == 2"}, ""),
        (FAILED_TESTS, {"a": "failure: Failed: DID NOT RAISE Stale", "b": "failure: AssertionError"}, ""),
        (PASSED, {}, "no test noticed"),
        (FAILED_TESTS, {"a": "failure: AssertionError"}, "only 1 of 2 tests noticed"),
        (
            FAILED_TESTS,
            {"a": "failure: NameError: x", "b": "failure: AssertionError"},
            "not an assertion: failure: NameE",
        ),
        (FAILED_TESTS, {"a": "error: AssertionError", "b": "failure: AssertionError"}, "not an assertion: error: Asse"),
        (2, {}, "pytest could not run the tests (exit code 2)"),
        (4, {}, "pytest could not run the tests (exit code 4)"),
    ],
)
def test_red_is_only_what_an_assertion_refuted(code: int, troubles: dict[str, str], why: str) -> None:
    said = verdict(code, troubles, wanted=2)
    assert said.startswith(why) and bool(said) == bool(why)
