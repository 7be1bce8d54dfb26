"""What is out of order, in one sentence and in a few lines more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.model import OWN_TIME, Finding, Kind, Side
from sync.wording.names import NOBODY_NAMED, capital, clients_or, counted, together
from sync.wording.scene import Scene
from sync.wording.times import in_how_long, minutes, stretch, when

KINDS = {
    Kind.DOUBLE_BOOKING: "Double booking",
    Kind.PADDING_CLASH: "No time in between",
    Kind.OVER_CAPACITY: "Too many at once",
    Kind.MISSING_IN_SQUARE: "Not in Square",
    Kind.MISSING_IN_BOOKLY: "Not in Bookly",
    Kind.DRIFT: "Calendars disagree",
    Kind.SAME_VISIT: "Same visit twice",
    Kind.UNMAPPED_STAFF: "Unknown stylist",
    Kind.UNMAPPED_SERVICE: "Unknown service",
    Kind.ANOMALY: "Something odd",
}
"""A short label for each kind, for filters and badges."""

_DIFFERS = {
    "time": "the time",
    "staff": "the stylist",
    "standing": "whether it still stands",
    "client": "who comes",
    "service": "what is done",
    "name": "how the name is written",
    "phone": "the phone number",
}

_ODD = {
    "service_without_client": "A service is booked without a client",
    "block_changed": "Time that Square has sold keeps being moved or freed in Bookly",
    "no_end": "A visit has no end",
    "not_positive_length": "A visit ends before it begins",
    "unknown_status": "A visit has a status Slotkeeper does not know",
    "vanished": "A visit disappeared from its calendar without anybody cancelling it",
    "stray_mark": "A visit looks as if Slotkeeper had put it there, and Slotkeeper does not know it",
    "no_persons": "A visit is booked for nobody",
    "no_staff": "A booking has no stylist",
}


_STANDING = {"cancelled": ", cancelled", "over": ", marked as over", "waiting": ", on the waiting list"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a finding's detail, ready to be said."""

    side: Side
    unit: str
    ref: str
    who: str
    names: tuple[str, ...]
    service: str
    start: datetime
    end: datetime
    standing: str
    unpaid: bool


def visits_of(finding: Finding) -> tuple[Visit, ...]:
    """The visits a finding is about, in time order."""
    return tuple(_visit(item) for item in finding.detail.get("visits", ()))


def _visit(item: Mapping[str, Any]) -> Visit:
    side = Side(item["side"])
    names = [str(name) for name in item.get("clients") or ()]
    service = str(item.get("service") or "")
    return Visit(
        side=side,
        unit=str(item["unit"]),
        ref=str(item["ref"]),
        who=clients_or(names, side, service, int(item.get("persons") or 1)),
        names=tuple(name for name in names if name),
        service=service,
        start=datetime.fromisoformat(item["start"]),
        end=datetime.fromisoformat(item["end"]),
        standing=str(item.get("standing") or ""),
        unpaid=bool(item.get("unpaid")),
    )


def headline(finding: Finding, now: datetime, zone: str) -> str:
    """One sentence: who, with whom, when, and in how many minutes if it is soon."""
    return group_headline((finding,), now, zone)


def group_headline(findings: Sequence[Finding], now: datetime, zone: str) -> str:
    """The sentence of one card: findings of one chair that hang together, said as one."""
    first = findings[0]
    return capital(_HEADLINES[first.kind](findings, Scene(now, zone))) + "."


def title(findings: Sequence[Finding], now: datetime, zone: str) -> str:
    """A card's title: who meets in whose chair; for everything that is no clash, the headline without its full stop."""
    first = findings[0]
    if first.kind not in (Kind.DOUBLE_BOOKING, Kind.PADDING_CLASH):
        return group_headline(findings, now, zone).removesuffix(".")
    names = together(name for visit in _all_visits(findings) for name in visit.names or (visit.who,))
    return f"{capital(names) or capital(NOBODY_NAMED)} with {_staff(first)}"


def when_words(findings: Sequence[Finding], now: datetime, zone: str) -> str:
    """When it is, and in how long if it is soon: "today 14:15, in 25 minutes"."""
    start, end = min(f.start for f in findings), max(f.end for f in findings)
    return _soon(start, Scene(now, zone), end)


