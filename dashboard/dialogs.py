"""The questions asked before something is done. Which one is open stands in the address, so a reload, a restart or a
colleague with the link brings the same one back.

`ask=settle&finding=7&way=ID`, `ask=undo&request=3`, `ask=run&job=NAME` and the like; `sure=1` after a second tap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from sqlalchemy.engine import Connection

from dashboard import actions, desk, store
from dashboard.components.card import preview
from dashboard.components.text import plain
from dashboard.components.who import who_is_this
from dashboard.desk import Card, Way
from dashboard.screen import Screen, flash, said, with_name
from queries import findings
from sync.model import ChoiceKind
from sync.store.board import load_board
from sync.wording.outcomes import done_at_once, stale

_OURS = ("ask", "way", "sure", "request", "job", "do")


def choose(number: int, way: Way) -> None:
    """A way was tapped: open its question."""
    st.query_params.update({"ask": "settle", "finding": str(number), "way": way.choice.id})


def choose_undo(request: int) -> None:
    """Undo was tapped: open its question."""
    st.query_params.update({"ask": "undo", "request": str(request)})


def open_question(**what: str) -> None:
    """Open a question by its words in the address."""
    st.query_params.update(what)


def close(*also: str) -> None:
    """No question is open any more."""
    for name in (*_OURS, *also):
        st.query_params.pop(name, None)


def number(name: str) -> int | None:
    """A number in the address; None when there is none, or something else stands there."""
    text = st.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else None


Question = Callable[[], None]
"""Draws the question that is open."""


def open_one(screen: Screen, conn: Connection, *, stay: bool) -> Question | None:
    """The question about a card that the address names, if there is one. `stay`: `finding` stays in the address."""
    asked = st.query_params.get("ask")
    leave = () if stay else ("finding",)
    if asked == "settle":
        return _settle_question(screen, conn, leave)
    return _undo_question(screen) if asked == "undo" else None


# --- settling a card ----------------------------------------------------------------------------------------------


def _settle_question(screen: Screen, conn: Connection, leave: Sequence[str]) -> Question:
    found = _card_and_way(screen, conn)
    if found is None:
        return lambda: _gone(screen, leave)
    card, way = found
    return lambda: dialog(way.label, lambda: _settle_body(screen, card, way, leave), leave)


def _gone(screen: Screen, leave: Sequence[str]) -> None:
    finding = number("finding")
    flash((_first(screen, finding) if finding is not None else "") or stale())
    close(*leave)
    st.rerun()


def _card_and_way(screen: Screen, conn: Connection) -> tuple[Card, Way] | None:
    wanted = number("finding")
    rows = desk.rows_of(findings.one(conn, wanted, screen.salon.now)) if wanted is not None else []
    if not rows or rows[0].state != "open" or rows[0].past:
        return None
    card = desk.with_ways(desk.cards(conn, screen.salon, rows)[0], board_loader(conn, screen), screen.salon)
    way = next((way for way in card.ways or () if way.choice.id == st.query_params.get("way")), None)
    return (card, way) if way else None


def board_loader(conn: Connection, screen: Screen) -> desk.BoardFor:
    """Boards as this page's moment sees them."""
    return lambda start, end, refs: load_board(conn, screen.salon.now, start, end, refs)


def _settle_body(screen: Screen, card: Card, way: Way, leave: Sequence[str]) -> None:
    st.markdown(plain(card.headline))
    if way.reason:
        st.markdown(f":material/thumb_up: {plain(way.reason)}")
    preview(way)
    if not screen.salon.writing and not way.kept:
        st.info("Slotkeeper only watches: this is kept on record, and nothing is written.")
    if way.choice.kind is ChoiceKind.CANCEL and st.query_params.get("sure") != "1":
        st.button(plain(way.second_tap), key="sure", type="primary", on_click=open_question, kwargs={"sure": "1"},
                  width="stretch", wrap=True)  # fmt: skip
        return
    who_is_this("settle", screen.names, screen.user, lambda name: _settle(screen, card, way, leave, name))


def _settle(screen: Screen, card: Card, way: Way, leave: Sequence[str], name: str) -> None:
    wish = actions.Wish(card.first.number, card.first.finding.seen, way.choice)
    came = actions.settle(screen.engine, with_name(screen, name), wish, store.now())
    first = "" if came is actions.Answer.ASKED else _first(screen, card.first.number)
    answer(came, leave, first)


def _first(screen: Screen, finding: int) -> str:
    with store.look() as conn:
        return desk.who_was_first(conn, screen.salon, finding)


# --- taking back --------------------------------------------------------------------------------------------------


def _undo_question(screen: Screen) -> Question:
    request = number("request")
    if request is None:
        return lambda: _gone(screen, ())
    return lambda: dialog("Take it back", lambda: _undo_body(screen, request))


def _undo_body(screen: Screen, request: int) -> None:
    st.markdown("What was done is done backwards, if the time is still free. The client may have to be called again.")
    who_is_this("undo", screen.names, screen.user, lambda name: _undo(screen, request, name))


def _undo(screen: Screen, request: int, name: str) -> None:
    answer(actions.undo(screen.engine, with_name(screen, name), request, store.now()))


# --- any question -------------------------------------------------------------------------------------------------


def answer(came: actions.Answer, leave: Sequence[str] = (), first: str = "") -> None:
    """Say what became of the click, or who was `first`, and close the question."""
    allowed = came is not actions.Answer.NOT_ALLOWED
    flash((first if allowed else "") or said(came))
    close(*leave)


def answer_at_once(came: actions.Answer, leave: Sequence[str] = ()) -> None:
    """The same for what is done with the click itself."""
    answer(came, leave, done_at_once() if came is actions.Answer.ASKED else "")


def dialog(title: str, body: Callable[[], None], leave: Sequence[str] = ()) -> None:
    """A question in a window of its own. Its buttons redraw only the window, so it looks whether it is still asked."""

    def draw() -> None:
        if "ask" not in st.query_params:
            st.rerun()
        body()

    st.dialog(plain(title), on_dismiss=lambda: close(*leave))(draw)()
