"""What the two calendars' interfaces answered: rates, statuses, codes, times."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from queries.latency import by_labels, grain, stretch
from queries.register import Asked, frame, named
from sync.model.calls import OUTCOMES
from sync.store import tallies
from sync.store.tables import calls
from sync.telemetry import names


@named("api-errors", "Outside calls by side over time: how many, how they ended, and which share failed.")
def rates(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a stretch of time and side in which anything was called. `failed` is the share that was lost or never
    sent; a side that says no has answered."""
    length = stretch(asked.since)
    found: dict[tuple[float, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(OUTCOMES, 0))
    for one in tallies.between(conn, grain(asked.since), names.CALLS.name, asked.back, asked.at + 1):
        side, outcome, _ = names.CALLS.values(one.label)
        if outcome in OUTCOMES:
            found[one.at - one.at % length, side][outcome] += one.value
    rows = [{"at": at, "side": side, "calls": sum(ended.values()), **ended} for (at, side), ended in found.items()]
    table = pd.DataFrame(rows, columns=["at", "side", "calls", *OUTCOMES])
    table["failed"] = (table["lost"] + table["unsent"]) / table["calls"]
    table["at"] = pd.to_datetime(table["at"].astype("float64"), unit="s", utc=True).dt.as_unit("us")
    return table.sort_values(["at", "side"], ignore_index=True)


@named("api-statuses", "Outside calls that did not end well, by side, outcome and HTTP status.")
def statuses(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a side, outcome and status, most frequent first."""
    found: dict[tuple[str, ...], int] = defaultdict(int)
    for one in tallies.between(conn, grain(asked.since), names.CALLS.name, asked.back, asked.at + 1):
        found[names.CALLS.values(one.label)] += one.value
    rows = [{"side": s, "outcome": o, "status": h, "calls": n} for (s, o, h), n in found.items() if o != "ok"]
    table = pd.DataFrame(rows, columns=["side", "outcome", "status", "calls"])
    return table.sort_values(["calls", "side", "outcome", "status"], ascending=[False, True, True, True])


@named("api-codes", "What went wrong in calls made for hints: the sides' own codes, by call.")
def codes(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a side, call, outcome and code, most frequent first; `latest` is the last time."""
    grouped = calls.c.side, calls.c.name, calls.c.outcome, calls.c.status, calls.c.code
    number = sa.func.count().label("calls")
    statement = (
        sa.select(*grouped, number, sa.func.max(calls.c.at).label("latest"))
        .where(calls.c.at >= asked.back, calls.c.outcome != "ok")
        .group_by(*grouped)
        .order_by(number.desc(), *grouped)
    )
    return frame(conn, statement, ("latest",))


@named("api-times", "How long each kind of outside call took in that time (p50, p95, p99 in milliseconds).")
def times(conn: Connection, asked: Asked) -> pd.DataFrame:
    """One row a side and call that was made."""
    return by_labels(conn, asked, names.CALL_MS, ("side", "name"))
