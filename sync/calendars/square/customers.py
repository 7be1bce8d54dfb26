"""Square's customers: found by exact phone or mail, named by id. Profiles are never edited.

The search lags behind by seconds up to minutes, so not finding somebody proves nothing: whoever creates does so under
a key that is always the same for the same client (see `write`), and Square answers with the one it made before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from square import Square
from square.core.request_options import RequestOptions

from sync.calendars import ReadFailed
from sync.calendars.square.client import Doc, SquareClient
from sync.calendars.square.direct import sent
from sync.calendars.square.directory import chunks, rows
from sync.model import Client

BULK = 100
"""Square retrieves at most a hundred customers at once."""

E164 = re.compile(r"\+\d{9,16}")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def clients_named(square: SquareClient, ids: Iterable[str]) -> dict[str, Client]:
    """Clients by customer id, read now; one that is gone keeps nothing but the key. Raises ReadFailed."""
    found: dict[str, Client] = {}
    for batch in chunks(sorted(set(ids)), BULK):
        answers = _bulk(square, batch)
        for key in batch:
            entry = answers.get(key)
            found[key] = Client(key) if entry is None else client_of(entry, key)
    return found


def is_there(square: SquareClient, customer_id: str) -> bool:
    """Whether Square still has that customer. Raises ReadFailed."""
    return _bulk(square, [customer_id])[customer_id] is not None


def _bulk(square: SquareClient, ids: list[str]) -> Mapping[str, Doc | None]:
    doc = square.read(
        "get customers",
        lambda api, options: sent(api, options, "POST", "v2/customers/bulk-retrieve", body={"customer_ids": ids}),
    )
    return each_of(doc.get("responses"), ids, "customer")


def each_of(answers: object, ids: Iterable[str], name: str) -> dict[str, Doc | None]:
    """A map of answers by id: the thing, or None where its own error says NOT_FOUND.

    Raises ReadFailed when an id has no answer or another error: it is not known whether the thing is there.
    """
    given = answers if isinstance(answers, Mapping) else {}
    return {key: _one_of(given.get(key), name) for key in ids}


def _one_of(entry: object, name: str) -> Doc | None:
    answer = entry if isinstance(entry, Mapping) else {}
    thing = answer.get(name)
    if isinstance(thing, Mapping):
        return thing
    codes = [error.get("code") for error in rows(answer, "errors")]
    if codes and set(codes) == {"NOT_FOUND"}:
        return None
    raise ReadFailed(f"Square left a {name} out of its answer: nothing was concluded from it, try again.")


def client_of(customer: Doc, key: str = "") -> Client:
    """A customer as a client; the company's name where there is no person's."""
    given = [_text(customer.get(name)) for name in ("given_name", "family_name")]
    return Client(
        key=_text(customer.get("id")) or key,
        name=" ".join(filter(None, given)) or _text(customer.get("nickname")) or _text(customer.get("company_name")),
        phone=_text(customer.get("phone_number")),
        email=_text(customer.get("email_address")),
    )


def customer_for(square: SquareClient, client: Client) -> str | None:
    """The id of the customer with exactly this phone, else with this mail; None when the search shows none.

    Of several, one who also shares the mail, then the name, then the one who was there first. Raises ReadFailed.
    """
    for query in queries_for(client):
        if found := [row for row in _searched(square, query) if row.get("id") and _is_meant(row, query)]:
            return str(min(found, key=lambda row: _distance(row, client))["id"])
    return None


def queries_for(client: Client) -> Iterator[dict[str, Any]]:
    """What to ask, one after the other: Square's filters hold together, never either or."""
    if phone := e164(client.phone):
        yield {"phone_number": {"exact": phone}}
    if mail := mail_of(client.email):
        yield {"email_address": {"exact": mail}}


def e164(phone: str) -> str | None:
    """A phone with its country code, digits only behind the +; None where the country would be a guess."""
    plain = re.sub(r"[\s().\-/]", "", phone)
    plain = f"+{plain[2:]}" if plain.startswith("00") else plain
    return plain if E164.fullmatch(plain) else None


def mail_of(email: str) -> str | None:
    """A mail address in small letters; None when it is none."""
    plain = email.strip().lower()
    return plain if MAIL.fullmatch(plain) else None


def fields_for(client: Client) -> dict[str, str]:
    """What a new customer is made of; empty when nothing is known that Square could take."""
    given, _, family = client.name.strip().partition(" ")
    fields = {
        "given_name": given[:300],
        "family_name": family.strip()[:300],
        "phone_number": e164(client.phone) or "",
        "email_address": mail_of(client.email) or "",
    }
    return {name: value for name, value in fields.items() if value}


def _searched(square: SquareClient, wanted: Mapping[str, Any]) -> Iterator[Doc]:
    query = {"filter": dict(wanted)}

    def page(api: Square, options: RequestOptions, cursor: str | None) -> object:
        asked = {"query": query, "limit": 100, **({"cursor": cursor} if cursor else {})}
        return sent(api, options, "POST", "v2/customers/search", body=asked)

    for found in square.pages("find customer", page):
        yield from rows(found, "customers")


def _is_meant(row: Doc, query: Mapping[str, Any]) -> bool:
    """Looked at again here: a search that is not as exact as it says must not give a client somebody else's visits."""
    if "phone_number" in query:
        return _digits(_text(row.get("phone_number"))) == _digits(query["phone_number"]["exact"])
    return _text(row.get("email_address")).strip().lower() == str(query["email_address"]["exact"])


def _distance(row: Doc, client: Client) -> tuple[bool, bool, str, str]:
    there = client_of(row)
    return (
        not client.email or there.email.strip().lower() != client.email.strip().lower(),
        there.name.casefold() != client.name.strip().casefold(),
        _text(row.get("created_at")),
        there.key,
    )


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
