"""Data in, figure out. Times come in as the salon's local ones without a zone, since plotly knows no zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import plotly.graph_objects as go

from sync.model import Side

COLOURS = {Side.BOOKLY: "#0072B2", Side.SQUARE: "#E69F00"}
TEXT_ON = {Side.BOOKLY: "#FFFFFF", Side.SQUARE: "#1F1300"}
CLASH, OVER = "#C4281B", "#7A828C"
_LANE = {Side.BOOKLY: -0.19, Side.SQUARE: 0.19}
_HEIGHT, _BAND = 0.34, 0.94
_ROW = 66  # pixels a stylist
_LANE_MORE = 40  # pixels a stylist for each visit more at once in one lane
_TOGETHER = timedelta(minutes=45)
_SLIVER, _SHORT = timedelta(minutes=20), timedelta(minutes=40)
_LEGIBLE = 11  # pixels: smaller text on a bar is left out
CONFIG = {"displayModeBar": False, "scrollZoom": False, "responsive": True}
"""For `st.plotly_chart(config=...)`: a thumb that scrolls the page must not zoom the chart."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a visit. `staff` is the row it stands in; `copied` says that we put it there for the other side."""

    staff: str
    side: Side
    start: datetime
    end: datetime
    who: str
    what: str
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """A stretch in which one chair is taken twice; `over` when it lies in the past."""

    staff: str
    start: datetime
    end: datetime
    word: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A day by staff. `now` is None when the day is not today."""

    staff: tuple[str, ...]
    bars: tuple[Bar, ...]
    clashes: tuple[Clash, ...]
    opens: datetime
    closes: datetime
    now: datetime | None = None


def day_by_staff(day: Day, *, dark: bool) -> go.Figure:
    """Two lanes a stylist, Bookly above Square; clashes behind them as an outlined, hatched band with a word."""
    rows = {name: number for number, name in enumerate(day.staff)}
    figure = go.Figure()
    for over in (False, True):
        _add_clashes(figure, [clash for clash in day.clashes if clash.over is over], rows, over=over)
    for side in Side:
        for copied in (False, True):
            bars = [bar for bar in day.bars if bar.side is side and bar.copied is copied and bar.staff in rows]
            _add_lane(figure, side, bars, rows, copied=copied, dark=dark)
    _outline_clashes(figure, day.clashes, rows)
    _add_now(figure, day, dark=dark)
    _lay_out(figure, day, dark=dark)
    return figure


def takeaway(day: Day) -> str:
    """What the picture shows, for whoever cannot see it."""
    ahead = [clash for clash in day.clashes if not clash.over]
    said = f"{len(day.bars)} visits of {len(day.staff)} stylists in two lanes, Bookly and Square."
    if not ahead:
        return f"{said} No chair is taken twice."
    where = "; ".join(f"{c.word} with {c.staff}, {c.start:%H:%M} to {c.end:%H:%M}" for c in ahead)
    return f"{said} {where}."


# --- pieces -------------------------------------------------------------------------------------------------------


def _add_lane(
    figure: go.Figure, side: Side, bars: Sequence[Bar], rows: dict[str, int], *, copied: bool, dark: bool
) -> None:
    ink = ("#E8EAED" if dark else "#1F2328") if copied else TEXT_ON[side]
    paper = "#14171B" if dark else "#FFFFFF"
    places = _places(bars)
    figure.add_bar(
        orientation="h",
        base=[bar.start for bar in bars],
        x=[_milliseconds(bar.end - bar.start) for bar in bars],
        y=[rows[bar.staff] + _LANE[side] + place.shift for bar, place in zip(bars, places, strict=True)],
        width=[place.height for place in places],
        text=[_label(bar) for bar in bars],
        textposition="inside",
        insidetextanchor="start",
        textangle=0,
        textfont={"size": 12, "color": ink},
        constraintext="none",
        cliponaxis=True,
        customdata=[[bar.who, bar.what, f"{bar.start:%H:%M}", f"{bar.end:%H:%M}"] for bar in bars],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]} to %{customdata[3]}<extra>"
        + (f"shown in {side.brand}" if copied else f"booked in {side.brand}")
        + "</extra>",
        marker={
            "color": "rgba(0,0,0,0)" if copied else COLOURS[side],
            "line": {"color": COLOURS[side] if copied else paper, "width": 2 if copied else 1},
            "cornerradius": 4,
        },
        name=f"{side.brand}, copied from {side.other.brand}" if copied else side.brand,
        legendgroup=f"{side}{copied}",
        showlegend=not copied or bool(bars),
    )


def _label(bar: Bar) -> str:
    """What stands on a bar: the name; on a short one the first name; on a sliver nothing. What does not fit the
    screen either is left out by plotly, which misplaces it on a sliver instead."""
    length = bar.end - bar.start
    if length <= _SLIVER:
        return ""
    return bar.who if length > _SHORT else bar.who.split()[0]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a bar stands within its lane, and how high it is: bars that overlap in one lane share its height."""

    shift: float
    height: float


