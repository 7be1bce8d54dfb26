"""`make run`: what is started, what is said, and that nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.process import answers as port_answers
from tests.servers.process import free_port
from tools import children
from tools import run as starter
from tools.children import Stop, end_all, ended_with, start
from tools.plan import CannotStartError, Part, Plan, Step, plan_for, port_of

SERVE = """
import http.server, sys
class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Healthy).serve_forever()
"""
STAY = "import signal; signal.pause()"
BOUND = 60  # seconds, on a busy machine; nothing here is about time


def python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *arguments)


def plan(*order: Step | Part, practice: bool = True) -> Plan:
    return Plan(practice=practice, order=order, line="All is up.", environment={"GREETING": "hello"}, without=("LEAK",))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> queue.Queue[str]:
    """What the starter says, sentence by sentence."""
    sentences: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr(starter, "say", sentences.put)
    return sentences


@contextlib.contextmanager
def started(what: Plan, root: Path, said: queue.Queue[str]) -> Iterator[list[str]]:
    """The plan, all up; asked to stop when the block is left. Yields what was said until then."""
    stop = Stop()
    thread = threading.Thread(target=starter.run, args=(what, root, {}, stop))
    thread.start()
    try:
        sentences = list(iter(lambda: said.get(timeout=BOUND), "All is up."))
        yield sentences
    finally:
        stop.ask()
        thread.join(BOUND)
    assert not thread.is_alive()


def processes_with(mark: str) -> list[int]:
    """Process ids whose environment holds `mark`; zombies have none."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
    return found


def test_all_parts_answer_when_the_line_is_said_and_none_when_it_stopped(
    tmp_path: Path, said: queue.Queue[str]
) -> None:
    port = free_port()
    server = Part("server", python(SERVE, str(port)), port, "/health")
    with started(plan(server, Part("quiet", python(STAY))), tmp_path, said):
        assert port_answers(port)
    assert not port_answers(port)


def test_a_step_is_done_to_its_end_before_the_next_begins(tmp_path: Path, said: queue.Queue[str]) -> None:
    first = Step("Writing ...", python("open('first', 'w').write('there')"))
    second = Step("Copying ...", python("open('second', 'w').write(open('first').read())"))
    with started(plan(first, second), tmp_path, said) as sentences:
        assert sentences == ["Writing ...", "Copying ..."]
        assert (tmp_path / "second").read_text() == "there"


def test_a_step_done_once_is_not_done_again(tmp_path: Path, said: queue.Queue[str]) -> None:
    step = Step("Counting ...", python("open('count', 'a').write('x')"), once="count")
    for _ in range(2):
        with started(plan(step), tmp_path, said):
            pass
    assert (tmp_path / "count").read_text() == "x"


def test_what_a_half_done_step_left_is_taken_away_before_it_is_done_again(
    tmp_path: Path, said: queue.Queue[str]
) -> None:
    (tmp_path / "made.db-wal").write_text("half")
    step = Step("Making ...", python("open('made.db', 'x').write('whole')"), once="made", makes=("made.db",))
    (tmp_path / "made.db").write_text("half")
    with started(plan(step), tmp_path, said):
        assert (tmp_path / "made.db").read_text() == "whole"
        assert not (tmp_path / "made.db-wal").exists()


def test_a_step_that_fails_stops_everything_and_says_what_to_do(tmp_path: Path, said: queue.Queue[str]) -> None:
    port = free_port()
    server = Part("server", python(SERVE, str(port)), port)
    failing = Step("Failing ...", python("raise SystemExit(3)"), once="failing")
    with pytest.raises(CannotStartError, match="ended with 3.*make reset"):
        starter.run(plan(server, failing), tmp_path, {}, Stop())
    assert not port_answers(port)
    assert not (tmp_path / "var" / "done-failing").exists()