def state_words(state: str, past: bool, left_by: str, left_reason: str, closed_because: str) -> str:
    """What became of a finding: left, settled, over; empty while a person has to decide."""
    if state == "closed":
        return f"Settled. {closed_because}".strip()
    if state == "left":
        why = f": {left_reason}" if left_reason else ""
        return f"Left as it is{f' by {left_by}' if left_by else ''}{why}. You are asked again if a visit changes."
    return "This is over: nothing has to be decided." if past else ""


def seen_words(first: datetime, last: datetime, now: datetime, zone: str) -> str:
    """Since when it is known, and when it was last found."""
    return f"First noticed {when(first, now, zone)}, last found {when(last, now, zone)}."


def story(finding: Finding, now: datetime, zone: str) -> tuple[str, ...]:
    """A line a visit concerned, and what is the matter with them."""
    lines = [visit_line(visit, now, zone) for visit in visits_of(finding)]
    return (*lines, *_matter(finding, zone))


def not_there_yet(finding: Finding) -> str:
    """What one calendar lacks, in a line beside what has to be settled first: "Anna Berg is not in Square yet"."""
    side = Side.SQUARE if finding.kind is Kind.MISSING_IN_SQUARE else Side.BOOKLY
    who = together(visit.who for visit in visits_of(finding)) or NOBODY_NAMED
    return f"{capital(who)} is not in {side.brand} yet."


def visit_line(visit: Visit, now: datetime, zone: str) -> str:
    """ "Anna Berg: Haircut, today 14:00 to 14:45, in Bookly"."""
    what = f"{visit.service}, " if visit.service and visit.service not in visit.who else ""
    times = f"{when(visit.start, now, zone)} to {when(visit.end, visit.start, zone).removeprefix('today ')}"
    more = _STANDING.get(visit.standing, "") + (", not paid yet" if visit.unpaid else "")
    return f"{capital(visit.who)}: {what}{times}, in {visit.side.brand}{more}"


