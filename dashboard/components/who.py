"""Who is this: the names to tap before anything is done, and the picker in the frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.components.text import plain
from dashboard.current_user import LONGEST_NAME, NAME, ROLE, Role, User

ROLE_WORDS = {
    Role.MANAGER: "Manager: settles, runs jobs, sets up",
    Role.DEVELOPER: "Developer: runs jobs, pauses, sends again",
    Role.BOTH: "Manager and developer: everything",
    Role.VIEWER: "Looks only",
}


def who_is_this(key: str, names: Sequence[str], user: User, do: Callable[[str], None]) -> None:
    """A button a name; one tap says who it is and does it. Whoever acted last here comes first."""
    st.markdown("**Who is this?** One tap on your name does it.")
    first = [user.name] if user.name else []
    with st.grid(3, min_column_width=104, gap="small"):
        for number, name in enumerate(dict.fromkeys([*first, *names])):
            st.button(
                plain(name),
                key=f"{key}_who_{number}",
                on_click=do,
                args=(name,),
                type="primary" if name == user.name else "secondary",
                width="stretch",
                wrap=True,
            )
    _somebody_else(key, do)


def _somebody_else(key: str, do: Callable[[str], None]) -> None:
    with (
        st.form(f"{key}_other", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input("Somebody else", key=f"{key}_other_name", max_chars=LONGEST_NAME, placeholder="Your name")
        st.form_submit_button("Do it", key=f"{key}_other_go", on_click=_with_typed, args=(f"{key}_other_name", do))


def _with_typed(key: str, do: Callable[[str], None]) -> None:
    name = " ".join(str(st.session_state.get(key) or "").split())
    if name:
        do(name)


def picker(names: Sequence[str], user: User) -> None:
    """Who is at this screen and as what, shown on every page and changed there."""
    shown = plain(user.name) if user.name else "Who are you?"
    with st.popover(shown, icon=":material/person:", key="frame_user", help="Who acts, and with which role"):
        options = list(dict.fromkeys([*names, *([user.name] if user.name else [])]))
        st.selectbox(
            "You are",
            options,
            index=options.index(user.name) if user.name in options else None,
            key="frame_name",
            accept_new_options=True,
            placeholder="Pick or type a name",
            on_change=_take_name,
        )
        roles = list(Role)
        st.radio(
            "Role",
            roles,
            index=roles.index(user.role),
            format_func=ROLE_WORDS.__getitem__,
            key="frame_role",
            on_change=_take_role,
        )


def _take_name() -> None:
    st.session_state[NAME] = " ".join(str(st.session_state.get("frame_name") or "").split())[:LONGEST_NAME]


def _take_role() -> None:
    st.session_state[ROLE] = str(st.session_state["frame_role"])
