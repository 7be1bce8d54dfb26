"""The day by staff, with both calendars."""

from __future__ import annotations

import streamlit as st

from dashboard.charts import CONFIG, Day, day_by_staff, takeaway


def day(shown: Day, heading: str) -> None:
    """Draw the day under its heading."""
    st.subheader(heading, anchor=False)
    if not shown.bars:
        st.info("Nothing is booked on this day.")
        return
    dark = st.context.theme.type == "dark"
    st.plotly_chart(
        day_by_staff(shown, dark=dark), key="day", config=CONFIG, theme="streamlit", alt=takeaway(shown),
    )  # fmt: skip
