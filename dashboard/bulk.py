"""What is settled in one go: its button, its question with the count first, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import actions, store
from dashboard.components.text import plain
from dashboard.components.who import who_is_this
from dashboard.conflicts import Bulk, bulk_named
from dashboard.current_user import Right
from dashboard.dialogs import answer, dialog, open_question
from dashboard.screen import Screen, with_name
from sync.model import Side
from sync.wording.mapping import bulk_changes, link_all, send_all

_ICONS = {"link": ":material/link:", "send_square": ":material/send:", "send_bookly": ":material/send:"}


def label(bulk: Bulk) -> str:
    """The button's words, with the count."""
    count = len(bulk.wishes)
    if bulk.do == "link":
        return link_all(count)
    return send_all(count, Side.SQUARE if bulk.do == "send_square" else Side.BOOKLY)


def buttons(screen: Screen, bulks: Sequence[Bulk]) -> None:
    """A button for each."""
    with st.container(horizontal=True, gap="small"):
        for bulk in bulks:
            st.button(
                label(bulk),
                key=f"bulk_{bulk.do}",
                icon=_ICONS[bulk.do],
                on_click=open_question,
                kwargs={"ask": "bulk", "do": bulk.do},
                disabled=not screen.user.may(Right.SETTLE),
                wrap=True,
            )


def open_bulk(screen: Screen, bulks: Sequence[Bulk]) -> Callable[[], None] | None:
    """The question about a batch that the address names, if there is one."""
    if st.query_params.get("ask") != "bulk":
        return None
    bulk = bulk_named(bulks, st.query_params.get("do", ""))
    return (lambda: dialog(label(bulk), lambda: _body(screen, bulk))) if bulk else None


def _body(screen: Screen, bulk: Bulk) -> None:
    more = len(bulk.wishes) - len(bulk.lines)
    lines = [*bulk.lines, *([f"and {more} more"] if more > 0 else [])]
    st.markdown("\n".join(f"- {plain(line)}" for line in lines))
    for sentence in bulk_changes(bulk.do):
        st.markdown(plain(sentence))
    if not screen.salon.writing and bulk.do != "link":
        st.info("Slotkeeper only watches: this is kept on record, and nothing is written.")
    who_is_this("bulk", screen.names, screen.user, lambda name: _do(screen, bulk, name))


def _do(screen: Screen, bulk: Bulk, name: str) -> None:
    came, _ = actions.settle_all(screen.engine, with_name(screen, name), bulk.wishes, store.now())
    answer(came)
