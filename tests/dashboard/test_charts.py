from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from dashboard.charts import CLASH, COLOURS, Bar, Clash, Day, day_by_staff, spec, takeaway
from dashboard.charts import _places as places
from sync.model import Side

NINE = datetime.fromisoformat("2026-11-20T09:00")  # the salon's wall clock


def _at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def _bar(start: int, end: int, *, staff: str = "Mia", side: Side = Side.BOOKLY, copied: bool = False) -> Bar:
    return Bar(staff, side, _at(start), _at(end), f"Client {start}", "Blowout", copied)


DAY = Day(
    staff=("Mia", "Theo"),
    bars=(_bar(0, 60), _bar(30, 90, side=Side.SQUARE), _bar(0, 45, staff="Theo"), _bar(120, 150, copied=True)),
    clashes=(Clash("Mia", _at(30), _at(60), "Clash"), Clash("Theo", _at(0), _at(10), "Clash", over=True)),
    opens=_at(-30),
    closes=_at(300),
    now=_at(20),
)


def _drawn(day: Day = DAY, *, dark: bool = False) -> dict[str, Any]:
    return spec(day_by_staff(day, dark=dark))


def _trace(drawn: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (trace for trace in drawn["data"] if trace["name"] == name)
    return dict(found)


def test_each_calendar_has_its_lane_and_its_colour() -> None:
    drawn = _drawn()
    bookly, square = _trace(drawn, "Bookly"), _trace(drawn, "Square")
    assert list(bookly["base"]) == [_at(0), _at(0)]
    assert bookly["marker"]["color"] == COLOURS[Side.BOOKLY] != square["marker"]["color"]
    assert bookly["y"][0] < square["y"][0]
    assert list(square["x"]) == [60 * 60_000]


def test_an_overlap_is_told_by_outline_hatch_and_word_and_not_by_colour_alone() -> None:
    drawn = _drawn()
    band = _trace(drawn, "Overlap")
    assert band["marker"]["pattern"]["shape"] == "/"
    assert band["marker"]["line"] == {"color": CLASH, "width": 2.5}
    assert next(note["text"] for note in drawn["layout"]["annotations"]) == "<b>Clash</b>"
    outlines = [shape for shape in drawn["layout"]["shapes"] if shape["type"] == "rect"]
    assert [(shape["x0"], shape["x1"]) for shape in outlines] == [(_at(30), _at(60)), (_at(0), _at(10))]


def test_the_overlap_lies_behind_the_bars_so_that_names_can_be_read() -> None:
    names = [trace["name"] for trace in _drawn()["data"]]
    assert names.index("Overlap") < names.index("Bookly")


def test_an_overlap_that_is_over_has_no_word_and_no_alarm() -> None:
    drawn = _drawn()
    assert _trace(drawn, "Overlap, over now")["marker"]["line"]["color"] != CLASH
    assert sum("Clash" in note["text"] for note in drawn["layout"]["annotations"]) == 1


def test_clashes_that_hang_together_say_their_word_once() -> None:
    near = (Clash("Mia", _at(30), _at(60), "Clash"), Clash("Mia", _at(60), _at(90), "Clash"))
    day = Day(DAY.staff, DAY.bars, near, DAY.opens, DAY.closes)
    assert sum("Clash" in note["text"] for note in _drawn(day)["layout"]["annotations"]) == 1


def test_now_is_a_line_and_only_on_the_day_that_is_today() -> None:
    assert [note["text"] for note in _drawn()["layout"]["annotations"]][-1] == "now 09:20"
    other = Day(DAY.staff, DAY.bars, (), DAY.opens, DAY.closes)
    assert not _drawn(other)["layout"].get("annotations")


def test_what_we_copied_is_only_outlined() -> None:
    copied = _trace(_drawn(), "Bookly, copied from Square")
    assert copied["marker"]["color"] == "rgba(0,0,0,0)"
    assert copied["marker"]["line"]["color"] == COLOURS[Side.BOOKLY]


def test_a_thumb_cannot_zoom_it() -> None:
    layout = _drawn()["layout"]
    assert layout["dragmode"] is False
    assert layout["xaxis"]["fixedrange"] and layout["yaxis"]["fixedrange"]


def test_two_visits_of_one_lane_at_once_stand_beside_each_other() -> None:
    first, second = places([_bar(0, 60), _bar(30, 90)])
    assert first.height == second.height
    assert first.shift != second.shift


@given(some.lists(some.tuples(some.integers(0, 600), some.integers(1, 120)), max_size=12))
def test_no_two_bars_of_a_lane_ever_cover_each_other(lengths: list[tuple[int, int]]) -> None:
    bars = [_bar(start, start + length) for start, length in lengths]
    drawn = list(zip(bars, places(bars), strict=True))
    for number, (one, here) in enumerate(drawn):
        for other, there in drawn[:number]:
            if one.start < other.end and other.start < one.end:
                assert abs(here.shift - there.shift) >= (here.height + there.height) / 2 - 1e-9


def test_whoever_cannot_see_it_is_told_the_same() -> None:
    assert takeaway(DAY) == ("4 visits of 2 stylists in two lanes, Bookly and Square. Clash with Mia, 09:30 to 10:00.")
    calm = Day(DAY.staff, DAY.bars, (), DAY.opens, DAY.closes)
    assert takeaway(calm).endswith("No chair is taken twice.")


def test_a_short_bar_bears_the_first_name_and_a_sliver_none() -> None:
    day = replace(DAY, bars=(_bar(0, 20), _bar(20, 60), _bar(60, 101)))
    assert list(_trace(_drawn(day), "Bookly")["text"]) == ["", "Client", "Client 60"]
