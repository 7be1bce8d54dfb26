"""What the manager sees first."""

from __future__ import annotations

import streamlit as st

from sync.wording import sides

st.title("Today", anchor=False)
st.info(f"**{sides.NOTHING_READ}** {sides.WHAT_TO_DO_FIRST}", icon=":material/hourglass_empty:")
