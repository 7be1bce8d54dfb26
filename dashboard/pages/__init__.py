"""Which pages there are, and who sees them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.current_user import Role

HERE = Path(__file__).resolve().parent
MANAGER, DEVELOPER = HERE / "manager", HERE / "developer"


def pages_for(role: Role) -> list[StreamlitPage]:
    """The pages a role sees, Today first. Its address is "/": a default page has no other. The developer's pages stand
    in the menu of whoever is one; by their address everybody reaches them, to look: what is done there needs the
    right."""
    shown: Literal["visible", "hidden"] = "visible" if role in (Role.DEVELOPER, Role.BOTH) else "hidden"
    return [
        st.Page(MANAGER / "today.py", title="Today", icon=":material/today:", default=True),
        st.Page(MANAGER / "conflicts.py", title="Conflicts", icon=":material/group:", url_path="conflicts"),
        st.Page(MANAGER / "jobs.py", title="Jobs", icon=":material/schedule:", url_path="jobs"),
        st.Page(MANAGER / "setup.py", title="Set-up", icon=":material/tune:", url_path="setup"),
        st.Page(
            DEVELOPER / "latency.py", title="Latency", icon=":material/speed:", url_path="latency", visibility=shown
        ),
        st.Page(
            DEVELOPER / "dead_letters.py",
            title="Dead letters",
            icon=":material/unsubscribe:",
            url_path="dead_letters",
            visibility=shown,
        ),
        st.Page(DEVELOPER / "locks.py", title="Locks", icon=":material/lock:", url_path="locks", visibility=shown),
        st.Page(
            DEVELOPER / "api_errors.py",
            title="API errors",
            icon=":material/cloud_off:",
            url_path="api_errors",
            visibility=shown,
        ),
    ]
