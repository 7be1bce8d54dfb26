"""What is logged: one line a state change, with known fields and nothing that is anybody's business."""

from __future__ import annotations

import json
import logging
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import logs
from sync.logs import FIELDS, Fields, Lines, Plain, fields_of, kind
from sync.model.release import RELEASE


class Kept(logging.Handler):
    """Keeps the lines as they would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(Lines().format(record)) for record in self.records]


KEPT = Kept()


@pytest.fixture(autouse=True)
def kept() -> Iterator[Kept]:
    root = logging.getLogger()
    before = root.level
    root.addHandler(KEPT)
    root.setLevel(logging.INFO)
    KEPT.records.clear()
    yield KEPT
    root.removeHandler(KEPT)
    root.setLevel(before)


def raised(message: str) -> Exception:
    try:
        raise LookupError(message)
    except LookupError as error:
        return error


def test_a_line_says_what_happened_to_what_and_when(kept: Kept) -> None:
    logs.say("hint_ended", hint=7, visit=12, side="square", attempt=2, part="act", ms=12.3456, outcome="applied")
    (line,) = kept.lines
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "from": "slotkeeper",
        "event": "hint_ended",
        "hint": 7,
        "visit": 12,
        "side": "square",
        "attempt": 2,
        "part": "act",
        "ms": 12.346,
        "outcome": "applied",
        "release": RELEASE,
    }


def test_a_field_that_there_is_not_is_refused(kept: Kept) -> None:
    with pytest.raises(TypeError, match="no field client"):
        logs.say("hint_ended", client="Anna Falk")  # type: ignore[call-arg]
    assert kept.records == []


def test_what_is_no_stable_word_is_withheld(kept: Kept) -> None:
    for text in ("Anna Falk", "anna@mail.example", "+13125550142", "312 555 0142", "x3125550142", "said: no"):
        logs.say("hint_ended", reason=text)
    assert {line["reason"] for line in kept.lines} == {"(withheld)"}


def test_of_an_exception_kind_and_place_are_told_and_not_what_it_says(kept: Kept) -> None:
    error = raised("Anna Falk, +13125550142")
    error_id = logs.failed("request_stopped", error, request=3)
    (line,) = kept.lines
    assert (line["error_id"], line["error"], line["request"], line["level"]) == (error_id, "LookupError", 3, "error")
    assert line["where"].endswith("in raised") and "tests/sync/test_logs.py" in line["where"]
    assert "Anna" not in json.dumps(line)


def test_an_exception_is_logged_once_and_keeps_its_id(kept: Kept) -> None:
    error = raised("")
    assert logs.failed("job_stopped", error) == logs.failed("job_stopped", error)
    assert len(kept.records) == 1
    assert logs.failed("job_stopped", raised("")) != logs.failed("job_stopped", error)


def test_where_an_exception_came_from_is_told_too() -> None:
    def from_another() -> None:
        try:
            raise KeyError("a")
        except KeyError as error:
            raise LookupError from error

    with pytest.raises(LookupError) as found:
        from_another()
    assert kind(found.value) == "LookupError from KeyError"


phones = st.from_regex(r"\+?[1-9][0-9]{2}([ .\-]?)[0-9]{3}\1[0-9]{4}", fullmatch=True)
mails = st.from_regex(r"[a-z][a-z.+]{1,8}@[a-z]{1,8}\.example", fullmatch=True)
around = st.text(st.characters(codec="ascii", exclude_characters="@"), max_size=5)
TEXTS = sorted(name for name, kind in Fields.__annotations__.items() if "str" in str(kind) and name != "counts")


@given(before=around, secret=phones | mails, after=around, field=st.sampled_from(TEXTS))
def test_a_planted_phone_or_mail_never_appears(before: str, secret: str, after: str, field: str) -> None:
    KEPT.records.clear()
    text = f"{before} {secret} {after}"
    planted: dict[str, Any] = {field: text}
    logs.say("planted", **planted)
    logs.say("planted", counts={text: 1})
    logs.failed("planted", raised(text), **planted)
    library = logging.getLogger("some.library")
    library.warning(f"could not greet {text}")
    library.warning("could not greet %s", text)
    logging.getLogger("slotkeeper.other").warning("could not greet %s", text)
    try:
        raise LookupError(text)
    except LookupError:
        library.exception("could not greet")
    shown = [formatter.format(record) for record in KEPT.records for formatter in (Lines(), Plain())]
    assert len(shown) == 14
    assert not [line for line in shown if secret in line]


@given(
    st.fixed_dictionaries(
        {}, optional={name: st.text() if name in TEXTS else st.integers() for name in Fields.__annotations__}
    )
)
def test_no_line_has_a_foreign_field(fields: dict[str, Any]) -> None:
    KEPT.records.clear()
    fields.pop("counts", None)
    logs.say("said", **fields)
    (record,) = KEPT.records
    assert set(fields_of(record)) <= {*FIELDS}
    assert set(json.loads(Lines().format(record))) <= {*FIELDS, "at", "level", "from", "release"}


def test_nobody_else_can_put_fields_into_a_line(kept: Kept) -> None:
    logging.getLogger("some.library").warning("hello", extra={"fields": {"client": "Anna Falk", "event": "x"}})
    (line,) = kept.lines
    assert (line["event"], line["reason"]) == ("log", "hello") and "client" not in line


def test_on_a_terminal_it_is_plain_text(kept: Kept) -> None:
    logs.say("hint_ended", hint=7, outcome="applied")
    logs.say("setting_wrong", setting="SQUARE_BASE_URL", level=logging.WARNING)
    first, second = (Plain().format(record) for record in kept.records)
    assert first[8:] == " hint_ended hint=7 outcome=applied"
    assert second[8:] == " WARNING setting_wrong setting=SQUARE_BASE_URL"


@pytest.mark.parametrize(("terminal", "formatter"), [(True, Plain), (False, Lines)])
def test_the_terminal_decides(terminal: bool, formatter: type, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[logging.Handler] = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monkeypatch.setattr(logging, "basicConfig", lambda **given: chosen.extend(given["handlers"]))
    logs.log_to_stderr()
    assert isinstance(chosen[0].formatter, formatter)


def test_the_release_is_the_one_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == RELEASE
