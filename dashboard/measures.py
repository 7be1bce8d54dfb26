"""What Latency, Locks and API errors show, put together from `queries`, said with `sync.wording.measured`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy.engine import Connection

from dashboard.lines import Line, Stretch, side_colour, tones
from dashboard.salon import Salon
from queries import api_errors, breakers, latency, locks
from queries.register import Asked
from sync.model import Breaker, Side
from sync.model.zones import zone
from sync.wording import Said, Scene, measured
from sync.wording.measured import PARTS, Took, known_of, length, number, percent
from sync.wording.times import clock, when

PERCENTILES = ("p50", "p95", "p99")
_DASH = {"p99": "dot"}
Rows = tuple[tuple[str, ...], ...]
"""A table's rows in words."""


def stretch_of(salon: Salon, hours: int) -> Stretch:
    """The stretch that is shown, in the salon's local time."""
    since = timedelta(hours=hours)
    start = salon.now - since
    return Stretch(_local(start, salon.zone), _local(salon.now, salon.zone), timedelta(seconds=latency.stretch(since)))


def _local(at: datetime, where: str) -> datetime:
    return at.astimezone(zone(where)).replace(tzinfo=None)


def local_times(found: pd.Series[Any], where: str) -> tuple[datetime, ...]:
    """A column of moments in the salon's local time, for a chart."""
    return tuple(_local(at.to_pydatetime(), where) for at in found)


# --- latency --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Latency:
    """`over_time` and `exposure` are the queries' rows; the tables are in words."""

    said: tuple[Said, ...]
    over_time: pd.DataFrame
    exposure: pd.DataFrame
    parts: Rows
    sources: Rows
    over: Stretch

    @property
    def empty(self) -> bool:
        return not len(self.over_time)


def latency_of(conn: Connection, salon: Salon, hours: int) -> Latency:
    """Everything Latency shows, read in one moment of the store."""
    asked = Asked(salon.now, timedelta(hours=hours))
    parts = {str(row["part"]): _took(row) for row in latency.latency_parts(conn, asked).to_dict("records")}
    open_to_two = latency.in_all(conn, asked, latency.EXPOSURE).to_dict("records")
    exposure = _took(open_to_two[0]) if open_to_two else None
    return Latency(
        said=measured.latency(parts, exposure, hours),
        over_time=latency.latency(conn, asked),
        exposure=latency.exposure(conn, asked),
        parts=_part_rows(parts, exposure),
        sources=_source_rows(latency.latency_sources(conn, asked)),
        over=stretch_of(salon, hours),
    )


def _took(row: Mapping[Any, Any]) -> Took:
    return Took(int(row["count"]), float(row["p50"]), float(row["p95"]), float(row["p99"]))


def _part_rows(parts: Mapping[str, Took], exposure: Took | None) -> Rows:
    whole = parts.get("whole")
    if whole is None:
        return ()
    rows = [(name, parts[part]) for part, name in PARTS.items() if part in parts]
    rows += [("Exposure", exposure)] if exposure else []
    return tuple((name, *_lengths(took), known_of(took, whole)) for name, took in rows)


def _source_rows(found: pd.DataFrame) -> Rows:
    rows = found.sort_values("count", ascending=False).to_dict("records")
    return tuple(
        (Side(row["side"]).brand, str(row["source"]), *_lengths(_took(row)), number(int(row["count"]))) for row in rows
    )


def _lengths(took: Took) -> tuple[str, str, str]:
    return length(took.p50), length(took.p95), length(took.p99)


def percentile_lines(found: pd.DataFrame, part: str, where: str, *, dark: bool) -> tuple[Line, ...]:
    """p50, p95 and p99 of one part over time."""
    rows, colours = found[found["part"] == part], tones(dark)
    at = local_times(rows["at"], where)
    return tuple(
        Line(name, colours[name], at, tuple(rows[name].astype(float)), _DASH.get(name, "solid"))
        for name in PERCENTILES
    )  # fmt: skip


