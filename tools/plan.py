"""What `make run` starts, in which order and with which settings. Nothing is started here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

HOST = "127.0.0.1"
SEED = "7"
STORE = "sqlite:///var/slotkeeper.db"
PRACTICE_BOOKLY = "sqlite:///var/practice-bookly.db"
# Made up, for servers that hold nothing real and listen on this machine only.
PRACTICE_SIGNATURE_KEY = "practice-signature-key"
PRACTICE_SECRET = "whsec_cHJhY3RpY2Utc2Fsb24tc2VjcmV0LXdvcmRz"
REAL_SETTINGS = ("SQUARE_ACCESS_TOKEN", "BOOKLY_DATABASE_URL")
# Settings of a real salon that must not leak into the practice salon.
OF_A_SALON = ("SQUARE_LOCATION_ID", "BOOKLY_TABLE_PREFIX", "SALON_TIMEZONE", "LOCK_URL")


class CannotStartError(Exception):
    """Nothing can be started, or went on; the message is one plain sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something done to the end before the next begins. `once`: under this name, not again until `make reset`;
    `makes`: files a half-done earlier try may have left, taken away before it begins."""

    sentence: str
    command: tuple[str, ...]
    once: str = ""
    makes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Something that goes on until the end. `port`: it is up when this loopback port answers;
    `health`: and when this path on it answers 200."""

    name: str
    command: tuple[str, ...]
    port: int = 0
    health: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps and parts in the order in which they begin, the settings they see, and the line shown when all are up."""

    practice: bool
    order: tuple[Step | Part, ...]
    line: str
    environment: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    def ports(self) -> dict[str, int]:
        """Part name -> port, of those that listen."""
        return {item.name: item.port for item in self.order if isinstance(item, Part) and item.port}


def is_practice(settings: Mapping[str, str]) -> bool:
    """True if no calendar of a real salon is named: then it is the practice salon."""
    return not any(settings.get(name) for name in REAL_SETTINGS)


def port_of(settings: Mapping[str, str], name: str, default: int) -> int:
    """The port that setting `name` asks for. Raises CannotStartError when it is no port."""
    text = settings.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise CannotStartError(
            f"{name}={text} is no port: give a number from 1 to 65535, or leave it out for {default}."
        )
    return int(text)


def python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", *arguments)


def dashboard(port: int) -> Part:
    command = python(
        "streamlit", "run", "streamlit_app.py", "--server.port", str(port), "--server.address", HOST,
        "--server.headless", "true",
    )  # fmt: skip
    return Part("dashboard", command, port, "/_stcore/health")


def intake(port: int) -> Part:
    return Part("intake", python("sync", "intake", "--host", HOST, "--port", str(port)), port, "/healthz")


ENGINE = (Part("jobs", python("jobs", "loop")), Part("worker", python("sync", "work")))


def practice_plan(settings: Mapping[str, str]) -> Plan:
    """The practice salon: two practice calendars, people who book in them, and Slotkeeper between them."""
    port, square_port = port_of(settings, "DASHBOARD_PORT", 8501), port_of(settings, "PRACTICE_SQUARE_PORT", 8200)
    intake_port = port_of(settings, "INTAKE_PORT", 8100)
    square_url, webhooks = f"http://{HOST}:{square_port}", f"http://{HOST}:{intake_port}/webhooks"
    order = (
        Step(
            "Filling the practice salon's website calendar ...",
            python("practice_salon", "bookly", "--url", PRACTICE_BOOKLY, "--seed", SEED),
            once="practice-bookly",
            makes=("var/practice-bookly.db",),
        ),
        intake(intake_port),  # before those who tell it things: what comes too early is told again a minute later
        Part(
            "practice-square",
            python(
                "practice_salon", "square", "--port", str(square_port), "--seed", SEED,
                "--db", "var/practice-square.db",
                "--webhook", f"{webhooks}/square", "--signature-key", PRACTICE_SIGNATURE_KEY,
            ),
            square_port,
        ),
        Step(
            "Reading both calendars, matching people and services, linking what is in both ...",
            python("jobs", "first-start", "--practice"),
            once="first-start",
        ),
        *ENGINE,
        Part(
            "practice-people",
            python(
                "practice_salon", "play", "--square-url", square_url, "--bookly-url", PRACTICE_BOOKLY, "--seed", SEED,
                "--clash", "--bookly-webhook", f"{webhooks}/bookly", "--secret", PRACTICE_SECRET,
            ),
        ),
        dashboard(port),
    )  # fmt: skip
    return Plan(
        practice=True,
        order=order,
        line=f"Slotkeeper is at http://{HOST}:{port} - practice salon, nothing real is touched. "
        "Stop: Ctrl-C. Start over: make reset.",
        environment={
            "SQUARE_BASE_URL": square_url,
            "SQUARE_ACCESS_TOKEN": "practice",
            "SQUARE_WEBHOOK_URL": f"{webhooks}/square",
            "SQUARE_WEBHOOK_SIGNATURE_KEY": PRACTICE_SIGNATURE_KEY,
            "BOOKLY_WEBHOOK_SECRET": PRACTICE_SECRET,
            "BOOKLY_DATABASE_URL": PRACTICE_BOOKLY,
            "DATABASE_URL": STORE,
            "WRITES": "on",
            "PRACTICE": "1",
        },
        without=OF_A_SALON,
    )


def real_plan(settings: Mapping[str, str]) -> Plan:
    """A real salon: Slotkeeper alone, with the settings as they are."""
    port = port_of(settings, "DASHBOARD_PORT", 8501)
    writes = settings.get("WRITES", "off").lower() == "on"
    manner = "writing where a person switched it on" if writes else "watching only, nothing is written (WRITES=off)"
    return Plan(
        practice=False,
        order=(intake(port_of(settings, "INTAKE_PORT", 8100)), *ENGINE, dashboard(port)),
        line=f"Slotkeeper is at http://{HOST}:{port} - your salon's own calendars, {manner}. Stop: Ctrl-C.",
    )


def plan_for(settings: Mapping[str, str]) -> Plan:
    """What to start. `settings`: .env and the environment, the latter first. Raises CannotStartError."""
    return practice_plan(settings) if is_practice(settings) else real_plan(settings)
