"""From rows in memory to findings in memory: the whole comparison of two calendars, beside other ways to do it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

import numpy as np
import pandas as pd

from bench.made_up import NOW, calendars
from bench.measure import best_of, exponent, goal, peak_bytes, seconds, table
from sync.decide.diff import KINDS, PROJECTION, STANDS, UNLINKED, Rows, found
from sync.decide.overlaps import Columns, cores_and_paddings

SIZES = (10_000, 100_000, 1_000_000)
NAIVE_MOST = 100_000
"""Above this the naive join takes minutes."""

MOST_TIMES_THE_FLOOR, MOST_GROWTH, MOST_MEGABYTES = 25, 1.15, 600
"""The goals at a million a side."""

Counts = dict[str, int]


def ours(bookly: Rows, square: Rows) -> Counts:
    """Sorting and searching, as `sync.decide.findings` does it."""
    kinds = np.bincount(found(bookly, square, NOW)["kind"], minlength=len(KINDS))
    return dict(zip(KINDS, kinds.tolist(), strict=True))


def floor(bookly: Rows, square: Rows) -> Callable[[], object]:
    """What no way can do without: one sort of the keys of both sides, and one look at every column."""
    staff, start = (np.concatenate((getattr(bookly, n), getattr(square, n))) for n in ("staff", "start"))
    keys = (staff << 33) + start
    columns = [np.concatenate((getattr(bookly, f.name), getattr(square, f.name))) for f in fields(Rows)]
    return lambda: (np.sort(keys), [column.sum() for column in columns])


def by_pandas(bookly: Rows, square: Rows) -> Counts:
    """The pairs by `merge`, the overlaps by the same search."""
    here, there = frame(bookly), frame(square)
    pairs = here[here.visit != UNLINKED].merge(there[there.visit != UNLINKED], on="visit", suffixes=("", "_there"))
    block = (pairs.state & PROJECTION) != 0
    begins = pairs.start_there.where(~block, pairs.busy_start_there)
    ends = pairs.end_there.where(~block, pairs.busy_end_there)
    differ = (
        (pairs.start != begins)
        | (pairs.end != ends)
        | (pairs.staff != pairs.staff_there)
        | (((pairs.state ^ pairs.state_there) & STANDS) != 0)
    )
    both = pd.concat([here, there])
    both = both[(both.state & (STANDS | PROJECTION)) == STANDS]
    names = [f.name for f in fields(Columns)]
    double, padding = cores_and_paddings(Columns(*(both[name].to_numpy() for name in names)))
    lonely = [int(((side.visit == UNLINKED) & (side.end > NOW)).sum()) for side in (here, there)]
    return dict(zip(KINDS, (len(double), len(padding), *lonely, int(differ.sum())), strict=True))


def frame(rows: Rows) -> pd.DataFrame:
    return pd.DataFrame({field.name: getattr(rows, field.name) for field in fields(Rows)})


CREATE = "create table {} (staff int, unit int, start int, end int, busy_start int, busy_end int, visit int, state int)"
OVERLAPS = """
    select sum(a.start < b.end and b.start < a.end), sum(not (a.start < b.end and b.start < a.end))
    from held a join held b on a.staff = b.staff and a.unit < b.unit
    where a.busy_start < b.busy_end and b.busy_start < a.busy_end"""
LONELY = "select count(*) from {} where visit = -1 and end > :now"
DIFFER = """
    select count(*) from bookly b join square s on b.visit = s.visit
    where b.visit != -1 and (b.staff != s.staff
        or b.start != case b.state & 2 when 0 then s.start else s.busy_start end
        or b.end != case b.state & 2 when 0 then s.end else s.busy_end end)"""
HELD = "select * from {} where state & 3 = 1"


def naive(bookly: Rows, square: Rows) -> Callable[[], Counts]:
    """Joins as one would write them first, in SQLite in memory with indexes on staff and visit; the filling is free."""
    db = sqlite3.connect(":memory:")
    for name, rows in (("bookly", bookly), ("square", square)):
        db.execute(CREATE.format(name))
        values = zip(*(getattr(rows, field.name).tolist() for field in fields(Rows)), strict=True)
        db.executemany(f"insert into {name} values (?,?,?,?,?,?,?,?)", values)
        db.execute(f"create index {name}_visit on {name} (visit)")
    db.execute(f"create table held as {HELD.format('bookly')} union all {HELD.format('square')}")
    db.execute("create index held_staff on held (staff)")

    def ask() -> Counts:
        queries = (OVERLAPS, LONELY.format("bookly"), LONELY.format("square"), DIFFER)
        counts = [count for query in queries for count in db.execute(query, {"now": NOW}).fetchone()]
        return dict(zip(KINDS, counts, strict=True))

    return ask


def run(sizes: Sequence[int] = SIZES) -> Iterator[str]:
    """The report, line by line as it is measured."""
    yield "Comparing two calendars: from rows in memory to findings in memory, by appointments a side"
    rows, took, peak = [], {}, 0
    for size in sizes:
        bookly, square = calendars(size)
        times, counts = _times(bookly, square)
        took[size] = times
        peak = peak_bytes(lambda b=bookly, s=square: found(b, s, NOW))  # type: ignore[misc]
        rows.append([f"{size:,}", *(seconds(times[name]) for name in METHODS), _ratio(times), f"{peak / 1e6:.0f} MB"])
        yield f"  {size:,}: " + ", ".join(f"{count:,} {kind}" for kind, count in counts.items()) + "; all ways agree"
    yield table(("a side", *METHODS, "times the floor", "peak above the rows"), rows)
    yield from _goals(sizes, took, peak)


METHODS = ("floor", "this project", "pandas merge", "naive SQL join")


def _times(bookly: Rows, square: Rows) -> tuple[dict[str, float | None], Counts]:
    """How long each way takes, and what they found; RuntimeError where two ways disagree."""
    answers = {"this project": ours(bookly, square), "pandas merge": by_pandas(bookly, square)}
    repeat = 7 if len(bookly) <= NAIVE_MOST else 5
    times: dict[str, float | None] = {
        "floor": best_of(repeat, floor(bookly, square)),
        "this project": best_of(repeat, lambda: found(bookly, square, NOW)),
        "pandas merge": best_of(3, lambda: by_pandas(bookly, square)),
        "naive SQL join": None,
    }
    if len(bookly) <= NAIVE_MOST:
        joined = naive(bookly, square)
        times["naive SQL join"] = best_of(1, lambda: answers.update({"naive SQL join": joined()}))
    first, *others = answers.values()
    if any(other != first for other in others):
        raise RuntimeError(f"the ways disagree: {answers}")
    return times, first


def _ratio(times: dict[str, float | None]) -> str:
    return f"{_times_the_floor(times):.1f}"


def _times_the_floor(times: dict[str, float | None]) -> float:
    return (times["this project"] or 0) / (times["floor"] or 1)


def _goals(sizes: Sequence[int], took: dict[int, dict[str, float | None]], peak: int) -> Iterator[str]:
    largest, before = sizes[-1], sizes[-2] if len(sizes) > 1 else sizes[-1]
    rows = [
        goal(f"times the floor at {largest:,}", _times_the_floor(took[largest]), MOST_TIMES_THE_FLOOR),
        goal(f"peak memory above the rows at {largest:,}", peak / 1e6, MOST_MEGABYTES, " MB"),
    ]
    if before != largest:
        growth = exponent(took[before]["this project"] or 1, took[largest]["this project"] or 1, largest / before)
        rows.insert(1, goal(f"growth exponent {before:,} to {largest:,}", growth, MOST_GROWTH))
    yield ""
    yield table(("goal", "figure", "wanted", ""), rows)
