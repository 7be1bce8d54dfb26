"""Dead letters as they are listed: filters, rows with a box and a button, what is under way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.components.text import plain
from dashboard.letters import MOST_AT_ONCE, Letter, Narrowed
from dashboard.salon import Salon
from sync.model import Side, Source
from sync.wording.dead_letters import resent_so_far, send_all
from sync.wording.names import counted
from sync.wording.times import when

PICKED = "picked"
NEWS = 3
"""So many of the latest sendings are told also when they are through."""
WITHIN = {"within 2 hours": 2, "within a day": 24, "within 7 days": 168}
SENT_BY = {"by itself": False, "only after mending": True}


@dataclass(frozen=True, slots=True)
class Asks:
    """What the buttons call: for one letter, for the picked ones, for all that match; and putting one away."""

    send: Callable[[int], None]
    send_picked: Callable[[], None]
    send_all: Callable[[], None]
    put_away: Callable[[int], None]
    may_act: bool


def narrow(causes: Mapping[str, int]) -> Narrowed:
    """Draw the filters and say what is chosen. It stands in the address."""
    with st.container(key="narrow"), st.grid(4, min_column_width=140):
        cause = st.selectbox("Cause", list(causes), index=None,
                             key="cause", bind="query-params", placeholder="Any")  # fmt: skip
        side = st.selectbox("Change came from", [one.brand for one in Side], index=None, key="from",
                            bind="query-params", placeholder="Either side")  # fmt: skip
        within = st.selectbox("Visit begins", list(WITHIN), index=None, key="within", bind="query-params",
                              placeholder="At any time")  # fmt: skip
        lasting = st.selectbox("Sent again", list(SENT_BY), index=None, key="again", bind="query-params",
                               placeholder="Either way")  # fmt: skip
    return Narrowed(
        cause=cause or "",
        side=Side(side.lower()) if side else None,
        within=WITHIN.get(within or "", 0),
        lasting=SENT_BY.get(lasting or ""),
    )


def clear() -> None:
    """Narrow nothing down any more."""
    for key in ("cause", "from", "within", "again"):
        st.session_state[key] = None


def picked(found: Sequence[Letter]) -> tuple[int, ...]:
    """The letters whose box is ticked and that can be sent, in the list's order."""
    chosen = st.session_state.get(PICKED, frozenset())
    return tuple(one.number for one in found if one.number in chosen and not one.on_its_way)


def unpick() -> None:
    """No box is ticked any more."""
    for number in st.session_state.pop(PICKED, frozenset()):
        st.session_state.pop(_box(number), None)


def _tick(number: int) -> None:
    chosen = set(st.session_state.get(PICKED, frozenset()))
    (chosen.add if st.session_state.get(_box(number)) else chosen.discard)(number)  # gone where it has just been sent
    st.session_state[PICKED] = frozenset(chosen)


def _box(number: int) -> str:
    return f"pick_{number}"


def bulk_buttons(found: Sequence[Letter], narrowed: Narrowed, asks: Asks) -> None:
    """A button for the ticked ones, one for all that match, each with its count."""
    chosen, going = len(picked(found)), sum(not one.on_its_way for one in found)
    with st.container(horizontal=True, gap="small", key="bulk"):
        st.button(f"Send {counted(chosen, 'selected letter')} again" if chosen else "Send selected again",
                  key="send_picked", icon=":material/checklist:", on_click=asks.send_picked,
                  disabled=not asks.may_act or not chosen, wrap=True)  # fmt: skip
        st.button(send_all(going, MOST_AT_ONCE, narrowed=narrowed.at_all), key="send_all",
                  icon=":material/send:", on_click=asks.send_all,
                  disabled=not asks.may_act or not going, wrap=True)  # fmt: skip


def letter(shown: Letter, asks: Asks) -> None:
    """One letter: its visit, why it lies there, what was tried, its box and buttons."""
    free = asks.may_act and not shown.on_its_way
    with st.container(border=True, gap="xxsmall", key=f"letter_{shown.number}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.session_state.setdefault(_box(shown.number), shown.number in st.session_state.get(PICKED, frozenset()))
            st.checkbox(_title(shown), key=_box(shown.number), on_change=_tick, args=(shown.number,), disabled=not free)
            _buttons(shown, asks, free=free)
        st.markdown(f":material/sync: {plain(shown.on_its_way)}" if shown.on_its_way else plain(shown.cause))
        st.caption(_small(shown))


def _title(shown: Letter) -> str:
    parts = (f"**{plain(shown.when)}**", plain(shown.soon), plain(shown.who))
    return " · ".join(part for part in parts if part)


def _small(shown: Letter) -> str:
    ids = " ".join(part for part in (f"`{_code(shown.ref)}`", plain(shown.visit)) if part)
    asked = f", request `{_code(shown.request_id)}`" if shown.request_id else ""
    lasting = " · waits until somebody mends the cause" if shown.lasting else ""
    return f"Letter {shown.number} · {ids} · {plain(shown.facts)} · {plain(shown.call)}{asked}{lasting}"


def _code(text: str) -> str:
    return text.replace("`", "")


def _buttons(shown: Letter, asks: Asks, *, free: bool) -> None:
    with st.container(horizontal=True, gap="small", width="content", key=f"hands_{shown.number}"):
        st.button("Send again", key=f"send_{shown.number}", icon=":material/send:", on_click=asks.send,
                  args=(shown.number,), disabled=not free)  # fmt: skip
        st.button("Put away", key=f"away_{shown.number}", icon=":material/archive:", type="tertiary",
                  on_click=asks.put_away, args=(shown.number,), disabled=not free)  # fmt: skip


def resends(found: pd.DataFrame, salon: Salon) -> None:
    """How far what was sent again within the hour is, latest first: all that is under way, and what is news. The worker
    goes on whether anybody looks or not."""
    for place, row in enumerate(found[(found["waiting"] > 0) | (found.index < NEWS)].to_dict("records")):
        ended, dead, waits = int(row["ended"]), int(row["dead"]), int(row["waiting"])
        who = plain(str(row["asked_by"])) if row["source"] == Source.RESEND.value else "by itself"
        at = when(row["received_at"].to_pydatetime(), salon.now, salon.zone)
        text = f"**Sent again:** {resent_so_far(ended, dead, waits)} ({who or 'by itself'}, {at})"
        with st.container(key=f"resend_{place}"):
            if waits:
                st.progress((ended + dead) / max(int(row["total"]), 1), text=text)
            else:
                st.caption(f":material/{'report' if dead else 'check'}: {text}")
