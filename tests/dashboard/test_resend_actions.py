"""What the buttons of Dead letters ask for: once, by somebody who may, with a row in the audit."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from dashboard import actions
from dashboard.actions import Answer
from dashboard.current_user import Role, User
from sync.store import looks
from sync.store.connection import reading
from sync.store.hints import OPEN
from sync.store.tables import audit, hints
from tests.dashboard.letters_store import end_all, some_letters
from tests.dashboard.small_store import NOW

DEVI, DANA = User("Devi", Role.DEVELOPER), User("Dana", Role.BOTH)


@pytest.fixture
def letters(small_store: Engine) -> list[int]:
    return some_letters(small_store, NOW)


def _going(engine: Engine) -> int:
    with reading(engine) as conn:
        return int(
            conn.execute(sa.select(sa.func.count()).select_from(hints).where(hints.c.state.in_(OPEN))).scalar_one()
        )


def _audited(engine: Engine) -> list[tuple[str, str, str]]:
    with reading(engine) as conn:
        rows = conn.execute(sa.select(audit.c.who, audit.c.role, audit.c.what).order_by(audit.c.id))
        return [tuple(one) for one in rows]


def test_one_goes_round_once_whoever_asks_how_often(small_store: Engine, letters: list[int]) -> None:
    came, first = actions.resend(small_store, DEVI, letters[0], NOW)
    again, second = actions.resend(small_store, DANA, letters[0], NOW)
    assert first and second
    assert (came, first.word) == (Answer.ASKED, "sent")
    assert (again, second.word, second.by) == (Answer.ALREADY, "on_its_way", "Devi")
    assert _going(small_store) == 1
    assert _audited(small_store) == [("Devi", "developer", "dead letter resent")]


def test_one_that_is_done_with_is_stale(small_store: Engine, letters: list[int]) -> None:
    actions.resend(small_store, DEVI, letters[0], NOW)
    end_all(small_store, NOW)
    came, told = actions.resend(small_store, DANA, letters[0], NOW)
    assert told
    assert (came, told.word) == (Answer.STALE, "done_with")


def test_many_are_those_that_were_counted_and_no_others(small_store: Engine, letters: list[int]) -> None:
    actions.resend(small_store, DEVI, letters[1], NOW)
    came, many = actions.resend_many(small_store, DANA, letters[:3], NOW)
    assert many
    assert (came, len(many.hints), many.on_their_way) == (Answer.ASKED, 2, 1)
    assert _going(small_store) == 3
    assert _audited(small_store)[1:] == [("Dana", "both", "dead letters resent")]
    again, none = actions.resend_many(small_store, DEVI, letters[:3], NOW + timedelta(seconds=1))
    assert none
    assert (again, none.hints, none.on_their_way) == (Answer.ALREADY, (), 3)
    assert len(_audited(small_store)) == 2


def test_no_letter_at_all_is_never_all_letters(small_store: Engine, letters: list[int]) -> None:
    assert actions.resend_many(small_store, DEVI, (), NOW) == (Answer.STALE, None)
    assert _going(small_store) == 0


def test_put_away_is_done_once_and_noted(small_store: Engine, letters: list[int]) -> None:
    assert actions.put_away(small_store, DEVI, letters[0], NOW) is Answer.ASKED
    assert actions.put_away(small_store, DANA, letters[0], NOW) is Answer.STALE
    assert _audited(small_store) == [("Devi", "developer", "dead letter put away")]


@pytest.mark.parametrize("user", [User("Dana", Role.MANAGER), User("Vera", Role.VIEWER), User("", Role.DEVELOPER)])
def test_without_the_role_or_a_name_nothing_is_sent(user: User, small_store: Engine, letters: list[int]) -> None:
    assert actions.resend(small_store, user, letters[0], NOW) == (Answer.NOT_ALLOWED, None)
    assert actions.resend_many(small_store, user, letters, NOW) == (Answer.NOT_ALLOWED, None)
    assert actions.put_away(small_store, user, letters[0], NOW) is Answer.NOT_ALLOWED
    assert (_going(small_store), _audited(small_store)) == (0, [])


def test_a_look_needs_the_role_and_leaves_nothing_but_its_question(small_store: Engine, letters: list[int]) -> None:
    assert actions.look_at(small_store, User("Dana", Role.MANAGER), letters, NOW) is Answer.NOT_ALLOWED
    assert actions.look_at(small_store, User("", Role.DEVELOPER), letters, NOW) is Answer.ASKED
    assert actions.look_at(small_store, DEVI, letters, NOW) is Answer.ALREADY
    with reading(small_store) as conn:
        assert looks.next_asked(conn) == letters[0]
    assert (_going(small_store), _audited(small_store)) == (0, [])
