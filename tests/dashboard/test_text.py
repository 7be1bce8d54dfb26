from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as some

from dashboard.components.text import call_link, plain


def test_markup_in_a_name_is_written_out() -> None:
    assert plain("**Bob** [x](http://a.example) <b> $1$ `c` :red[y]") == (
        "\\*\\*Bob\\*\\* \\[x\\](http\\://a.example) \\<b\\> \\$1\\$ \\`c\\` \\:red\\[y\\]"
    )


def test_ordinary_sentences_stay_as_they_are() -> None:
    said = "Anna Barros and Sam O'Kessler-Lee are both booked with Maria, today 14:15, in 25 minutes."
    assert plain(said) == said


def test_a_beginning_that_would_be_a_list_or_a_heading_is_not_one() -> None:
    assert plain("# Noor") == "\\# Noor"
    assert plain("- Noor") == "\\- Noor"
    assert plain("1. Noor") == "1\\. Noor"


@given(some.text())
def test_no_markup_sign_is_ever_left_alone(text: str) -> None:
    assert "\n" not in plain(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[\]<>$~|{}]", plain(text))


def test_a_number_can_be_called_and_a_missing_one_is_only_a_name() -> None:
    assert call_link("Sam", "+1 (312) 555-0118") == "[:material/call: Call Sam +1 (312) 555-0118](tel:+13125550118)"
    assert call_link("Sam", "") == "Sam"
