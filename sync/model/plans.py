"""Choices a person has, the board they are decided on, and the plan that says what a choice will do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sync.model.appointments import Appointment, Ref, Service, Side, StaffMember
from sync.model.findings import Pair
from sync.model.plain import digest, plain
from sync.model.writes import Write


class ChoiceKind(StrEnum):
    """One way to settle a finding, from the least harm to the most."""

    OTHER_STYLIST = "other_stylist"
    OTHER_TIME = "other_time"
    LEAVE = "leave"
    SHOW_BOTH = "show_both"
    CANCEL = "cancel"
    SEND_ACROSS = "send_across"
    LINK = "link"
    TAKE_SIDE = "take_side"
    IS_REAL = "is_real"
    UNDO = "undo"


class LeaveReason(StrEnum):
    """Why two visits may stay as they are, by one tap."""

    SAME_CLIENT = "same_client"
    ASSISTANT_HELPS = "assistant_helps"
    COLOUR_DEVELOPS = "colour_develops"
    TWO_VISITS = "two_visits"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Choice:
    """`ref` is the visit acted on; `person` the staff member it goes to; `start` its new start (UTC); `side` whose
    value is taken (drift); `other` the partner to link (link). `why` is a stable word for why it is suggested."""

    kind: ChoiceKind
    ref: Ref | None = None
    person: str | None = None
    start: datetime | None = None
    side: Side | None = None
    other: Ref | None = None
    reason: LeaveReason | None = None
    suggested: bool = False
    why: str = ""

    @property
    def id(self) -> str:
        """Equal choices have equal ids, whether suggested or not: used in addresses and request keys."""
        return digest([self.kind, self.ref, self.person, self.start, self.side, self.other, self.reason])[:12]


def choice_from(value: Mapping[str, object]) -> Choice:
    """The inverse of `plain(choice)`; raises KeyError or ValueError for anything else."""

    def ref(name: str) -> Ref | None:
        inner = value.get(name)
        return Ref(Side(inner["side"]), inner["key"]) if isinstance(inner, Mapping) else None

    start, person, side, reason = (value.get(name) for name in ("start", "person", "side", "reason"))
    return Choice(
        kind=ChoiceKind(str(value["kind"])),
        ref=ref("ref"),
        person=str(person) if person else None,
        start=datetime.fromisoformat(str(start)) if start else None,
        side=Side(str(side)) if side else None,
        other=ref("other"),
        reason=LeaveReason(str(reason)) if reason else None,
        suggested=bool(value.get("suggested")),
        why=str(value.get("why") or ""),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """One human being of the staff on both sides. `id` is "bookly:ID" where Bookly has them, else "square:ID"."""

    id: str
    name: str
    bookly: StaffMember | None = None
    square: StaffMember | None = None

    def on(self, side: Side) -> StaffMember | None:
        return self.bookly if side is Side.BOOKLY else self.square


@dataclass(frozen=True, slots=True)
class Board:
    """What is known when a choice is made: people, services and their map, appointments concerned and around, pairs.

    `appointments` holds everything that stands near the times in question on both sides, and what the finding is about.
    `confirmed` is False for people and services whose mapping no person confirmed: they are not in `people` as one.
    """

    now: datetime
    timezone: str
    people: tuple[Person, ...]
    services: tuple[Service, ...]
    service_map: Mapping[str, str]
    appointments: Mapping[Ref, Appointment]
    pairs: tuple[Pair, ...]
    clients: Mapping[str, str] = field(default_factory=dict)

    def person(self, person_id: str) -> Person | None:
        return next((p for p in self.people if p.id == person_id), None)

    def person_of(self, side: Side, staff: str) -> Person | None:
        """Who this side's staff id is."""
        return next((p for p in self.people if (member := p.on(side)) and member.id == staff), None)

    def pair_of(self, ref: Ref) -> Pair | None:
        return next((pair for pair in self.pairs for partner in pair.partners if partner.ref == ref), None)

    def service(self, side: Side, service_id: str) -> Service | None:
        return next((s for s in self.services if s.side is side and s.id == service_id), None)


class StepKind(StrEnum):
    """What one step of a plan does."""

    PLACE = "place"
    MOVE = "move"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"
    PLACE_AGAIN = "place_again"
    UNLINK = "unlink"
    REOPEN = "reopen"
    LINK = "link"
    LEAVE = "leave"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan, in the order it is carried out. `before` is what stands, `after` what will stand: the
    words on the screen are made of these. `write` is None for a step that changes nothing outside (link, leave)."""

    kind: StepKind
    side: Side
    ref: Ref | None
    before: Appointment | None
    after: Appointment | None
    write: Write | None = None
    projection: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a choice will do. `refused` is a stable word when it may not be done; then there are no steps.

    `tell` are the visits whose clients should hear of it from the salon, since no calendar tells them for certain.
    `claims` are the spans (person id, start, end in UTC) and visits that must be held while it is done.
    """

    choice: Choice
    steps: tuple[Step, ...] = ()
    refused: str = ""
    in_the_way: tuple[Ref, ...] = ()
    tell: tuple[Ref, ...] = ()

    @property
    def id(self) -> str:
        return digest(plain(self))[:12]


@dataclass(frozen=True, slots=True)
class DoneStep:
    """A step that was carried out: the appointment it left behind (None when it was taken away) and under which ref."""

    step: Step
    ref: Ref | None
    answered: Appointment | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended. `state`: done, refused, half, would. `word` is a refusal's stable word.

    `done` are the steps carried out, `left` those that were not; `error` the calendar's sentence for the step that
    failed; `by` who had settled it before; `tell` the visits whose clients have not been told; `overlaps` what the look
    after the write found in the same chair.
    """

    state: str
    word: str = ""
    done: tuple[DoneStep, ...] = ()
    left: tuple[Step, ...] = ()
    error: str = ""
    by: str = ""
    by_at: float = 0.0
    tell: tuple[Ref, ...] = ()
    overlaps: tuple[Ref, ...] = ()
