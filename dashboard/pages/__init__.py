"""Which pages there are, and who sees them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

HERE = Path(__file__).resolve().parent


def pages_for(role: str) -> list[StreamlitPage]:
    """The pages a role sees, Today first. Its address is "/": a default page has no other."""
    del role
    return [st.Page(HERE / "manager" / "today.py", title="Today", icon=":material/today:", default=True)]
