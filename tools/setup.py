"""Makes `.venv` with what Slotkeeper needs, and says what it does. Run by `make`; knows only the standard library.

Safe to interrupt: an unfinished `.venv` carries a mark and is made anew. Done again it costs nothing:
the requirements' hash is written beside what was installed from them.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
UNFINISHED = VENV / ".unfinished"
MADE_WITH = VENV / ".made-with"
RUN = ("requirements.txt", "constraints.txt")
DEV = ("requirements-dev.txt", *RUN)
TAIL = 12  # lines of pip's own words shown when it fails


class SetupFailedError(Exception):
    """The set-up cannot go on; the message is one plain sentence that says what to do."""


def this_python() -> str:
    """Which Python, and where: a .venv of another one, or a moved one, does not work."""
    return f"{sys.version}|{sys.base_prefix}|{ROOT}"


def fingerprint(files: tuple[str, ...], root: Path = ROOT) -> str:
    """A hash over the requirement files and the Python that runs."""
    digest = hashlib.sha256(this_python().encode())
    for name in files:
        digest.update(name.encode() + b"\0" + (root / name).read_bytes())
    return digest.hexdigest()


def stamp(kind: str) -> Path:
    return VENV / f".installed-{kind}"


def is_done(kind: str, wanted: str) -> bool:
    """True if .venv is whole and was last made from exactly these files."""
    path = stamp(kind)
    return not UNFINISHED.exists() and path.is_file() and path.read_text() == wanted


def python_package() -> str:
    """The Debian package that brings the missing half of Python's venv module."""
    return f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


def check_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells an older Python so
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise SetupFailedError(f"Slotkeeper needs Python 3.11 or newer, and this is {found}: apt install python3")
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupFailedError(
            f"This Python cannot make a virtual environment: run 'apt install {python_package()}' and try again."
        )


@contextmanager
def only_one() -> Iterator[None]:
    """Two `make` at once: the second waits for the first."""
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is at work here; waiting for it ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(sentence: str) -> None:
    print(sentence, flush=True)


def make_venv() -> None:
    """A .venv that works, marked unfinished."""
    whole = (VENV / "bin" / "python").exists() and MADE_WITH.is_file() and MADE_WITH.read_text() == this_python()
    if UNFINISHED.exists() or not whole:
        say("Making a virtual environment in .venv ...")
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir()
        UNFINISHED.touch()
        venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)
        MADE_WITH.write_text(this_python())
    UNFINISHED.touch()


def expected(requirements: str) -> int:
    """How many packages `requirements` brings, by the sections of constraints.txt."""
    count, sections = 0, ("requirements.txt", requirements)
    here = False
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line.startswith("# "):
            here = line.removeprefix("# ") in sections
        count += here and "==" in line
    return count


def name_of(word: str) -> str:
    """The package in pip's "Collecting WORD" (name>=1) or "Processing WORD" (a wheel's path)."""
    found = re.match(r"[\w.-]+", word.rpartition("/")[2].partition("-")[0] if word.endswith(".whl") else word)
    return found[0] if found else word


def install(requirements: str) -> None:
    """pip installs `requirements`, one short line a package.

    Raises SetupFailedError with pip's last words when it fails.
    """
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--progress-bar", "off", "-r", requirements]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    words: list[str] = []
    show = Progress(expected(requirements))
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace",
    ) as pip:  # fmt: skip
        assert pip.stdout is not None
        for line in pip.stdout:
            words = [*words[-TAIL:], line.rstrip()]
            show.line(line.strip())
    show.end()
    if pip.returncode:
        raise SetupFailedError(
            "\n".join(
                [*words, f"pip could not install {requirements} (its last lines are above): is the network there?"]
            )
        )


class Progress:
    """Turns pip's lines into one moving line on a terminal, and into a line a package elsewhere."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.seen = 0
        self.moving = sys.stdout.isatty()

    def line(self, line: str) -> None:
        """`line` is one of pip's own."""
        if line.startswith(("Collecting ", "Processing ")):
            self.seen += 1
            self._show(f"  [{self.seen:>2} of {self.expected}] {name_of(line.split()[1])}")
        elif line.startswith("Installing collected packages"):
            self._show("  unpacking what was fetched (half a minute) ...")

    def _show(self, text: str) -> None:
        print(f"\r{text:<78}" if self.moving else text, end="" if self.moving else "\n", flush=True)

    def end(self) -> None:
        if self.moving and self.seen:
            print("\r" + " " * 78 + "\r", end="", flush=True)


def set_up(kind: str, files: tuple[str, ...], root: Path = ROOT) -> None:
    """Brings .venv to what `files` say; does nothing if it is there already."""
    wanted = fingerprint(files, root)
    with only_one():
        if is_done(kind, wanted):
            return
        began = time.monotonic()
        make_venv()
        say(f"Installing what {files[0]} lists (the first time this takes a minute or two) ...")
        install(files[0])
        if kind == "dev":  # brings all of the other kind as well
            stamp("run").write_text(fingerprint(RUN, root))
        stamp(kind).write_text(wanted)
        UNFINISHED.unlink()
        say(f"Set up in {time.monotonic() - began:.0f} s.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    dev = bool(parser.parse_args().dev)
    try:
        check_python()
        set_up("dev" if dev else "run", DEV if dev else RUN)
    except SetupFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the next make begins this step anew.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
