"""The practice commands, as a person types them."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from standardwebhooks.webhooks import Webhook

from practice_salon.__main__ import main
from practice_salon.bookly.journal import open_site
from practice_salon.truth import read
from tests.practice_salon.bookly.conftest import SAMPLE
from tests.practice_salon.square.listener import listening

PATIENCE_S = 60.0
PAUSE_S = 0.1
SECRET = "whsec_c2VjcmV0IG9mIGEgcHJhY3RpY2Ugc2Fsb24="
PLAY = ("play", "--square-url", "http://127.0.0.1:1", "--bookly-url", "URL", "--seed", "1")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def wait_until(holds: Callable[[], bool]) -> None:
    """Ask again and again until it holds, a minute at most."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / PAUSE_S)):
        if holds():
            return
        pause.wait(PAUSE_S)
    pytest.fail("it did not come to be within a minute")


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "practice_salon", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/practice/clock", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/bookly.db"


def test_bookly_is_filled_from_a_seed_or_from_a_file_and_says_so(url: str) -> None:
    seeded = run("bookly", "--url", url, "--seed", "1")
    assert seeded.exit_code == 0 and "Made salon 1 in Bookly" in seeded.output
    loaded = run("bookly", "--url", url, "--load", str(SAMPLE), "--reset")
    assert loaded.exit_code == 0 and "Loaded 418 appointments" in loaded.output


def test_reset_begins_ids_from_one_again(url: str) -> None:
    run("bookly", "--url", url, "--load", str(SAMPLE))
    run("bookly", "--url", url, "--seed", "1", "--reset")
    site = open_site(url)
    with site.request("test") as request:
        count = len(request.rows(site.bookly.appointments))
        made = request.insert(site.bookly.orders, {"token": "x"}, logged=False)
        assert request.row(site.bookly.appointments, count)["id"] == count and made == 1
    site.engine.dispose()


WRONG: list[tuple[list[str], str]] = [
    (["bookly", "--url", "URL"], "Say either --seed N"),
    (["bookly", "--url", "URL", "--seed", "1", "--load", "x.json"], "Say either --seed N"),
    (["bookly", "--url", "URL", "--load", "missing.json"], "missing.json cannot be read"),
    (["bookly", "--url", "nonsense", "--seed", "1"], "--url is no database address"),
    (["bookly", "--url", "sqlite:////no/such/folder/b.db", "--seed", "1"], "could not be written"),
    (["bookly", "--url", "unheardof://x/y", "--seed", "1"], "a database kind not known here"),
    (["square", "--port", "1"], "Say either --seed N"),
    (["square", "--port", "1", "--seed", "1", "--empty"], "Say either --seed N"),
    (["square", "--port", "0", "--empty", "--webhook", "https://salon.example"], "together"),
    (["square", "--port", "0", "--empty", "--webhook", "salon.example", "--signature-key", "k"], "must use HTTPS"),
    ([*PLAY, "--secret", "whsec_c2VjcmV0"], "Give --bookly-webhook and --secret together"),
    ([*PLAY, "--bookly-webhook", "http://127.0.0.1:1", "--secret", "whsec_*"], "--secret is none"),
    ([*PLAY, "--bookly-webhook", "salon.example", "--secret", "whsec_c2VjcmV0"], "is no web address"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_wrong_settings_end_with_2_and_one_sentence(url: str, arguments: list[str], said: str) -> None:
    result = run(*(url if argument == "URL" else argument for argument in arguments))
    assert result.exit_code == 2
    assert said in result.output and "Traceback" not in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_malformed_file_is_refused_from_the_command_line_too(url: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    file.write_text("{", "utf-8")
    result = run("bookly", "--url", url, "--load", str(file))
    assert result.exit_code == 2 and "rows.json is not JSON; nothing was loaded." in result.output


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        result = run("square", "--port", str(port), "--empty")
    assert result.exit_code == 2 and f"Port {port} is taken" in result.output


def test_people_play_on_both_calendars_with_a_clash_first_and_stop_when_told(url: str, tmp_path: Path) -> None:
    assert run("bookly", "--url", url, "--seed", "1").exit_code == 0
    port, truth = free_port(), tmp_path / "truth.jsonl"
    square_url = f"http://127.0.0.1:{port}"
    play = ("play", "--square-url", square_url, "--bookly-url", url, "--seed", "1", "--speed", "400", "--clash")
    with (
        listening() as website,
        listening() as shop,
        started(
            "square", "--port", str(port), "--seed", "1", "--webhook", shop.url, "--signature-key", "key"
        ) as square,
        started(*play, "--truth", str(truth), "--bookly-webhook", website.url, "--secret", SECRET) as people,
    ):
        wait_until(lambda: answers(square_url))
        wait_until(lambda: truth.exists() and len(read(truth)) >= 6)
        assert all(one.signed("key", shop.url) for one in shop.wait_for(1))
        for one in website.wait_for(1):
            assert Webhook(SECRET).verify(one.raw, one.headers)["type"] == "bookly.changed"
        people.send_signal(signal.SIGTERM)
        assert people.wait(30) == 0
        assert people.stderr is not None and b"is booked twice from" in people.stderr.read()
        square.send_signal(signal.SIGTERM)
        square.wait(30)
    first, second, *_ = read(truth)
    done = [(one.side, one.what) for one in (first, second)]
    onto_one = done[0] == ("square", "book")  # at an hour at which everybody is busy: over a visit that was there
    assert onto_one or done == [("bookly", "book"), ("square", "book")]


def test_people_in_front_of_an_empty_square_are_told_that_nobody_is_in_both(url: str) -> None:
    assert run("bookly", "--url", url, "--seed", "1").exit_code == 0
    port = free_port()
    square_url = f"http://127.0.0.1:{port}"
    with started("square", "--port", str(port), "--empty"):
        wait_until(lambda: answers(square_url))
        with started("play", "--square-url", square_url, "--bookly-url", url, "--seed", "1") as people:
            _, said = people.communicate(timeout=PATIENCE_S)
    assert people.returncode == 2
    assert b"Nobody works in both calendars" in said