def part_lines(found: pd.DataFrame, percentile: str, where: str, *, dark: bool) -> tuple[Line, ...]:
    """One percentile of each part over time."""
    lines = []
    for part in (name for name in PARTS if name != "whole"):
        rows = found[found["part"] == part]
        if len(rows):
            at, values = local_times(rows["at"], where), tuple(rows[percentile].astype(float))
            lines.append(Line(PARTS[part], tones(dark)[part], at, values))
    return tuple(lines)


# --- locks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LocksShown:
    """`held`: what, who, since, until, token. `waiting`: what, from where, hint or request, how long, how
    often put back."""

    said: tuple[Said, ...]
    held: Rows
    waiting: Rows
    contention: pd.DataFrame
    over: Stretch
    backend: str


def locks_of(conn: Connection, salon: Salon, hours: int, *, redis: bool) -> LocksShown:
    """Everything Locks shows, read in one moment of the store, which knows every lease, also those on Redis."""
    asked = Asked(salon.now, timedelta(hours=hours))
    held, busy = locks.held(conn, asked), locks.contention(conn, asked)
    hints, clicks = locks.waiting(conn, asked), locks.clicks_waiting(conn, asked)
    lengths = list(hints["waited"]), list(clicks["waited"])
    step = timedelta(minutes=1) if asked.since <= locks.MINUTES_KEPT else timedelta(hours=1)
    shown = stretch_of(salon, hours)
    return LocksShown(
        said=measured.locks(
            held["token"].nunique(), *lengths, int(busy["granted"].sum()), int(busy["busy"].sum()), hours
        ),
        held=tuple(_held(row, salon.scene) for row in held.to_dict("records")),
        waiting=(
            *(_waiting(row, salon.scene) for row in hints.to_dict("records")),
            *(_click_waiting(row) for row in clicks.to_dict("records")),
        ),
        contention=in_stretches(busy, max(shown.step, step)),
        over=Stretch(shown.start, shown.end, max(shown.step, step)),
        backend=measured.backend(redis=redis),
    )


def in_stretches(found: pd.DataFrame, step: timedelta) -> pd.DataFrame:
    """The counts of a chart's stretches, few enough to be drawn; `rate` anew."""
    table = found.assign(at=found["at"].dt.floor(pd.Timedelta(step)))[["at", "granted", "busy"]]
    summed = table.groupby("at", as_index=False).sum()
    return summed.assign(rate=summed["busy"] / (summed["granted"] + summed["busy"]).clip(lower=1))


def _held(row: Mapping[Any, Any], scene: Scene) -> tuple[str, ...]:
    return (
        subject(str(row["subject"]), row["start"], row["end"], scene),
        str(row["owner"]),
        exactly(_moment(row["granted_at"]), scene),
        exactly(_moment(row["expires_at"]), scene),
        str(int(row["token"])),
    )


def subject(name: str, start: Any, end: Any, scene: Scene) -> str:
    """What a claim is on: somebody's time, or a visit as a whole, which has no end."""
    kind, _, of = name.partition(":")
    if kind == "staff":
        to = clock(_moment(end), scene.zone)
        return f"{scene.name_of(of)}, {when(_moment(start), scene.now, scene.zone)} to {to}"
    return f"Visit {of}" if kind == "visit" else name


def _waiting(row: Mapping[Any, Any], scene: Scene) -> tuple[str, ...]:
    start = None if pd.isna(row["visit_start"]) else row["visit_start"].to_pydatetime()
    visit = "" if pd.isna(row["visit"]) else f"visit {int(row['visit'])}, "
    return (
        f"{visit}{when(start, scene.now, scene.zone) if start else 'time not known'}",
        f"{row['side']}:{row['key']}",
        f"hint {int(row['id'])}",
        f"received {length(float(row['waited']))} ago",
        str(int(row["waits"])),
    )


def _click_waiting(row: Mapping[Any, Any]) -> tuple[str, ...]:
    about = "" if pd.isna(row["side"]) else f"{row['side']}:{row['key']}"
    kind = f"a click, {str(row['kind']).replace('_', ' ')}"
    return kind, about, f"request {int(row['id'])}", f"waits for {length(float(row['waited']))}", ""


