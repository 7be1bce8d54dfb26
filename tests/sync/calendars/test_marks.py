"""Our marks in notes."""

from __future__ import annotations

import pytest

from sync.calendars.marks import installation_of, mark_for, mark_in, noted


@pytest.mark.parametrize(
    ("note", "mark"),
    [
        ("slotkeeper:a1:12:0", "slotkeeper:a1:12:0"),
        ("Ring first. slotkeeper:a1:12:3.", "slotkeeper:a1:12:3"),
        ("(slotkeeper:a1:12:3:1)\nallergic", "slotkeeper:a1:12:3:1"),
        ("slotkeeper:a1:v-9:10 slotkeeper:b:1:1", "slotkeeper:a1:v-9:10"),
        ("my-slotkeeper:a1:12:0", None),
        ("slotkeeper:a1:12", None),
        ("slotkeeper:a1:12:x", None),
        ("", None),
        (None, None),
    ],
)
def test_a_mark_is_found_anywhere_in_a_note_and_nothing_else_passes(note: str | None, mark: str | None) -> None:
    assert mark_in(note) == mark


def test_a_mark_made_is_the_mark_found_and_names_its_installation() -> None:
    mark = mark_for("salon-1", 77, 2, part=1)
    assert mark_in(noted("Booked in Square", mark)) == mark
    assert noted("", mark) == mark
    assert installation_of(mark) == "salon-1"
    assert installation_of("hello") is None


def test_an_installation_that_would_break_the_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        mark_for("two words", 1, 0)
