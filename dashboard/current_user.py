"""The one place that says who acts, and with which role.

There is no sign-in yet, so anybody who reaches the screen could act. Therefore acting is refused unless the server is
bound to this machine alone, and the name that a person picks goes into the record of what they did.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

LOOPBACK = ("127.0.0.1", "localhost", "::1")
NAME, ROLE = "user_name", "user_role"
AS = "as"
"""Where the role stands in the address: a reload or a link to a page brings the same one back."""
LONGEST_NAME = 100


class Role(StrEnum):
    """Who somebody is to the house."""

    MANAGER = "manager"
    DEVELOPER = "developer"
    BOTH = "both"
    VIEWER = "viewer"


class Right(StrEnum):
    """Something a person may be allowed to do."""

    SETTLE = "settle"
    RUN_JOBS = "run_jobs"
    PAUSE = "pause"
    SET_UP = "set_up"
    RESEND = "resend"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.MANAGER: frozenset(Right) - {Right.RESEND},
    Role.DEVELOPER: frozenset({Right.RUN_JOBS, Right.PAUSE, Right.RESEND}),
    Role.BOTH: frozenset(Right),
    Role.VIEWER: frozenset(),
}


@dataclass(frozen=True, slots=True)
class User:
    """Somebody at the screen. `name` is empty until they said who they are."""

    name: str
    role: Role

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def named(self, name: str) -> User:
        """The same person under the name they gave just now."""
        return User(clean(name), self.role)


def current_user() -> User:
    """Who is at this screen. A page that is not on loopback shows everything and lets nobody act."""
    role = _role(st.session_state.get(ROLE))
    return User(clean(st.session_state.get(NAME) or ""), role if on_loopback() else Role.VIEWER)


def chosen_role() -> Role:
    """The role that was picked, whatever it may do here: it says which pages stand in the menu."""
    if ROLE not in st.session_state and AS in st.query_params:
        st.session_state[ROLE] = _role(st.query_params[AS]).value
    return _role(st.session_state.get(ROLE))


def role_into_address() -> None:
    """Keep the role in the address, unless it is the one that everybody begins with."""
    role = _role(st.session_state.get(ROLE))
    if role is Role.MANAGER:
        st.query_params.pop(AS, None)
    elif st.query_params.get(AS) != role.value:
        st.query_params[AS] = role.value


def remember(name: str) -> None:
    """Keep who said they are here, for the next time they are asked."""
    st.session_state[NAME] = clean(name)


def on_loopback() -> bool:
    """Whether only this machine reaches the screen."""
    return st.get_option("server.address") in LOOPBACK


def clean(name: str) -> str:
    """A name as it is kept: one line, no longer than the record holds."""
    return " ".join(name.split())[:LONGEST_NAME]


def _role(value: object) -> Role:
    try:
        return Role(str(value))
    except ValueError:
        return Role.MANAGER
