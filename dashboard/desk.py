"""What lies on the manager's desk: open findings as cards, each with its ways out, and what became of the last click.

Reads through `queries`, asks `sync.decide` for choices and plans, and says all of it with `sync.wording`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from dashboard.salon import Salon
from queries import findings, requests
from queries.register import Asked
from sync import wording
from sync.decide.choices import choices
from sync.decide.plan import plan
from sync.model import CHAIR, Board, Choice, ChoiceKind, Client, Finding, Kind, Ref, Side
from sync.model.stored import outcome_from
from sync.model.zones import zone
from sync.wording.choices import GROUPS, REASONS
from sync.wording.findings import not_there_yet, state_words, title, visits_of, when_words
from sync.wording.outcomes import already_asked, by_words, not_sent
from sync.wording.outcomes import asked as asked_words
from sync.wording.times import when

MISSING = (Kind.MISSING_IN_SQUARE, Kind.MISSING_IN_BOOKLY)
"""Kinds that only follow while the same visit meets another in its chair: its card says so, and settling it comes
first."""
TITLED = (Kind.DOUBLE_BOOKING, Kind.PADDING_CLASH)
"""Kinds whose title says who and leaves out when."""
FRESH = timedelta(minutes=30)
"""How long a settled card stays on Today, so that whoever settled it can call the client or take it back."""

LEFT_BECAUSE = {reason.value: words.lower() for reason, words in REASONS.items()}
BoardFor = Callable[[datetime, datetime, Iterable[Ref]], Board]
"""Loads the board of a stretch of time around some visits."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to settle a card, ready to be read: the button, why, what changes where, who hears of it."""

    choice: Choice
    label: str
    reason: str
    group: str
    in_bookly: tuple[str, ...]
    in_square: tuple[str, ...]
    kept: tuple[str, ...]
    hears: tuple[str, ...]
    second_tap: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a request. `state` as in the store; `to_call` are clients who have not been told, `too_late` says
    who else wanted to settle the same."""

    request: int
    state: str
    text: str
    by: str
    by_words: str
    at: datetime
    to_call: tuple[Client, ...] = ()
    may_undo: bool = False
    too_late: tuple[str, ...] = ()

    @property
    def under_way(self) -> bool:
        return self.state in ("waiting", "working")


@dataclass(frozen=True, slots=True)
class Row:
    """A finding with its number in the store, the state it is in, and whether it is over."""

    number: int
    finding: Finding
    state: str
    past: bool
    state_words: str = ""
    first_seen: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One card: rows that hang together, soonest first. The ways out are those of the first one."""

    rows: tuple[Row, ...]
    headline: str
    title: str
    when: str
    story: tuple[str, ...]
    result: Result | None = None
    ways: tuple[Way, ...] | None = None

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def about(self) -> list[Finding]:
        """What it is about, without what only follows from that."""
        return [row.finding for row in _said(self.rows)]

    @property
    def kind(self) -> Kind:
        return self.first.finding.kind

    @property
    def start(self) -> datetime:
        return self.first.finding.start

    @property
    def to_decide(self) -> bool:
        """Whether a person still has to say what happens."""
        return self.first.state == "open" and not self.first.past and not (self.result and self.result.under_way)

    @property
    def suggested(self) -> Way | None:
        return next((way for way in self.ways or () if way.choice.suggested), None)


def rows_of(found: pd.DataFrame) -> list[Row]:
    """The rows of a findings query."""
    return [_row(row) for row in found.to_dict("records")]


def _row(row: Mapping[Any, Any]) -> Row:
    state, past = str(row["state"]), bool(row["past"])
    left_reason = LEFT_BECAUSE.get(str(row["left_reason"] or ""), "")
    words = state_words(state, past, row["left_by"] or "", left_reason, row["closed_because"] or "")
    seen = (row[name].to_pydatetime() for name in ("first_seen_at", "last_seen_at"))
    return Row(int(row["id"]), findings.as_finding(row), state, past, words, *seen)


def grouped(rows: Sequence[Row]) -> list[tuple[Row, ...]]:
    """Rows of one chair that share a visit stand together, and behind them what one calendar lacks of those visits;
    everything else stands alone. Soonest first."""
    chairs = _chained([row for row in rows if row.finding.kind in CHAIR])
    holder = {visit: group for group in chairs for row in group for visit in _visits(row)}
    alone = []
    for row in rows:
        if row.finding.kind in CHAIR:
            continue
        into = next((holder[visit] for visit in _visits(row) if visit in holder), None)
        if into is not None and row.finding.kind in MISSING:
            into.append(row)
        else:
            alone.append([row])
    found = [tuple(sorted(group, key=_order)) for group in (*chairs, *alone)]
    return sorted(found, key=lambda group: (group[0].finding.start, group[0].number))


