"""The dashboard on the floor of a test: a server with something to show, and a page that looks at it."""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, expect

from tests.process import ServerProcess

LIVE = re.compile("Live|Polling")


@dataclass
class Floor:
    """A server, and a person beside it who submits jobs without a browser."""

    server: ServerProcess

    @property
    def url(self) -> str:
        return self.server.url

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        data = None if body is None else json.dumps(body).encode()
        head = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, head, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def submit(self, type_: str, **members: object) -> dict[str, Any]:
        return dict(self.call("POST", "jobs", {"type": type_, "payload": {}, **members}))

    def run(self, type_: str, **members: object) -> dict[str, Any]:
        """Submit a job and wait for its end."""
        job = self.submit(type_, **members)
        return dict(self.call("GET", f"jobs/{job['job_id']}", Prefer="wait=30"))

    def submit_many(self, type_: str, count: int, **members: object) -> None:
        jobs = [{"type": type_, "payload": {}, "title": f"Number {n}", **members} for n in range(count)]
        for at in range(0, count, 2_000):
            self.call("POST", "jobs/bulk", {"jobs": jobs[at : at + 2_000]})

    def fill(self) -> dict[str, str]:
        """Have one job of every kind; return their ids."""
        failed = self.run("broken", title="Render video 4", payload={"code": "CODEC", "message": "No such codec."})
        done = self.run("typed", title="Typed words", payload={"word": "all"}, tags=["project:7"], user_id="anna")
        running = self.submit("steady", title="Translate Intro", payload={"word": "line"})
        waiting = self.submit("plain", title="Weekly digest", delay=3_600)
        ids = {"failed": failed, "done": done, "running": running, "waiting": waiting}
        return {name: job["job_id"] for name, job in ids.items()}


def serve(directory: Path, base: str = "", **environment: str) -> Floor:
    """Start a server with the jobs of `dashboard_handlers`."""
    server = ServerProcess(directory, "tests.browser.dashboard_handlers", path=None, base=base, **environment)
    server.start()
    return Floor(server)


async def expect_live(page: Page) -> None:
    """Wait until the page says that it is live."""
    await expect(page.locator("#connection")).to_contain_text(LIVE, timeout=30_000)


async def expect_sound(page: Page) -> None:
    """Let axe look at the page, and see that it does not scroll sideways."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
