"""The questions of Set-up: couples to confirm or take apart, and the switch for writing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import actions, store
from dashboard.components.matching import Asks
from dashboard.components.text import plain
from dashboard.components.who import who_is_this
from dashboard.current_user import Right
from dashboard.dialogs import answer_at_once, dialog, open_question
from dashboard.matching import Couple, Matching, What
from dashboard.screen import Screen, with_name
from sync.wording.mapping import confirm_all, confirmed, writes_words
from sync.wording.sides import doubt_about, read_when

Question = Callable[[], None]
SOME = 12
"""Couples listed in the question before "and more"."""


def asks(screen: Screen) -> Asks:
    """What the buttons of a list do: open a question in the address."""
    return Asks(
        confirm_all=lambda what: open_question(ask="match", what=what.value),
        confirm=lambda what, bookly, square: open_question(ask="match", what=what.value, bookly=bookly, square=square),
        take_apart=lambda what, bookly: open_question(ask="apart", what=what.value, bookly=bookly),
        may_act=screen.user.may(Right.SET_UP),
    )


def open_setting_up(screen: Screen, found: Sequence[Matching]) -> Question | None:
    """The question that the address names, if it is one of Set-up."""
    asked = st.query_params.get("ask")
    if asked == "writes":
        return lambda: dialog("Writing", lambda: _writes(screen))
    shown = next((one for one in found if one.what == st.query_params.get("what")), None)
    if shown is None:
        return None
    couples = _wanted(shown) if asked == "match" else ()
    if couples:
        title = confirm_all(len(couples), shown.what.plural)
        return lambda: dialog(title, lambda: _match(screen, shown, couples), _LEAVE)
    couple = next((c for c in shown.confirmed if c.bookly == st.query_params.get("bookly")), None)
    if asked == "apart" and couple:
        return lambda: dialog("Take apart", lambda: _apart(screen, shown, couple), _LEAVE)
    return None


def _wanted(shown: Matching) -> tuple[Couple, ...]:
    """The couple the address names, else every suggestion."""
    bookly, square = st.query_params.get("bookly"), st.query_params.get("square")
    if bookly is None:
        return shown.suggested
    one = next((single for single in shown.open if single.id == bookly), None)
    other = next((single for single in shown.free if single.id == square), None)
    return (Couple(one.id, other.id, one.name, other.name),) if one and other else ()


def _match(screen: Screen, shown: Matching, couples: Sequence[Couple]) -> None:
    lines = [confirmed(couple.bookly_name, couple.square_name) for couple in couples[:SOME]]
    if len(couples) > SOME:
        lines.append(f"and {len(couples) - SOME} more")
    st.markdown("\n".join(f"- {plain(line)}" for line in lines))
    st.markdown("Nothing is written in either calendar by this.")
    who_is_this("match", screen.names, screen.user, lambda name: _do_match(screen, shown, couples, name))


def _do_match(screen: Screen, shown: Matching, couples: Sequence[Couple], name: str) -> None:
    ids = {couple.bookly: couple.square for couple in couples}
    staff = shown.what is What.STAFF
    answer_at_once(actions.match(screen.engine, with_name(screen, name), staff, ids, store.now()), _LEAVE)


def _apart(screen: Screen, shown: Matching, couple: Couple) -> None:
    st.markdown(plain(confirmed(couple.bookly_name, couple.square_name)))
    st.markdown("Taken apart, nothing is carried between the two any more until somebody matches them again.")
    who_is_this("apart", screen.names, screen.user, lambda name: _do_apart(screen, shown, couple, name))


def _do_apart(screen: Screen, shown: Matching, couple: Couple, name: str) -> None:
    staff = shown.what is What.STAFF
    answer_at_once(
        actions.take_apart(screen.engine, with_name(screen, name), staff, couple.bookly, store.now()), _LEAVE
    )


_LEAVE = ("what", "bookly", "square")


# --- writing ------------------------------------------------------------------------------------------------------


def writing_switch(screen: Screen) -> None:
    """Whether Slotkeeper writes, and the button that changes it."""
    salon = screen.salon
    with st.container(border=True, key="writing"):
        st.markdown("#### Writing")
        st.markdown(plain(writes_words(salon.writing, salon.may_write)))
        if salon.may_write:
            st.button(
                "Switch writing off" if salon.writing else "Switch writing on",
                key="writes",
                icon=":material/edit_off:" if salon.writing else ":material/edit:",
                on_click=open_question,
                kwargs={"ask": "writes"},
                disabled=not screen.user.may(Right.SET_UP),
            )


def _writes(screen: Screen) -> None:
    if screen.salon.writing:
        st.markdown("From now on clicks are kept on record and nothing is written to Bookly or Square.")
    else:
        st.markdown(
            "From now on what changes in one calendar is carried to the other, and what somebody clicks is written. "
            "Visits that stand already cross only by a click."
        )
    who_is_this("writes", screen.names, screen.user, lambda name: _do_writes(screen, name))


def _do_writes(screen: Screen, name: str) -> None:
    on = not screen.salon.writing
    answer_at_once(actions.set_writes(screen.engine, with_name(screen, name), on, store.now()))


def calendars(screen: Screen) -> None:
    """How each calendar is read."""
    salon = screen.salon
    with st.container(border=True, key="calendars"):
        st.markdown("#### The two calendars")
        for reading in salon.readings:
            doubt = doubt_about(reading, salon.scene)
            icon = ":material/sync_problem:" if doubt else ":material/check_circle:"
            st.markdown(f"{icon} {plain(doubt or read_when([reading], salon.scene))}")
