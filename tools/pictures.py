"""Takes pictures of every page from the running practice salon, for docs/. `make pictures` calls it.

1440x900 and 390x844, light and dark. A practice salon that runs here is used; otherwise one is started for it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error, Page

from tools.children import Stop, end_all, has_ended, start
from tools.chromium import NoChromiumError, chromium, open_settled
from tools.plan import HOST, CannotStartError, is_practice, port_of
from tools.read_today import CLASH, CLASH_MS
from tools.run import ROOT, dashboard_answers, read_settings

PICTURES = ROOT / "docs" / "pictures"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
START_SECONDS = 300.0
END_SECONDS = 30.0
LINKS = "a[data-testid=stTopNavLink], a[data-testid=stSidebarNavLink], a[data-testid=stTopNavDropdownLink]"


def main() -> int:
    settings = read_settings(ROOT)
    if not is_practice(settings):
        print("Pictures show clients: they are taken of the practice salon only, and .env names a real one.")
        return 1
    try:
        with salon(port_of(settings, "DASHBOARD_PORT", 8501)) as address, chromium() as browser:
            for name in take_all(browser, address, PICTURES):
                print(name, flush=True)
    except (CannotStartError, NoChromiumError, Error) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def salon(port: int) -> Iterator[str]:
    """The address of the practice salon that runs on `port`, or of one started for as long as the block."""
    if dashboard_answers(port):
        yield f"http://{HOST}:{port}"
        return
    ports = {"DASHBOARD_PORT": str(free_port()), "PRACTICE_SQUARE_PORT": str(free_port())}
    (ROOT / "var" / "log").mkdir(parents=True, exist_ok=True)
    log = ROOT / "var" / "log" / "starter.log"
    with log.open("wb") as out:
        child = start((sys.executable, "-m", "tools.run"), {**os.environ, **ports}, ROOT, out)
    try:
        Stop().wait_for(lambda: has_ended(child) or b"nothing real is touched" in log.read_bytes(), START_SECONDS)
        if b"nothing real is touched" not in log.read_bytes():
            raise CannotStartError(f"The practice salon did not come up:\n{log.read_text()[-1000:]}")
        yield f"http://{HOST}:{ports['DASHBOARD_PORT']}"
    finally:
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            child.send_signal(signal.SIGINT)
            child.wait(END_SECONDS)
        end_all([child])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def take_all(browser: Browser, address: str, folder: Path) -> Iterator[str]:
    """Writes the pictures into `folder`; yields the name of each."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = find_pages(browser, address)
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                is_mobile=size == "phone",
                has_touch=size == "phone",
            )
            page = context.new_page()
            for title, link in pages.items():
                take(page, link, folder / f"{title}-{size}-{scheme}.png")
                yield f"{title}-{size}-{scheme}.png"
            context.close()


def find_pages(browser: Browser, address: str) -> dict[str, str]:
    """Title in small letters -> address, of Today and of every page its navigation leads to."""
    page = open_settled(browser.new_page(viewport={"width": 1440, "height": 900}), address)
    page.locator(CLASH).first.wait_for(timeout=CLASH_MS)
    links = page.locator(LINKS).evaluate_all("links => links.map(link => link.href)")
    page.close()
    return {"today": address} | {
        link.rstrip("/").rpartition("/")[2]: link for link in links if link.rstrip("/") != address
    }


def take(page: Page, link: str, target: Path) -> None:
    open_settled(page, link)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.screenshot(path=target, animations="disabled")


if __name__ == "__main__":
    sys.exit(main())
