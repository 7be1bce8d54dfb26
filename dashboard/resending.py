"""The questions before dead letters are sent again: which, how many, what it would do, and who asks.

In the address: `ask=resend&letter=7`, `ask=resend&letters=7.9.12`, `ask=resend&all=1` with the filters beside it,
`ask=put_away&letter=7`. What sending would do is looked at by the worker and told here as it comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import streamlit as st

from dashboard import actions, store
from dashboard.components.letters import unpick
from dashboard.components.measured import table
from dashboard.components.text import plain
from dashboard.components.who import who_is_this
from dashboard.dialogs import answer, close, dialog, number, open_question
from dashboard.letters import MOST_AT_ONCE, MOST_LOOKS, Letter, looks_at, tries_of
from dashboard.screen import Screen, flash, said, with_name
from sync.inbox.dead_letters import Many
from sync.store.looks import Look
from sync.wording.dead_letters import (
    done_with_meanwhile,
    judged,
    looked_at,
    many_resent,
    only_the_soonest,
    plan_of_many,
    resent,
    would_do,
    would_write,
)
from sync.wording.names import counted

SHOWN = 5
"""So many are named in the question; the rest is counted."""
ALSO = ("letter", "letters", "all")
LOOK_EVERY = timedelta(seconds=1)


def ask_for(screen: Screen, meant: Sequence[int], **address: str) -> None:
    """Open the question about these letters, and have the worker look at them meanwhile."""
    actions.look_at(screen.engine, screen.user, meant[:MOST_LOOKS], store.now())
    open_question(ask="resend", **address)


def ask_to_put_away(letter: int) -> None:
    """Put away was tapped."""
    open_question(ask="put_away", letter=str(letter))


def open_resend(screen: Screen, found: Sequence[Letter], every: Sequence[Letter]) -> Callable[[], None] | None:
    """The question that the address asks, if there is one. `found` are the letters that match, `every` all."""
    asked = st.query_params.get("ask")
    if asked == "resend":
        letters = _meant(found, every)
        return lambda: _resend_question(screen, letters[:MOST_AT_ONCE], len(letters))
    if asked == "put_away":
        return lambda: _away_question(screen, _meant(found, every))
    return None


def _meant(found: Sequence[Letter], every: Sequence[Letter]) -> list[Letter]:
    if "all" in st.query_params:
        return [one for one in found if not one.on_its_way]
    wanted = {number("letter")} | {int(one) for one in st.query_params.get("letters", "").split(".") if one.isdecimal()}
    return [one for one in every if one.number in wanted]


def _gone() -> None:
    flash(resent("done_with"))
    close(*ALSO)
    st.rerun()


# --- sending again ------------------------------------------------------------------------------------------------


def _resend_question(screen: Screen, letters: list[Letter], count: int) -> None:
    if not letters:
        _gone()
    title = "Send it again" if len(letters) == 1 else f"Send {counted(len(letters), 'letter')} again"
    dialog(title, lambda: _body(screen, letters, count), ALSO)


def _body(screen: Screen, letters: list[Letter], count: int) -> None:
    more = len(letters) - SHOWN
    lines = [*(_line(one) for one in letters[:SHOWN]), *([f"and {more} more"] if more > 0 else [])]
    st.markdown("\n".join(f"- {line}" for line in lines))
    if len(letters) < count:
        st.info(only_the_soonest(len(letters), count))
    if not screen.salon.writing:
        st.info("Slotkeeper only watches: it is looked at again, and nothing is written.")
    st.fragment(lambda: _plan(screen, letters), run_every=LOOK_EVERY)()
    if len(letters) == 1:
        _tries(screen, letters[0])
    who_is_this("resend", screen.names, screen.user, lambda name: _send(screen, letters, name))
    st.caption("However often and by whomever it is asked for, each letter goes round once.")


def _line(one: Letter) -> str:
    said_so = one.on_its_way or one.cause
    facts = ", ".join(part for part in (one.when, one.soon, one.who) if part)
    return f"**{plain(facts)}** (`{one.ref}`): {plain(said_so)}"


def _tries(screen: Screen, one: Letter) -> None:
    with store.look() as conn:
        rows = tries_of(conn, one.number, screen.salon.scene)
    with st.expander(f"Calls made for it ({len(rows)})", key="tries"):
        if rows:
            head = ("Try", "At", "Side", "Call", "Outcome", "Status", "Code", "Request", "Took")
            table("tries", head, rows, code=(6, 7))
        else:
            st.markdown("No outside call is on record for it.")


def _plan(screen: Screen, letters: list[Letter]) -> None:
    """What sending would do, as far as the worker has looked; drawn anew each second while the question is open."""
    with store.look() as conn:
        looks = looks_at(conn, letters, store.now())
    with st.container(border=True, key="plan"):
        st.markdown("**What it would do**")
        if not looks:
            _ask_for_looks(screen, letters)
        elif len(letters) == 1:
            _plan_of_one(looks[letters[0].number])
        else:
            _plan_of_many(letters, looks)


def _ask_for_looks(screen: Screen, letters: list[Letter]) -> None:
    st.markdown("Nobody has looked at the calendars for it within the last minute.")
    numbers = [one.number for one in letters[:MOST_LOOKS]]
    st.button(
        "Look at both calendars now",
        key="look_now",
        icon=":material/visibility:",
        on_click=_look_now,
        args=(screen, numbers),
    )


def _look_now(screen: Screen, letters: Sequence[int]) -> None:
    actions.look_at(screen.engine, screen.user, letters, store.now())


def _plan_of_one(look: Look) -> None:
    if not look.answered:
        st.markdown(f":material/hourglass_top: {_LOOKING}")
        return
    st.markdown(" ".join(plain(text) for text in (would_do(look.verdict), would_write(look.verdict, look.writes))))


_LOOKING = (
    "Both calendars are being looked at. You need not wait: the same look comes first in any case, and decides what is "
    "done."
)


def _plan_of_many(letters: list[Letter], looks: dict[int, Look]) -> None:
    answered = [(one, looks[one.number]) for one in letters if one.number in looks and looks[one.number].answered]
    so_far = looked_at(len(answered), len(letters))
    if len(answered) < len(looks):
        st.progress(len(answered) / len(looks), text=f"{so_far} {_LOOKING}")
    if answered:
        st.markdown(plain(f"{so_far} {plan_of_many([look.verdict for _, look in answered])}"))
        st.markdown("\n".join(f"- {_judged(one, look)}" for one, look in answered))
    rest = len(letters) - len(looks)
    if rest > 0:
        st.caption(f"The {len(looks)} with the soonest visits are looked at now, the other {rest} as they are carried.")


def _judged(one: Letter, look: Look) -> str:
    facts = ", ".join(part for part in (one.when, one.who) if part)
    return f"{plain(facts)} (`{one.ref}`) {plain(judged(look.verdict, look.writes))}."


def _send(screen: Screen, letters: list[Letter], name: str) -> None:
    user, now = with_name(screen, name), store.now()
    if len(letters) == 1:
        came, one = actions.resend(screen.engine, user, letters[0].number, now)
        words = resent(one.word, "" if one.by == user.name else one.by) if one else said(came)
    else:
        came, many = actions.resend_many(screen.engine, user, [one.number for one in letters], now)
        words = _many(many, len(letters)) if many else said(came)
    unpick()
    answer(came, ALSO, words)


def _many(many: Many, meant: int) -> str:
    sent, there = len(many.hints), many.on_their_way
    gone = done_with_meanwhile(meant - sent - there)
    return " ".join(filter(None, (many_resent(sent, there) if sent or there else "", gone)))


# --- putting away -------------------------------------------------------------------------------------------------


def _away_question(screen: Screen, letters: list[Letter]) -> None:
    if not letters:
        _gone()
    dialog("Put it away", lambda: _away_body(screen, letters[0]), ALSO)


def _away_body(screen: Screen, one: Letter) -> None:
    st.markdown(_line(one))
    st.markdown("It is not sent again, by nobody and by itself neither. If the calendars differ, that still shows on "
                "Conflicts.")  # fmt: skip
    who_is_this("away", screen.names, screen.user, lambda name: _put_away(screen, one, name))


def _put_away(screen: Screen, one: Letter, name: str) -> None:
    came = actions.put_away(screen.engine, with_name(screen, name), one.number, store.now())
    words = {actions.Answer.ASKED: "It is put away.", actions.Answer.STALE: resent("done_with")}
    answer(came, ALSO, words.get(came, ""))
