"""The filters of Conflicts. What is chosen stands in the address, so a filtered list can be sent to somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from sync.model import Side
from sync.wording import KINDS

STATES = {"Open": "open", "Left": "left", "Settled": "settled", "Past": "past"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to show, in the store's own words; an empty list leaves nothing out."""

    kinds: tuple[str, ...]
    staff: tuple[str, ...]
    sides: tuple[str, ...]
    states: tuple[str, ...]

    @property
    def narrowed(self) -> bool:
        return bool(self.kinds or self.staff or self.sides)


def filters(staff: Sequence[str], counts: Mapping[str, int]) -> Chosen:
    """Draw the filters and say what is chosen. `counts`: how many findings are in each state, by the store's word."""
    states = st.pills("Show", list(STATES), selection_mode="multi", default=["Open"], key="state", bind="query-params")
    st.caption(", ".join(f"{counts[state]} {label.lower()}" for label, state in STATES.items()))
    with st.expander("Narrow it down", key="narrow"), st.container(horizontal=True):
        kinds = st.multiselect("What", list(KINDS.values()), key="kind", bind="query-params", placeholder="Anything")
        people = st.multiselect("Who", list(staff), key="staff", bind="query-params", placeholder="Anybody")
        sides = st.multiselect(
            "Calendar", [side.brand for side in Side], key="side", bind="query-params", placeholder="Both"
        )
    words = {label: kind.value for kind, label in KINDS.items()}
    return Chosen(
        kinds=tuple(words[label] for label in kinds),
        staff=tuple(people),
        sides=tuple(label.lower() for label in sides),
        states=tuple(STATES[label] for label in states),
    )


def clear() -> None:
    """Show everything that is open again."""
    for key in ("kind", "staff", "side"):
        st.session_state[key] = []
    st.session_state["state"] = ["Open"]
