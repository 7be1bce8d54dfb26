"""The sentences a page opens with."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components.text import plain
from sync.wording import Said, Tone

_ICONS = {
    Tone.GOOD: ":material/check_circle:",
    Tone.LOOK: ":material/info:",
    Tone.ACT: ":material/warning:",
    Tone.ASK: ":material/contact_support:",
    Tone.TROUBLE: ":material/sync_problem:",
    Tone.EMPTY: ":material/hourglass_empty:",
}


def opening(said: Sequence[Said]) -> None:
    """Each sentence in a band of its own, as loud as it has to be."""
    for number, one in enumerate(said):
        with st.container(key=f"opening_{number}_{one.tone}"):
            _band(one)


def _band(one: Said) -> None:
    text = f"**{plain(one.text)}**"
    if one.tone is Tone.GOOD:
        st.success(text, icon=_ICONS[one.tone])
    elif one.tone is Tone.ACT:
        st.error(text, icon=_ICONS[one.tone])
    elif one.tone in (Tone.TROUBLE, Tone.ASK):
        st.warning(text, icon=_ICONS[one.tone])
    else:
        st.info(text, icon=_ICONS[one.tone])
