"""How far what was asked for in one go is. Drawn anew by itself; the worker goes on whether anybody looks or not."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboard.components.text import plain
from dashboard.salon import Salon
from sync.model import ChoiceKind
from sync.wording.runs import bulk_words
from sync.wording.times import when

NEWS = timedelta(hours=1)
_KINDS = {ChoiceKind.LINK.value: "Linking", ChoiceKind.SEND_ACROSS.value: "Putting across"}


def batches(found: pd.DataFrame, salon: Salon) -> None:
    """A bar a batch, latest first; a line while it is news that one is through, then nothing."""
    for row in found.to_dict("records"):
        if not row["waiting"] and salon.now - row["asked_at"] > NEWS:
            continue
        ended = int(row["done"]) + int(row["refused"])
        title = _KINDS.get(str(row["kind"]), "Asked for in one go")
        asked = f"{plain(str(row['asked_by']))}, {when(row['asked_at'].to_pydatetime(), salon.now, salon.zone)}"
        words = bulk_words(int(row["done"]), int(row["refused"]), int(row["waiting"]))
        text = f"**{title}:** {words} ({asked})"
        if row["waiting"]:
            st.progress(ended / max(int(row["total"]), 1), text=text)
        else:
            st.caption(f":material/check: {text}")
