"""Who holds which time, who waits for it, and how often that happens."""

from __future__ import annotations

import streamlit as st

from dashboard import store
from dashboard.components.measured import chart, chosen_range, dark_theme, table
from dashboard.components.opening import opening
from dashboard.lines import Line, shares, stacked, tones
from dashboard.measures import LocksShown, local_times, locks_of
from dashboard.screen import open_screen, watch_for_news
from queries import locks
from sync.settings import settings
from sync.wording.measured import in_this


def held(shown: LocksShown) -> None:
    """Who holds what, and who waits."""
    st.subheader("Held just now", anchor=False)
    if shown.held:
        table("held", ("What", "By", "Since", "Until", "Token"), shown.held, code=(1, 4))
    else:
        st.markdown("Nobody holds a lock. One is held for the length of one carrying, mostly well below a second.")
    st.subheader("Waiting", anchor=False)
    if shown.waiting:
        head = ("Visit", "Appointment", "Number", "How long", "Put back")
        table("waiting", head, shown.waiting, code=(1, 2))
    else:
        st.markdown("No hint and no click waits for somebody else's lock.")
    st.caption(shown.backend)


def contention(shown: LocksShown, where: str, hours: int) -> None:
    """How often a lock was busy when it was asked for."""
    st.subheader("How often one was busy", anchor=False)
    if not len(shown.contention):
        st.info(f"No lock was asked for {in_this(hours)}.")
        return
    dark = dark_theme()
    colours, at = tones(dark), local_times(shown.contention["at"], where)
    rate = Line("Busy when asked for", colours["bad"], at, tuple(shown.contention["rate"].astype(float)))
    chart(shares([rate], shown.over, dark=dark), "rate", f"{shown.said[0].text} The share over time.")
    counts = {
        "Granted": (colours["good"], list(shown.contention["granted"])),
        "Busy": (colours["bad"], list(shown.contention["busy"])),
    }
    chart(stacked(at, counts, shown.over, dark=dark), "askings", "How many locks were granted and busy over time.")


screen = open_screen("Locks", locks.stamp)
hours = chosen_range()
with store.look() as conn:
    shown = locks_of(conn, screen.salon, hours, redis=bool(settings().lock_url.get_secret_value()))
opening(shown.said)
held(shown)
contention(shown, screen.salon.zone, hours)
watch_for_news(busy=True, news=locks.stamp)
