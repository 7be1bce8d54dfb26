"""What a process of its own says: one JSON line a state change, to stderr; plain text when that is a terminal.

`say` takes the fields that are listed here and no others, and only words and numbers in them, so that no client's name,
phone or mail and no secret gets in by accident. Of an exception its kind and its place are told, never its message,
which may repeat what a client wrote. What libraries log is shown without the values they put into it.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypedDict, Unpack

from sync.model.release import RELEASE

CHATTY = ("httpx", "alembic", "schedule")
"""Libraries that say each call; what matters of it our own lines say."""


class Fields(TypedDict, total=False):
    """What a line may hold beside its event: the numbers of the hint, the request, the visit; the job, the side, the
    source of a hint; which try, which part of the road, how long in milliseconds; how it ended and why, in stable
    words; the setting to look at; counts by word."""

    hint: int | None
    request: int | None
    visit: int | None
    job: str
    side: str
    source: str
    attempt: int | None
    part: str
    ms: float | None
    outcome: str
    reason: str
    setting: str
    counts: Mapping[str, int]


ADDED = ("error_id", "error", "where")
"""What the line of an exception holds beside these."""
FIELDS = ("event", *Fields.__annotations__, *ADDED)

WORD = re.compile(r"[a-z][a-z0-9_-]{0,59}|[A-Z][A-Z0-9_]{0,59}")
LONG_NUMBER = re.compile(r"\+?\d(?:[\s().\-/]*\d){5,}")
MAIL = re.compile(r"[^\s@]+@[^\s@]+")
WITHHELD = "(withheld)"
MOST_PLACES = 6
"""Of the places an exception went through, the innermost so many are told."""

_OURS = logging.getLogger("slotkeeper")
_ID = "slotkeeper_error_id"


def log_to_stderr() -> None:
    """From now on this process logs to stderr, from INFO up."""
    handler = logging.StreamHandler()
    handler.setFormatter(Plain() if sys.stderr.isatty() else Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def say(event: str, *, level: int = logging.INFO, **fields: Unpack[Fields]) -> None:
    """One line for a state change: what happened (a stable word), and to what. What has no value is left out. Raises
    TypeError for a field that there is not."""
    _emit(level, event, fields)


def failed(event: str, error: BaseException, **fields: Unpack[Fields]) -> str:
    """One line for an exception: its kind and where it came from. Returns the error id that stands in the line, to be
    shown to people beside the sentence they read. An exception that was logged before keeps its id, and is not logged
    again."""
    if _ID not in error.__dict__:
        error.__dict__[_ID] = secrets.token_hex(4)
        told = error.__dict__[_ID], kind(error), places(error.__traceback__)
        _emit(logging.ERROR, event, fields, dict(zip(ADDED, told, strict=True)))
    return str(error.__dict__[_ID])


def kind(error: BaseException) -> str:
    """What kind of exception it is, and of which it came: StoreProblem from OperationalError."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return type(error).__qualname__ + (f" from {type(cause).__qualname__}" if cause else "")


def places(traceback: TracebackType | None) -> str:
    """The innermost places of a traceback, outermost first: file:line in function."""
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        file = "/".join(code.co_filename.replace("\\", "/").split("/")[-3:])
        found.append(f"{file}:{traceback.tb_lineno} in {code.co_name}")
        traceback = traceback.tb_next
    return " > ".join(found[-MOST_PLACES:])


def _emit(level: int, event: str, fields: Fields, added: Mapping[str, str] | None = None) -> None:
    unknown = fields.keys() - Fields.__annotations__.keys()
    if unknown:
        raise TypeError(f"a line of the log has no field {min(unknown)}")
    given = {"event": event, **fields}
    safe = {name: _safe(value) for name, value in given.items() if value is not None and value != ""}
    _OURS.log(level, "%s", safe["event"], extra={"fields": {**safe, **(added or {})}})


def _safe(value: object) -> object:
    """Words and numbers as they are; of anything else nothing."""
    if isinstance(value, bool | int | float):
        return round(value, 3) if isinstance(value, float) else value
    if isinstance(value, Mapping):
        return {_word(str(name)): int(number) for name, number in value.items()}
    return _word(str(value))


def _word(text: str) -> str:
    return text if WORD.fullmatch(text) and not LONG_NUMBER.search(text) else WITHHELD


def _scrubbed(text: str) -> str:
    """A library's text without what may be a mail or a phone."""
    return LONG_NUMBER.sub(WITHHELD, MAIL.sub(WITHHELD, text))


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says of a record: our own fields; of a library's its template without the values put into it."""
    ours = getattr(record, "fields", None)
    if record.name == _OURS.name and isinstance(ours, dict):
        return {name: ours[name] for name in FIELDS if name in ours}
    text = record.getMessage() if record.name.startswith(f"{_OURS.name}.") else str(record.msg)
    said: dict[str, Any] = {"event": "log", "reason": _scrubbed(text)}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        said |= {"error": kind(error), "where": places(error.__traceback__)}
    return said


class Lines(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "from": record.name, **fields_of(record)}
        return json.dumps({**line, "release": RELEASE}, ensure_ascii=False)


class Plain(logging.Formatter):
    """The same for eyes: the time, the event, and the rest behind it."""

    def format(self, record: logging.LogRecord) -> str:
        said = fields_of(record)
        rest = " ".join(f"{name}={value}" for name, value in said.items() if name != "event")
        mark = "" if record.levelno < logging.WARNING else f"{record.levelname} "
        return f"{datetime.fromtimestamp(record.created, UTC):%H:%M:%S} {mark}{said['event']} {rest}".rstrip()