def test_a_part_that_ends_by_itself_is_named_with_its_log(tmp_path: Path, said: queue.Queue[str]) -> None:
    parts = (Part("steady", python(STAY)), Part("frail", python("raise SystemExit('out of breath')")))
    with pytest.raises(CannotStartError, match=r"'frail' ended by itself \(exit code 1\).*var/log/frail\.log"):
        starter.run(plan(*parts), tmp_path, {}, Stop())
    assert "out of breath" in (tmp_path / "var/log/frail.log").read_text()


def test_a_part_with_a_wrong_setting_is_told_in_its_own_sentence(tmp_path: Path, said: queue.Queue[str]) -> None:
    wrong = Part("jobs", python("print('starting'); print('WRITES (maybe) cannot be used.'); raise SystemExit(2)"))
    with pytest.raises(CannotStartError, match=r"var/log/jobs\.log\. WRITES \(maybe\) cannot be used\.$"):
        starter.run(plan(wrong), tmp_path, {}, Stop())


def test_a_part_that_ends_before_it_answers_is_named(tmp_path: Path, said: queue.Queue[str]) -> None:
    with pytest.raises(CannotStartError, match=r"'server' ended by itself \(exit code 4\)"):
        starter.run(plan(Part("server", python("raise SystemExit(4)"), free_port())), tmp_path, {}, Stop())


