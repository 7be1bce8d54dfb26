"""What is measured, in words: exact, one sentence first, and nothing that means nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.model import CLOSED, Breaker, BreakerState, Side
from sync.wording import Scene, Tone
from sync.wording.dead_letters import done_with_meanwhile, lie_there, on_its_way, resent_so_far, would_write
from sync.wording.measured import (
    Took,
    breaker,
    calls,
    contention,
    in_the_last,
    in_this,
    known_of,
    latency,
    length,
    locks,
    percent,
)

NOW = datetime(2026, 11, 20, 19, 35, tzinfo=UTC)  # a Friday, 13:35 in the salon
SCENE = Scene(NOW, "America/Chicago")


def test_lengths_are_read_off() -> None:
    said = [length(one) for one in (0.0, 0.182, 0.9996, 6.94, 59.9, 126, 3600, 12_600, 345_600)]
    assert said == ["0 ms", "182 ms", "1.0 s", "6.9 s", "59.9 s", "2.1 min", "1.0 h", "3.5 h", "4.0 days"]


def test_shares_are_never_said_to_be_nothing_when_they_are_something() -> None:
    assert [percent(share) for share in (0, 0.0001, 0.0066, 1)] == ["0.0 %", "below 0.1 %", "0.7 %", "100.0 %"]


def test_stretches_are_named() -> None:
    assert [in_the_last(1), in_the_last(168)] == ["in the last hour", "in the last 7 days"]
    assert [in_this(1), in_this(720)] == ["in this hour", "in these 30 days"]


@pytest.mark.parametrize(("p95", "tone"), [(1.9, Tone.GOOD), (2.1, Tone.LOOK), (61, Tone.TROUBLE), (901, Tone.ACT)])
def test_latency_is_as_loud_as_it_is_slow(p95: float, tone: Tone) -> None:
    (said,) = latency({"whole": Took(42, 0.5, p95, p95)}, None, 1)
    assert said.tone is tone
    assert "42 hints" in said.text


def test_latency_names_the_longest_part_and_the_exposure() -> None:
    parts = {"whole": Took(1204, 1, 1.5, 1.9), "wait": Took(1204, 0.1, 0.2, 0.3), "calls": Took(9, 0.3, 0.8, 0.9)}
    (said,) = latency(parts, Took(3, 1, 1.4, 2), 24)
    assert said.text == (
        "Changes cross within 2 s in the last day: half within 1.0 s, 95 of 100 within 1.5 s, 99 of 100 within 1.9 s "
        "(1,204 hints). Longest: the calendars' answers, 800 ms at p95. "
        "A taken slot was still open on the other side for 1.4 s at p95."
    )
    assert known_of(parts["calls"], parts["whole"]) == "9 of 1,204"


def test_nothing_carried_is_said_as_that() -> None:
    (said,) = latency({}, None, 1)
    assert (said.tone, said.text) == (Tone.EMPTY, "No hint has been carried in this hour.")


def test_locks_say_who_holds_and_how_long_the_longest_waits() -> None:
    (quiet,) = locks(0, (), (), 10, 0, 24)
    assert (quiet.tone, quiet.text) == (
        Tone.GOOD,
        "Nobody holds a lock just now, and nobody waits for one. None of 10 askings in the last day found one busy.",
    )
    (busy,) = locks(2, (3.0, 0.5), (), 8, 2, 1)
    assert busy.tone is Tone.LOOK
    said = "2 locks are held just now; 2 hints wait for one, the first hint was received 3.0 s ago. 2 of 10 "
    assert busy.text.startswith(said)
    (both,) = locks(1, (3.0,), (2.0,), 8, 2, 1)
    said = "1 hint and 1 click wait for one, the hint was received 3.0 s ago, the click waits for 2.0 s."
    assert said in both.text
    assert "; 1 click waits for one, the click waits for 2.0 s." in locks(1, (), (2.0,), 8, 2, 1)[0].text
    assert locks(1, (61.0,), (), 0, 0, 1)[0].tone is locks(1, (), (61.0,), 0, 0, 1)[0].tone is Tone.TROUBLE
    assert contention(0, 0, 1) == "No lock was asked for in this hour."


def test_a_breaker_says_since_when_and_when_it_is_tried_again() -> None:
    shut = Breaker(BreakerState.OPEN, 5, NOW - timedelta(minutes=5), NOW + timedelta(minutes=2), "No answer.")
    assert breaker(Side.SQUARE, shut, SCENE) == (
        "Square is left alone, failing since 13:30. One call tries it again at 13:37. No answer."
    )
    blamed = Breaker(BreakerState.HALF, 5, NOW, NOW, "It was revoked.", "SQUARE_ACCESS_TOKEN")
    assert breaker(Side.SQUARE, blamed, SCENE).endswith(
        "One call is trying now whether it answers again. SQUARE_ACCESS_TOKEN: It was revoked."
    )
    assert breaker(Side.BOOKLY, CLOSED, SCENE) == "Bookly is asked as usual: its breaker is closed."
    assert breaker(Side.BOOKLY, Breaker(failures=2), SCENE).endswith("2 calls in a row failed.")


def test_calls_name_the_side_that_is_left_alone_first() -> None:
    shut = Breaker(BreakerState.OPEN, 5, NOW, NOW + timedelta(minutes=2), "No answer.")
    first, rate = calls({Side.BOOKLY: CLOSED, Side.SQUARE: shut}, 400, 8, 1, SCENE)
    assert (first.tone, first.text) == (Tone.TROUBLE, "Square is left alone, failing since 13:35.")
    assert (rate.tone, rate.text) == (
        Tone.TROUBLE, "8 of 400 calls in the last hour were lost or never sent (2.0 %).",
    )  # fmt: skip
    (well,) = calls({}, 400, 0, 1, SCENE)
    assert (well.tone, well.text) == (Tone.GOOD, "All 400 calls in the last hour were answered.")
    (none,) = calls({}, 0, 0, 24, SCENE)
    assert (none.tone, none.text) == (Tone.EMPTY, "No calendar was called in this day.")


def test_dead_letters_say_the_soonest_visit_and_who_sends_them() -> None:
    soon = lie_there(12, 3, NOW + timedelta(minutes=25), "Maria", SCENE)
    assert soon.tone is Tone.ACT
    assert soon.text == (
        "12 dead letters wait; the soonest visit is today 14:00, in 25 minutes, with Maria. "
        "9 are sent again by themselves, 3 only after somebody has mended the cause."
    )
    assert lie_there(1, 1, None, "", SCENE).text == (
        "1 dead letter waits, none for a visit still to come. Trying again cannot help before somebody mends the cause."
    )
    assert lie_there(1, 0, NOW + timedelta(days=3), "", SCENE).tone is Tone.LOOK
    assert lie_there(0, 0, None, "", SCENE).tone is Tone.GOOD


def test_what_became_of_sending_is_counted() -> None:
    assert resent_so_far(7, 1, 4) == "7 of 12 ended well, 1 died again, 4 to go"
    assert resent_so_far(2, 0, 0) == "2 of 2 ended well"
    assert done_with_meanwhile(0) == ""
    assert on_its_way("Dana", NOW, SCENE) == "On its way again since today 13:35, asked for by Dana."
    assert on_its_way("", NOW, SCENE).endswith("by itself.")


def test_where_it_would_write_is_said_only_when_it_is_needed() -> None:
    assert would_write("still_needed", (Side.BOOKLY, Side.SQUARE)) == "It would write to Bookly and Square."
    assert would_write("still_needed", ()).startswith("Nothing is written at once")
    assert would_write("already_true", (Side.SQUARE,)) == ""
