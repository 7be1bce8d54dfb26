"""The page for the salon's owner, and the table for a terminal, from what was played."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from tests.proof.chart import Bar, svg
from tests.proof.plan import Plan, Way
from tests.proof.playing import Result
from tests.proof.telling import seconds

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).with_name("page.md")
PAGE = ROOT / "docs" / "proof.md"
PICTURE = ROOT / "docs" / "pictures" / "proof.svg"

Measure = tuple[str, Callable[[Result], float], Callable[[float], str]]


def whole(number: float) -> str:
    """A count, or the middle between two."""
    return f"{number:g}"


MEASURES: tuple[Measure, ...] = (
    ("double bookings in a week", lambda one: len(one.doubles), whole),
    ("time sold stays for sale: half of the visits at most", lambda one: one.percentile(0.5), seconds),
    ("... 95 of 100 visits at most", lambda one: one.percentile(0.95), seconds),
    ("... the longest", lambda one: one.percentile(1.0), seconds),
    ("... all visits of a week together", lambda one: one.exposure, seconds),
    ("clients told at the last click that the time is gone", lambda one: one.refused, whole),
    ("visits", lambda one: one.visits, whole),
)


def of_way(results: Sequence[Result], way: Way) -> list[Result]:
    """The plays of one way, by seed."""
    return sorted((one for one in results if one.way == way.name), key=lambda one: one.seed)


def table(plan: Plan, results: Sequence[Result]) -> list[str]:
    """A row a measure, a column a way: the median of all seeds, and from the smallest to the largest."""
    head = ["", *(way.name for way in plan.ways)]
    rows = [[name, *(_spread(of_way(results, way), of, said) for way in plan.ways)] for name, of, said in MEASURES]
    total = ["double bookings in all weeks", *(str(_doubles(results, way)) for way in plan.ways)]
    cells = [head, total, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    ruled = "| " + " | ".join("-" * wide for wide in widths) + " |"
    return [lines[0], ruled, *lines[1:]]


def _doubles(results: Sequence[Result], way: Way) -> int:
    return sum(len(one.doubles) for one in of_way(results, way))


def _spread(some: Sequence[Result], of: Callable[[Result], float], said: Callable[[float], str]) -> str:
    values = [of(one) for one in some]
    return f"{said(median(values))} ({said(min(values))} to {said(max(values))})"


def write(plan: Plan, results: Sequence[Result]) -> None:
    """Both files."""
    bars = [
        Bar(
            way.name,
            [len(one.doubles) for one in of_way(results, way)],
            median(one.percentile(0.5) for one in of_way(results, way)),
            median(one.percentile(0.95) for one in of_way(results, way)),
        )
        for way in plan.ways
    ]
    PICTURE.write_text(svg(bars), encoding="utf-8")
    PAGE.write_text(page(plan, results), encoding="utf-8")


def page(plan: Plan, results: Sequence[Result]) -> str:
    """docs/proof.md."""
    slow, quick, ours = plan.ways
    return TEMPLATE.read_text(encoding="utf-8").format(
        weeks=len(plan.seeds),
        days=plan.days,
        chairs=len(plan.staff),
        bookings=plan.bookings_a_day,
        website=round(plan.website_share * 100),
        theirs=_times(_doubles(results, slow)),
        minutes=_times(_doubles(results, quick)),
        ours=_times(_doubles(results, ours)),
        table="\n".join(table(plan, results)),
        remaining="\n".join(_remaining(of_way(results, ours))),
        webhook_median=f"{plan.square_webhooks.median:g}",
        webhook_longest=f"{plan.square_webhooks.longest:g}",
        plugin_median=f"{plan.website_messages.median:g}",
        plugin_longest=f"{plan.website_messages.longest:g}",
        lost=f"{plan.square_webhooks.lost * 1000:g}",
        call_median=f"{plan.square_calls.median:g}",
        call_longest=f"{plan.square_calls.longest:g}",
        **_reckoned(plan, results),
    )


def _reckoned(plan: Plan, results: Sequence[Result]) -> dict[str, str]:
    """How many seconds for sale make a double booking with a copying program, and what that comes to in a year."""
    slow, quick, ours = (of_way(results, way) for way in plan.ways)
    seen = sum(len(one.doubles) for one in (*slow, *quick))
    each = sum(one.exposure for one in (*slow, *quick)) / max(seen, 1)
    a_year = 365 / (plan.days * len(plan.seeds)) / each
    yearly, theirs = (sum(one.exposure for one in some) * a_year for some in (ours, slow))
    return {"rate": seconds(each), "yearly": f"{yearly:.2g}", "theirs_yearly": f"{theirs:.0f}"}


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _remaining(results: Sequence[Result]) -> Iterator[str]:
    some = [(one.seed, double) for one in results for double in one.doubles]
    if not some:
        yield "Nothing, in these weeks. It can happen all the same; the reckoning below says how often."
    for number, (seed, double) in enumerate(some, start=1):
        yield f"{number}. Week {seed}: {double.what} {double.why}"
