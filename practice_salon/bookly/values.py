"""One value of a file of rows, made into what a column holds, or refused."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from practice_salon.bookly.columns import COUNT, FLAG, LONG_COUNT, LONG_KEY, ClockTime, OneOfSeveral

MAX_TEXT_BYTES = 65_535
INT_MAX = 2**31 - 1
RANGES: dict[int, tuple[int, int]] = {
    id(COUNT): (0, 2**32 - 1),
    id(LONG_COUNT): (0, 2**64 - 1),
    id(LONG_KEY): (0, 2**64 - 1),
    id(FLAG): (-128, 127),
}
CLOCK = re.compile(r"\d{2,3}:[0-5]\d:[0-5]\d")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Unfit(ValueError):
    """A value or a file that cannot be loaded; the text says why without repeating what it holds."""


def convert(value: Any, kind: TypeEngine[Any]) -> Any:
    """The value as a column of that kind takes it. Raises Unfit, its text a predicate: "is not a whole number"."""
    for types, make in CONVERTERS:
        if isinstance(kind, types):
            return make(value, kind)
    raise Unfit("is of a kind that cannot be loaded")


def _whole(value: Any, kind: TypeEngine[Any]) -> int:
    """Digits in quotes are taken too: PHP's database layer hands every number over as text."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unfit("is not a whole number")
    low, high = RANGES.get(id(kind), (-INT_MAX - 1, INT_MAX))
    if not low <= value <= high:
        raise Unfit(f"is not between {low} and {high}")
    return value


def _amount(value: Any, _: TypeEngine[Any]) -> float:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,8}(\.\d+)?", value):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e8:
        return float(value)
    raise Unfit("is not an amount of money")


def _moment(value: Any, _: TypeEngine[Any]) -> datetime:
    try:
        if isinstance(value, str) and MOMENT.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise Unfit("is not a date and time of the form YYYY-MM-DD HH:MM:SS")


def _day(value: Any, _: TypeEngine[Any]) -> date:
    try:
        if isinstance(value, str) and DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Unfit("is not a date of the form YYYY-MM-DD")


def _clock(value: Any, _: TypeEngine[Any]) -> str:
    if isinstance(value, str) and CLOCK.fullmatch(value):
        return value
    raise Unfit("is not a time of the form HH:MM:SS")


def _choice(value: Any, kind: TypeEngine[Any]) -> str:
    words = kind.enums if isinstance(kind, sa.Enum) else []
    if isinstance(value, str) and value in words:
        return value
    raise Unfit(f"is none of {', '.join(words)}")


def _several(value: Any, kind: TypeEngine[Any]) -> str:
    words = kind.words if isinstance(kind, OneOfSeveral) else ()
    if isinstance(value, str) and set(value.split(",")) - {""} <= set(words):
        return value
    raise Unfit(f"has a word that is none of {', '.join(words)}")


def _words(value: Any, kind: TypeEngine[Any]) -> str:
    length = getattr(kind, "length", None)
    if not isinstance(value, str):
        raise Unfit("is not text")
    if len(value) > (length or MAX_TEXT_BYTES) or len(value.encode()) > MAX_TEXT_BYTES:
        raise Unfit(f"is longer than {length or MAX_TEXT_BYTES} characters")
    return value


CONVERTERS: tuple[tuple[type[TypeEngine[Any]], Callable[[Any, TypeEngine[Any]], Any]], ...] = (
    (ClockTime, _clock),
    (sa.Enum, _choice),
    (OneOfSeveral, _several),
    (sa.DateTime, _moment),
    (sa.Date, _day),
    (sa.Integer, _whole),
    (sa.Numeric, _amount),
    (sa.String, _words),
)
"""First match wins: Enum and OneOfSeveral are Strings too."""
