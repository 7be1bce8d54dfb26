"""Who is it, which pages; nothing else."""

from __future__ import annotations

import streamlit as st

from dashboard.pages import pages_for

st.navigation(pages_for("manager"), position="top").run()
