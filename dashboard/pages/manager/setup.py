"""Who is who in the two calendars, what stands twice since before, and whether Slotkeeper writes."""

from __future__ import annotations

import streamlit as st

from dashboard import store
from dashboard.bulk import buttons, open_bulk
from dashboard.components.batches import batches
from dashboard.components.matching import matching
from dashboard.conflicts import bulks
from dashboard.matching import matchings
from dashboard.screen import open_screen, watch_for_news
from dashboard.setting_up import asks, calendars, open_setting_up, writing_switch
from queries import requests
from queries.register import Asked

screen = open_screen("Set-up")
with store.look() as conn:
    found = matchings(conn, screen.salon)
    twins = [bulk for bulk in bulks(conn, screen) if bulk.do == "link"]
    under_way = requests.batches(conn, Asked(screen.salon.now))

left, right = st.columns(2, gap="medium")
with left:
    calendars(screen)
with right:
    writing_switch(screen)
if twins:
    with st.container(border=True, key="twins"):
        st.markdown("#### Visits that stand in both calendars")
        st.markdown("They were written into both by hand. Linked, each couple is one visit; nothing is written.")
        buttons(screen, twins)
batches(under_way, screen.salon)
for one in found:
    matching(one, asks(screen))
question = open_setting_up(screen, found) or open_bulk(screen, twins)
if question is not None:
    question()
watch_for_news(busy=bool(len(under_way)) and bool(under_way["waiting"].sum()))
