"""The world in a file: what was there before a restart is there after it."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from square import Square

from practice_salon.shop import shop
from practice_salon.square.seed import empty_world, seeded_world
from practice_salon.square.server import running_square
from practice_salon.square.state import TABLES, World
from practice_salon.square.times import stamp
from tests.practice_salon.square.conftest import MONDAY

ROOT = Path(__file__).parents[3]
SERVE = """
import sys
from practice_salon.square.seed import empty_world
from practice_salon.square.server import serve
serve(empty_world("UTC"), int(sys.argv[1]), sys.argv[2])
"""


def everything(world: World) -> dict[str, Any]:
    return {kind: dict(world[kind].items()) if kind == "meta" else world[kind].items() for kind in TABLES}


def test_a_world_in_a_file_comes_back_whole_with_its_clock_keys_and_counters(tmp_path: Path) -> None:
    world = seeded_world(shop(3), MONDAY)
    world.attach(tmp_path / "square.db")
    with running_square(world) as square, httpx.Client(trust_env=False) as carrier:
        client: Any = Square(base_url=square.url, token="practice", httpx_client=carrier)
        member, start = world["team_members"].items()[0][0], stamp(MONDAY)
        square.act("staff", "book", team_member_id=member, start_at=start, duration_minutes=30)
        client.customers.create(given_name="Ada", idempotency_key="k")
        square.act("staff", "add_customer", given_name="Ben")
        hook = {"event_types": ["booking.created"], "notification_url": "http://127.0.0.1:9/x"}
        made = client.webhooks.subscriptions.create(subscription=hook).subscription
        client.webhooks.subscriptions.delete(made.id)
        square.advance(3600)
    world.detach()
    again = empty_world("UTC")
    again.attach(tmp_path / "square.db")
    assert everything(again) == everything(world)
    assert (again.salt, again.rules) == (world.salt, world.rules)
    assert abs(again.now() - world.now()) < timedelta(seconds=30)
    again.detach()


def test_the_served_process_keeps_its_world_over_a_kill_and_names_a_taken_port(tmp_path: Path) -> None:
    file = tmp_path / "square.db"
    with running_square(empty_world("UTC")) as other:
        port = other.url.rsplit(":", 1)[1]
        failed = subprocess.run(
            [sys.executable, "-c", SERVE, port, str(file)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert failed.returncode != 0
        assert failed.stderr.startswith(f"Port {port} on 127.0.0.1 cannot be had")
    first = _with_process(file, port, lambda http: http.post("/v2/customers", json={"given_name": "Ada"}).json())
    key = first["customer"]["id"]
    found = _with_process(file, port, lambda http: http.get(f"/v2/customers/{key}").json())
    assert found["customer"]["given_name"] == "Ada"


def _with_process(file: Path, port: str, use: Any) -> Any:
    """Serves in a process of its own, uses it once it can be reached, and kills it without warning."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, port, str(file)], cwd=ROOT)
    headers, url = {"authorization": "Bearer practice"}, f"http://127.0.0.1:{port}"
    patient = httpx.HTTPTransport(retries=7)
    try:
        with httpx.Client(base_url=url, headers=headers, transport=patient, trust_env=False) as http:
            return use(http)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
