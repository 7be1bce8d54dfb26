"""One line a kind for what is not worth a card each, with the page that settles it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.components.text import plain
from sync.model import Kind
from sync.wording import KINDS
from sync.wording.names import counted

CONFLICTS = "dashboard/pages/manager/conflicts.py"
SETUP = "dashboard/pages/manager/setup.py"

_WORDS = {
    Kind.DOUBLE_BOOKING: ("more double booking", ""),
    Kind.PADDING_CLASH: ("more visit without time in between", "more visits without time in between"),
    Kind.OVER_CAPACITY: ("more time with too many at once", "more times with too many at once"),
    Kind.MISSING_IN_SQUARE: ("visit is not in Square", "visits are not in Square"),
    Kind.MISSING_IN_BOOKLY: ("visit is not in Bookly", "visits are not in Bookly"),
    Kind.DRIFT: ("more visit on which the calendars disagree", "more visits on which the calendars disagree"),
    Kind.SAME_VISIT: ("visit seems to be written in both calendars", "visits seem to be written in both calendars"),
    Kind.UNMAPPED_STAFF: ("stylist is not matched yet", "stylists are not matched yet"),
    Kind.UNMAPPED_SERVICE: ("service is not matched yet", "services are not matched yet"),
    Kind.ANOMALY: ("more odd thing", ""),
}


def summary(counts: Mapping[Kind, int]) -> None:
    """Draw the lines; nothing when there is nothing more."""
    if not counts:
        return
    with st.container(border=True, key="summary"):
        st.markdown("**Also waiting**")
        for kind, count in counts.items():
            settled_at = SETUP if kind in (Kind.UNMAPPED_STAFF, Kind.UNMAPPED_SERVICE) else CONFLICTS
            params = {} if settled_at == SETUP else {"kind": KINDS[kind]}
            st.page_link(
                settled_at,
                label=plain(counted(count, *_WORDS[kind])),
                icon=":material/arrow_forward:",
                query_params=params,
            )
