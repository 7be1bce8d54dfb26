"""People who keep booking: everything they do is what they said, and they are lucky with the times."""

from collections import Counter
from datetime import timedelta
from itertools import combinations

import httpx
import pytest

from practice_salon import PracticeError
from practice_salon.people.clash import make_clash
from practice_salon.people.people import People
from practice_salon.people.play import ACTS, Player, forms, play
from practice_salon.people.stage import open_stage
from practice_salon.people.standing import Board, meet
from practice_salon.shop import shop
from tests.practice_salon.people.conftest import OpenSalon

CLIENTS = forms(shop(1))
ROUNDS = 40


def clashes(board: Board) -> list[tuple[object, object]]:
    """Couples of visits of one person whose busy times meet, paddings included."""
    return [
        (a, b)
        for a, b in combinations(board.standings, 2)
        if a.staff == b.staff is not None and meet(a.busy, b.busy) and (a.side, a.unit) != (b.side, b.unit)
    ]


@pytest.mark.parametrize("number", [1, 2])
def test_a_day_of_people_makes_no_clash_and_does_a_bit_of_everything(open_salon: OpenSalon, number: int) -> None:
    people = open_salon(number)
    player = Player(people, forms(shop(number)), number)
    done = Counter(player.act() for _ in range(ROUNDS))
    now = people.stage.now()
    assert clashes(people.stage.look(now - timedelta(days=1), now + timedelta(days=9))) == []
    assert len(set(done) - {"nothing"}) >= 7, done
    assert done["nothing"] < ROUNDS / 4


def test_the_same_seed_does_the_same(open_salon: OpenSalon) -> None:
    said: list[list[str]] = []
    for _ in range(2):
        player = Player(open_salon(3), forms(shop(3)), 5)
        said.append([player.act() for _ in range(12)])
    assert said[0] == said[1]


@pytest.mark.parametrize("name", [name for name, _, _ in ACTS])
def test_each_thing_that_people_do_can_be_done(people: People, name: str) -> None:
    player = Player(people, CLIENTS, 1)
    deed = next(act for known, _, act in ACTS if known == name)
    now = people.stage.now()
    chair = next(c for c in people.stage.chairs if people.stage.hours(c.bookly, people.stage.local(now).date()))
    treat = next(t for t in people.stage.does(chair) if t.variation)
    people.books_in_square(chair, treat, now + timedelta(days=6, hours=3), CLIENTS[3])
    people.books_in_square(chair, treat, now - timedelta(hours=5), CLIENTS[4])
    twins = [c for c in people.stage.chairs if treat.bookly in c.skills][:2]
    for twin, client in zip(twins, CLIENTS[5:7], strict=True):
        people.books_in_office(twin, treat, now + timedelta(days=5, hours=20), [client])
    player.board = people.stage.look(now - timedelta(days=1), now + timedelta(days=8))
    before = len(people.truth.deeds())
    assert any(deed(player) for _ in range(5))
    assert len(people.truth.deeds()) > before


def test_nobody_touches_the_clash(people: People) -> None:
    clash = make_clash(people, CLIENTS, 1)
    player = Player(people, CLIENTS, 1)
    now = people.stage.now()
    player.board = people.stage.look(now, now + timedelta(days=2))
    for side in ("bookly", "square"):
        picked = {one.unit for _ in range(200) if (one := player.someone(side))}
        assert not picked & {clash.appointment, clash.booking}


def test_playing_goes_on_until_told_to_stop_at_the_asked_speed(people: People) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return len(waits) > 4

    play(Player(people, CLIENTS, 1), 10.0, wait, pytest.fail)
    assert len(waits) == 5
    assert all(1.5 <= seconds <= 4.5 for seconds in waits)


def test_a_calendar_that_does_not_answer_is_told_once_and_tried_again(people: People) -> None:
    said: list[str] = []
    player, turns = Player(people, CLIENTS, 1), iter(range(4))
    answering, people.stage.square._client = people.stage.square._client, _Silent()  # type: ignore[assignment]
    play(player, 1.0, lambda _: next(turns, None) is None, said.append)
    assert len(said) == 1 and "No practice Square answers" in said[0]
    people.stage.square._client = answering
    assert player.act()


class _Silent:
    def request(self, *_: object, **__: object) -> object:
        raise httpx.ConnectError("nobody there")

    def close(self) -> None:
        pass


def test_nobody_in_both_calendars_is_told_in_a_sentence(people: People) -> None:
    for member in people.stage.square.members():
        people.stage.square.act("owner", "deactivate_team_member", team_member_id=member.id)
    with pytest.raises(PracticeError, match="Nobody works in both calendars"):
        open_stage(people.stage.site, people.stage.square)
