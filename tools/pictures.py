"""Takes pictures of every page from the running practice salon, for docs/. `make pictures` calls it.

1440x900 and 390x844, light and dark. A practice salon that runs here is used; otherwise one is started for it. The
last pictures are of a clash that was settled: it is settled there, by a click.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, expect

from tools.children import Stop, end_all, has_ended, start
from tools.chromium import NoChromiumError, chromium, open_settled
from tools.plan import HOST, CannotStartError, is_practice, port_of
from tools.read_today import CLASH, CLASH_MS
from tools.run import ROOT, dashboard_answers, read_settings

PICTURES = ROOT / "docs" / "pictures"
START_SECONDS = 300.0
END_SECONDS = 30.0
DONE_MS = 60_000  # from the click to what came of it, on a busy two-core machine
TRIES = 3
RESULT = "[class*=st-key-result_]"
# True once the card says what became of a request that it did not name before.
ENDED = """([clash, before]) =>
    [...document.querySelectorAll(`.st-key-card_${clash} [class*=st-key-result_]`)].some(it =>
        !before.includes(it.className.match(/st-key-result_\\d+/)[0] + " ") && !/being done now/.test(it.innerText))"""
CHART = ".st-key-day"
DAY = ".js-plotly-plot .bars path"  # a bar of the day: the last thing that Today draws
PAGES = {"today": "/", "conflicts": "/conflicts", "jobs": "/jobs", "setup": "/setup"}
DEVELOPERS = {
    name: f"/{name}?as=developer&range=An+hour" for name in ("latency", "dead_letters", "locks", "api_errors")
}
CHARTS, SKELETON = ".stPlotlyChart", "[data-testid=stSkeleton]"


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    device: str
    width: int
    height: int
    dark: bool

    @property
    def scheme(self) -> str:
        return "dark" if self.dark else "light"


LOOKS = tuple(
    Look(device, width, height, dark)
    for device, width, height in (("desk", 1440, 900), ("phone", 390, 844))
    for dark in (False, True)
)


def main(names: Sequence[str] = ()) -> int:
    """Take all pictures, or only those of the developer's pages `names`."""
    settings = read_settings(ROOT)
    if not is_practice(settings):
        print("Pictures show clients: they are taken of the practice salon only, and .env names a real one.")
        return 1
    try:
        with salon(port_of(settings, "DASHBOARD_PORT", 8501)) as address, chromium() as browser:
            some = take_some(browser, address, PICTURES, names) if names else take_all(browser, address, PICTURES)
            for name in some:
                print(name, flush=True)
    except (CannotStartError, NoChromiumError, Error, AssertionError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def salon(port: int) -> Iterator[str]:
    """The address of the practice salon that runs on `port`, or of one started for as long as the block."""
    if dashboard_answers(port):
        yield f"http://{HOST}:{port}"
        return
    ports = {
        "DASHBOARD_PORT": str(free_port()),
        "PRACTICE_SQUARE_PORT": str(free_port()),
        "INTAKE_PORT": str(free_port()),
    }
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


# --- what is taken ------------------------------------------------------------------------------------------------


def take_all(browser: Browser, address: str, folder: Path) -> Iterator[str]:
    """Writes the pictures into `folder`; yields the name of each."""
    folder.mkdir(parents=True, exist_ok=True)
    clash = find_clash(browser, address)
    for title, path in (PAGES | {"conflict": f"/conflicts?finding={clash}"}).items():
        yield from take(browser, title, f"{address}{path}", folder)
    yield from take_some(browser, address, folder, tuple(DEVELOPERS))
    yield from take(browser, "day", address, folder, lambda page: page.locator(CHART).scroll_into_view_if_needed())
    settle(browser, address, clash)
    yield from take(browser, "settled", address, folder, lambda page: show(page, clash))


def take_some(browser: Browser, address: str, folder: Path, names: Sequence[str]) -> Iterator[str]:
    """Those of the developer's pages alone. Raises AssertionError for a name that is none of them."""
    for name in names:
        assert name in DEVELOPERS, f"There is no such page; there are: {', '.join(DEVELOPERS)}."
        yield from take(browser, name, f"{address}{DEVELOPERS[name]}", folder, wait_for_charts)


def wait_for_charts(page: Page) -> None:
    """Every chart that the page has is drawn, and nothing holds its place any more."""
    page.wait_for_function(f"!document.querySelector('{SKELETON}')", timeout=DONE_MS)
    for chart in page.locator(CHARTS).all():
        chart.locator(".main-svg").first.wait_for(state="attached", timeout=DONE_MS)


def find_clash(browser: Browser, address: str) -> str:
    """The number of the first clash on Today, once there is one. Raises Playwright's Error when none comes."""
    page = open_settled(browser.new_page(viewport={"width": 1440, "height": 900}), address)
    card = page.locator(CLASH).first
    card.wait_for(timeout=CLASH_MS)
    name = str(card.get_attribute("class"))
    page.close()
    return name.partition("st-key-card_")[2].split()[0]


def settle(browser: Browser, address: str, clash: str) -> None:
    """Two taps: the suggested way, and a name; the next suggestion if somebody books that very time meanwhile. Back
    when Today says that it is done. Raises Playwright's Error when it is not."""
    page = open_settled(browser.new_page(viewport={"width": 1440, "height": 900}), address)
    card = page.locator(f".st-key-card_{clash}")
    for _ in range(TRIES):
        before = card.locator(RESULT).count() and str(card.locator(RESULT).first.get_attribute("class"))
        card.locator("button[kind=primary]").click()
        page.get_by_role("dialog").locator("[class*=settle_who_0] button").click()
        page.wait_for_function(ENDED, arg=[clash, before or ""], timeout=DONE_MS)
        if "Done." in card.inner_text():
            break
    expect(card).to_contain_text("Done.")
    page.close()


def show(page: Page, clash: str) -> None:
    """The card in sight, under the opening sentence where both fit."""
    page.locator(f".st-key-card_{clash}").scroll_into_view_if_needed()


def take(
    browser: Browser, title: str, link: str, folder: Path, prepare: Callable[[Page], None] | None = None
) -> Iterator[str]:
    """One page in every look; yields the name of each picture."""
    for look in LOOKS:
        phone = look.device == "phone"
        context = browser.new_context(
            viewport={"width": look.width, "height": look.height},
            color_scheme="dark" if look.dark else "light",
            is_mobile=phone,
            has_touch=phone,
        )
        page = open_settled(context.new_page(), link)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready.then(() => true)")
        if title in ("today", "day", "settled"):
            page.locator(DAY).first.wait_for(state="attached", timeout=DONE_MS)
        if prepare:
            prepare(page)
        name = f"{title}-{look.device}-{look.scheme}.png"
        page.screenshot(path=folder / name, animations="disabled")
        context.close()
        yield name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
