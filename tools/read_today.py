"""Opens Today in Chromium as a person would, waits until it is drawn, and prints what it says first.

python -m tools.read_today ADDRESS [--clash]

Ends with 1 and a sentence when the page does not open, shows an error, or (with --clash) shows no clash
within a minute.
"""

from __future__ import annotations

import argparse
import sys

from playwright.sync_api import Error, Page

from sync.model import Kind
from sync.wording import KINDS
from tools.chromium import NoChromiumError, chromium, open_settled

CLASH_MS = 60_000  # a clash is there within a minute of the starter's line
# What Today draws for two visits in one chair.
CLASH = f"[class*=st-key-card_]:has-text('{KINDS[Kind.DOUBLE_BOOKING]}')"


class NotSensibleError(Exception):
    """Today does not say what it must; the message is one sentence with what it shows."""


def words(page: Page) -> list[str]:
    """The lines of the page's main part, from top to bottom, without empty ones."""
    lines = page.locator("[data-testid=stMain]").inner_text().splitlines()
    return [line.strip() for line in lines if line.strip()]


def check_sensible(page: Page) -> None:
    if page.locator("[data-testid=stException]").count():
        raise NotSensibleError("Today shows an error instead of the day.")
    if not sentences(words(page)):
        raise NotSensibleError(f"Today shows no sentence, only: {words(page)[:5]}")


def sentences(lines: list[str]) -> list[str]:
    """Those of `lines` that are more than a label."""
    return [line for line in lines if len(line.split()) > 4]


def read(address: str, clash: bool) -> list[str]:
    """What Today says. Raises NotSensibleError, or Playwright's Error when it does not open."""
    with chromium() as browser:
        page = open_settled(browser.new_page(viewport={"width": 1440, "height": 900}), address)
        if clash:
            page.locator(CLASH).first.wait_for(timeout=CLASH_MS)
        check_sensible(page)
        return words(page)


def main() -> int:
    parser = argparse.ArgumentParser(description="Read Today in Chromium.")
    parser.add_argument("address")
    parser.add_argument("--clash", action="store_true", help="wait until it shows a clash")
    arguments = parser.parse_args()
    try:
        said = read(arguments.address, arguments.clash)
    except (NotSensibleError, NoChromiumError, Error) as error:
        print(f"Today could not be read: {error}", file=sys.stderr)
        return 1
    print("\n".join(sentences(said)[:6]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
