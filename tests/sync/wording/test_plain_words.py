"""Every sentence a manager can read, held against the words that no hairdresser would say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sync import wording
from sync.model import Finding, Side
from sync.wording import Scene, scene_of
from sync.wording import mapping as mapping_words
from sync.wording import outcomes as outcome_words
from sync.wording import runs as run_words
from sync.wording.findings import KINDS, title, when_words
from sync.wording.outcomes import REFUSED
from tests.dashboard.small_store import NOW, ZONE
from tests.sync.wording.people import at, board_of, every_choice, every_outcome, salon_of_every_kind

FORBIDDEN = re.compile(
    r"\b(hints?|leases?|drifts?|converge\w*|webhooks?|UTC|DLQ|p95|p99|fingerprint|payload|mirror|projection|"
    r"request id)\b",
    re.IGNORECASE,
)
NOT_WORDS = re.compile(r"\b(None|null|True|False|nan|NaT)\b")
AN_ID = re.compile(
    r"\b(ca|row|compound|bookly|square):\w+|\bbk\d+\w+|\bTM\d+|#\d+|\b(?=\w*\d)(?=\w*[A-Za-z])\w{10,}\b|_"
)


def complaints(sentence: str) -> list[str]:
    """What no hairdresser would say in it."""
    return [found[0] for pattern in (FORBIDDEN, NOT_WORDS, AN_ID) for found in pattern.finditer(sentence)]


def _about_findings(findings: list[Finding], scene: Scene) -> Iterator[str]:
    for finding in findings:
        yield wording.headline(finding, NOW, ZONE)
        yield from wording.story(finding, NOW, ZONE)
        yield title([finding], NOW, ZONE)
        yield when_words([finding], NOW, ZONE)
    yield from KINDS.values()
    readings = [wording.Reading(side, at("09:00"), at("12:00"), "Square did not answer.") for side in Side]
    yield from (said.text for said in wording.opening(readings, [findings[:1]], None, scene))
    yield from (said.text for said in wording.opening([wording.Reading(Side.BOOKLY, None)], [], None, scene))


def _about_choices() -> Iterator[str]:
    shop = salon_of_every_kind()
    board = board_of(shop)
    scene = scene_of(board)
    yield from _about_findings(shop.findings, scene)
    for finding, choice, planned in every_choice(shop, board):
        yield wording.button(choice, finding, board)
        yield wording.reason(choice, finding, board)
        yield wording.second_tap(choice, board)
        for side in Side:
            yield from wording.what_changes_in(planned, side, scene)
        yield from wording.what_is_kept(planned, scene)
        yield from wording.who_hears(planned)
        for outcome in every_outcome(planned):
            yield wording.result(outcome, scene)
            yield wording.not_told_words(wording.not_told(outcome))


def _about_the_house() -> Iterator[str]:
    scene = Scene(NOW, ZONE)
    yield from REFUSED.values()
    yield from (outcome_words.asked(wait) for wait in ("", "busy", "breaker", "asked_to_wait", "paused"))
    yield from (outcome_words.already_asked("Dana"), outcome_words.stale())
    yield outcome_words.not_allowed()
    for job in (*run_words.JOBS, "some-other-job"):
        yield from (run_words.title(job), run_words.what_for(job))
    for state in ("waiting", "working", "whole", "nothing"):
        yield run_words.run_words(state, at("10:00"), "Dana", "Square did not answer.", scene)
    yield from (run_words.next_run(None, scene), run_words.next_run(at("13:40"), scene), run_words.bulk_words(3, 1, 2))
    for do in ("link", "send_square", "send_bookly"):
        yield from mapping_words.bulk_changes(do)
    yield from (mapping_words.writes_words(on, allowed) for on in (True, False) for allowed in (True, False))
    yield from (
        mapping_words.link_all(3),
        mapping_words.send_all(3, Side.SQUARE),
        mapping_words.confirm_all(2, "staff"),
    )


def test_no_sentence_holds_a_word_of_ours_or_an_id() -> None:
    said = [sentence for sentence in (*_about_choices(), *_about_the_house()) if sentence]
    assert len(set(said)) > 150
    assert {sentence: complaints(sentence) for sentence in said if complaints(sentence)} == {}


def test_the_test_would_complain() -> None:
    assert complaints("The lease ran out") == ["lease"]
    assert complaints("Booking bk0012QX of TM4") == ["bk0012QX", "TM4"]
    assert complaints("ca:12 at 14:00 UTC") == ["UTC", "ca:12"]
    assert complaints("Something else happens on Thursday 14:00") == []


def test_every_sentence_of_a_result_begins_with_a_capital_and_ends() -> None:
    shop = salon_of_every_kind()
    board = board_of(shop)
    scene = scene_of(board)
    for _, _, planned in every_choice(shop, board):
        for outcome in every_outcome(planned):
            said = wording.result(outcome, scene)
            assert said[0].isupper() and said.endswith("."), said
            assert "  " not in said and " ." not in said and ",," not in said, said
