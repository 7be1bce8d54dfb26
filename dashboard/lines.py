"""Charts over time: data in, figure out. Times come in as the salon's local ones without a zone, as in charts.py."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import plotly.graph_objects as go

from dashboard.charts import COLOURS
from sync.model import Side
from sync.wording.measured import ALARM, FAST, SLOW, length

MARKS = {FAST: ("2 s", "meant"), SLOW: ("1 min", "slow"), ALARM: ("15 min", "alarm")}
"""Seconds at which a line is drawn over the whole width, with the word for its tick and the one at its end."""
_TICKS = (0.001, 0.01, 0.1, 10.0, 600.0, 3600.0, 36_000.0, 360_000.0)
_TOO_NEAR = 1.7  # a tick nearer than this factor to a marked one would overprint it
_LOW, _HIGH = 0.05, 1500.0  # seconds: what the axis always shows
_APART = 2.5  # a line breaks where nothing was measured for more than so many stretches


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `dash` is plotly's word; None in `values` breaks it."""

    name: str
    colour: str
    at: tuple[datetime, ...]
    values: tuple[float, ...]
    dash: str = "solid"
    width: float = 2.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when a chart shows, and for how long one point stands."""

    start: datetime
    end: datetime
    step: timedelta


def ink(dark: bool) -> str:
    return "#E8EAED" if dark else "#1F2328"


def tones(dark: bool) -> dict[str, str]:
    """Colours that are told apart in either theme: of percentiles, parts, outcomes."""
    light = {
        "p50": "#6B7680", "p95": "#0B6BCB", "p99": "#B4317E",
        "source_delay": "#E69F00", "wait": "#0072B2", "lock": "#009E73", "calls": "#CC79A7", "own": "#7A828C",
        "good": "#0072B2", "bad": "#D55E00", "area": "rgba(213,94,0,0.18)", "grid": "rgba(31,35,40,0.10)",
    }  # fmt: skip
    if not dark:
        return light
    return light | {
        "p50": "#A7B0B9", "p95": "#56B4E9", "p99": "#F08CC0", "wait": "#56B4E9", "lock": "#2FC797", "own": "#A7B0B9",
        "calls": "#E39CC4", "good": "#56B4E9", "bad": "#F0883E", "area": "rgba(240,136,62,0.22)",
        "grid": "rgba(232,234,237,0.14)",
    }  # fmt: skip


def durations(lines: Sequence[Line], over: Stretch, *, dark: bool) -> go.Figure:
    """Lines of seconds on a log axis, with the marks at 2 s, 1 min and 15 min."""
    figure = go.Figure()
    for line in lines:
        _add(figure, line, over, "%{customdata}")
    low, high = _reach(lines)
    ticks = [*MARKS, *(tick for tick in _TICKS if low <= tick <= high and _clear(tick))]
    figure.update_yaxes(
        type="log", range=[math.log10(low), math.log10(high)], tickmode="array", tickvals=ticks,
        ticktext=[f"<b>{MARKS[tick][0]}</b>" if tick in MARKS else _round(tick) for tick in ticks],
    )  # fmt: skip
    for at, (_, word) in MARKS.items():
        _mark(figure, at, word, dark=dark)
    return _laid_out(figure, over, dark=dark, height=320)


def size(
    at: Sequence[datetime], every: Sequence[int], lasting: Sequence[int], over: Stretch, *, dark: bool
) -> go.Figure:
    """How many lie there over time, and how many of them wait for a person; steps, since a count holds until it
    changes."""
    colours, figure = tones(dark), go.Figure()
    for name, values, colour, fill in (
        ("All", every, colours["bad"], "tozeroy"), ("Only a person helps", lasting, colours["p99"], None),
    ):  # fmt: skip
        figure.add_scatter(
            x=list(at), y=list(values), name=name, mode="lines", fill=fill, fillcolor=colours["area"],
            line={"color": colour, "width": 2, "shape": "hv", "dash": "solid" if fill else "dot"},
            hovertemplate="%{y} at %{x|%d %b %H:%M}<extra>" + name + "</extra>",
        )  # fmt: skip
    _count_axis(figure, max(every, default=0))
    return _laid_out(figure, over, dark=dark, height=230)


def shares(lines: Sequence[Line], over: Stretch, *, dark: bool) -> go.Figure:
    """Lines of shares (0 to 1), as percent; the axis reaches 5 % at least, so that next to nothing looks so."""
    figure = go.Figure()
    for line in lines:
        _add(figure, line, over, "%{y:.1%}")
    highest = max((value for line in lines for value in line.values), default=0.0)
    figure.update_yaxes(range=[-0.02 * max(0.05, highest), max(0.05, highest * 1.1)], tickformat=".0%", nticks=5)
    return _laid_out(figure, over, dark=dark, height=240)


def stacked(
    at: Sequence[datetime], counts: Mapping[str, tuple[str, Sequence[int]]], over: Stretch, *, dark: bool
) -> go.Figure:
    """Counts a stretch, one on top of the other; `counts` by name: colour and values."""
    figure = go.Figure()
    middle = [one + over.step / 2 for one in at]
    for name, (colour, values) in counts.items():
        figure.add_bar(
            x=middle, y=list(values), name=name, width=over.step.total_seconds() * 900, marker={"color": colour},
            hovertemplate="%{y} from %{customdata}<extra>" + name + "</extra>",
            customdata=[f"{one:%d %b %H:%M}" for one in at],
        )  # fmt: skip
    figure.update_layout(barmode="stack")
    _count_axis(figure, max((sum(n) for n in zip(*(v for _, v in counts.values()), strict=True)), default=0))
    return _laid_out(figure, over, dark=dark, height=240)


def _count_axis(figure: go.Figure, most: int) -> None:
    """From nothing to the most, with whole numbers at its ticks."""
    top = max(4, most * 1.1)
    figure.update_yaxes(range=[0, top], tickformat=",d", dtick=max(1, round(top / 4, -len(str(int(top / 4))) + 1)))


def side_colour(side: str) -> str:
    return COLOURS[Side(side)]


# --- pieces -------------------------------------------------------------------------------------------------------


def _add(figure: go.Figure, line: Line, over: Stretch, value: str) -> None:
    at, values = broken(line.at, line.values, over.step)
    figure.add_scatter(
        x=at, y=values, name=line.name, mode="lines+markers", connectgaps=False,
        line={"color": line.colour, "width": line.width, "dash": line.dash}, marker={"size": _dots(values)},
        customdata=[None if one is None else length(one) for one in values],
        hovertemplate=f"{value} at %{{x|%d %b %H:%M}}<extra>{line.name}</extra>",
    )  # fmt: skip


def broken(
    at: Sequence[datetime], values: Sequence[float], step: timedelta
) -> tuple[list[datetime], list[float | None]]:
    """The points with a hole where nothing was measured for a while: a line across it would say that something was."""
    times: list[datetime] = []
    found: list[float | None] = []
    for one, value in zip(at, values, strict=True):
        if times and one - times[-1] > step * _APART:
            times.append(times[-1] + step)
            found.append(None)
        times.append(one)
        found.append(value)
    return times, found


def _dots(values: Sequence[float | None]) -> list[int]:
    """A dot only where a point stands alone: it would be no line."""
    around = [None, *values, None]
    return [7 if before is None and after is None else 0 for before, after in zip(around, around[2:], strict=False)]


def _reach(lines: Sequence[Line]) -> tuple[float, float]:
    known = [value for line in lines for value in line.values if value > 0]
    return max(0.001, min([_LOW, *known]) * 0.8), max([_HIGH, *known]) * 1.3


def _clear(tick: float) -> bool:
    return all(max(tick / mark, mark / tick) > _TOO_NEAR for mark in MARKS)


def _round(tick: float) -> str:
    return length(tick).replace(".0 ", " ")


def _mark(figure: go.Figure, at: float, word: str, *, dark: bool) -> None:
    colour = {"meant": "#1A7F5A", "slow": "#9A6700", "alarm": "#C4281B"}[word]
    light = {"meant": "#4CC38A", "slow": "#D9A514", "alarm": "#FF7B6B"}[word]
    shown = light if dark else colour
    figure.add_shape(
        type="line", xref="paper", x0=0, x1=1, y0=at, y1=at, line={"color": shown, "width": 1.5, "dash": "dash"}
    )
    figure.add_annotation(
        xref="paper", x=1, y=math.log10(at), text=word, showarrow=False, xanchor="right", yanchor="bottom",
        font={"size": 11, "color": shown}, bgcolor="#14171B" if dark else "#FFFFFF", borderpad=1,
    )  # fmt: skip


def _laid_out(figure: go.Figure, over: Stretch, *, dark: bool, height: int) -> go.Figure:
    grid = tones(dark)["grid"]
    figure.update_layout(
        height=height, margin={"l": 0, "r": 8, "t": 8, "b": 44}, paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)", font={"color": ink(dark), "size": 13}, dragmode=False, uirevision="keep",
        showlegend=True, bargap=0.1, hoverlabel={"align": "left"},
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "bottom", "yref": "container", "itemclick": False,
                "itemdoubleclick": False},
    )  # fmt: skip
    figure.update_xaxes(
        type="date", range=[over.start, over.end], showgrid=False, fixedrange=True, zeroline=False, nticks=7,
        tickfont={"color": ink(dark)}, tickformatstops=_DATES,
    )  # fmt: skip
    figure.update_yaxes(
        showgrid=True, gridcolor=grid, fixedrange=True, zeroline=False, automargin=True, tickfont={"color": ink(dark)}
    )
    return figure


_DATES = [
    {"dtickrange": [None, 43_200_000], "value": "%H:%M"},
    {"dtickrange": [43_200_000, None], "value": "%a %d %b"},
]
