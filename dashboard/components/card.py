"""A card: what is wrong, the suggested way with its preview, other ways behind a tap, what came of the last click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import streamlit as st

from dashboard.components.summary import CONFLICTS, SETUP
from dashboard.components.text import call_link, plain
from dashboard.desk import Card, Result, Way
from sync import wording
from sync.model import CHAIR, TIMELESS, ChoiceKind, Kind
from sync.wording import KINDS

_ICONS = {
    Kind.DOUBLE_BOOKING: ":material/group:",
    Kind.PADDING_CLASH: ":material/hourglass_bottom:",
    Kind.OVER_CAPACITY: ":material/groups:",
    Kind.MISSING_IN_SQUARE: ":material/content_paste_off:",
    Kind.MISSING_IN_BOOKLY: ":material/content_paste_off:",
    Kind.DRIFT: ":material/difference:",
    Kind.SAME_VISIT: ":material/content_copy:",
    Kind.UNMAPPED_STAFF: ":material/person_search:",
    Kind.UNMAPPED_SERVICE: ":material/sell:",
    Kind.ANOMALY: ":material/help:",
}
_RED = (Kind.DOUBLE_BOOKING, Kind.OVER_CAPACITY)


@dataclass(frozen=True, slots=True)
class Hands:
    """What the buttons of a card call. `choose` gets the finding's number and the way, `undo` the request's number."""

    choose: Callable[[int, Way], None]
    undo: Callable[[int], None]
    writing: bool
    may_act: bool


def card(
    shown: Card, hands: Hands, *, link: int | None = None, history_below: bool = False, compact: bool = False
) -> None:
    """Draw one card. `link` is the finding whose page to offer. `history_below`: what came of clicks stands there.
    `compact` leaves the particulars to that page."""
    with st.container(border=True, key=f"card_{shown.first.number}"):
        _head(shown, link)
        if shown.to_decide and shown.ways is not None:
            _to_decide(shown, shown.ways, hands, history_below=history_below)
        else:
            _matter(shown, compact=compact)
            _state(shown, hands, history_below=history_below)
        if shown.kind in TIMELESS and shown.first.state == "open":
            st.page_link(SETUP, label="Match it on Set-up", icon=":material/arrow_forward:")


def _head(shown: Card, link: int | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(KINDS[shown.kind], icon=_ICONS[shown.kind], color=_colour(shown))
        if shown.first.state == "closed":
            st.badge("Settled", icon=":material/check:", color="green")
        st.space("stretch")
        if link is not None:
            st.page_link(
                CONFLICTS,
                label="Details",
                icon=":material/arrow_forward:",
                query_params={"finding": str(link)},
                width="content",
            )


def _matter(shown: Card, *, compact: bool = False) -> None:
    st.markdown(f"#### {plain(shown.title)}")
    if shown.when:
        st.markdown(f":material/schedule: {plain(shown.when)}")
    if shown.story and not compact:
        st.markdown("\n".join(f"- {plain(line)}" for line in shown.story))


def _state(shown: Card, hands: Hands, *, history_below: bool) -> None:
    if shown.first.state_words and (shown.result is None or history_below):
        st.markdown(plain(shown.first.state_words))
    if shown.result is not None and not history_below:
        result(shown.result, hands)


def _colour(shown: Card) -> Literal["red", "orange", "gray"]:
    if not shown.to_decide:
        return "gray"
    return "red" if shown.kind in _RED else "orange"


# --- the ways out -------------------------------------------------------------------------------------------------


def _to_decide(shown: Card, ways: Sequence[Way], hands: Hands, *, history_below: bool) -> None:
    """What is the matter beside the suggested way; below each other on a phone."""
    main = shown.suggested
    others = [way for way in ways if way is not main]
    left, right = st.columns(2, gap="medium")
    with left:
        _matter(shown)
        _state(shown, hands, history_below=history_below)
    with right:
        if main is not None:
            _main(shown, main, hands)
        elif ways:
            st.markdown("**Nothing can be suggested here. Please choose:**")
            _others(shown, others, hands)
        elif shown.kind not in TIMELESS:
            st.info("There is nothing that can be done about it from here. Please look at both calendars.")
    if main is not None and others:
        with st.expander(f"Other ways ({len(others)})", key=f"others_{shown.first.number}"):
            _others(shown, others, hands)


def _main(shown: Card, way: Way, hands: Hands) -> None:
    _button(shown, way, hands, primary=True)
    if way.reason:
        st.markdown(f":material/thumb_up: {plain(way.reason)}")
    preview(way)


def preview(way: Way) -> None:
    """What changes in Bookly, what in Square, and who hears of it."""
    lines = [("In Bookly", way.in_bookly), ("In Square", way.in_square), ("Who hears of it", way.hears)]
    if way.kept:
        lines.insert(0, ("Here", way.kept))
    said = (f"**{title}:** {plain(' '.join(text))}" for title, text in lines if text)
    st.markdown("  \n".join(said))


def _others(shown: Card, ways: Sequence[Way], hands: Hands) -> None:
    mild = [way for way in ways if way.choice.kind is not ChoiceKind.CANCEL]
    for group, members in groupby(mild, key=lambda way: way.group):
        if shown.kind in CHAIR:
            st.caption(group)
        with st.container(horizontal=True, gap="small"):
            for way in members:
                _button(shown, way, hands)
    _cancels(shown, [way for way in ways if way.choice.kind is ChoiceKind.CANCEL], hands)


def _cancels(shown: Card, ways: Sequence[Way], hands: Hands) -> None:
    if not ways:
        return
    st.divider()
    st.caption("If nothing else helps. You are asked once more.")
    with st.container(horizontal=True, gap="small"):
        for way in ways:
            _button(shown, way, hands, icon=":material/cancel:", tertiary=True)


def _button(
    shown: Card, way: Way, hands: Hands, *, primary: bool = False, tertiary: bool = False, icon: str | None = None
) -> None:
    number = shown.first.number
    st.button(
        plain(way.label if hands.writing or not _writes(way) else wording.would(way.label)),
        key=f"way_{number}_{way.choice.id}",
        type="primary" if primary else "tertiary" if tertiary else "secondary",
        icon=icon,
        on_click=hands.choose,
        args=(number, way),
        disabled=not hands.may_act,
        width="stretch" if primary else "content",
        wrap=True,
    )


def _writes(way: Way) -> bool:
    return not way.kept


# --- what came of it ----------------------------------------------------------------------------------------------


def result(shown: Result, hands: Hands) -> None:
    """What came of the last click: the sentence, whom to call, and the way back."""
    with st.container(key=f"result_{shown.request}"):
        _sentence(shown)
        for late in shown.too_late:
            st.caption(f":material/block: {plain(late)}")
        calls = [call_link(client.name, client.phone) for client in shown.to_call if client.name]
        if calls:
            st.markdown(f"**{plain(wording.not_told_words(shown.to_call))}** " + " · ".join(calls))
        if shown.may_undo:
            st.button(
                "Undo",
                key=f"undo_{shown.request}",
                icon=":material/undo:",
                on_click=hands.undo,
                args=(shown.request,),
                disabled=not hands.may_act,
            )


def _sentence(shown: Result) -> None:
    text = f"{plain(shown.text)}  \n*{plain(shown.by_words)}*"
    if shown.under_way:
        st.info(text, icon=":material/progress_activity:")
    elif shown.state == "done":
        st.success(text, icon=":material/check:")
    elif shown.state == "half":
        st.error(text, icon=":material/rule:")
    else:
        st.warning(text, icon=":material/block:")