def _moment(value: Any) -> datetime:
    found: datetime = value.to_pydatetime()
    return found


def exactly(at: datetime, scene: Scene) -> str:
    """A moment to the second, "14:02:07"; with its day where that is another one."""
    local = at.astimezone(zone(scene.zone))
    day = when(at, scene.now, scene.zone).rpartition(" ")[0]
    return f"{'' if day == 'today' else f'{day} '}{local:%H:%M:%S}"


# --- outside calls --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallsShown:
    """`breakers` by side; `rates` are the query's rows; the tables are in words."""

    said: tuple[Said, ...]
    breakers: Mapping[Side, Breaker]
    rates: pd.DataFrame
    statuses: Rows
    codes: Rows
    times: Rows
    over: Stretch


def calls_of(conn: Connection, salon: Salon, hours: int) -> CallsShown:
    """Everything API errors shows, read in one moment of the store."""
    asked = Asked(salon.now, timedelta(hours=hours))
    rates, state = api_errors.rates(conn, asked), breakers.each(conn)
    total, failed = int(rates["calls"].sum()), int(rates["lost"].sum() + rates["unsent"].sum())
    return CallsShown(
        said=measured.calls(state, total, failed, hours, salon.scene),
        breakers=state,
        rates=rates,
        statuses=tuple(_status(row, total) for row in api_errors.statuses(conn, asked).to_dict("records")),
        codes=tuple(_code(row, salon.scene) for row in api_errors.codes(conn, asked).to_dict("records")),
        times=tuple(_time(row) for row in api_errors.times(conn, asked).to_dict("records")),
        over=stretch_of(salon, hours),
    )


def _status(row: Mapping[Any, Any], total: int) -> tuple[str, ...]:
    count = int(row["calls"])
    status = str(row["status"]) if row["status"] != "none" else "no HTTP status"
    return Side(row["side"]).brand, str(row["outcome"]), status, number(count), percent(count / max(total, 1))


def _code(row: Mapping[Any, Any], scene: Scene) -> tuple[str, ...]:
    status = str(int(row["status"])) if row["status"] else ""
    return (
        Side(row["side"]).brand, str(row["name"]), str(row["outcome"]), status, str(row["code"]),
        number(int(row["calls"])), when(_moment(row["latest"]), scene.now, scene.zone),
    )  # fmt: skip


def _time(row: Mapping[Any, Any]) -> tuple[str, ...]:
    took = Took(int(row["count"]), *(float(row[name]) / 1000 for name in PERCENTILES))
    return Side(row["side"]).brand, str(row["name"]), *_lengths(took), number(took.count)


def failed_lines(rates: pd.DataFrame, where: str) -> tuple[Line, ...]:
    """The share of each side's calls that failed, over time."""
    lines = []
    for side in Side:
        rows = rates[rates["side"] == side.value]
        if len(rows):
            values = tuple(rows["failed"].astype(float))
            lines.append(Line(side.brand, side_colour(side), local_times(rows["at"], where), values))
    return tuple(lines)


def by_outcome(rates: pd.DataFrame, where: str, *, dark: bool) -> tuple[tuple[datetime, ...], dict[str, Any]]:
    """The calls that did not end well over time, both sides together: when, and by outcome the colour and counts."""
    summed = rates.groupby("at", as_index=False)[["refused", "lost", "unsent"]].sum()
    colours = tones(dark)
    names = {
        "Refused (answered no)": ("own", "refused"), "Lost (no answer)": ("bad", "lost"),
        "Never sent": ("p99", "unsent"),
    }  # fmt: skip
    counts = {name: (colours[tone], [int(n) for n in summed[column]]) for name, (tone, column) in names.items()}
    return local_times(summed["at"], where), counts


def any_of(counts: Mapping[str, tuple[str, Sequence[int]]]) -> bool:
    """Whether there is anything to draw."""
    return any(any(values) for _, values in counts.values())
