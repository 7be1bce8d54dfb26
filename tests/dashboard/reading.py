"""What a person reads on a page, and its buttons, without a browser."""

from __future__ import annotations

from collections.abc import Iterator

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button


def texts(at: AppTest) -> Iterator[str]:
    """Everything a person can read on the page."""
    for kind in ("title", "subheader", "markdown", "caption", "info", "success", "warning", "error", "toast"):
        yield from (str(getattr(element, "value", "")) for element in at.get(kind))
    yield from (button.label for button in at.button)


def page_text(at: AppTest) -> str:
    return " ".join(texts(at)).replace("\\", "")


def button(at: AppTest, beginning: str) -> str:
    """The key of the first button whose words begin so."""
    return next(key(one) for one in at.button if one.label.replace("\\", "").startswith(beginning))


def key(one: Button) -> str:
    """Every widget has one."""
    assert one.key
    return one.key
