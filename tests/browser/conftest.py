"""A real Chromium, a visit to the page that remembers what it asked for and what went wrong, a server with rights."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.browser.office import Office
from tests.process import ServerProcess

EVIL = "evil.test"  # a name of somebody else's that leads to this machine

FLAGS = [
    f"--host-resolver-rules=MAP {EVIL} 127.0.0.1",
    # Newer browsers keep other sites away from this machine by themselves; older ones do not.
    "--disable-features=LocalNetworkAccessChecks",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

NO_CHROMIUM = "no Chromium: `apt-get install chromium`, or name one in $CHROMIUM"

REMEMBER_STAGES = """
    window.stagesSeen = [];
    new MutationObserver((changes) => {
      for (const { target } of changes)
        if (target.dataset.stage) stagesSeen.push(`${target.dataset.stage} ${target.dataset.status}`);
    }).observe(document, { subtree: true, attributeFilter: ["data-stage", "data-status"] });
"""


class Server(Protocol):
    """A real `jobrunner serve`; the same port and data directory after each start."""

    url: str

    def kill(self) -> None:
        """End the process as `kill -9` does."""

    def start(self) -> None:
        """Serve again; returns when it answers."""


@dataclass
class Visit:
    """A page, the addresses it asked for, and its errors: scripts that threw, what the content policy refused."""

    page: Page
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def note(self, message: ConsoleMessage) -> None:
        """Keep what the browser says of the content policy."""
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Find the browser; without one the tests are skipped, or fail where one is required."""
    path = shutil.which(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    if path is not None:
        return path
    if os.environ.get("JOBRUNNER_REQUIRE_BROWSER") == "1":
        pytest.fail(NO_CHROMIUM)
    pytest.skip(NO_CHROMIUM)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Run a browser for the tests of a file; each has a context of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Be a tab that has not gone anywhere yet."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.add_init_script(REMEMBER_STAGES)
    visit = Visit(page)
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("pageerror", lambda error: visit.faults.append(str(error)))
    page.on("console", visit.note)
    yield visit
    await context.close()


OpenServer = Callable[..., ServerProcess]
RIGHTS = {"JOBRUNNER_AUTH__AUDIENCE": "jobrunner", "JOBRUNNER_AUTH__LEEWAY": "0s"}


@pytest.fixture
def open_server(tmp_path: Path) -> Iterator[OpenServer]:
    """Start servers with the jobs of `tests.browser.handlers`, set up by their environment."""
    opened: list[ServerProcess] = []

    def open_one(**environment: str) -> ServerProcess:
        process = ServerProcess(tmp_path / f"data-{len(opened)}", "tests.browser.handlers", path=None, **environment)
        process.url += environment.get("JOBRUNNER_SERVER__BASE_PATH", "")
        opened.append(process)
        process.start()
        return process

    yield open_one
    for process in opened:
        process.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def session() -> AsyncIterator[ClientSession]:
    """Be a client that keeps no cookies."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
def secured(open_server: OpenServer) -> ServerProcess:
    """Be a server with rights."""
    return open_server(**RIGHTS)


@pytest.fixture
def office(secured: ServerProcess, session: ClientSession) -> Office:
    """Be the operator of the server with rights."""
    return Office(secured, session)
