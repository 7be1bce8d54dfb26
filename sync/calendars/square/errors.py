"""What went wrong in a call to Square, and the sentence for it. Decides by outcome, never by a closed list of codes.

Three outcomes matter: nothing left this machine, Square said no, or the answer was lost (a timeout, a dropped
connection, a 429, a 5xx, a body that is cut): then a write may or may not have been carried out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import httpx

from sync.calendars import CalendarError, OutcomeUnknown, ReadFailed, WriteRefused
from sync.calendars.calls import Verdict
from sync.model import Fault
from sync.model.calls import Ended

BASE_URL = "SQUARE_BASE_URL"
TOKEN = "SQUARE_ACCESS_TOKEN"
LOCATION = "SQUARE_LOCATION_ID"

REQUEST_ID_HEADERS = ("x-request-id", "square-request-id", "x-square-request-id", "request-id")
CODE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
PLAN = "MERCHANT_SUBSCRIPTION_ERROR"
# A refusal of these kinds stays a refusal, whatever HTTP status carries it: Square answers some with 200.
REFUSING = frozenset({"INVALID_REQUEST_ERROR", "AUTHENTICATION_ERROR", PLAN})
# Codes after which the same request can never pass. The published list is open, so any other may pass later.
LASTING = frozenset(
    {
        "BAD_REQUEST", "MISSING_REQUIRED_PARAMETER", "INVALID_VALUE", "INVALID_TIME", "INVALID_TIME_RANGE", "NOT_FOUND",
        "VALUE_TOO_HIGH", "VALUE_TOO_LOW", "VALUE_TOO_LONG", "IDEMPOTENCY_KEY_REUSED", "CUSTOMER_NOT_FOUND", "GONE",
        "API_VERSION_INCOMPATIBLE", "SANDBOX_NOT_SUPPORTED", "INVALID_PHONE_NUMBER", "INVALID_EMAIL_ADDRESS",
    }
)  # fmt: skip


class How(StrEnum):
    """How far a call came. UNSENT: nothing left this machine. LOST: sent, no whole answer. ANSWERED: an error came."""

    UNSENT = "unsent"
    LOST = "lost"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call. `status` is HTTP's (0 without an answer); `setting` is to blame when the call never left, and
    `never` says that it never can.

    `where` is the host called. `is_square` is False when the answer was not in Square's form at all.
    """

    how: How
    where: str = ""
    status: int = 0
    codes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    about_cursor: bool = False
    is_square: bool = True
    setting: str = ""
    never: bool = False
    retry_after: float | None = None
    request_id: str = ""

    @property
    def is_refusal(self) -> bool:
        """True if Square said no, for certain: nothing was carried out."""
        if self.how is How.UNSENT:
            return True
        if self.how is How.LOST or self.status == 429 or self.status == 408 or self.status >= 500:
            return False
        if self.status < 300:
            return bool(self.categories) and set(self.categories) <= REFUSING
        return True

    @property
    def is_lasting(self) -> bool:
        """True if trying again cannot help until a person mends something."""
        if self.how is How.UNSENT:
            return self.never
        if self.status in (401, 403) or 300 <= self.status < 400 or (self.status == 404 and not self.is_square):
            return True
        if self.is_refusal and PLAN in self.categories:
            return True
        return self.is_refusal and self.status != 409 and not self.about_cursor and bool(LASTING & {*self.codes})

    @property
    def fault(self) -> Fault:
        """The kind of failure."""
        if self.how is How.UNSENT:
            return Fault.NOT_LET_IN if self.never else Fault.UNREACHED
        if self.how is How.LOST or self.status == 408:
            return Fault.NO_ANSWER
        if self.status == 429 or self.status >= 500:
            return Fault.ASKED_TO_WAIT if self.status == 429 else Fault.TROUBLE
        if self.status == 401 or not self.is_square:
            return Fault.NOT_LET_IN
        if self.status == 403 or PLAN in self.categories:
            return Fault.NOT_ALLOWED
        return Fault.REFUSED


class SquareFailed(Exception):
    """A call failed; carries the Failure. Raised by the client, turned into a CalendarError at this room's edge."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(sentence_of(failure)[0])
        self.failure = failure


class CursorExpired(ReadFailed):
    """A page could not be asked for because its cursor is too old: the listing is begun anew."""


class Declined(WriteRefused):
    """Square said no to a write; carries the Failure with Square's own codes."""

    def __init__(self, failure: Failure) -> None:
        sentence, setting = sentence_of(failure)
        super().__init__(
            sentence,
            permanent=failure.is_lasting,
            setting=setting,
            retry_after=failure.retry_after,
            request_id=failure.request_id,
            fault=failure.fault,
        )
        self.failure = failure


def read_error(failure: Failure, token: str = "") -> ReadFailed:
    """What a failed read is to the rest of the house. `token` is what may be shown of the access token."""
    sentence, setting = sentence_of(failure, token)
    return (CursorExpired if failure.about_cursor else ReadFailed)(
        sentence,
        permanent=failure.is_lasting,
        setting=setting,
        retry_after=failure.retry_after,
        request_id=failure.request_id,
        fault=failure.fault,
    )


def write_error(failure: Failure) -> CalendarError:
    """What a failed write is: Declined when Square said no, else OutcomeUnknown."""
    if failure.is_refusal:
        return Declined(failure)
    sentence, setting = sentence_of(failure)
    return OutcomeUnknown(
        f"{sentence} Whether the change was made is not known yet.",
        setting=setting,
        retry_after=failure.retry_after,
        request_id=failure.request_id,
        fault=failure.fault,
    )


