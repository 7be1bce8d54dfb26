"""Writing Square: each call once, with the version that was just read, and a look at the chair before and after it.

Square's seller-level API books over anything on purpose, so nothing but these looks keeps one chair from being sold
twice. A call whose answer was lost is never repeated blindly: `settle` learns what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from sync.calendars import CalendarError, ClientGone, OutcomeUnknown, ReadFailed, Stale, Taken, WriteRefused
from sync.calendars.marks import mark_in
from sync.calendars.square.bodies import moved_fields, new_booking, said_anew, services_without_version, shows
from sync.calendars.square.bookings import STANDINGS
from sync.calendars.square.client import Answer, Doc, SquareClient
from sync.calendars.square.customers import customer_for, fields_for, is_there
from sync.calendars.square.direct import sent
from sync.calendars.square.errors import Declined
from sync.calendars.square.read import SquareReader
from sync.model import (
    Appointment,
    Cancel,
    Client,
    Fault,
    Move,
    Place,
    PlacedPart,
    Ref,
    Reinstate,
    Side,
    Standing,
    Withdraw,
    Write,
    Written,
)

Found = TypeVar("Found")
Refusal = TypeVar("Refusal", bound=CalendarError)

Core = tuple[str, datetime, datetime]
"""A team member and the time with the client, half open, in UTC."""

CUSTOMER_KEYS = ("", ":2", ":3")
"""Added to a client's key, one after the other, when the customer that a key made was deleted in Square since."""


