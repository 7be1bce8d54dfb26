from __future__ import annotations

import pytest
import streamlit as st

from dashboard.current_user import (
    AS,
    NAME,
    RIGHTS,
    ROLE,
    Right,
    Role,
    User,
    chosen_role,
    clean,
    current_user,
    on_loopback,
    role_into_address,
)


def test_only_a_server_on_this_machine_lets_anybody_act(monkeypatch: pytest.MonkeyPatch) -> None:
    for address, alone in (("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False),
                           ("", False), (None, False), ("192.0.2.7", False)):  # fmt: skip
        monkeypatch.setattr(st, "get_option", lambda _name, address=address: address)
        assert on_loopback() is alone, address


def test_off_this_machine_everybody_only_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {ROLE: "manager", NAME: "Dana"})
    monkeypatch.setattr("dashboard.current_user.on_loopback", lambda: False)
    assert current_user() == User("Dana", Role.VIEWER)


def test_a_role_nobody_knows_is_the_manager_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {ROLE: "emperor"})
    monkeypatch.setattr("dashboard.current_user.on_loopback", lambda: True)
    assert current_user() == User("", Role.MANAGER)


def test_who_may_what() -> None:
    assert set(RIGHTS) == set(Role)
    assert all(User("Dana", Role.BOTH).may(right) for right in Right)
    assert [right for right in Right if not User("Dana", Role.MANAGER).may(right)] == [Right.RESEND]
    assert User("Devi", Role.DEVELOPER).may(Right.RESEND)
    assert not any(User("Vera", Role.VIEWER).may(right) for right in Right)
    assert not User("Devi", Role.DEVELOPER).may(Right.SETTLE)


def test_a_name_is_one_line_of_a_length_that_fits() -> None:
    assert clean("  Dana \n Whitlow\t") == "Dana Whitlow"
    assert len(clean("x" * 500)) == 100


def test_a_role_survives_a_reload_in_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, str] = {ROLE: "developer"}
    address: dict[str, str] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(st, "query_params", address)
    role_into_address()
    assert address == {AS: "developer"}
    state.clear()  # a reload is a new session at the same address
    assert chosen_role() is Role.DEVELOPER
    state[ROLE] = "manager"
    role_into_address()
    assert address == {} and chosen_role() is Role.MANAGER


def test_a_role_in_the_address_that_nobody_knows_is_the_manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(st, "query_params", {AS: "emperor"})
    assert chosen_role() is Role.MANAGER
