"""What a client at the checkout reads."""

from __future__ import annotations

from sync.model.holds import HoldState, Refusal
from sync.wording.holds import REFUSED, STANDS


def test_each_refusal_and_each_state_has_a_sentence_of_its_own_that_says_what_to_do() -> None:
    assert set(REFUSED) == set(Refusal)
    assert set(STANDS) == set(HoldState)
    assert len(set(REFUSED.values())) == len(Refusal)
    for sentence in REFUSED.values():
        assert "Please" in sentence
        assert sentence.endswith(".")
