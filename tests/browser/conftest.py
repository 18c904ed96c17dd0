"""A real Chromium, and a visit to the page that remembers what it asked for and what went wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

FLAGS = [
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


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Run a browser for one test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def visit(browser: Browser) -> Visit:
    """Be a tab that has not gone anywhere yet."""
    page = await browser.new_page(viewport={"width": 1280, "height": 800})
    await page.add_init_script(REMEMBER_STAGES)
    visit = Visit(page)
    page.on("request", lambda request: visit.requests.append(request.url))
    page.on("pageerror", lambda error: visit.faults.append(str(error)))
    page.on("console", visit.note)
    return visit