class SquareWriter:
    """Square's calendar, for writing. `reader` reads the same Square."""

    side = Side.SQUARE

    def __init__(self, square: SquareClient, reader: SquareReader) -> None:
        self._square = square
        self._reader = reader

    def write(self, write: Write) -> Written:
        """Carries out one write, once. Raises WriteRefused, Stale, Taken or OutcomeUnknown; a read that failed before
        anything was sent is a WriteRefused, one that failed afterwards an OutcomeUnknown, which `settle` clears up."""
        try:
            if isinstance(write, Place):
                return self._place(write)
            if isinstance(write, Move):
                return self._move(write)
            if isinstance(write, Reinstate):
                raise WriteRefused("A cancelled booking is final in Square: place a new one instead.", permanent=True)
            return self._cancel(write)
        except ReadFailed as error:
            raise _like(error, WriteRefused, f"{error} Nothing was written.") from None

    def settle(self, write: Write) -> Written | None:
        """What became of a write whose answer was lost; None when nothing was written, for certain.

        A Place is looked for by its mark, else sent again, the same body under the same key, and then read by id, since
        Square replays a key even when the booking was cancelled meanwhile. The others are read and compared: Stale when
        somebody else changed the booking since. Raises OutcomeUnknown while it cannot be learnt.
        """
        try:
            if isinstance(write, Place):
                return self._settle_place(write)
            if isinstance(write, Reinstate):
                return None
            return self._settle_change(write)
        except ReadFailed as error:
            raise _like(error, OutcomeUnknown, f"{error} What became of the change is not known yet.") from None

    def client_for(self, client: Client, key: str) -> str | None:
        """Square's customer id for this client: found by exact phone or mail, else created under `key`, which must
        always be the same for the same client. None when there is nothing to know the client by.

        Raises WriteRefused or OutcomeUnknown; asked again with the same key it never makes a second customer.
        """
        try:
            found = customer_for(self._square, client)
            return found or self._new_customer(client, key)
        except ReadFailed as error:
            raise _like(error, WriteRefused, f"{error} Nothing was written.") from None

    def _place(self, write: Place) -> Written:
        body = self._body(write)
        if not (write.even_if_taken or write.looked):
            self._refuse_if_taken(write.parts, write.ignoring)
        try:
            answer = self._create(body, write.key)
        except Declined as error:
            if "CUSTOMER_NOT_FOUND" in error.failure.codes:
                raise _like(error, ClientGone, "Square no longer has the client of this visit.") from None
            raise
        return self._made(_booking_in(answer), answer, write)

    def _body(self, write: Place) -> dict[str, Any]:
        return new_booking(write, self._reader.location().id, self._versions(write.parts))

    def _create(self, body: dict[str, Any], key: str) -> Answer:
        return self._square.write(
            "create booking",
            lambda api, options: sent(
                api, options, "POST", "v2/bookings", body={"idempotency_key": key, "booking": body}
            ),
        )

    def _made(self, booking: Doc, answer: Answer, write: Place) -> Written:
        """What a create led to, as it stands now: a replayed key answers with what once was."""
        key = str(booking["id"])
        live = self._after(lambda: self._live(key))
        if live is None:
            raise OutcomeUnknown(
                "Square says that it made the booking and does not show it yet.", fault=Fault.NOT_SHOWN
            )
        return self._written(live, answer.request_id, write.ignoring)

    def _move(self, write: Move) -> Written:
        booking, current = self._as_seen(write.ref, write.seen, write.version)
        kept = {part.service for part in current.parts}
        versions = self._versions([part for part in write.parts if part.service not in kept])
        fields = moved_fields(booking, current, write.parts, versions) | said_anew(booking, write)
        if not (write.even_if_taken or write.looked):
            self._refuse_if_taken(write.parts, (write.ref, *write.ignoring))
        if not fields:
            return self._written(booking, "", write.ignoring)
        try:
            answer = self._update(write, {**fields, "version": booking["version"]})
        except Declined as error:
            raise self._stale_or(error, write.ref, booking) from None
        return self._written(_booking_in(answer), answer.request_id, write.ignoring)

    def _update(self, write: Move, fields: dict[str, Any]) -> Answer:
        return self._square.write(
            "update booking",
            lambda api, options: sent(
                api,
                options,
                "PUT",
                f"v2/bookings/{quote(write.ref.key, safe='')}",
                body={"booking": fields, "idempotency_key": write.key},
            ),
        )

    def _cancel(self, write: Cancel | Withdraw) -> Written:
        booking = self._live(write.ref.key)
        if booking is None:
            return self._gone(write)
        if _standing(booking) is Standing.CANCELLED:
            return self._written(booking, "", ())
        self._check_seen(booking, write.seen if isinstance(write, Cancel) else "", write.version)
        try:
            answer = self._send_cancel(write, _version(booking))
        except Declined as error:
            return self._cancelled_meanwhile(error, write, booking)
        return self._written(_booking_in(answer), answer.request_id, ())

    def _send_cancel(self, write: Cancel | Withdraw, version: int) -> Answer:
        return self._square.write(
            "cancel booking",
            lambda api, options: sent(
                api,
                options,
                "POST",
                f"v2/bookings/{quote(write.ref.key, safe='')}/cancel",
                body={"idempotency_key": write.key, "booking_version": version},
            ),
        )

    def _cancelled_meanwhile(self, error: Declined, write: Cancel | Withdraw, booking: Doc) -> Written:
        """A cancel that Square declined: done if somebody else cancelled first, else Stale or declined."""
        live = None if error.setting else self._live(write.ref.key)
        if live is not None and _standing(live) is Standing.CANCELLED:
            return self._written(live, error.request_id, ())
        raise self._stale_or(error, write.ref, booking)

    def _gone(self, write: Cancel | Withdraw) -> Written:
        if isinstance(write, Withdraw):
            return Written(write.ref, None)
        raise WriteRefused("Square no longer has this booking: nothing was cancelled.", permanent=True)

    def _settle_place(self, write: Place) -> Written | None:
        """What bears our mark, once it is shown; else the same body under the same key. A refusal of that is believed
        only when no booking bears the mark by then."""
        marked = self._marked(write)
        if marked is not None:
            return self._written(marked, "", write.ignoring)
        try:
            answer = self._create(self._body(write), write.key)
        except Declined as error:
            marked = self._marked(write)
            if marked is not None:
                return self._written(marked, error.request_id, write.ignoring)
            if "IDEMPOTENCY_KEY_REUSED" in error.failure.codes or error.setting:
                raise _like(error, OutcomeUnknown, f"{error} What became of the change is not known yet.") from None
            return None
        return self._made(_booking_in(answer), answer, write)

    def _marked(self, write: Place) -> Doc | None:
        """The booking with this very mark near the time it was meant for, whatever its status."""
        start, end = min(part.start for part in write.parts), max(part.end for part in write.parts)
        listed, _ = self._reader.listed_around(start, end)
        found = (doc for doc in listed.values() if mark_in(str(doc.get("seller_note") or "")) == write.mark)
        return next(found, None) if write.mark else None

    def _settle_change(self, write: Move | Cancel | Withdraw) -> Written | None:
        booking = self._live(write.ref.key)
        if booking is None:
            if isinstance(write, Withdraw):
                return Written(write.ref, None)
            raise Stale("Square no longer has this booking.", permanent=True)
        current = self._reader.appointment(booking)
        if _came_about(write, current):
            return self._written(booking, "", write.ignoring if isinstance(write, Move) else ())
        seen = "" if isinstance(write, Withdraw) else write.seen
        if current.version == write.version or (seen and current.fingerprint == seen):
            return None
        raise Stale("Somebody else has changed this booking in Square since: look at it again.")

    def _as_seen(self, ref: Ref, seen: str, version: int | None) -> tuple[Doc, Appointment]:
        booking = self._live(ref.key)
        if booking is None:
            raise Stale("Square no longer has this booking.", permanent=True)
        return booking, self._check_seen(booking, seen, version)

    def _check_seen(self, booking: Doc, seen: str, version: int | None) -> Appointment:
        """Raises Stale when the booking is not what the person saw, WriteRefused when it cannot be changed at all."""
        current = self._reader.appointment(booking)
        if (version is not None and current.version != version) or (seen and current.fingerprint != seen):
            raise Stale("This booking was changed in Square since: look at it again.")
        if _standing(booking) is not Standing.STANDS:
            raise WriteRefused("This booking no longer stands in Square: it cannot be changed.", permanent=True)
        _version(booking)
        return current

    def _stale_or(self, error: Declined, ref: Ref, booking: Doc) -> WriteRefused:
        """Square says "stale" with this or that code: whether it is, only its present version tells."""
        if error.setting:
            return error
        try:
            live = self._live(ref.key)
        except ReadFailed:
            return error
        if live is not None and live.get("version") == booking.get("version"):
            return error
        stale = _like(error, Stale, "This booking was changed in Square just before: look at it again.")
        stale.permanent = False
        return stale

    def _refuse_if_taken(self, parts: Sequence[PlacedPart], ignoring: Iterable[Ref]) -> None:
        """Raises Taken when the core of something else stands in the way; paddings never do."""
        cores = [(part.staff, part.start, part.end) for part in parts]
        if self._in_the_way(cores, ignoring):
            raise Taken("Square already has another visit for this person at this time: nothing was written.")

    def _in_the_way(self, cores: Sequence[Core], ignoring: Iterable[Ref]) -> tuple[Ref, ...]:
        """What else stands on any of these cores, read now."""
        but = frozenset(ignoring)
        around = self._reader.chairs(min(core[1] for core in cores), max(core[2] for core in cores))
        return tuple(other.ref for other in around if other.ref not in but and _on(other, cores))

    def _written(self, booking: Doc, request_id: str, ignoring: Iterable[Ref]) -> Written:
        """The booking as it stands, and what else stands on the same cores. The write is done by now: what fails here
        leaves only the look afterwards open."""

        def look() -> Written:
            current = self._reader.appointment(booking)
            cores = [(part.span.staff, part.span.start, part.span.end) for part in current.parts]
            overlaps = self._in_the_way(cores, (current.ref, *ignoring))
            return Written(current.ref, current, request_id, overlaps)

        return self._after(look)

    def _after(self, look: Callable[[], Found]) -> Found:
        """What a look after the write shows; a look that fails leaves the outcome open, it does not undo the write."""
        try:
            return look()
        except ReadFailed as error:
            sentence = f"{error} The change was sent to Square; what stands there now was not seen yet."
            raise _like(error, OutcomeUnknown, sentence) from None

    def _live(self, key: str) -> Doc | None:
        return self._reader.documents([key])[key]

    def _versions(self, parts: Sequence[PlacedPart]) -> Mapping[str, int]:
        """The present catalog versions of the services that carry none."""
        return self._reader.service_versions(services_without_version(parts))

    def _new_customer(self, client: Client, key: str) -> str | None:
        fields = fields_for(client)
        if not fields:
            return None
        for more in CUSTOMER_KEYS:
            made = self._customer_under(f"{key}{more}", fields)
            if self._after(lambda made=made: is_there(self._square, made)):  # type: ignore[misc]
                return made
        raise WriteRefused("The customer made for this client was deleted in Square: link another one.", permanent=True)

    def _customer_under(self, key: str, fields: Mapping[str, str]) -> str:
        """The id of the customer that this key makes, or once made. A phone or mail that Square finds no good is left
        out, under a key of its own: the refused call made nobody."""
        try:
            return self._create_customer(key, fields)
        except Declined as error:
            codes, names = {*error.failure.codes}, {k: v for k, v in fields.items() if k.endswith("_name")}
            if codes & {"INVALID_PHONE_NUMBER", "INVALID_EMAIL_ADDRESS"} and names and names != fields:
                return self._create_customer(f"{key}:name", names)
            if "IDEMPOTENCY_KEY_REUSED" in codes:
                sentence = (
                    "Square has this client under former details and does not find them yet: try again in a minute."
                )
                raise WriteRefused(sentence, request_id=error.request_id) from None
            raise

    def _create_customer(self, key: str, fields: Mapping[str, str]) -> str:
        answer = self._square.write(
            "create customer",
            lambda api, options: api.customers.with_raw_response.create(
                idempotency_key=key, request_options=options, **fields
            ),
        )
        made = answer.doc.get("customer")
        if not isinstance(made, Mapping) or not isinstance(made.get("id"), str):
            raise _no_thing("customer", answer)
        return str(made["id"])


