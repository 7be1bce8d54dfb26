"""Who is it, which pages; nothing else."""

from __future__ import annotations

import streamlit as st

from dashboard.current_user import chosen_role
from dashboard.pages import pages_for

st.set_page_config(page_title="Slotkeeper", page_icon=":material/event_available:", layout="wide")
st.navigation(pages_for(chosen_role()), position="top").run()
