"""What Dead letters shows, put together: the list ranked by how soon the visit is, what is under way, the size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from dashboard.lines import Stretch
from dashboard.measures import Rows, exactly, stretch_of
from dashboard.salon import Salon
from queries import dead_letters
from queries.register import Asked
from sync.model import Side
from sync.store.looks import Look
from sync.wording import Said, Scene
from sync.wording.dead_letters import cause, lie_there, on_its_way
from sync.wording.measured import length
from sync.wording.times import ago, in_how_long, when

A_PAGE = 10
"""Letters shown at once; the rest is on further pages."""
MOST_AT_ONCE = 500
"""So many are sent in one go, the soonest visits first: a click must be kept within a moment."""
MOST_LOOKS = 20
"""So many are looked at live for one question, the soonest visits first: each costs both calendars a few calls."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which letters are meant; what is empty does not narrow. `within`: hours until the visit, 0 for any. `lasting`:
    only those that wait for a person, or only those that do not."""

    cause: str = ""
    side: Side | None = None
    within: int = 0
    lasting: bool | None = None

    @property
    def at_all(self) -> bool:
        return self != Narrowed()


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter in words. `on_its_way`: a sentence while it is sent again, else empty."""

    number: int
    ref: str
    when: str
    soon: str
    who: str
    visit: str
    cause: str
    facts: str
    call: str
    request_id: str
    on_its_way: str
    lasting: bool
    reason: str
    side: Side
    starts_in: float

    def matches(self, narrowed: Narrowed) -> bool:
        """Whether it is meant. One of unknown time is within no time, nor is one that is over."""
        if narrowed.cause and self.reason != narrowed.cause:
            return False
        if narrowed.side not in (None, self.side) or narrowed.lasting not in (None, self.lasting):
            return False
        return not narrowed.within or 0 <= self.starts_in <= narrowed.within * 3600


@dataclass(frozen=True, slots=True)
class Letters:
    """`every` letter that lies there, in the list's order."""

    said: Said
    every: tuple[Letter, ...]
    by_cause: Rows
    size: pd.DataFrame
    over: Stretch
    resends: pd.DataFrame

    @property
    def under_way(self) -> bool:
        waits = bool(len(self.resends)) and bool(self.resends["waiting"].sum())
        return waits or any(one.on_its_way for one in self.every)

    @property
    def causes(self) -> dict[str, int]:
        """How many lie there by the reason word, most first."""
        return dict(Counter(one.reason for one in self.every).most_common())


def letters_of(conn: Connection, salon: Salon, hours: int) -> Letters:
    """Everything the page shows, read in one moment of the store."""
    asked, scene = Asked(salon.now, timedelta(hours=hours)), salon.scene
    rows = dead_letters.waiting(conn, asked).to_dict("records")
    return Letters(
        said=_said(rows, scene),
        every=tuple(_letter(row, scene) for row in rows),
        by_cause=tuple(_cause_row(row, scene) for row in dead_letters.by_cause(conn, asked).to_dict("records")),
        size=dead_letters.size(conn, asked),
        over=stretch_of(salon, hours),
        resends=dead_letters.resends(conn, Asked(salon.now, timedelta(hours=1))),
    )


def looks_at(conn: Connection, letters: Sequence[Letter], now: datetime) -> dict[int, Look]:
    """The looks at these letters that still count."""
    found = dead_letters.looked_at(conn, [one.number for one in letters[:MOST_LOOKS]])
    return {number: look for number, look in found.items() if now - look.at < dead_letters.LOOK_COUNTS}


def tries_of(conn: Connection, letter: int, scene: Scene) -> Rows:
    """Each outside call made for one letter, in words."""
    return tuple(_try(row, scene) for row in dead_letters.tries_of(conn, letter).to_dict("records"))


# --- in words -----------------------------------------------------------------------------------------------------


def _said(rows: Sequence[Mapping[Any, Any]], scene: Scene) -> Said:
    ahead = next((row for row in rows if row["starts_in"] >= 0), None)
    lasting = sum(bool(row["permanent"]) for row in rows)
    return lie_there(len(rows), lasting, _moment(ahead["visit_start"]) if ahead else None,
                     _who(ahead, scene) if ahead else "", scene)  # fmt: skip


def _letter(row: Mapping[Any, Any], scene: Scene) -> Letter:
    start, again = _moment(row["visit_start"]), _moment(row["again_at"])
    side = _side(row["call_side"]) or _side(row["side"])
    return Letter(
        number=int(row["id"]),
        ref=f"{row['side']}:{row['key']}",
        when=when(start, scene.now, scene.zone) if start else "Time not known",
        soon=(in_how_long(start, scene.now) or ("over" if start < scene.now else "")) if start else "",
        who=_who(row, scene),
        visit="" if pd.isna(row["visit"]) else f"visit {int(row['visit'])}",
        cause=cause(str(row["reason"]), side, str(row["sentence"] or "")),
        facts=_facts(row, scene),
        call=_call(row),
        request_id=str(row["request_id"] or "") if not pd.isna(row["request_id"]) else "",
        on_its_way=on_its_way(str(row["again_by"] or ""), again, scene) if again else "",
        lasting=bool(row["permanent"]),
        reason=str(row["reason"]),
        side=Side(row["side"]),
        starts_in=float(row["starts_in"]),
    )


def _facts(row: Mapping[Any, Any], scene: Scene) -> str:
    died = _moment(row["ended_at"])
    tried = int(row["attempts"]) + 1
    lies = f"buried {when(died, scene.now, scene.zone)}, {ago(died, scene.now)}" if died else "buried"
    return f"{'tried once' if tried == 1 else f'tried {tried} times'}, {lies}, told by {row['source']}"


def _call(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["call"]):
        return "no call failed"
    status = f" {int(row['status'])}" if row["status"] else ""
    code = f", {row['code']}" if row["code"] else ""
    return f"{Side(row['call_side']).brand}, {row['call']}: {row['outcome']}{status}{code}"


def _cause_row(row: Mapping[Any, Any], scene: Scene) -> tuple[str, ...]:
    soonest, oldest = _moment(row["soonest"]), _moment(row["oldest"])
    return (
        str(row["reason"]),
        Side(row["side"]).brand,
        "a person" if row["permanent"] else "by itself",
        str(int(row["count"])),
        when(soonest, scene.now, scene.zone) if soonest else "",
        length((scene.now - oldest).total_seconds()) if oldest else "",
    )


def _try(row: Mapping[Any, Any], scene: Scene) -> tuple[str, ...]:
    at = _moment(row["at"])
    status = str(int(row["status"])) if row["status"] else ""
    return (
        str(int(row["attempt"])), exactly(at, scene) if at else "", Side(row["side"]).brand, str(row["name"]),
        str(row["outcome"]), status, str(row["code"]), str(row["request_id"]), length(float(row["ms"]) / 1000),
    )  # fmt: skip


def _who(row: Mapping[Any, Any], scene: Scene) -> str:
    return "" if pd.isna(row["staff"]) else scene.name_on(Side(row["side"]), str(row["staff"]))


def _side(value: Any) -> Side | None:
    return None if pd.isna(value) else Side(value)


def _moment(value: Any) -> datetime | None:
    return None if pd.isna(value) else value.to_pydatetime()
