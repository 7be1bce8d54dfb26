"""Both lists side by side: what is suggested, what is open, what is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.components.text import plain
from dashboard.matching import Couple, Matching, Single, What
from sync.model import Side
from sync.wording.mapping import all_matched, confirm_all, open_question, suggestion

_TITLES = {What.STAFF: "Staff: who is who", What.SERVICE: "Services: which is which"}


@dataclass(frozen=True, slots=True)
class Asks:
    """What the buttons call: all suggestions, one couple by ids, a couple taken apart by Bookly's id."""

    confirm_all: Callable[[What], None]
    confirm: Callable[[What, str, str], None]
    take_apart: Callable[[What, str], None]
    may_act: bool


def matching(shown: Matching, asks: Asks) -> None:
    """Draw one list."""
    with st.container(border=True, key=f"matching_{shown.what}"):
        st.markdown(f"#### {_TITLES[shown.what]}")
        if shown.empty:
            st.markdown("Nothing was read yet.")
            return
        if shown.suggested:
            _suggested(shown, asks)
        for single in shown.open:
            _open(shown, single, asks)
        if not shown.suggested and not shown.open:
            st.markdown(f":material/check_circle: {all_matched(len(shown.confirmed), shown.what.plural)}")
        _only_in_square(shown.alone)
        _confirmed(shown, asks)


def _suggested(shown: Matching, asks: Asks) -> None:
    st.button(
        confirm_all(len(shown.suggested), shown.what.plural),
        key=f"confirm_all_{shown.what}",
        type="primary",
        icon=":material/done_all:",
        on_click=asks.confirm_all,
        args=(shown.what,),
        disabled=not asks.may_act,
        wrap=True,
    )
    _table([(c.bookly_name, suggestion(c.square_name, c.by)) for c in shown.suggested], "Probably, in Square")


def _table(rows: Sequence[tuple[str, str]], right: str) -> None:
    lines = "\n".join(f"| {plain(a)} | {plain(b)} |" for a, b in rows)
    st.markdown(f"| In Bookly | {right} |\n| :-- | :-- |\n{lines}")


def _open(shown: Matching, single: Single, asks: Asks) -> None:
    free: Mapping[str, str] = {one.id: one.name for one in shown.free}
    key = f"{shown.what}_{single.id}"
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"open_{key}"):
        chosen = st.selectbox(
            plain(open_question(Side.BOOKLY, single.name, service=shown.what is not What.STAFF)),
            list(free),
            index=None,
            format_func=lambda one: free.get(one, ""),
            key=f"pick_{key}",
            placeholder="Nobody yet" if shown.what is What.STAFF else "None yet",
        )
        st.button(
            "Confirm",
            key=f"confirm_{key}",
            on_click=asks.confirm,
            args=(shown.what, single.id, chosen or ""),
            disabled=not asks.may_act or chosen is None,
        )


def _only_in_square(alone: Sequence[Single]) -> None:
    if alone:
        names = ", ".join(plain(one.name) for one in alone)
        st.caption(f"Only in Square: {names}.")


def _confirmed(shown: Matching, asks: Asks) -> None:
    if not shown.confirmed:
        return
    with st.expander(f"Confirmed ({len(shown.confirmed)})", key=f"confirmed_{shown.what}"):
        _table([(c.bookly_name, c.square_name) for c in shown.confirmed], "In Square")
        _apart(shown, asks)


def _apart(shown: Matching, asks: Asks) -> None:
    names = {couple.bookly: couple for couple in shown.confirmed}
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"apart_row_{shown.what}"):
        chosen = st.selectbox(
            "Take a couple apart",
            list(names),
            index=None,
            format_func=lambda one: _couple_words(names[one]),
            key=f"apart_{shown.what}",
            placeholder="Which one?",
        )
        st.button(
            "Take apart",
            key=f"apart_go_{shown.what}",
            on_click=asks.take_apart,
            args=(shown.what, chosen or ""),
            disabled=not asks.may_act or chosen is None,
        )


def _couple_words(couple: Couple) -> str:
    return f"{couple.bookly_name} and {couple.square_name}"
