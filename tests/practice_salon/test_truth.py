"""The record of what people did."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from practice_salon.truth import Deed, Truth, read

NOON = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)


def deed(number: int, side: str = "bookly") -> Deed:
    ids: dict[str, tuple[int | str, ...]] = {"appointment": (number,)}
    return Deed(NOON, "website", "square" if side == "square" else "bookly", "book", ids, {"staff": "Maria"})


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    written = [Truth(file).record(deed(1)), Truth(file).record(deed(2, "square"))]
    assert read(file) == written
    assert Truth(file).deeds() == written


def test_a_line_cut_off_by_a_kill_does_not_spoil_the_others(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    Truth(file).record(deed(1))
    file.write_text(file.read_text("utf-8") + '{"at": "2026-05-', "utf-8")
    assert read(file) == [deed(1)]


def test_deeds_are_found_by_side_by_kind_and_by_id() -> None:
    truth = Truth()
    truth.record(deed(1))
    truth.record(deed(2, "square"))
    assert [d.ids["appointment"] for d in truth.deeds(side="square")] == [(2,)]
    assert truth.deeds(what="move") == []
    assert truth.about("appointment", 1) == [deed(1)]


def test_lines_of_several_threads_do_not_mix(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    truth = Truth(file)
    threads = [Thread(target=lambda n=n: [truth.record(deed(n * 100 + i)) for i in range(50)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(read(file)) == 200
