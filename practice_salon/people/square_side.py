"""The practice Square as people outside our program meet it: acts by its control door, lists by its API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from practice_salon import PracticeError
from practice_salon.bookly.door import Form

Doc = dict[str, Any]
TOKEN = "practice"
TIMEOUT_S = 20.0
PAGE = 100
LIST_WINDOW = timedelta(days=30)
"""Square lists 31 days at most."""


class SquareSaidNo(PracticeError):
    """Square answered an act with a refusal; `code` is Square's word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The practice Square refused it ({code}).")
        self.code = code


@dataclass(frozen=True, slots=True)
class Member:
    """A team member who works there now."""

    id: str
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Variation:
    """A bookable service."""

    id: str
    title: str
    minutes: int


@dataclass(slots=True)
class SquareSide:
    """One practice Square at `url` (without a slash at its end)."""

    url: str
    token: str = TOKEN
    known: dict[str, str] = field(default_factory=dict)
    """Customers by phone, those that were listed and those made here."""
    typed: dict[str, Form] = field(default_factory=dict)
    """Customers made here, by id: Square's index shows them later."""
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        # plain http on this machine: nobody has a certificate, and reading those that are trusted takes its time
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=TIMEOUT_S, verify=False)

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def act(self, who: str, what: str, by: str = "", **params: Any) -> Doc:
        """Let staff, a buyer or the owner do something. Raises SquareSaidNo, PracticeError when nobody answers."""
        body = {"who": who, "what": what, **({"by": by} if by else {}), **params}
        return self._call("POST", "/practice/act", json=body)

    def members(self) -> list[Member]:
        """The active team."""
        query = {"query": {"filter": {"status": "ACTIVE"}}}
        found = self._call("POST", "/v2/team-members/search", json=query).get("team_members", [])
        return [_member(doc) for doc in found if doc.get("status") == "ACTIVE"]

    def variations(self) -> list[Variation]:
        """Every service's first variation."""
        items = self._pages("/v2/catalog/list", "objects", {"types": "ITEM"})
        return [_variation(item) for item in items if item["item_data"].get("variations")]

    def bookings(self, start: datetime, end: datetime) -> list[Doc]:
        """All bookings that start in start..end (UTC), cancelled ones too."""
        found: list[Doc] = []
        while start < end:
            until = min(end, start + LIST_WINDOW)
            params = {"start_at_min": _stamp(start), "start_at_max": _stamp(until), "limit": str(PAGE)}
            found.extend(self._pages("/v2/bookings", "bookings", params))
            start = until
        return list({doc["id"]: doc for doc in found}.values())

    def booking(self, booking_id: str) -> Doc:
        """One booking as it is now."""
        doc: Doc = self._call("GET", f"/v2/bookings/{booking_id}")["booking"]
        return doc

    def customers(self) -> list[Doc]:
        """The customers' index, as late as Square's."""
        return list(self._pages("/v2/customers", "customers", {"limit": str(PAGE)}))

    def customer_for(self, form: Form) -> str:
        """The customer with that phone, typed in by staff when there is none."""
        if not self.known:
            self.known.update({doc["phone_number"]: doc["id"] for doc in self.customers() if doc.get("phone_number")})
        if form.phone not in self.known:
            self.known[form.phone] = self.new_customer(form)
        return self.known[form.phone]

    def new_customer(self, form: Form) -> str:
        """A new profile, whoever else may have the same phone."""
        given, _, family = form.name.partition(" ")
        fields = {"given_name": given, "family_name": family, "email_address": form.email, "phone_number": form.phone}
        made = self.act("staff", "add_customer", **{name: value for name, value in fields.items() if value})
        self.typed[str(made["customer"]["id"])] = form
        return str(made["customer"]["id"])

    def _pages(self, path: str, name: str, params: Mapping[str, str]) -> Iterator[Doc]:
        cursor = ""
        while True:
            page = self._call("GET", path, params={**params, **({"cursor": cursor} if cursor else {})})
            yield from page.get(name, [])
            cursor = page.get("cursor", "")
            if not cursor:
                return

    def _call(self, method: str, path: str, **more: Any) -> Doc:
        try:
            answer = self._client.request(method, path, **more)
            body: Doc = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise PracticeError(
                f"No practice Square answers at {self.url}; start it, or correct --square-url."
            ) from None
        if answer.status_code >= 400:
            raise SquareSaidNo(_code(body, answer.status_code))
        return body


def _code(body: Doc, status: int) -> str:
    errors = body.get("errors")
    return str(errors[0].get("code", status)) if isinstance(errors, list) and errors else str(status)


def _member(doc: Doc) -> Member:
    name = f"{doc.get('given_name', '')} {doc.get('family_name', '')}".strip()
    return Member(doc["id"], name, doc.get("email_address", ""), doc.get("phone_number", ""))


def _variation(item: Doc) -> Variation:
    first = item["item_data"]["variations"][0]
    duration = first["item_variation_data"].get("service_duration") or 0
    return Variation(first["id"], item["item_data"]["name"], int(duration) // 60_000)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
