"""How long a change takes to cross, part by part, and how long a taken slot is open to somebody else."""

from __future__ import annotations

import streamlit as st

from dashboard import store
from dashboard.components.measured import chart, chosen_range, dark_theme, table
from dashboard.components.opening import opening
from dashboard.lines import durations
from dashboard.measures import PERCENTILES, Latency, latency_of, part_lines, percentile_lines
from dashboard.screen import open_screen, watch_for_news
from sync.wording.measured import in_this

HEAD = ("p50", "p95", "p99", "Hints")


def charts(shown: Latency, where: str, hours: int) -> None:
    """The whole, the parts, the exposure, each beside its numbers."""
    dark = dark_theme()
    left, right = st.columns((5, 3), gap="medium")
    with left:
        st.subheader("From the change to the other calendar", anchor=False)
        lines = percentile_lines(shown.over_time, "whole", where, dark=dark)
        chart(durations(lines, shown.over, dark=dark), "whole", f"{shown.said[0].text} Over time, on a log axis.")
    with right:
        st.subheader("Where the time goes", anchor=False)
        table("parts", ("Part", *HEAD), shown.parts)
        st.caption("What a side does not say, such as when it was changed, is counted for no hint.")
    by_part(shown, where, dark=dark)
    exposure(shown, where, hours, dark=dark)


def by_part(shown: Latency, where: str, *, dark: bool) -> None:
    """One percentile of each part; and the whole by who told of the change."""
    left, right = st.columns((5, 3), gap="medium")
    with left:
        st.subheader("Part by part", anchor=False)
        percentile = (
            st.segmented_control("Percentile", PERCENTILES, default="p95", required=True, key="percentile",
                                 bind="query-params", label_visibility="collapsed")
            or "p95"
        )  # fmt: skip
        parts = part_lines(shown.over_time, percentile, where, dark=dark)
        chart(durations(parts, shown.over, dark=dark), "parts", f"{percentile} of each part over time, on a log axis.")
    with right:
        st.subheader("The whole, by who told of it", anchor=False)
        table("sources", ("Side", "Told by", *HEAD), shown.sources)


def exposure(shown: Latency, where: str, hours: int, *, dark: bool) -> None:
    """How long a slot taken on one side could still be booked on the other."""
    st.subheader("Exposure", anchor=False)
    st.caption("How long a slot taken on one side could still be booked on the other.")
    if not len(shown.exposure):
        st.info(f"Nothing was carried across {in_this(hours)}, so no slot was open to two.")
        return
    lines = percentile_lines(shown.exposure, "exposure", where, dark=dark)
    chart(durations(lines, shown.over, dark=dark), "exposure", "p50, p95 and p99 of the exposure over time.")


screen = open_screen("Latency")
hours = chosen_range()
with store.look() as conn:
    shown = latency_of(conn, screen.salon, hours)
opening(shown.said)
if not shown.empty:
    charts(shown, screen.salon.zone, hours)
watch_for_news(busy=False)
