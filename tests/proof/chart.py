"""The proof's picture, as SVG: for each way its double bookings and how long a sold time stayed for sale elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10

WIDTH, HEIGHT = 860, 300
LEFT, RIGHT = 190, 470
ROW, TOP = 70, 78
SPAN = 330
COLOURS = ("#b2432f", "#c98a1b", "#2f6fb2")
SECONDS = ((1, "1 s"), (10, "10 s"), (60, "1 min"), (900, "15 min"))


@dataclass(frozen=True, slots=True)
class Bar:
    """One way: its double bookings in each play, and in how many seconds half and 95 of 100 visits were safe."""

    name: str
    doubles: Sequence[int]
    half: float
    most: float


def svg(bars: Sequence[Bar]) -> str:
    """The picture."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="13" fill="#222" role="img" aria-label="Double bookings and exposure of each way">'
    )
    lines = [
        head,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *_left(bars),
        *_right(bars),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _left(bars: Sequence[Bar]) -> Iterator[str]:
    """A dot for each week, the number of all of them behind."""
    most = max(1, *(number for bar in bars for number in bar.doubles))
    yield _text(LEFT, 28, "Double bookings in each week", bold=True)
    for row, bar in enumerate(bars):
        y = TOP + row * ROW
        yield _text(LEFT - 12, y + 4, bar.name, anchor="end")
        yield f'<line x1="{LEFT}" y1="{y}" x2="{LEFT + 200}" y2="{y}" stroke="#ddd"/>'
        stacked: dict[int, int] = {}
        for number in sorted(bar.doubles):
            above = stacked[number] = stacked.get(number, -1) + 1
            x, lift = LEFT + 190 * number / most, 5.5 * above
            yield f'<circle cx="{x:.1f}" cy="{y - lift:.1f}" r="4.5" fill="{COLOURS[row % 3]}" fill-opacity="0.55"/>'
        yield _text(LEFT + 208, y + 4, f"{sum(bar.doubles)} in all", colour="#555")
    for number in {0, most}:
        yield _text(LEFT + 190 * number / most, TOP + len(bars) * ROW - 30, str(number), anchor="middle", colour="#777")


def _right(bars: Sequence[Bar]) -> Iterator[str]:
    """From the half to 95 of 100, on a scale on which each step is ten times the one before."""
    bottom = TOP + (len(bars) - 1) * ROW + 24
    yield _text(RIGHT + 40, 28, "How long a sold time stayed for sale", bold=True)
    for seconds, name in SECONDS:
        x = _x(seconds)
        yield f'<line x1="{x:.1f}" y1="{TOP - 26}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>'
        yield _text(x, bottom + 16, name, anchor="middle", colour="#777")
    for row, bar in enumerate(bars):
        y, begin, end = TOP + row * ROW, _x(bar.half), _x(bar.most)
        colour = COLOURS[row % 3]
        yield (
            f'<rect x="{begin:.1f}" y="{y - 7}" width="{max(end - begin, 2):.1f}" height="14" rx="3" fill="{colour}" '
            f'fill-opacity="0.6"/><circle cx="{begin:.1f}" cy="{y}" r="7" fill="{colour}"/>'
        )
    note = "the dot: half of all visits; the bar's end: 95 of 100"
    yield _text(RIGHT + 40, bottom + 40, note, colour="#555")


def _x(seconds: float) -> float:
    """Half a second at the left, half an hour at the right."""
    low, high = log10(0.5), log10(1800)
    share = (log10(min(max(seconds, 0.5), 1800)) - low) / (high - low)
    return RIGHT + 40 + (SPAN - 20) * share


def _text(x: float, y: float, words: str, *, anchor: str = "start", bold: bool = False, colour: str = "#222") -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{words}</text>'