def test_parts_see_the_plans_settings_and_none_of_another_salon(
    tmp_path: Path, said: queue.Queue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAK", "a real salon's")
    code = "import os; open('seen', 'w').write(os.environ['GREETING'] + str('LEAK' in os.environ))"
    with started(plan(Step("Looking ...", python(code))), tmp_path, said):
        assert (tmp_path / "seen").read_text() == "helloFalse"


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path, said: queue.Queue[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        first = Step("Starting ...", python("open('started', 'w')"))
        with pytest.raises(CannotStartError, match=rf"Port {port}.*dashboard.*DASHBOARD_PORT={port + 1} make run"):
            starter.run(plan(first, Part("dashboard", python(STAY), port)), tmp_path, {}, Stop())
    assert not (tmp_path / "started").exists()


def test_a_second_starter_in_the_same_place_is_refused(tmp_path: Path, said: queue.Queue[str]) -> None:
    with started(plan(), tmp_path, said), pytest.raises(CannotStartError, match="already running"):
        starter.run(plan(), tmp_path, {}, Stop())


def test_the_practice_salons_store_is_not_used_for_a_real_salon(tmp_path: Path, said: queue.Queue[str]) -> None:
    with started(plan(), tmp_path, said):
        pass
    with pytest.raises(CannotStartError, match="holds the practice salon"):
        starter.run(plan(practice=False), tmp_path, {}, Stop())


def test_a_real_salons_store_is_not_used_for_practice(tmp_path: Path, said: queue.Queue[str]) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/slotkeeper.db").touch()
    with pytest.raises(CannotStartError, match="belongs to a real salon"):
        starter.run(plan(), tmp_path, {}, Stop())


def test_children_of_children_are_ended_too_and_a_deaf_one_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "GRACE", 0.5)
    mark = f"MARK_{secrets.token_hex(8)}"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    log = tmp_path / "log"
    with log.open("wb") as out:
        child = start(python(code, deaf), {**os.environ, mark: "1"}, tmp_path, out)
    try:
        assert Stop().wait_for(lambda: b"up" in log.read_bytes(), BOUND)
        assert len(processes_with(mark)) == 2
    finally:
        end_all([child])
    assert Stop().wait_for(lambda: processes_with(mark) == [], BOUND)


@pytest.mark.parametrize(("code", "expected"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", -9)])
def test_how_a_child_ended_is_known_without_reaping_it(tmp_path: Path, code: str, expected: int) -> None:
    child = start(python(code), os.environ, tmp_path)
    try:
        assert Stop().wait_for(lambda: ended_with(child) is not None, BOUND)
        assert ended_with(child) == expected
        assert child.returncode is None
    finally:
        end_all([child])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_an_end_and_a_closed_terminal_leave_no_process(tmp_path: Path, number: signal.Signals) -> None:
    mark = f"MARK_{secrets.token_hex(8)}"
    code = f"""
import pathlib, sys
from tools import run
from tools.plan import Part, Plan
run.ROOT = pathlib.Path({str(tmp_path)!r})
run.plan_for = lambda settings: Plan(True, (Part('quiet', (sys.executable, '-c', {STAY!r})),), 'All is up.')
sys.exit(run.main())
"""
    environment = {**os.environ, mark: "1", "PYTHONPATH": str(starter.ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(python(code), env=environment, stdout=subprocess.PIPE, text=True) as main:
        assert main.stdout is not None
        assert main.stdout.readline() == "All is up.\n"
        assert len(processes_with(mark)) == 2
        main.send_signal(number)
        assert main.stdout.readlines() == ["Stopping ...\n", "Stopped. No part is left running.\n"]
        assert main.wait(BOUND) == 0
    assert processes_with(mark) == []


def test_with_no_settings_it_is_the_practice_salon_and_writes_are_on() -> None:
    what = plan_for({})
    assert what.practice
    assert what.environment["WRITES"] == "on"
    assert what.environment["SQUARE_ACCESS_TOKEN"] == "practice"
    assert what.ports() == {"dashboard": 8501, "practice-square": 8200, "intake": 8100}
    assert "practice salon, nothing real is touched" in what.line
    assert "Ctrl-C" in what.line
    assert "make reset" in what.line


@pytest.mark.parametrize("name", ["SQUARE_ACCESS_TOKEN", "BOOKLY_DATABASE_URL"])
def test_with_one_real_setting_nothing_of_the_practice_salon_is_started(name: str) -> None:
    what = plan_for({name: "something"})
    assert not what.practice
    assert "WRITES" not in what.environment
    assert not any("practice" in " ".join(item.command) for item in what.order)
    assert "nothing is written" in what.line
    assert what.ports()["intake"] == 8100


def test_both_practice_calendars_tell_the_intake_signed_as_it_expects() -> None:
    what = plan_for({"INTAKE_PORT": "9100"})
    words = {item.name: item.command for item in what.order if isinstance(item, Part)}
    square, people = words["practice-square"], words["practice-people"]
    assert square[square.index("--webhook") + 1] == what.environment["SQUARE_WEBHOOK_URL"]
    assert square[square.index("--signature-key") + 1] == what.environment["SQUARE_WEBHOOK_SIGNATURE_KEY"]
    assert people[people.index("--bookly-webhook") + 1] == "http://127.0.0.1:9100/webhooks/bookly"
    assert people[people.index("--secret") + 1] == what.environment["BOOKLY_WEBHOOK_SECRET"]
    assert words["intake"][-1] == "9100"


def test_the_ports_can_be_chosen() -> None:
    what = plan_for({"DASHBOARD_PORT": "9501", "PRACTICE_SQUARE_PORT": "9200"})
    assert what.ports()["dashboard"] == 9501
    assert "http://127.0.0.1:9501" in what.line
    assert what.environment["SQUARE_BASE_URL"] == "http://127.0.0.1:9200"


@pytest.mark.parametrize("text", ["0", "70000", "http", "-1"])
def test_what_is_no_port_is_refused_with_the_settings_name(text: str) -> None:
    with pytest.raises(CannotStartError, match="DASHBOARD_PORT"):
        port_of({"DASHBOARD_PORT": text}, "DASHBOARD_PORT", 8501)


def test_the_environment_wins_over_the_file_and_an_empty_value_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("SQUARE_ACCESS_TOKEN=from-file\nWRITES=off\nBOOKLY_DATABASE_URL=\n")
    monkeypatch.setenv("SQUARE_ACCESS_TOKEN", "from-environment")
    monkeypatch.delenv("BOOKLY_DATABASE_URL", raising=False)
    settings = starter.read_settings(tmp_path)
    assert settings["SQUARE_ACCESS_TOKEN"] == "from-environment"
    assert settings["WRITES"] == "off"
    assert "BOOKLY_DATABASE_URL" not in settings
