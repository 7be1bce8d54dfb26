"""Fixtures for every room: private servers and pages in Chromium, each started when first asked for.

With pytest-xdist every worker has its own. What is not installed skips the test and says which package is
missing; with CI=true it fails instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page

from tests.servers import mariadb as mariadb_room
from tests.servers.browser import DESKTOP, Look, chromium_browser, new_context
from tests.servers.redis import redis_server

# A busy machine is no fault of the code: no example has a deadline. `make soak` looks much longer.
settings.register_profile("usual", deadline=None, print_blob=True)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=3000)
settings.load_profile("usual")


@pytest.fixture(scope="session")
def mariadb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a private MariaDB, one a worker."""
    with mariadb_room.mariadb(tmp_path_factory.mktemp("mariadb")) as port:
        yield port


@pytest.fixture
def mariadb_url(mariadb_server: int) -> Iterator[str]:
    """The URL of an empty database of this test alone."""
    with mariadb_room.database(mariadb_server) as url:
        yield url


@pytest.fixture
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty Redis of this test alone."""
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium, one a worker."""
    with chromium_browser() as browser:
        yield browser


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`browser_page()` or `browser_page(PHONE_DARK)`: a page in a new context, as of one more person."""
    contexts: list[BrowserContext] = []

    def open_page(look: Look = DESKTOP) -> Page:
        contexts.append(new_context(chromium, look))
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(autouse=True)
def _no_loop_of_the_browsers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Between its calls the browser's driver leaves its event loop marked as running in this thread; a test that
    opens no page must be able to run a loop of its own."""
    loop = None if "chromium" in request.fixturenames else asyncio._get_running_loop()
    if loop:
        asyncio._set_running_loop(None)
    yield
    if loop:
        asyncio._set_running_loop(loop)


MARKED = {"mariadb": {"mariadb_server", "mariadb_url"}, "redis": {"redis_url"}, "browser": {"chromium", "browser_page"}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a server carries its mark: `pytest -m "not browser"` needs no second list."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        for mark, fixtures in MARKED.items():
            if asked & fixtures:
                item.add_marker(mark)
