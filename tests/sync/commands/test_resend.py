"""`python -m sync resend`: what is typed, what it says, what it sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from sync.commands.resend import PlanOf, resend_command
from sync.converge.house import House
from sync.decide.resending import Now
from sync.inbox.planning import plan_of
from sync.model import End, Ref, Side, Source
from sync.settings import settings
from sync.store import hints
from sync.store.connection import open_store, reading, writing
from sync.store.hints import Hint, Measured

NOW = datetime.now(UTC)
ANNA, BEN, WEB = Ref(Side.SQUARE, "anna"), Ref(Side.SQUARE, "ben"), Ref(Side.BOOKLY, "ca:1")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path}/slotkeeper.db"
    named: Mapping[str, str] = {
        "DATABASE_URL": url,
        "BOOKLY_DATABASE_URL": f"sqlite:///{tmp_path}/bookly.db",
        "SQUARE_ACCESS_TOKEN": "practice",
        "SQUARE_BASE_URL": "http://127.0.0.1:1",
    }
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    made = open_store(url)
    yield made
    made.dispose()
    settings.cache_clear()


def bury(engine: Engine, ref: Ref, hours: float | None, reason: str = "no_answer", *, permanent: bool = False) -> int:
    with writing(engine) as conn:
        hints.put(conn, ref, Source.WEBHOOK, NOW)
        (hint,) = hints.claim(conn, "worker", NOW, timedelta(seconds=90), 1)
        start = None if hours is None else NOW + timedelta(hours=hours)
        measured = Measured(visit_start=start)
        hints.finish(conn, hint, "worker", End.DEAD, reason, NOW, permanent=permanent, measured=measured)
    return hint.id


def typed(*words: str, plan_of: PlanOf | None = None, answer: str | None = None) -> Result:
    """What is typed, on a terminal where an answer is given to what is asked."""
    command = resend_command(plan_of or nothing_known, lambda: answer is not None)
    return CliRunner().invoke(command, [str(word) for word in words], input=answer)


def nothing_known(_house: House, _letter: Hint) -> Now:
    return Now()


def open_refs(engine: Engine) -> set[Ref]:
    with reading(engine) as conn:
        return set(hints.open_refs(conn))


def as_planned(_house: House, letter: Hint) -> Now:
    """Anna's is needed, Ben's is done."""
    return Now(End.APPLIED, steps=("In Square: the visit at 10:00.",)) if letter.ref == ANNA else Now(End.ALREADY_TRUE)


def test_one_is_sent_and_a_second_time_it_is_on_its_way(engine: Engine) -> None:
    letter = bury(engine, ANNA, 1)
    assert typed(str(letter), "--yes").output.splitlines()[-1] == "It is on its way again."
    again = typed(str(letter), "--yes")
    assert (again.output.splitlines()[-1], again.exit_code) == ("It is on its way already.", 0)
    assert open_refs(engine) == {ANNA}


def test_what_it_would_do_is_said_and_then_asked_before_one_is_sent(engine: Engine) -> None:
    letter = bury(engine, ANNA, None)
    told = typed(str(letter), plan_of=as_planned, answer="n\n")
    assert told.output.splitlines() == [
        f"{letter}  square/anna  time of the visit unknown",
        "  A calendar was asked and gave no answer.",
        "  It is still needed: the two calendars differ here. In Square: the visit at 10:00.",
        "Send it again? [y/N]: n",
        "Nothing was sent.",
    ]
    assert (told.exit_code, open_refs(engine)) == (1, set())
    assert typed(str(letter), plan_of=as_planned, answer="y\n").output.splitlines()[-1] == "It is on its way again."
    assert open_refs(engine) == {ANNA}


def test_what_all_would_do_is_said_of_each_and_what_came_since_is_not_sent(engine: Engine) -> None:
    bury(engine, ANNA, 50), bury(engine, BEN, 2)

    def one_more_comes(house: House, letter: Hint) -> Now:
        if letter.ref == BEN:
            bury(engine, WEB, 1)
        return as_planned(house, letter)

    told = typed("--all", plan_of=one_more_comes, answer="y\n").output
    assert [line.split()[1] for line in told.splitlines() if "  visit " in line] == ["square/ben", "square/anna"]
    assert "Of 2 letters 1 is still needed and 1 is true already.\nSend these 2 letters again? [y/N]: y\n" in told
    assert open_refs(engine) == {ANNA, BEN}


@pytest.mark.parametrize("which", ["1", "--all"])
def test_without_a_terminal_nothing_is_sent_unless_it_is_said(engine: Engine, which: str) -> None:
    bury(engine, ANNA, 1)
    told = typed(which)
    assert told.exit_code == 2 and "add --yes to send" in told.output
    assert open_refs(engine) == set()
    assert typed(which, "--yes").exit_code == 0
    assert open_refs(engine) == {ANNA}


def test_what_is_no_letter_is_said_and_is_no_success(engine: Engine) -> None:
    told = typed("4711", "--yes")
    assert (told.output, told.exit_code) == ("There is no such letter.\n", 1)
    told = typed("4711", "--plan")
    assert (told.output, told.exit_code) == ("4711 is no dead letter that waits.\n", 1)


def test_a_plan_says_what_it_would_do_and_sends_nothing(engine: Engine) -> None:
    letter = bury(engine, ANNA, None)
    told = typed(str(letter), "--plan", plan_of=as_planned)
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        f"{letter}  square/anna  time of the visit unknown",
        "  A calendar was asked and gave no answer.",
        "  It is still needed: the two calendars differ here. In Square: the visit at 10:00.",
    ]
    assert open_refs(engine) == set()


def test_while_a_calendar_cannot_be_read_a_plan_says_so(engine: Engine) -> None:
    assert (
        "shows when both calendars are looked at" in typed(str(bury(engine, ANNA, 1)), "--plan", plan_of=plan_of).output
    )


def test_the_plan_of_all_tells_each_and_counts_the_soonest_first(engine: Engine) -> None:
    late, soon = bury(engine, ANNA, 50), bury(engine, BEN, 2)
    lines = typed("--all", "--plan", plan_of=as_planned).output.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [str(soon), str(late), "Of"]
    assert lines[-1] == "Of 2 letters 1 is still needed and 1 is true already."


@pytest.mark.parametrize(
    ("narrowed", "sent"),
    [
        ((), {ANNA, BEN, WEB}),
        (("--cause", "refused"), {BEN}),
        (("--side", "bookly"), {WEB}),
        (("--before", "3h"), {ANNA}),
        (("--since", "0m"), set()),
        (("--since", "1d", "--cause", "no_answer"), {ANNA, WEB}),
    ],
)
def test_all_that_match_are_sent(engine: Engine, narrowed: tuple[str, ...], sent: set[Ref]) -> None:
    bury(engine, ANNA, 2)
    bury(engine, BEN, 20, "refused", permanent=True)
    bury(engine, WEB, None)
    assert typed("--all", "--yes", *narrowed).exit_code == 0
    assert open_refs(engine) == sent


def test_what_all_led_to_is_said(engine: Engine) -> None:
    assert typed("--all", "--yes").output == "No letter matches: nothing was sent.\n"
    bury(engine, ANNA, 2)
    bury(engine, BEN, 3)
    typed("--all", "--yes", "--before", "150m")
    said = typed("--all", "--yes").output.splitlines()[-1]
    assert said == "1 letter is on the way again. 1 letter was on the way already."


@pytest.mark.parametrize("words", [(), ("12", "--all"), ("--all", "--since", "soon")])
def test_what_cannot_be_meant_is_refused(engine: Engine, words: tuple[str, ...]) -> None:
    bury(engine, ANNA, 2)
    refused = typed(*words)
    assert refused.exit_code == 2 and open_refs(engine) == set()


def test_a_wrong_setting_is_one_sentence(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = bury(engine, ANNA, 2)
    monkeypatch.setenv("SQUARE_ACCESS_TOKEN", "")
    settings.cache_clear()
    told = typed(str(letter), "--plan")
    assert told.exit_code == 2
    assert told.output.startswith("SQUARE_ACCESS_TOKEN is empty") and told.output.count("\n") == 1
