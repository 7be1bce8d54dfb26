"""The intake as a process of its own: started, asked to stop, killed; and the whole way from a practice Square."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from practice_salon.bookly.backoffice import BackOffice
from practice_salon.bookly.journal import open_site
from practice_salon.bookly.messages import Messenger
from practice_salon.bookly.seed import seed
from practice_salon.shop import shop
from practice_salon.square.seed import seeded_world
from practice_salon.square.server import running_square
from practice_salon.square.subscriptions import subscribe
from sync.__main__ import sync
from sync.settings import settings
from tests.sync.intake.conftest import KEY, SECRET, event, kept, lines, signed, wait_for

ROOT = Path(__file__).resolve().parents[3]
START = 60
DIES_BEFORE_IT_ANSWERS = """
import os, signal
from sync.intake.keeper import Keeper
from sync.__main__ import sync
Keeper._resolve = lambda self, answers: os.kill(os.getpid(), signal.SIGKILL)
sync(["intake", "--port", "0"])
"""
AS_USUAL = "from sync.__main__ import sync; sync()"


@dataclass(frozen=True)
class Running:
    """A process with an address."""

    process: subprocess.Popen[str]
    url: str

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(START)


def environment(store: Engine, url: str) -> dict[str, str]:
    names = ("DATABASE_URL", "SQUARE", "BOOKLY", "SALON", "WRITES", "LOCK")
    kept_on = {name: value for name, value in os.environ.items() if not name.startswith(names)}
    more = {"SQUARE_WEBHOOK_URL": url, "SQUARE_WEBHOOK_SIGNATURE_KEY": KEY, "BOOKLY_WEBHOOK_SECRET": SECRET}
    return {**kept_on, **more, "DATABASE_URL": str(store.url), "PYTHONPATH": str(ROOT)}


@contextmanager
def started(store: Engine, port: int = 0, code: str = AS_USUAL) -> Iterator[Running]:
    """The intake, serving; killed when the block is left before it ended."""
    url = f"http://127.0.0.1:{port}/webhooks/square"
    words = ["intake", "--port", str(port)] if code is AS_USUAL else []
    with subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env=environment(store, url),
        cwd=Path(str(store.url.database)).parent,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("Intake at http://127.0.0.1:")
            yield Running(process, said.split()[-1])
        finally:
            if process.poll() is None:
                process.kill()


def post(running: Running, body: bytes) -> int:
    headers = signed(body, url="http://127.0.0.1:0/webhooks/square")
    return httpx.post(f"{running.url}/webhooks/square", content=body, headers=headers, trust_env=False).status_code


def test_killed_between_commit_and_answer_it_leaves_the_hint_and_the_next_try_is_a_duplicate(store: Engine) -> None:
    with started(store, code=DIES_BEFORE_IT_ANSWERS) as running:
        with pytest.raises(httpx.TransportError):
            post(running, event())
        assert running.process.wait(START) == -signal.SIGKILL
    assert [str(hint.ref) for hint in kept(store)] == ["square/abc"]
    with started(store) as running:
        assert post(running, event()) == 200
        assert [line.reason for line in lines(store, 2)] == ["kept", "duplicate"]
        assert running.stop(signal.SIGTERM) == 0
    assert [hint.counter for hint in kept(store)] == [1]


def test_ctrl_c_lists_what_was_not_listed_yet_and_ends_well(store: Engine) -> None:
    with started(store) as running:
        assert httpx.post(f"{running.url}/webhooks/square", content=b"{}", trust_env=False).status_code == 401
        assert running.stop(signal.SIGINT) == 0
    assert [line.reason for line in lines(store, 1)] == ["no_signature"]


def test_what_it_answered_is_measured_and_shown_with_everybody_elses_numbers(store: Engine) -> None:
    with started(store) as running:
        assert post(running, event()) == 200
        assert running.stop(signal.SIGTERM) == 0
    with started(store) as running:
        shown = httpx.get(f"{running.url}/metrics", trust_env=False)
    assert shown.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'slotkeeper_deliveries_total{side="square",status="200"} 1.0' in shown.text.splitlines()
    assert 'slotkeeper_hints_open{state="waiting"} 1.0' in shown.text.splitlines()


def test_a_taken_port_is_one_sentence_and_a_wrong_setting(store: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", str(store.url))
    settings.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = CliRunner().invoke(sync, ["intake", "--port", str(other.getsockname()[1])])
    settings.cache_clear()
    assert ended.exit_code == 2
    assert "--port" in ended.stderr and len(ended.stderr.splitlines()) == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_booking_made_in_square_and_one_made_in_bookly_arrive_as_hints(store: Engine, tmp_path: Path) -> None:
    port, now = free_port(), datetime.now(UTC)
    world = seeded_world(shop(7), now)
    subscribe(world, f"http://127.0.0.1:{port}/webhooks/square", KEY)
    bookly_url = f"sqlite:///{tmp_path}/bookly.db"
    seed(bookly_url, shop(7), now)
    with started(store, port) as running, running_square(world) as square:
        member, variation = world["team_members"].values()[0]["id"], _variation(world)
        start = (now + timedelta(days=2)).isoformat()
        made = square.act(
            "staff", "book", by="Dana", team_member_id=member, service_variation_id=variation, start_at=start
        )
        name = f"square/{made['booking']['id']}"
        wait_for(lambda: name in {str(hint.ref) for hint in kept(store)})
        (hint,) = kept(store)
        assert hint.version == 0 and hint.changed_at is not None
        assert square.wait_for(lambda world: not world["deliveries"].values()), "Square knows that it was taken"

        site = open_site(bookly_url, tell=Messenger(f"{running.url}/webhooks/bookly", SECRET).tell)
        block = BackOffice(site).block(1, now.replace(tzinfo=None) + timedelta(days=2), 30)
        assert f"bookly/row:{block}" in {str(hint.ref) for hint in kept(store)}
        site.engine.dispose()
        assert running.stop(signal.SIGTERM) == 0


def _variation(world: object) -> str:
    items = world["items"].values()  # type: ignore[index]
    return str(items[0]["item_data"]["variations"][0]["id"])
