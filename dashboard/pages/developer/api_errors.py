"""What the two calendars' interfaces answer: breakers, the share of calls that failed, statuses, codes, times."""

from __future__ import annotations

import streamlit as st

from dashboard import store
from dashboard.components.measured import breakers, chart, chosen_range, dark_theme, table
from dashboard.components.opening import opening
from dashboard.lines import shares, stacked
from dashboard.measures import CallsShown, any_of, by_outcome, calls_of, failed_lines
from dashboard.screen import open_screen, watch_for_news
from sync.wording.measured import in_this


def over_time(shown: CallsShown, where: str, hours: int) -> None:
    """Which share failed, and how many did not end well."""
    dark = dark_theme()
    st.subheader("Share of calls that failed", anchor=False)
    st.caption("Failed: lost (sent, no whole answer) or never sent. A side that says no has answered.")
    said = shown.said[-1].text
    chart(shares(failed_lines(shown.rates, where), shown.over, dark=dark), "failed", f"{said} The share over time.")
    at, counts = by_outcome(shown.rates, where, dark=dark)
    st.subheader("Calls that did not end well", anchor=False)
    if any_of(counts):
        chart(stacked(at, counts, shown.over, dark=dark), "outcomes", "Refused, lost and unsent calls over time.")
    else:
        st.markdown(f"Every call ended well {in_this(hours)}.")


def tables(shown: CallsShown, hours: int) -> None:
    """Statuses, the sides' own codes, and what the calls took."""
    if shown.statuses:
        st.subheader("By status", anchor=False)
        table("statuses", ("Side", "Outcome", "Status", "Calls", "Of all"), shown.statuses)
    st.subheader("The sides' own codes", anchor=False)
    if shown.codes:
        head = ("Side", "Call", "Outcome", "Status", "Code", "Calls", "Latest")
        table("codes", head, shown.codes, code=(4,))
    else:
        st.markdown(f"No call made for a hint went wrong {in_this(hours)}.")
    if shown.times:
        st.subheader("How long calls take", anchor=False)
        table("times", ("Side", "Call", "p50", "p95", "p99", "Calls"), shown.times)


screen = open_screen("API errors")
hours = chosen_range()
with store.look() as conn:
    shown = calls_of(conn, screen.salon, hours)
opening(shown.said)
breakers(shown.breakers, screen.salon.scene)
if len(shown.rates):
    over_time(shown, screen.salon.zone, hours)
tables(shown, hours)
watch_for_news(busy=any(not one.is_closed for one in shown.breakers.values()))
