"""The frame of every page: its title, what must be known about the salon, who is there, and Pause."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.components.text import plain
from dashboard.components.who import ROLE_WORDS, picker, who_is_this
from dashboard.current_user import Right, User, on_loopback
from dashboard.salon import Salon


def frame(title: str, salon: Salon, user: User, names: Sequence[str], pause: Callable[[str], None]) -> None:
    """Draw the frame. `pause` is called with the name of whoever pressed Pause or Go on."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="frame"):
        st.title(title, anchor=False, width="content")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            picker(names, user)
            _pause(salon, user, names, pause)
    _badges(salon, user)
    if not on_loopback():
        st.error(
            "This page can be reached from other machines and there is no sign-in yet: you can look, and nobody can "
            "act. Start it on 127.0.0.1 to act.",
            icon=":material/lock:",
        )
    if salon.paused:
        st.warning("**Paused.** Nothing new is written to Bookly or Square until somebody presses Go on.",
                   icon=":material/pause_circle:")  # fmt: skip


def _pause(salon: Salon, user: User, names: Sequence[str], pause: Callable[[str], None]) -> None:
    """The two are different windows: once it is paused the first is gone, so that a second tap is no Go on."""
    label, icon = ("Go on", ":material/play_arrow:") if salon.paused else ("Pause", ":material/pause:")
    key = "go_on" if salon.paused else "pause"
    with (
        st.container(width="content", key="frame_pause"),
        st.popover(label, icon=icon, disabled=not user.may(Right.PAUSE), key=f"{key}_window"),
    ):
        st.markdown("Clicks are carried out again." if salon.paused else "Stops new writing at once. Reading goes on.")
        who_is_this(key, names, user, pause)


def _badges(salon: Salon, user: User) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="frame_badges"):
        if salon.practice:
            st.badge("Practice salon: nothing real is touched", icon=":material/school:", color="green")
        if not salon.writing:
            st.badge("Only watching: nothing is written", icon=":material/visibility:", color="blue")
        if salon.paused:
            st.badge("Paused", icon=":material/pause:", color="orange")
        if not user.may(Right.SETTLE):
            st.badge(f"{ROLE_WORDS[user.role].partition(':')[0]}: cannot settle", icon=":material/lock:", color="gray")
        if not salon.nothing_read:
            st.caption(f"Times of {plain(salon.zone.replace('_', ' '))}", width="content")
