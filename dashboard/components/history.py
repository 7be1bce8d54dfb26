"""Who did what about a finding, and when; each step that can be taken back has its way back."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.components.card import Hands, result
from dashboard.components.text import plain
from dashboard.desk import Result, Row
from dashboard.salon import Salon
from sync.wording.findings import seen_words


def history(row: Row, steps: Sequence[Result], salon: Salon, hands: Hands) -> None:
    """Draw the history, latest first, and since when the finding is known."""
    st.subheader("What happened", anchor=False)
    if not steps:
        st.markdown("Nobody has done anything about it here.")
    for step in steps:
        result(step, hands)
    if row.first_seen and row.last_seen:
        st.caption(plain(seen_words(row.first_seen, row.last_seen, salon.now, salon.zone)))
