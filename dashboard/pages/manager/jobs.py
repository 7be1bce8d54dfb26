"""What runs by itself, how it went, and a button to run it now."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import actions, store
from dashboard.components.job import job
from dashboard.components.text import plain
from dashboard.components.who import who_is_this
from dashboard.current_user import Right
from dashboard.dialogs import answer, dialog, open_question
from dashboard.running import Running, running
from dashboard.screen import Screen, open_screen, watch_for_news, with_name


def ask_to_run(name: str) -> None:
    """Run now was tapped."""
    open_question(ask="run", job=name)


def open_run(screen: Screen, shown: Running) -> Callable[[], None] | None:
    """The question whether to run a job, if the address asks it of a job there is."""
    wanted = st.query_params.get("job")
    found = next((one for one in shown.jobs if one.name == wanted), None)
    if st.query_params.get("ask") != "run" or found is None:
        return None
    return lambda: dialog(f"{found.title} now", lambda: who(screen, found.name))


def who(screen: Screen, name: str) -> None:
    """Who asks for it."""
    who_is_this("run", screen.names, screen.user, lambda person: run(screen, name, person))


def run(screen: Screen, name: str, person: str) -> None:
    """Ask for the run."""
    answer(actions.run_job(screen.engine, with_name(screen, person), name, store.now()))


screen = open_screen("Jobs")
with store.look() as conn:
    shown = running(conn, screen.salon)
with st.grid(4, min_column_width=260):
    for one in shown.jobs:
        job(one, ask_to_run, may_run=screen.user.may(Right.RUN_JOBS))
st.subheader("Latest runs", anchor=False)
st.markdown("\n".join(f"- {plain(line)}" for line in shown.runs) or "Nothing has run yet.")
question = open_run(screen, shown)
if question is not None:
    question()
watch_for_news(busy=shown.busy)
