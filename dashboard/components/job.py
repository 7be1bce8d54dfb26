"""A job on its card: what it is for, how it last went, when it comes again, and a button."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.components.text import plain
from dashboard.running import JobShown


def _icon(shown: JobShown) -> str:
    if not shown.ran:
        return ":material/hourglass_empty:"
    return ":material/check_circle:" if shown.whole else ":material/report:"


def job(shown: JobShown, run: Callable[[str], None], *, may_run: bool) -> None:
    """Draw one job. `run` is called with its name."""
    with st.container(border=True, height="stretch", key=f"job_{shown.name}"):
        st.markdown(f"#### {plain(shown.title)}")
        st.caption(plain(shown.what_for))
        st.markdown(f"{_icon(shown)} {plain(shown.last)}")
        if shown.share is not None:
            st.progress(shown.share, text=plain(shown.so_far))
        else:
            st.caption(plain(shown.next))
        st.space("stretch")
        st.button(
            "Run now",
            key=f"run_{shown.name}",
            icon=":material/play_arrow:",
            on_click=run,
            args=(shown.name,),
            disabled=not may_run or shown.share is not None,
            width="stretch",
        )