def _order(row: Row) -> tuple[bool, datetime, int]:
    return row.finding.kind not in CHAIR, row.finding.start, row.number


def _visits(row: Row) -> list[tuple[Side, str]]:
    return [(concerned.side, concerned.unit) for concerned in row.finding.concerned]


def _chained(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows, those together that hang together by a visit with one stylist."""
    groups: list[list[Row]] = []
    holder: dict[tuple[str, Side, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.finding.start, row.number)):
        units = _units(row)
        mine = [row]
        for other in {id(g): g for unit in units if (g := holder.get(unit)) is not None}.values():
            mine = other + mine
            groups.remove(other)
        groups.append(mine)
        holder.update({unit: mine for held in mine for unit in _units(held)})
    return groups


def _units(row: Row) -> list[tuple[str, Side, str]]:
    return [(row.finding.person, concerned.side, concerned.unit) for concerned in row.finding.concerned]


# --- cards --------------------------------------------------------------------------------------------------------


def cards(conn: Connection, salon: Salon, rows: Sequence[Row]) -> list[Card]:
    """The cards of these rows, soonest first, each with what was last asked about it; without ways out."""
    results = results_of(conn, salon, [row.number for row in rows])
    return [_card(group, results, salon) for group in grouped(rows)]


def _card(group: tuple[Row, ...], results: Mapping[int, Result], salon: Salon) -> Card:
    said = _said(group)
    about = [row.finding for row in said]
    return Card(
        rows=group,
        headline=wording.group_headline(about, salon.now, salon.zone),
        title=title(about, salon.now, salon.zone),
        when=when_words(about, salon.now, salon.zone) if about[0].kind in TITLED else "",
        story=_story([row.finding for row in group], salon),
        result=next((results[row.number] for row in said if row.number in results), None),
    )


def _said(group: Sequence[Row]) -> Sequence[Row]:
    """What a card is about: of a chair only the clashes, without what follows from them."""
    return [row for row in group if row.finding.kind in CHAIR] or group


def _story(group: Sequence[Finding], salon: Salon) -> tuple[str, ...]:
    main = [finding for finding in group if finding.kind not in MISSING] or group
    said = [line for finding in main for line in wording.story(finding, salon.now, salon.zone)]
    follows = [not_there_yet(finding) for finding in group if finding not in main]
    return tuple(dict.fromkeys([*said, *follows]))


def with_ways(card: Card, board_for: BoardFor, salon: Salon) -> Card:
    """The card with its ways out, decided on the board of the finding's day."""
    board = board_for(*day_of(card.start, salon.zone), _refs(card))
    found = card.first.finding
    return replace(card, ways=ways(found, board), story=(*card.story, *why_not_sent(found, board)))


def why_not_sent(finding: Finding, board: Board) -> tuple[str, ...]:
    """Why a visit that one calendar lacks cannot be put there from here; empty where it can, or was not asked."""
    if finding.kind not in MISSING:
        return ()
    refs = (ref for concerned in finding.concerned for ref in concerned.refs)
    words = (plan(Choice(ChoiceKind.SEND_ACROSS, ref=ref), finding, board).refused for ref in refs)
    return tuple(dict.fromkeys(not_sent(word, finding) for word in words if word))


def _refs(card: Card) -> list[Ref]:
    return [ref for row in card.rows for concerned in row.finding.concerned for ref in concerned.refs]


def ways(finding: Finding, board: Board) -> tuple[Way, ...]:
    """Every way out of a finding, in order, with its preview."""
    return tuple(way(choice, finding, board) for choice in choices(finding, board))


def way(choice: Choice, finding: Finding, board: Board) -> Way:
    """One way out with its preview."""
    scene = wording.scene_of(board)
    planned = plan(choice, finding, board)
    return Way(
        choice=choice,
        label=wording.button(choice, finding, board),
        reason=wording.reason(choice, finding, board),
        group=GROUPS[choice.kind],
        in_bookly=wording.what_changes_in(planned, Side.BOOKLY, scene),
        in_square=wording.what_changes_in(planned, Side.SQUARE, scene),
        kept=wording.what_is_kept(planned, scene),
        hears=wording.who_hears(planned),
        second_tap=wording.second_tap(choice, board) if choice.kind is ChoiceKind.CANCEL else "",
    )


def day_of(at: datetime, zone_name: str) -> tuple[datetime, datetime]:
    """The salon's local day that holds a moment, as two moments."""
    local = at.astimezone(zone(zone_name))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    after = (start.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=start.tzinfo)
    return start.astimezone(at.tzinfo), after.astimezone(at.tzinfo)


# --- results ------------------------------------------------------------------------------------------------------


def results_of(conn: Connection, salon: Salon, numbers: Sequence[int]) -> dict[int, Result]:
    """What the last request about each of these findings came to."""
    found = requests.of_findings(conn, numbers).to_dict("records")
    undone = {row["undo_of"] for row in found if row["state"] == "done" and row["undo_of"]}
    return {int(row["finding"]): result(row, salon, undone) for row in found}


def history(conn: Connection, salon: Salon, number: int) -> list[Result]:
    """Everything that was asked about one finding, latest first."""
    found = requests.of_findings(conn, [number]).to_dict("records")
    undone = {row["undo_of"] for row in found if row["state"] == "done" and row["undo_of"]}
    return [result(row, salon, undone) for row in reversed(found)]


def just_settled(conn: Connection, salon: Salon) -> list[Card]:
    """Cards that were settled within the last half hour, with what came of it, and who came too late with another
    choice; none that was taken back."""
    found = requests.asked_since(conn, salon.now - FRESH).to_dict("records")
    asked: dict[int, list[Mapping[Any, Any]]] = {}
    for row in found:
        asked.setdefault(int(row["finding"]), []).append(row)
    results = {number: ended for number, rows in asked.items() if (ended := _settled(rows, salon))}
    rows = [row for row in rows_of(findings.some(conn, list(results), salon.now)) if row.state != "open"]
    return [replace(_card((row,), results, salon), story=()) for row in rows]


def _settled(rows: Sequence[Mapping[Any, Any]], salon: Salon) -> Result | None:
    """What the last request that did something came to; None when none did, or it took something back."""
    did = [row for row in rows if row["state"] in ("done", "half")]
    if not did or not pd.isna(did[-1]["undo_of"]):  # beside a number, none is NaN
        return None
    ended = result(did[-1], salon, set())
    after = [result(row, salon, set()) for row in rows if row["id"] > did[-1]["id"] and row["state"] == "refused"]
    return replace(ended, too_late=tuple(f"{late.by_words}: {late.text}" for late in after))


def who_was_first(conn: Connection, salon: Salon, number: int) -> str:
    """Who settled a finding, or has asked for it, when somebody else is about to; empty when nobody did."""
    for step in history(conn, salon, number):
        if step.under_way:
            return already_asked(step.by)
        if step.state in ("done", "half"):
            return wording.refused("settled_already", step.by, step.at.timestamp(), salon.scene)
    return ""


def result(row: Mapping[Any, Any], salon: Salon, undone: set[Any]) -> Result:
    """One request as a person reads it."""
    state = str(row["state"])
    at = row["asked_at"] if pd.isna(row["ended_at"]) else row["ended_at"]
    outcome = _outcome(row["outcome"])
    may_undo = state in ("done", "half") and row["id"] not in undone and row["choice"]["kind"] != ChoiceKind.UNDO
    return Result(
        request=int(row["id"]),
        state=state,
        text=wording.result(outcome, salon.scene) if outcome else asked_words(str(row["waits_for"])),
        by=str(row["asked_by"]),
        by_words=by_words(str(row["asked_by"]), at.to_pydatetime(), salon.scene),
        at=at.to_pydatetime(),
        to_call=wording.not_told(outcome) if outcome else (),
        may_undo=may_undo,
    )


def _outcome(value: Any) -> Any:
    try:
        return outcome_from(value) if isinstance(value, Mapping) else None
    except ValueError:
        return None


def open_cards(conn: Connection, salon: Salon) -> list[Card]:
    """Every open finding that is not over, as cards, soonest first."""
    return cards(conn, salon, rows_of(findings.to_decide(conn, Asked(salon.now))))


def short_line(finding: Finding, salon: Salon) -> str:
    """A finding in a few words, for a list of many: "Anna Barros, today 14:00"."""
    visits = visits_of(finding)
    who = visits[0].who if visits else finding.staff
    return f"{who}, {when(finding.start, salon.now, salon.zone)}"
