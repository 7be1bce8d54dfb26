"""Which pages there are, and who sees them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

HERE = Path(__file__).resolve().parent


def pages_for(role: str) -> list[StreamlitPage]:
    """The pages a role sees, Today first. Its address is "/": a default page has no other."""
    del role
    manager = HERE / "manager"
    return [
        st.Page(manager / "today.py", title="Today", icon=":material/today:", default=True),
        st.Page(manager / "conflicts.py", title="Conflicts", icon=":material/group:", url_path="conflicts"),
        st.Page(manager / "jobs.py", title="Jobs", icon=":material/schedule:", url_path="jobs"),
        st.Page(manager / "setup.py", title="Set-up", icon=":material/tune:", url_path="setup"),
    ]
