"""What could not be carried: how much, why, for how long; sent again one by one, selected, or all that match."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import store
from dashboard.components.letters import Asks, bulk_buttons, clear, letter, narrow, picked, resends
from dashboard.components.measured import chart, chosen_range, dark_theme, table
from dashboard.components.opening import opening
from dashboard.current_user import Right
from dashboard.letters import A_PAGE, Letter, Letters, Narrowed, letters_of
from dashboard.lines import size
from dashboard.measures import local_times
from dashboard.resending import ask_for, ask_to_put_away, open_resend
from dashboard.screen import Screen, open_screen, watch_for_news
from queries import dead_letters
from sync.wording.measured import in_this


def asks(screen: Screen, found: Sequence[Letter]) -> Asks:
    """What the buttons do on this screen."""

    def send_picked() -> None:
        chosen = picked(found)
        ask_for(screen, chosen, letters=".".join(map(str, chosen)))

    def send_all() -> None:
        ask_for(screen, [one.number for one in found if not one.on_its_way], all="1")

    return Asks(
        send=lambda one: ask_for(screen, (one,), letter=str(one)),
        send_picked=send_picked,
        send_all=send_all,
        put_away=ask_to_put_away,
        may_act=screen.user.may(Right.RESEND),
    )


def the_list(found: Sequence[Letter], narrowed: Narrowed, hands: Asks) -> None:
    """The letters that match, a page of them, the soonest visit first."""
    bulk_buttons(found, narrowed, hands)
    if not hands.may_act:
        st.caption("Sending again needs the role developer: pick it at the top of the page.")
    pages = -(-len(found) // A_PAGE)
    page = min(int(st.session_state.get("page", 1)), max(pages, 1))
    for one in found[(page - 1) * A_PAGE : page * A_PAGE]:
        letter(one, hands)
    if not found:
        st.info("No letter matches this choice.")
        st.button("Show all letters", key="clear", on_click=clear)
    if pages > 1:
        st.pagination(pages, key="page")


def at_a_glance(shown: Letters, where: str, hours: int) -> None:
    """How many lay there, and why those lie there that do."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("How many lay there", anchor=False)
        if len(shown.size):
            dark, found = dark_theme(), shown.size
            counts = list(found["open"]), list(found["permanent"])
            figure = size(local_times(found["at"], where), *counts, shown.over, dark=dark)
            chart(figure, "size", f"{shown.said.text} How many lay there over time.")
        else:
            st.info(f"None lay there {in_this(hours)}.")
    if shown.by_cause:
        with right:
            st.subheader("Why", anchor=False)
            table("causes", ("Cause", "From", "Sent again", "Letters", "Soonest visit", "Oldest"), shown.by_cause)


screen = open_screen("Dead letters", dead_letters.stamp)
hours = chosen_range()
with store.look() as conn:
    shown = letters_of(conn, screen.salon, hours)
opening([shown.said])
resends(shown.resends, screen.salon)
at_a_glance(shown, screen.salon.zone, hours)
found = shown.every
if shown.every:
    narrowed = narrow(shown.causes)
    found = tuple(one for one in shown.every if one.matches(narrowed))
    the_list(found, narrowed, asks(screen, found))
question = open_resend(screen, found, shown.every)
if question is not None:
    question()
watch_for_news(busy=shown.under_way, news=dead_letters.stamp)
