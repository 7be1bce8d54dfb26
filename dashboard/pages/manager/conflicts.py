"""Everything that is or was out of order: filtered, one by one, in one go."""

from __future__ import annotations

import streamlit as st

from dashboard import store
from dashboard.bulk import buttons, open_bulk
from dashboard.components.batches import batches
from dashboard.components.card import card
from dashboard.components.filters import clear, filters
from dashboard.components.history import history
from dashboard.components.summary import CONFLICTS
from dashboard.conflicts import Listing, detail, listing
from dashboard.dialogs import number, open_one
from dashboard.screen import Screen, open_screen, watch_for_news
from dashboard.today import hands
from queries import findings
from queries.register import Asked

FEW = 6  # so many cards show their particulars; a longer list is to be run over, and each has a page of its own


def one_finding(screen: Screen, wanted: int | None) -> bool:
    """One finding on its own page; True while something is under way."""
    with store.look() as conn:
        found = detail(conn, screen, wanted) if wanted is not None else None
        question = open_one(screen, conn, stay=True) if found else None
    st.page_link(CONFLICTS, label="All conflicts", icon=":material/arrow_back:")
    if found is None:
        st.info("There is nothing under this address any more. The list has what there is.")
        return False
    card(found.card, hands(screen), history_below=True)
    history(found.card.first, found.history, screen.salon, hands(screen))
    if question is not None:
        question()
    return any(step.under_way for step in found.history)


def the_list(screen: Screen) -> bool:
    """The filtered list; True while a batch is under way."""
    with store.look() as conn:
        names, counts = findings.staff_named(conn), findings.count_by_state(conn, Asked(screen.salon.now))
    chosen = filters(names, counts)
    page = int(st.session_state.get("page", 1))
    with store.look() as conn:
        shown = listing(conn, screen, chosen, page)
    buttons(screen, shown.bulks)
    batches(shown.batches, screen.salon)
    draw_cards(screen, shown, narrowed=chosen.narrowed)
    question = open_bulk(screen, shown.bulks)
    if question is not None:
        question()
    return bool(len(shown.batches)) and bool(shown.batches["waiting"].sum())


def draw_cards(screen: Screen, shown: Listing, *, narrowed: bool) -> None:
    """The cards of one page, or why there is none."""
    for one in shown.cards:
        card(one, hands(screen), link=one.first.number, compact=len(shown.cards) > FEW)
    if not shown.cards and narrowed:
        st.info("Nothing matches this choice.")
        st.button("Show everything that is open", key="clear", on_click=clear)
    elif not shown.cards:
        st.success("Nothing here.", icon=":material/check_circle:")
    if shown.pages > 1:
        st.pagination(shown.pages, key="page")


screen = open_screen("Conflicts")
busy = one_finding(screen, number("finding")) if "finding" in st.query_params else the_list(screen)
watch_for_news(busy=busy)
