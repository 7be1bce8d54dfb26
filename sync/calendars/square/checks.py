"""What is wrong with the settings, the connection, the rights or the plan: each one plain sentence with a next step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from square import Square
from square.core.request_options import RequestOptions

from sync.calendars import ReadFailed
from sync.calendars.square.bookings import stamp
from sync.calendars.square.client import Call, Doc, SquareClient
from sync.calendars.square.directory import Location, chosen, locations_in
from sync.calendars.square.errors import BASE_URL, LOCATION, TOKEN, Failure, How, SquareFailed, read_error, sentence_of
from sync.model import Problem
from sync.model.calls import SquareName

ZONE = "SALON_TIMEZONE"

SCOPES = (
    "APPOINTMENTS_READ",
    "APPOINTMENTS_ALL_READ",
    "APPOINTMENTS_WRITE",
    "APPOINTMENTS_ALL_WRITE",
    "APPOINTMENTS_BUSINESS_SETTINGS_READ",
    "CUSTOMERS_READ",
    "CUSTOMERS_WRITE",
    "ITEMS_READ",
    "EMPLOYEES_READ",
    "MERCHANT_PROFILE_READ",
)
"""What a token must be allowed. Without the two ALL rights Square shows and changes only what this program booked."""

LACKS = "lacks"
READS = tuple(scope for scope in SCOPES if scope.endswith("_READ"))
WRITES = tuple(scope for scope in SCOPES if scope.endswith("_WRITE"))


def problems_of(square: SquareClient, timezone: str = "") -> list[Problem]:
    """Everything found wrong, the first cause first; empty when all is well. Never raises.

    `timezone` is the salon's own zone (an IANA name), which Square's location must agree with; '' when not known.
    """
    return _rights_together(square, list(dict.fromkeys(_all(square, timezone))))


def write_problems_of(square: SquareClient) -> list[Problem]:
    """Whether the salon's plan or the token keeps this program from writing; a call that may pass later is no problem.
    Never raises."""
    doc, failure = _asked(square, "get booking profile", _business_profile)
    if failure is not None and not failure.is_lasting:
        return []
    return [*_plan_judged(square, doc, failure), *_scope_problems(square, WRITES)]


def refuse_partial_view(square: SquareClient) -> None:
    """Raises ReadFailed, naming what is lacking, when Square says that the token may not read all that is needed.

    Without APPOINTMENTS_ALL_READ Square leaves out without a word what this program did not book itself, and all of it
    would look as if it were missing."""
    doc, failure = _asked(square, "get token status", _token_status)
    if failure is not None and not failure.is_refusal:
        raise read_error(failure, square.shown.token)
    missing = _missing_scopes(doc, READS)
    if missing:
        raise ReadFailed(_lacks(square, missing), permanent=True, setting=TOKEN)


def _all(square: SquareClient, timezone: str) -> Iterator[Problem]:
    found, failure = _asked(square, "list locations", _list_locations)
    if failure is not None:
        yield _problem(square, failure, "MERCHANT_PROFILE_READ")
        if failure.status != 403:
            return
    yield from _place_problems(square, found, timezone)
    yield from _right_problems(square)
    yield from _plan_judged(square, *_asked(square, "get booking profile", _business_profile))
    yield from _scope_problems(square)


def _asked(square: SquareClient, name: SquareName, call: Call) -> tuple[Doc | None, Failure | None]:
    try:
        return square.asked(name, call).doc, None
    except SquareFailed as error:
        return None, error.failure


def _problem(square: SquareClient, failure: Failure, right: str) -> Problem:
    """A failed call as a problem; a 403 names the right that the call needs."""
    if failure.status == 403 and "MERCHANT_SUBSCRIPTION_ERROR" not in failure.categories:
        return Problem(TOKEN, square.shown.token, _lacks(square, (right,)))
    sentence, setting = sentence_of(failure, square.shown.token)
    return Problem(setting or BASE_URL, _seen(square, failure, setting), sentence)


def _seen(square: SquareClient, failure: Failure, setting: str) -> str:
    if setting == TOKEN:
        return " ".join((square.shown.token, *failure.codes[:1]))
    if failure.how is How.ANSWERED:
        return f"{square.shown.where} answered HTTP {failure.status}"
    return square.shown.where


def _lacks(square: SquareClient, rights: tuple[str, ...]) -> str:
    named = ", ".join(rights)
    return f"The token in {TOKEN} ({square.shown.token}) {LACKS} {named}: grant it in Square and use the new token."


def _rights_together(square: SquareClient, found: list[Problem]) -> list[Problem]:
    """Rights that were met as missing one by one are not said again beside the sentence that names them all."""
    single = {_lacks(square, (right,)) for right in SCOPES}
    several = [problem for problem in found if LACKS in problem.sentence and problem.sentence not in single]
    return [problem for problem in found if not several or problem.sentence not in single]


def _place_problems(square: SquareClient, doc: Doc | None, timezone: str) -> Iterator[Problem]:
    if doc is None:
        return
    try:
        place = chosen(locations_in(doc), square.location_id)
    except ReadFailed as error:
        yield Problem(error.setting or BASE_URL, _location_seen(square, error.setting), str(error))
        return
    if timezone and not same_zone(timezone, place.timezone):
        yield _wrong_zone(place, timezone)


def _location_seen(square: SquareClient, setting: str) -> str:
    return (square.location_id or "(empty)") if setting == LOCATION else square.shown.where


def _wrong_zone(place: Location, timezone: str) -> Problem:
    shown = place.timezone or "no time zone"
    return Problem(
        ZONE,
        shown,
        f"Square's location shows {shown} and {ZONE} is {timezone}: put the right one into {ZONE}, "
        "or mend the location in Square.",
    )


def _right_problems(square: SquareClient) -> Iterator[Problem]:
    for right, (name, call) in PROBES.items():
        _, failure = _asked(square, name, call)
        if failure is not None:
            yield _problem(square, failure, right)


def _plan_judged(square: SquareClient, doc: Doc | None, failure: Failure | None) -> Iterator[Problem]:
    if failure is not None or doc is None:
        if failure is not None:
            yield _problem(square, failure, "APPOINTMENTS_BUSINESS_SETTINGS_READ")
        return
    profile = doc.get("business_booking_profile")
    if isinstance(profile, Mapping) and profile.get("support_seller_level_writes") is False:
        yield Problem(
            TOKEN,
            "support_seller_level_writes is false",
            f"The Square account of {TOKEN} ({square.shown.token}) has a plan without seller-level writing: "
            "subscribe it to Appointments Plus or Premium, or leave WRITES off and only watch.",
        )


def _scope_problems(square: SquareClient, wanted: tuple[str, ...] = SCOPES) -> Iterator[Problem]:
    """What Square itself says of the token. Not told (a personal token may show none) is not wrong."""
    doc, _ = _asked(square, "get token status", _token_status)
    missing = _missing_scopes(doc, wanted)
    if missing:
        yield Problem(TOKEN, square.shown.token, _lacks(square, missing))


def _missing_scopes(doc: Doc | None, wanted: tuple[str, ...]) -> tuple[str, ...]:
    scopes = (doc or {}).get("scopes")
    if not isinstance(scopes, list) or not scopes:
        return ()
    return tuple(scope for scope in wanted if scope not in scopes)


def _list_locations(api: Square, options: RequestOptions) -> object:
    return api.locations.with_raw_response.list(request_options=options)


def _list_bookings(api: Square, options: RequestOptions) -> object:
    now = datetime.now(UTC)
    low, high = stamp(now), stamp(now + timedelta(days=1))
    return api.bookings.list(limit=1, start_at_min=low, start_at_max=high, request_options=options)


def _search_staff(api: Square, options: RequestOptions) -> object:
    return api.team_members.with_raw_response.search(limit=1, request_options=options)


def _search_services(api: Square, options: RequestOptions) -> object:
    return api.catalog.with_raw_response.search_items(limit=1, request_options=options)


def _search_customers(api: Square, options: RequestOptions) -> object:
    return api.customers.with_raw_response.search(limit=1, request_options=options)


def _business_profile(api: Square, options: RequestOptions) -> object:
    return api.bookings.with_raw_response.get_business_profile(request_options=options)


def _token_status(api: Square, options: RequestOptions) -> object:
    return api.o_auth.with_raw_response.retrieve_token_status(request_options=options)


PROBES: Mapping[str, tuple[SquareName, Call]] = {
    "APPOINTMENTS_READ": ("list bookings", _list_bookings),
    "EMPLOYEES_READ": ("search staff", _search_staff),
    "ITEMS_READ": ("search services", _search_services),
    "CUSTOMERS_READ": ("find customer", _search_customers),
}


def same_zone(one: str, other: str) -> bool:
    """Whether two zones keep the same time: the same offset on every day of two years, whatever they are called."""
    first, second = _zone(one), _zone(other)
    if first is None or second is None:
        return one == other
    days = (datetime(2025, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(730))
    return all(day.astimezone(first).utcoffset() == day.astimezone(second).utcoffset() for day in days)


def _zone(name: str) -> tzinfo | None:
    """An IANA zone, or a fixed offset such as +02:00; None for neither."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    try:
        return datetime.strptime(name.strip().removeprefix("UTC"), "%z").tzinfo
    except ValueError:
        return None
