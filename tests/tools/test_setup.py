"""Setting up: once, again after a change, anew after an interruption, and a plain sentence when it cannot."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import reset, setup

ROOT = Path(__file__).resolve().parent.parent.parent
RUNNING = """
import fcntl, sys
lock = open(sys.argv[1], 'a')
fcntl.flock(lock, fcntl.LOCK_EX)
print('held', flush=True)
sys.stdin.read()
"""


class Builder:
    """Stands in for venv.EnvBuilder, which takes seconds."""

    made: int = 0

    def __init__(self, **_: bool) -> None:
        pass

    def create(self, place: Path) -> None:
        Builder.made += 1
        (place / "bin").mkdir()
        (place / "bin" / "python").symlink_to(sys.executable)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A checkout of its own; the list of what was installed into its .venv."""
    for name in setup.DEV:
        shutil.copy(ROOT / name, tmp_path)
    place = tmp_path / ".venv"
    calls: list[str] = []
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", place)
    monkeypatch.setattr(setup, "UNFINISHED", place / ".unfinished")
    monkeypatch.setattr(setup, "MADE_WITH", place / ".made-with")
    monkeypatch.setattr(setup, "install", calls.append)
    monkeypatch.setattr("venv.EnvBuilder", Builder)
    monkeypatch.setattr(Builder, "made", 0)
    return calls


def set_up(kind: str = "run") -> None:
    files = setup.DEV if kind == "dev" else setup.RUN
    setup.set_up(kind, files, setup.ROOT)


def test_the_second_set_up_does_nothing(installed: list[str]) -> None:
    set_up()
    set_up()
    assert installed == ["requirements.txt"]


def test_after_the_set_up_for_tests_the_one_for_running_does_nothing(installed: list[str]) -> None:
    set_up("dev")
    set_up("run")
    assert installed == ["requirements-dev.txt"]


def test_changed_requirements_are_installed_into_the_same_environment(installed: list[str]) -> None:
    set_up()
    (setup.ROOT / "constraints.txt").write_text("numpy==2.4.6\n")
    set_up()
    assert installed == ["requirements.txt"] * 2
    assert Builder.made == 1


def test_an_interrupted_set_up_is_begun_anew(installed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(setup, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            set_up()
    (setup.VENV / "half").touch()
    set_up()
    assert installed == ["requirements.txt"]
    assert Builder.made == 2
    assert not (setup.VENV / "half").exists()


def test_an_environment_of_another_python_is_made_anew(installed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    set_up()
    monkeypatch.setattr(setup, "this_python", lambda: "3.99")
    set_up()
    assert Builder.made == 2


def test_a_python_without_venv_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> None:
        return None

    monkeypatch.setattr(importlib.util, "find_spec", without)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    with pytest.raises(setup.SetupFailedError, match=f"apt install python{version}-venv"):
        setup.check_python()


def test_when_pip_fails_its_last_words_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "constraints.txt").touch()
    put_program(tmp_path / "bin", "python", "echo 'no route to the index'; exit 1")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path)
    with pytest.raises(setup.SetupFailedError, match=r"no route to the index\npip could not install requirements.txt"):
        setup.install("requirements.txt")


def test_pips_lines_become_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    progress = setup.Progress(54)
    for line in ["Collecting pydantic-settings==2.16.3", "  Using cached", "Processing /a/numpy-2.4.6-cp311.whl"]:
        progress.line(line)
    assert capsys.readouterr().out == "  [ 1 of 54] pydantic-settings\n  [ 2 of 54] numpy\n"


def test_the_expected_count_is_that_of_the_constraints() -> None:
    assert setup.expected("requirements.txt") < setup.expected("requirements-dev.txt")
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert setup.expected("requirements-dev.txt") == sum("==" in line for line in lines)


def put_program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def run_script(script: str, path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The shell script with only the programs of `path`."""
    return subprocess.run(
        ["/bin/sh", str(ROOT / "tools" / script), *arguments],
        env={"PATH": str(path), **environment}, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_a_python_too_old_is_told_with_its_version_and_what_to_install(tmp_path: Path) -> None:
    put_program(tmp_path, "python3", 'case "$2" in *version_info*) exit 1;; *) echo 3.9.2;; esac')
    done = run_script("python.sh", tmp_path, "tools/setup.py")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "3.9.2" in done.stderr
    assert "apt install python3" in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_python_at_all_is_told_too(tmp_path: Path) -> None:
    tmp_path.joinpath("empty").mkdir()
    done = run_script("python.sh", tmp_path / "empty", "tools/setup.py")
    assert done.returncode == 1
    assert "no python3 was found" in done.stderr


def test_a_newer_python_beside_an_old_one_is_used(tmp_path: Path) -> None:
    put_program(tmp_path, "python3", "exit 1")
    put_program(tmp_path, "python3.12", 'case "$1" in -c) exit 0;; *) echo "twelve ran $1";; esac')
    assert run_script("python.sh", tmp_path, "it.py").stdout == "twelve ran it.py\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Programs of a machine on which Redis and Chromium are missing, with an apt-get that writes down its calls."""
    for name in ("mktemp", "rm", "tail", "chmod"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    put_program(tmp_path, "mariadbd", "exit 0")
    put_program(tmp_path, "apt-get", f'echo "$DEBIAN_FRONTEND $*" >> {tmp_path}/calls; exit $(( ${{BROKEN:-0}} ))')
    return tmp_path


def test_as_root_only_what_is_missing_is_installed(machine: Path) -> None:
    put_program(machine, "id", "echo 0")
    done = run_script("servers.sh", machine, POLICY=str(machine / "policy"))
    assert done.returncode == 0, done.stderr
    calls = (machine / "calls").read_text().splitlines()
    assert calls[-1] == "noninteractive install -y --no-install-recommends redis-server chromium"
    assert not (machine / "policy").exists()


def test_without_root_nothing_is_installed_and_the_packages_are_named(machine: Path) -> None:
    put_program(machine, "id", "echo 1000")
    done = run_script("servers.sh", machine)
    assert done.returncode == 0
    assert "apt install redis-server chromium" in done.stdout
    assert not (machine / "calls").exists()


@pytest.mark.parametrize(("everywhere", "code"), [("true", 1), ("", 0)])
def test_a_failed_installation_is_a_failure_only_where_all_tests_must_run(
    machine: Path, everywhere: str, code: int
) -> None:
    put_program(machine, "id", "echo 0")
    done = run_script("servers.sh", machine, POLICY=str(machine / "policy"), CI=everywhere, BROKEN="1")
    assert done.returncode == code
    assert "could not install redis-server chromium" in done.stderr


def test_reset_forgets_the_practice_salon(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    for name in ("practice", "slotkeeper.db"):
        (tmp_path / "var" / name).touch()
    assert "Forgotten" in reset.reset(tmp_path)
    assert not (tmp_path / "var").exists()
    assert "Nothing to forget" in reset.reset(tmp_path)


def test_reset_leaves_a_real_salons_store_alone(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/slotkeeper.db").touch()
    with pytest.raises(SystemExit, match="real salon"):
        reset.reset(tmp_path)
    assert (tmp_path / "var/slotkeeper.db").exists()


def test_reset_waits_for_nobody_while_slotkeeper_runs(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/practice").touch()
    command = [sys.executable, "-c", RUNNING, str(tmp_path / "var/run.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(SystemExit, match="stop it first"):
            reset.reset(tmp_path)
        assert other.stdin is not None
        other.stdin.close()
    assert (tmp_path / "var/practice").exists()