def verdict_of(failure: Failure) -> Verdict:
    """What is told of a failed call: nothing of Square's free text."""
    outcome: Ended = "unsent" if failure.how is How.UNSENT else "refused" if failure.is_refusal else "lost"
    code = next(iter(failure.codes), "")
    return Verdict(outcome, failure.status, code, failure.request_id)


def sentence_of(failure: Failure, token: str = "") -> tuple[str, str]:
    """One plain sentence, and the setting to blame or ''. Holds nothing of Square's free text: it may name a client.

    `token` is what may be shown of the access token.
    """
    if failure.how is How.UNSENT:
        return _never_left(failure, f" ({token})" if token else "")
    if failure.how is How.LOST and failure.is_square:
        return f"Square at {failure.where} gave no whole answer in time: try again.", ""
    if failure.status == 401:
        return _not_let_in(failure, f" {token}" if token else ""), TOKEN
    if failure.status == 403 or PLAN in failure.categories:
        return _not_allowed(failure, f" ({token})" if token else ""), TOKEN
    return _other(failure)


def _never_left(failure: Failure, token: str) -> tuple[str, str]:
    if failure.setting == TOKEN:
        sentence = (
            f"{TOKEN}{token} is empty or holds signs that no access token has: copy it from the Square developer "
            "dashboard."
        )
        return sentence, TOKEN
    if failure.never:
        return f"{BASE_URL} is no web address ({failure.where}): it begins with https:// and a host.", BASE_URL
    return f"Square could not be reached at {failure.where}: check {BASE_URL} and the network.", BASE_URL


def _not_let_in(failure: Failure, token: str) -> str:
    """Why a token was turned away, and what to do about it."""
    if "ACCESS_TOKEN_EXPIRED" in failure.codes:
        return f"The access token{token} has expired: put a new one into {TOKEN}."
    if "ACCESS_TOKEN_REVOKED" in failure.codes:
        return (
            f"The access token{token} was revoked in Square: connect the salon again and put the new one into {TOKEN}."
        )
    return (
        f"Square at {failure.where} does not know the access token{token}: copy it from the Square developer dashboard "
        f"into {TOKEN}, and check that {BASE_URL} is the address it belongs to."
    )


def _not_allowed(failure: Failure, token: str) -> str:
    if PLAN in failure.categories:
        return (
            "The salon's Square plan does not allow this: writing needs Appointments Plus or Premium for the account "
            f"of {TOKEN}{token}."
        )
    return f"The token in {TOKEN}{token} lacks a right that this needs: grant it in Square and use the new token."


def _other(failure: Failure) -> tuple[str, str]:
    if failure.status == 429:
        return "Square asks for fewer calls: wait a moment and try again.", ""
    if failure.status >= 500:
        return f"Square has trouble of its own just now (HTTP {failure.status}): try again.", ""
    if not failure.is_square:
        return f"What answers at {failure.where} is not Square (HTTP {failure.status}): check {BASE_URL}.", BASE_URL
    code = next((code for code in failure.codes), f"HTTP {failure.status}")
    return f"Square did not accept the request ({code}).", ""


def answered(status: int, headers: Mapping[str, str], body: Any, where: str, now: datetime) -> Failure:
    """The Failure that an answer with errors is. `body` is the parsed JSON, or text where there was none."""
    entries = _entries(body)
    codes = tuple(dict.fromkeys(str(entry.get("code", "")) for entry in entries))
    return Failure(
        how=How.LOST if 200 <= status < 300 and not entries else How.ANSWERED,
        where=where,
        status=status,
        codes=tuple(code for code in codes if CODE.fullmatch(code)),
        categories=tuple(dict.fromkeys(str(entry.get("category", "")) for entry in entries)),
        about_cursor=400 <= status < 500 and any(_names_cursor(entry) for entry in entries),
        is_square=bool(entries) or (200 <= status < 300 and not _is_page(body)),
        retry_after=retry_after(headers, now),
        request_id=request_id(headers),
    )


def _is_page(body: Any) -> bool:
    """Whether a body is a web page: then somebody else answers, not Square cut short."""
    return isinstance(body, str) and body.lstrip()[:1] == "<"


def _entries(body: Any) -> list[Mapping[str, Any]]:
    errors = body.get("errors") if isinstance(body, Mapping) else None
    return [entry for entry in errors if isinstance(entry, Mapping)] if isinstance(errors, list) else []


def _names_cursor(entry: Mapping[str, Any]) -> bool:
    said = " ".join(str(entry.get(name) or "") for name in ("code", "field", "detail"))
    return "cursor" in said.lower()


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, from a Retry-After of seconds or of a date; None when there is none that can be read."""
    said = _header(headers, "retry-after").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", said):
        return float(said)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())


def request_id(headers: Mapping[str, str]) -> str:
    """Square's own id of the call, '' when it gave none; shortened, as it is shown and logged."""
    return next((found[:100] for name in REQUEST_ID_HEADERS if (found := _header(headers, name))), "")


def _header(headers: Mapping[str, str], name: str) -> str:
    """Whatever case it is written in; httpx knows by itself."""
    if isinstance(headers, httpx.Headers):
        return str(headers.get(name, ""))
    return next((value for key, value in headers.items() if key.lower() == name), "")
