"""What every page begins with: the store, how the salon stands, who is there, Pause; and the news that redraw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st
from sqlalchemy.engine import Connection, Engine

from dashboard import actions, store
from dashboard.components.frame import frame
from dashboard.current_user import User, current_user, on_loopback, remember, role_into_address
from dashboard.salon import Salon, salon
from queries import sides, staff
from sync.settings import WrongSettings, settings
from sync.store.connection import StoreProblem
from sync.wording.outcomes import already_asked, asked, not_allowed, stale

FLASH, SEEN = "flash", "seen"
QUICK, CALM = 2, 10
"""Seconds between looks for news: while something is under way, and otherwise."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a page works with. `names` are those to tap for "Who is this?"."""

    engine: Engine
    salon: Salon
    user: User
    names: tuple[str, ...]

    @property
    def may_act(self) -> bool:
        return on_loopback()


News = Callable[[Connection], tuple[object, ...]]
"""Differs as soon as one page, besides what all pages show, would show something else."""


def open_screen(title: str, news: News | None = None) -> Screen:
    """Draws the frame of a page. Where the store or the settings cannot be used it says so and the page ends there."""
    st.session_state[SEEN] = stamp(news)  # before anything is read: what happens while the page is drawn is news
    role_into_address()
    try:
        with store.look() as conn:
            now = store.now()
            screen = Screen(store.engine(), salon(conn, settings(), now), current_user(), tuple(staff.names(conn)))
    except (StoreProblem, WrongSettings) as problem:
        st.title(title, anchor=False)
        st.error(str(problem), icon=":material/error:")
        st.stop()
    frame(title, screen.salon, screen.user, screen.names, lambda name: _pause(screen, name))
    _show_flash()
    return screen


def _pause(screen: Screen, name: str) -> None:
    with_name(screen, name)
    answer = actions.set_paused(screen.engine, screen.user.named(name), not screen.salon.paused, store.now())
    done = "Slotkeeper goes on." if screen.salon.paused else "Paused: nothing new is written."
    flash(said(answer) if answer is actions.Answer.NOT_ALLOWED else done)


def with_name(screen: Screen, name: str) -> User:
    """Whoever tapped their name is who acts now, and is asked first the next time."""
    remember(name)
    return screen.user.named(name)


def said(answer: actions.Answer) -> str:
    """What a click is answered with."""
    return {
        actions.Answer.ASKED: asked,
        actions.Answer.ALREADY: already_asked,
        actions.Answer.STALE: stale,
        actions.Answer.NOT_ALLOWED: not_allowed,
    }[answer]()


def flash(text: str) -> None:
    """Keep a sentence for the next drawing of the page; said during this one it could be lost."""
    st.session_state[FLASH] = text


def _show_flash() -> None:
    text = st.session_state.pop(FLASH, "")
    if text:
        st.toast(text, icon=":material/chat:", duration="long")


def watch_for_news(*, busy: bool, news: News | None = None) -> None:
    """Draw the page anew when something changed, and each minute for its clock; not while a dialog is open."""
    seen = st.session_state.get(SEEN)

    def look_again() -> None:
        if stamp(news) != seen and "ask" not in st.query_params:
            st.rerun()

    every = timedelta(seconds=QUICK if busy else CALM)
    st.fragment(look_again, run_every=every)()


def stamp(news: News | None = None) -> tuple[object, ...]:
    """Changes whenever a screen would: a reading, a request, a run, a switch, a minute; and what is `news` to it."""
    try:
        with store.look() as conn:
            also = news(conn) if news else ()
            return (*sides.stamp(conn), *also, int(store.now().timestamp() // 60))
    except (StoreProblem, WrongSettings):
        return ()
