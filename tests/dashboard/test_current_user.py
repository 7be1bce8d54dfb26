from __future__ import annotations

import pytest
import streamlit as st

from dashboard.current_user import NAME, RIGHTS, ROLE, Right, Role, User, clean, current_user, on_loopback


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
    assert all(User("Dana", Role.MANAGER).may(right) for right in Right)
    assert not any(User("Vera", Role.VIEWER).may(right) for right in Right)
    assert not User("Devi", Role.DEVELOPER).may(Right.SETTLE)


def test_a_name_is_one_line_of_a_length_that_fits() -> None:
    assert clean("  Dana \n Whitlow\t") == "Dana Whitlow"
    assert len(clean("x" * 500)) == 100