def _booking_in(answer: Answer) -> Doc:
    """The booking of an answer. Raises OutcomeUnknown when there is none in it, though Square did not refuse."""
    booking = answer.doc.get("booking")
    if not isinstance(booking, Mapping) or not isinstance(booking.get("id"), str):
        raise _no_thing("booking", answer)
    return booking


def _no_thing(what: str, answer: Answer) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"Square's answer has no {what} in it: whether the change was made is not known yet.",
        request_id=answer.request_id,
    )


def _standing(booking: Doc) -> Standing:
    """By the status word alone: a booking that stands may be cancelled whatever else is odd about it."""
    return STANDINGS.get(str(booking.get("status") or ""), Standing.UNKNOWN)


def _version(booking: Doc) -> int:
    """The version to send; without one Square would overwrite whatever came in between."""
    version = booking.get("version")
    if not isinstance(version, int):
        raise WriteRefused("Square shows no version of this booking: it cannot be changed safely.", permanent=True)
    return version


def _on(other: Appointment, cores: Sequence[Core]) -> bool:
    spans = [part.span for part in other.parts]
    return any(s.staff == staff and s.start < end and start < s.end for s in spans for staff, start, end in cores)


def _came_about(write: Move | Cancel | Withdraw, current: Appointment) -> bool:
    if isinstance(write, Move):
        return current.stands and shows(current, write.parts)
    return current.standing is Standing.CANCELLED


def _like(error: CalendarError, kind: type[Refusal], sentence: str) -> Refusal:
    """The same failure as another kind of error, with all that is known of it."""
    return kind(
        sentence,
        permanent=error.permanent,
        setting=error.setting,
        retry_after=error.retry_after,
        request_id=error.request_id,
        fault=error.fault,
        waiting=error.waiting,
    )
