"""Chromium, the distribution's, driven by Playwright; and pages of the two sizes people use."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.servers.programs import program
from tools.chromium import ARGUMENTS, SETTLED

SETTLE_MS = 60_000  # the first page of a cold server on a busy two-core machine


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at: size in CSS pixels, light or dark."""

    width: int = 1440
    height: int = 900
    scheme: Literal["light", "dark"] = "light"


DESKTOP, DESKTOP_DARK = Look(), Look(scheme="dark")
PHONE, PHONE_DARK = Look(390, 844), Look(390, 844, "dark")

Opener = Callable[..., Page]


@contextlib.contextmanager
def chromium_browser() -> Iterator[Browser]:
    """A headless Chromium; skips or fails the test when it is not installed."""
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def new_context(browser: Browser, look: Look) -> BrowserContext:
    """A person's browser of its own: no cookies, no cache shared with another."""
    phone = look.width < 600
    return browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.scheme,
        has_touch=phone,
        is_mobile=phone,
        locale="en-US",
        timezone_id="America/Chicago",
    )


def settled(page: Page) -> Page:
    """The page once its script has run to the end. Raises Playwright's TimeoutError after a minute."""
    page.wait_for_selector(SETTLED, timeout=SETTLE_MS)
    return page
