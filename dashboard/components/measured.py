"""What the developer's screens are drawn with: the range, tables in words, charts, a breaker a side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.charts import CONFIG
from dashboard.components.text import plain
from sync.model import Breaker, Side
from sync.wording import Scene
from sync.wording.measured import breaker

RANGES = {"An hour": 1, "A day": 24, "7 days": 168, "30 days": 720}
"""How far back is shown, in hours."""


def chosen_range(default: str = "A day") -> int:
    """The range in hours. It stands in the address, so a link shows the same stretch."""
    chosen = st.segmented_control(
        "How far back", list(RANGES), default=default, required=True, key="range", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return RANGES[chosen or default]


def dark_theme() -> bool:
    return st.context.theme.type == "dark"


def chart(figure: go.Figure, key: str, alt: str) -> None:
    """Draw a figure; `alt` says what it shows to whoever cannot see it."""
    st.plotly_chart(figure, key=key, config=CONFIG, theme="streamlit", alt=alt)


def table(key: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, code: Sequence[int] = ()) -> None:
    """A table of words that can be marked and copied; on a phone it is moved sideways. The columns in `code` are
    ids."""
    cells = [[_cell(text, place in code) for place, text in enumerate(row)] for row in rows]
    with st.container(key=f"table_{key}"):
        st.table(pd.DataFrame(cells, columns=list(head)), width="content", hide_index=True)


_SHORT = 12
"""What is no longer stays on one line: a number and its unit, a day and its time."""


def _cell(text: str, is_id: bool) -> str:
    """An id as it is, without what would end the mark."""
    if is_id and text:
        return f"`{text.replace('`', '')}`"
    said = plain(text)
    return said.replace(" ", "\N{NO-BREAK SPACE}") if len(said) <= _SHORT else said


def breakers(found: Mapping[Side, Breaker], scene: Scene) -> None:
    """A card a side: whether it is asked, since when not, when again."""
    with st.grid(2, min_column_width=300):
        for side, one in found.items():
            with st.container(border=True, height="stretch", key=f"breaker_{side}"):
                icon = ":material/check_circle:" if one.is_closed else ":material/block:"
                st.markdown(f"**{side.brand}**")
                st.markdown(f"{icon} {plain(breaker(side, one, scene))}")