def _places(bars: Sequence[Bar]) -> list[_Place]:
    """A place for each bar, in their order."""
    found: dict[int, _Place] = {}
    for chain in _chains(bars):
        levels = _levels_of(bars, chain)
        found |= {number: _place(level, max(levels.values()) + 1) for number, level in levels.items()}
    return [found[number] for number in range(len(bars))]


def _chains(bars: Sequence[Bar]) -> list[list[int]]:
    """The bars' numbers, those together that hang together by overlapping in one row."""
    chains: list[list[int]] = []
    until: tuple[str, datetime] | None = None
    for number in sorted(range(len(bars)), key=lambda n: (bars[n].staff, bars[n].start)):
        bar = bars[number]
        if until is None or until[0] != bar.staff or until[1] <= bar.start:
            chains.append([])
            until = (bar.staff, bar.end)
        chains[-1].append(number)
        until = (bar.staff, max(until[1], bar.end))
    return chains


def _levels_of(bars: Sequence[Bar], chain: Sequence[int]) -> dict[int, int]:
    """The lowest level that is free when a bar begins; `chain` is in order of beginning."""
    ends: list[datetime] = []
    levels: dict[int, int] = {}
    for number in chain:
        bar = bars[number]
        level = next((n for n, end in enumerate(ends) if end <= bar.start), len(ends))
        ends[level : level + 1] = [bar.end]
        levels[number] = level
    return levels


def _levels(day: Day) -> int:
    """How many visits at most stand beside each other in one lane."""
    lanes = (
        [bar for bar in day.bars if bar.side is side and bar.copied is copied]
        for side in Side
        for copied in (False, True)
    )
    return max((round(_HEIGHT / place.height) for lane in lanes for place in _places(lane)), default=1)


def _place(level: int, count: int) -> _Place:
    height = _HEIGHT / count
    return _Place((level + 0.5) * height - _HEIGHT / 2, height)


def _add_clashes(figure: go.Figure, clashes: Sequence[Clash], rows: dict[str, int], *, over: bool) -> None:
    shown = [clash for clash in clashes if clash.staff in rows]
    if not shown:
        return
    colour = OVER if over else CLASH
    figure.add_bar(
        orientation="h",
        base=[clash.start for clash in shown],
        x=[_milliseconds(clash.end - clash.start) for clash in shown],
        y=[rows[clash.staff] for clash in shown],
        width=_BAND,
        marker={
            "color": "rgba(122,130,140,0.15)" if over else "rgba(196,40,27,0.16)",
            "line": {"color": colour, "width": 2.5},
            "pattern": {"shape": "/", "fgcolor": colour, "fgopacity": 0.55, "size": 7, "solidity": 0.18},
        },
        hovertemplate="%{customdata}<extra></extra>",
        customdata=[f"{clash.word}, {clash.start:%H:%M} to {clash.end:%H:%M}" for clash in shown],
        name="Overlap, over now" if over else "Overlap",
    )


