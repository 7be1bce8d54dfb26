"""Starts everything, says one line when all is up, and ends everything it started. `make run` calls it."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import math
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values

from tools.children import Stop, end_all, ended_with, has_ended, start
from tools.plan import HOST, STORE, CannotStartError, Part, Plan, Step, dashboard, plan_for

ROOT = Path(__file__).resolve().parent.parent
WRONG_SETTINGS = 2  # the exit code of every part whose settings are wrong
SETTINGS = {"dashboard": "DASHBOARD_PORT", "practice-square": "PRACTICE_SQUARE_PORT", "intake": "INTAKE_PORT"}
"""The setting by which each part's port is chosen."""
UP = 120.0  # seconds a part may take until it answers: a cold start on a busy two-core machine


def main() -> int:
    """0 when stopped by a person, 1 when something could not start or ended by itself."""
    stop = Stop()
    stop.listen()
    settings = read_settings(ROOT)
    try:
        run(plan_for(settings), ROOT, settings, stop)
    except CannotStartError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def read_settings(root: Path) -> dict[str, str]:
    """.env under the environment; only what has a value."""
    both = {**dotenv_values(root / ".env"), **os.environ}
    return {name: value for name, value in both.items() if value}


def run(plan: Plan, root: Path, settings: Mapping[str, str], stop: Stop) -> None:
    """Begins the plan's steps and parts in their order, says its line, and stays until `stop` is asked.

    Whatever happens, nothing it started is left. Raises CannotStartError with one sentence.
    """
    var = root / "var"
    (var / "log").mkdir(parents=True, exist_ok=True)
    with the_only_one(var):
        check_store(plan, var, settings)
        for name, port in plan.ports().items():
            check_port(name, port)
        with Company(plan, root, stop) as company:
            company.begin()
            if not stop.asked():
                say(plan.line)
                company.stay()
            say("Stopping ...")
    say("Stopped. No part is left running.")


def say(sentence: str) -> None:
    print(sentence, flush=True)


@contextlib.contextmanager
def the_only_one(var: Path) -> Iterator[None]:
    """Two starters on one var/ would write one store. Raises CannotStartError."""
    with (var / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStartError("Slotkeeper is already running in this directory: stop it there first.") from None
        yield


def check_store(plan: Plan, var: Path, settings: Mapping[str, str]) -> None:
    """The practice salon's visits must not mix with a real salon's. Raises CannotStartError."""
    mark, store = var / "practice", var / "slotkeeper.db"
    if plan.practice:
        if store.exists() and not mark.exists():
            raise CannotStartError(
                "var/slotkeeper.db belongs to a real salon, whose settings are gone: put them back into .env, "
                "or move that file away to start the practice salon."
            )
        mark.write_text("".join(f"{name}={value}\n" for name, value in plan.environment.items()), encoding="utf-8")
    elif mark.exists() and settings.get("DATABASE_URL", STORE) == STORE:
        raise CannotStartError(
            "var/slotkeeper.db holds the practice salon: run 'make reset' before starting with a real salon's settings."
        )


def check_port(name: str, port: int) -> None:
    """Raises CannotStartError, naming the port and how to choose another, when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            setting = SETTINGS.get(name, "the port")
            raise CannotStartError(
                f"Port {port}, where the {name} would listen, is taken by another program: "
                f"stop that one, or choose another with {setting}={min(port + 1, 65535)} make run."
            ) from None


class Company:
    """The parts that were started, ended together."""

    def __init__(self, plan: Plan, root: Path, stop: Stop) -> None:
        self._plan, self._root, self._stop = plan, root, stop
        kept = {name: value for name, value in os.environ.items() if name not in plan.without}
        self._environment = {**kept, **plan.environment, "PYTHONUNBUFFERED": "1"}
        self._parts: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Company:
        return self

    def __exit__(self, *_: object) -> None:
        end_all(list(self._parts.values()))

    def begin(self) -> None:
        """One after the other, until done or asked to stop."""
        for item in self._plan.order:
            if self._stop.asked():
                return
            if isinstance(item, Step):
                self._do(item)
            else:
                self._start(item)

    def _do(self, step: Step) -> None:
        done = self._root / "var" / f"done-{step.once}"
        if step.once and done.exists():
            return
        say(step.sentence)
        for name in step.makes:
            for ending in ("", "-wal", "-shm", "-journal"):
                (self._root / f"{name}{ending}").unlink(missing_ok=True)
        child = start(step.command, self._environment, self._root)
        self._parts["step"] = child
        self._stop.wait_for(lambda: has_ended(child), math.inf)
        if not has_ended(child):
            return
        end_all([self._parts.pop("step")])
        if child.returncode:
            raise CannotStartError(
                f"That did not work: 'python {' '.join(step.command[1:4])}' ended with {child.returncode}. "
                "Mend what it says above and run 'make run' again, or 'make reset' to start over."
            )
        if step.once:
            done.touch()

    def _start(self, part: Part) -> None:
        with self._log(part.name).open("wb") as log:
            self._parts[part.name] = start(part.command, self._environment, self._root, log)
        if part.port:
            say(f"Starting the {part.name.replace('-', ' ')} ...")
            up = self._stop.wait_for(lambda: self._someone_ended() or answers(part), UP)
            self._raise_if_ended()
            if not up and not self._stop.asked():
                raise CannotStartError(
                    f"The {part.name} did not answer within {UP:.0f} s: see {self._shown(part.name)}."
                )

    def stay(self) -> None:
        """Until asked to stop. Raises CannotStartError when a part ended by itself."""
        self._stop.wait_for(self._someone_ended, math.inf)
        if not self._stop.asked():
            self._raise_if_ended()

    def _someone_ended(self) -> bool:
        return any(has_ended(child) for child in self._parts.values())

    def _raise_if_ended(self) -> None:
        for name, child in self._parts.items():
            code = ended_with(child)
            if code is not None and not self._stop.asked():
                raise CannotStartError(
                    f"The part '{name}' ended by itself (exit code {code}), so all is stopped: see {self._shown(name)}."
                    f"{self._why(name, code)}"
                )

    def _why(self, name: str, code: int) -> str:
        """A wrong setting in the part's own sentence, the last of its log; nothing for any other end."""
        said = self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()
        return f" {said[-1]}" if code == WRONG_SETTINGS and said else ""

    def _log(self, name: str) -> Path:
        return self._root / "var" / "log" / f"{name}.log"

    def _shown(self, name: str) -> str:
        return str(self._log(name).relative_to(self._root))


def dashboard_answers(port: int) -> bool:
    """True if a dashboard serves on the loopback port."""
    return answers(dashboard(port))


def answers(part: Part) -> bool:
    """True if the part's port, and its health path when it has one, answer."""
    connection = http.client.HTTPConnection(HOST, part.port, timeout=2)
    try:
        if not part.health:
            connection.connect()
            return True
        connection.request("GET", part.health)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
