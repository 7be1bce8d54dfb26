"""The day that Today shows: whose visits stand in which calendar, and where a chair is taken twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from dashboard.charts import Bar, Clash, Day
from dashboard.desk import Row, day_of, rows_of
from dashboard.salon import Salon
from queries import findings, staff, visits
from queries.register import Asked
from sync.model import CHAIR, Kind, Side
from sync.model.zones import zone
from sync.wording.names import clients_or

MARGIN = timedelta(minutes=30)
NEAR = timedelta(hours=3)
_WORDS = {Kind.DOUBLE_BOOKING: "Clash", Kind.PADDING_CLASH: "No gap", Kind.OVER_CAPACITY: "Too many"}


def shown_day(conn: Connection, salon: Salon) -> datetime:
    """Today while a visit is still to end today; else the next day on which anybody is booked; else today."""
    start, end = day_of(salon.now, salon.zone)
    today = visits.between(conn, start, end)
    if len(today) and today["end"].max() > salon.now:
        return salon.now
    return visits.next_start(conn, end if len(today) else salon.now) or salon.now


def agenda(conn: Connection, salon: Salon, at: datetime) -> Day:
    """The salon's local day holding `at`: every stylist who works in either calendar, everything that stands."""
    start, end = day_of(at, salon.zone)
    found = visits.between(conn, start, end)
    names = _rows_by_staff(conn, salon)
    bars = tuple(_bar(row, salon, names) for row in found.itertuples())
    open_rows = rows_of(findings.listed(conn, Asked(salon.now), kinds=CHAIR, states=("open", "past"), limit=500))
    clashes = tuple(
        clash for row in open_rows if (clash := _clash(row, salon, names)) and start <= row.finding.start < end
    )
    order = tuple(sorted({bar.staff for bar in bars} | set(names.values())))
    now = _local(salon.now, salon) if start <= salon.now < end else None
    opens, closes = _hours(bars, _local(start, salon), now)
    return Day(order, bars, clashes, opens, closes, now)


def _rows_by_staff(conn: Connection, salon: Salon) -> dict[tuple[str, str], str]:
    """The row each side's staff id stands in, told by the shortest name that is theirs alone; one row a human being."""
    people = staff.people(conn, Asked(salon.now)).sort_values("side").to_dict("records")
    full: dict[tuple[str, str], str] = {}
    for row in people:
        if row["active"]:
            own = str(row["name"])
            partner = ("bookly", str(row["partner"]))
            full[row["side"], row["id"]] = full.get(partner, own) if row["side"] == "square" else own
    short = _short_names(sorted(set(full.values())))
    return {key: short[name] for key, name in full.items()}


def _short_names(names: Sequence[str]) -> dict[str, str]:
    firsts = [name.split()[0] if name.split() else name for name in names]
    return {name: first if firsts.count(first) == 1 else name for name, first in zip(names, firsts, strict=True)}


def _bar(row: Any, salon: Salon, names: dict[tuple[str, str], str]) -> Bar:
    side = Side(row.side)
    staff_name = salon.scene.name_on(side, row.staff)
    return Bar(
        staff=names.get((row.side, row.staff), staff_name),
        side=side,
        start=_local(row.start.to_pydatetime(), salon),
        end=_local(row.end.to_pydatetime(), salon),
        who=_who(row, side),
        what=row.service or row.label,
        copied=bool(row.shown_for),
    )


def _who(row: Any, side: Side) -> str:
    """Who comes, as short as a bar wants it; what was copied from Square has the client's name in its label."""
    parts = str(row.label or "").split(" · ")
    if row.shown_for and not row.clients and len(parts) > 1:
        return parts[1]
    return clients_or(row.clients, side, row.label or row.service, row.persons).removeprefix("a ")


def _clash(row: Row, salon: Salon, names: dict[tuple[str, str], str]) -> Clash | None:
    side, _, member = row.finding.person.partition(":")
    name = names.get((side, member))
    if name is None:
        return None
    start, end = _local(row.finding.start, salon), _local(row.finding.end, salon)
    return Clash(name, start, end, _WORDS[row.finding.kind], over=row.past)


def _hours(bars: Sequence[Bar], midnight: datetime, now: datetime | None) -> tuple[datetime, datetime]:
    """From half an hour before the first visit to half an hour after the last, and now too while that is near; nine to
    six when nobody is booked."""
    if not bars:
        return midnight + timedelta(hours=9), midnight + timedelta(hours=18)
    first, last = min(bar.start for bar in bars), max(bar.end for bar in bars)
    if now is not None and now >= first - NEAR:
        first = min(first, now)
    return first - MARGIN, last + MARGIN


def _local(at: datetime, salon: Salon) -> datetime:
    return at.astimezone(zone(salon.zone)).replace(tzinfo=None)