def _matter(finding: Finding, zone: str) -> tuple[str, ...]:
    detail = finding.detail
    if finding.kind is Kind.DOUBLE_BOOKING:
        overlap = minutes(int(detail.get("minutes") or (finding.end - finding.start).total_seconds() // 60))
        return (f"They overlap for {overlap}, {stretch(finding.start, finding.end, zone)}.",)
    if finding.kind is Kind.SAME_VISIT:
        same = {"phone": "The phone number is the same.", "mail": "The mail address is the same."}
        return (same.get(str(detail.get("by")), "Name and time say so."), *_differing("They differ in", detail))
    if finding.kind is Kind.DRIFT:
        return _differing("They differ in", detail)
    return ()


def _differing(beginning: str, detail: Mapping[str, Any]) -> tuple[str, ...]:
    words = together(_DIFFERS.get(str(word), "") for word in detail.get("differs") or ())
    return (f"{beginning} {words}.",) if words else ()


# --- one sentence a kind ------------------------------------------------------------------------------------------


def _clash(findings: Sequence[Finding], scene: Scene) -> str:
    visits = _all_visits(findings)
    start = min(f.start for f in findings)
    end = max(f.end for f in findings)
    return f"{_booked(visits, end <= scene.now)} with {_staff(findings[0])}, {_soon(start, scene, end)}"


def _booked(visits: Sequence[Visit], over: bool) -> str:
    names = list(dict.fromkeys(name for visit in visits for name in visit.names or (visit.who,)))
    if len(names) < 2:
        return f"{together(names) or NOBODY_NAMED} {'was' if over else 'is'} booked twice"
    all_of_them = "both" if len(names) == 2 else "all"
    return f"{together(names)} {'were' if over else 'are'} {all_of_them} booked"


def _no_time_between(findings: Sequence[Finding], scene: Scene) -> str:
    first = findings[0]
    missing = int(first.detail.get("minutes") or (first.end - first.start).total_seconds() // 60)
    between = together(visit.who for visit in _all_visits(findings))
    had = "had" if first.end <= scene.now else "has"
    at = _soon(first.start, scene, first.end)
    return f"{_staff(first)} {had} no time to get ready between {between}, {at}: {minutes(missing)} short"


def _too_many(findings: Sequence[Finding], scene: Scene) -> str:
    first = findings[0]
    visits = _all_visits(findings)
    persons, capacity = int(first.detail.get("persons") or len(visits)), int(first.detail.get("capacity") or 1)
    service = next((f" for {visit.service}" for visit in visits if visit.service), "")
    over = first.end <= scene.now
    at = _soon(first.start, scene, first.end)
    takes = f"it {'took' if over else 'takes'} {capacity}"
    who = together(visit.who for visit in visits)
    are = "were" if over else "are"
    return f"{counted(persons, 'person')} {are} booked with {_staff(first)}{service}, {at}, and {takes}: {who}"


def _not_in(side: Side) -> Callable[[Sequence[Finding], Scene], str]:
    risk = ", so the website may sell that time again" if side is Side.BOOKLY else ""

    def say(findings: Sequence[Finding], scene: Scene) -> str:
        first = findings[0]
        over = first.end <= scene.now
        words = f"{_visit_words(first, scene)}, {'was' if over else 'is'} in {side.other.brand} but not in {side.brand}"
        return words if over else words + risk

    return say


def _disagree(findings: Sequence[Finding], scene: Scene) -> str:
    first = findings[0]
    differs = together(_DIFFERS.get(str(word), "") for word in first.detail.get("differs") or ())
    about = f": {differs}" if differs else ""
    return f"Bookly and Square disagree about {_visit_words(first, scene)}{about}"


def _twice(findings: Sequence[Finding], scene: Scene) -> str:
    first = findings[0]
    sure = "is probably" if first.detail.get("likely") else "may be"
    return f"{_visit_words(first, scene)}, stands in both calendars and {sure} one and the same visit"


def _unknown_staff(findings: Sequence[Finding], _scene: Scene) -> str:
    return _unknown(findings[0], "is on {side}'s list of staff", "who is that in {other}?")


def _unknown_service(findings: Sequence[Finding], _scene: Scene) -> str:
    if findings[0].detail.get("id") == OWN_TIME.id:
        return _unknown(findings[0], "has no service there", "which one of {other}'s stands for it?")
    return _unknown(findings[0], "is on {side}'s list of services", "which one is that in {other}?")


def _unknown(finding: Finding, place: str, question: str) -> str:
    side = Side(finding.detail.get("side", "bookly"))
    name = str(finding.detail.get("name") or "") or "A name that is missing"
    ahead = int(finding.detail.get("visits_ahead") or 0)
    waits = "waits" if ahead == 1 else "wait"
    tail = f" {counted(ahead, 'coming visit')} {waits} for the answer" if ahead else " No coming visit depends on it"
    words = f"{name} {place}: {question}{tail}"
    return words.format(side=side.brand, other=side.other.brand)


def _odd(findings: Sequence[Finding], scene: Scene) -> str:
    first = findings[0]
    what = str(first.detail.get("what"))
    if what == "calendar_small":
        side = Side(first.detail.get("side", "bookly")).brand
        return f"{side} suddenly shows far fewer visits than before, so none of them is taken as cancelled"
    visits = visits_of(first)
    about = f": {_visit_words(first, scene)}" if visits else ""
    return f"{_ODD.get(what, 'Something in a calendar cannot be understood')}{about}"


_HEADLINES: dict[Kind, Callable[[Sequence[Finding], Scene], str]] = {
    Kind.DOUBLE_BOOKING: _clash,
    Kind.PADDING_CLASH: _no_time_between,
    Kind.OVER_CAPACITY: _too_many,
    Kind.MISSING_IN_SQUARE: _not_in(Side.SQUARE),
    Kind.MISSING_IN_BOOKLY: _not_in(Side.BOOKLY),
    Kind.DRIFT: _disagree,
    Kind.SAME_VISIT: _twice,
    Kind.UNMAPPED_STAFF: _unknown_staff,
    Kind.UNMAPPED_SERVICE: _unknown_service,
    Kind.ANOMALY: _odd,
}


def _all_visits(findings: Iterable[Finding]) -> tuple[Visit, ...]:
    once = {(visit.side, visit.ref): visit for finding in findings for visit in visits_of(finding)}
    return tuple(sorted(once.values(), key=lambda visit: (visit.start, visit.who)))


def _staff(finding: Finding) -> str:
    return finding.staff or "somebody on the staff"


def _visit_words(finding: Finding, scene: Scene) -> str:
    visits = visits_of(finding)
    who = visits[0].who if visits else NOBODY_NAMED
    start = visits[0].start if visits else finding.start
    return f"{who} with {_staff(finding)}, {when(start, scene.now, scene.zone)}"


def _soon(start: datetime, scene: Scene, end: datetime) -> str:
    at = when(start, scene.now, scene.zone)
    if start <= scene.now < end:
        return f"{at}, right now"
    soon = in_how_long(start, scene.now)
    return f"{at}, {soon}" if soon else at
