"""The distribution's Chromium, for the tools that look at the running dashboard."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
DRAWN_MS = 120_000  # the first page of a cold server on a busy two-core machine


class NoChromiumError(Exception):
    """Chromium is not installed; the message names the package."""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser, closed with the block. Raises NoChromiumError."""
    path = shutil.which("chromium")
    if path is None:
        raise NoChromiumError("Chromium is not installed: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def open_settled(page: Page, address: str) -> Page:
    """The page at `address` once its script has run to the end. Raises Playwright's Error."""
    page.goto(address)
    page.wait_for_selector(SETTLED, timeout=DRAWN_MS)
    return page