def _outline_clashes(figure: go.Figure, clashes: Sequence[Clash], rows: dict[str, int]) -> None:
    """An outline over the bars too, and the word once for clashes that hang together."""
    shown = sorted((c for c in clashes if c.staff in rows), key=lambda c: (rows[c.staff], c.start))
    for clash in shown:
        row = rows[clash.staff]
        figure.add_shape(
            type="rect", x0=clash.start, x1=clash.end, y0=row - _BAND / 2, y1=row + _BAND / 2,
            line={"color": OVER if clash.over else CLASH, "width": 2.5}, fillcolor="rgba(0,0,0,0)", layer="above",
        )  # fmt: skip
    said: Clash | None = None
    for clash in (c for c in shown if not c.over):
        if said is None or said.staff != clash.staff or clash.start - said.end > _TOGETHER:
            _say(figure, clash, rows[clash.staff])
        said = clash


def _say(figure: go.Figure, clash: Clash, row: int) -> None:
    figure.add_annotation(
        x=clash.start, y=row - _BAND / 2, text=f"<b>{clash.word}</b>", showarrow=False, xanchor="left",
        yanchor="middle", font={"size": 11, "color": "#FFFFFF"}, bgcolor=CLASH, borderpad=1,
    )  # fmt: skip


def _add_now(figure: go.Figure, day: Day, *, dark: bool) -> None:
    if day.now is None or not day.opens <= day.now <= day.closes:
        return
    ink = "#E8EAED" if dark else "#1F2328"
    figure.add_shape(
        type="line", x0=day.now, x1=day.now, y0=0, y1=1, yref="paper", line={"color": ink, "width": 2, "dash": "dot"}
    )
    figure.add_annotation(
        x=day.now, y=1, yref="paper", yanchor="bottom", text=f"now {day.now:%H:%M}", showarrow=False,
        font={"size": 12, "color": ink},
    )  # fmt: skip


def _lay_out(figure: go.Figure, day: Day, *, dark: bool) -> None:
    grid = "rgba(232,234,237,0.14)" if dark else "rgba(31,35,40,0.10)"
    ink = "#E8EAED" if dark else "#1F2328"
    count = len(day.staff)
    figure.update_layout(
        barmode="overlay",
        bargap=0,
        height=(_ROW + _LANE_MORE * (_levels(day) - 1)) * max(count, 1) + 96,
        margin={"l": 0, "r": 8, "t": 26, "b": 76},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": ink, "size": 13},
        legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "bottom", "yref": "container", "itemclick": False,
                "itemdoubleclick": False},
        uniformtext={"minsize": _LEGIBLE, "mode": "hide"},
        dragmode=False,
        uirevision="keep",
        hoverlabel={"align": "left"},
    )  # fmt: skip
    figure.update_xaxes(
        type="date", range=[day.opens, day.closes], tickformat="%H:%M", showgrid=True, gridcolor=grid, fixedrange=True,
        zeroline=False, tickfont={"color": ink},
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(count)), ticktext=list(day.staff), range=[count - 0.45, -0.55],
        showgrid=False, fixedrange=True, zeroline=False, automargin=True, tickfont={"color": ink},
    )  # fmt: skip
    for number in range(1, count):
        figure.add_shape(
            type="line", xref="paper", x0=0, x1=1, y0=number - 0.5, y1=number - 0.5, layer="below",
            line={"color": grid, "width": 1},
        )  # fmt: skip


def _milliseconds(length: timedelta) -> float:
    return length.total_seconds() * 1000


def spec(figure: go.Figure) -> dict[str, Any]:
    """The figure as plain JSON values, for tests."""
    made: dict[str, Any] = figure.to_plotly_json()
    return made
