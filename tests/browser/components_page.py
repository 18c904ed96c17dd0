"""A page of somebody's own that uses the components: one script, a strict content policy, nothing else."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route

from tests.browser.conftest import OpenServer, Visit
from tests.process import ServerProcess

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'"
NOTE = """
    window.violations = [];
    window.heard = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
    for (const type of ["job-changed", "job-completed", "job-failed", "job-cancelled", "job-action", "job-submitted",
                        "job-uploaded", "jobs-loaded", "connection-changed"])
      document.addEventListener(type, (event) => heard.push({ type, from: event.target.localName,
        status: event.detail.job?.status ?? null, state: event.detail.state ?? null }));
"""
SHEET = "body { background: light-dark(#f6f7f9, #0d1117); color: light-dark(#171c24, #e6eaf0); }"
DEFINED = """Promise.all([...document.querySelectorAll("main *")].map((node) => node.localName)
    .filter((name) => name.includes("-")).map((name) => customElements.whenDefined(name)))"""
HTML = """<!doctype html><html lang="en" dir="{dir}"><meta charset="utf-8"><title>Mine</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="mine.css">
<script type="module" src="assets/components.js"></script><main><h1>Mine</h1><h2>Jobs</h2>{body}</main></html>"""


@dataclass
class Demo:
    """The page, and the server beside it, called as an application would."""

    server: ServerProcess
    page: Page
    gate: Path
    faults: list[str] = field(default_factory=list)

    async def open(self, body: str, *, direction: str = "ltr") -> None:
        """Show elements, and return when they are known to the page."""

        async def answer(route: Route) -> None:
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
            await route.fulfill(status=200, headers=headers, body=HTML.format(body=body, dir=direction))

        if not self.faults and "/mine" not in self.page.url:
            await self.page.add_init_script(NOTE)
            self.page.on("pageerror", lambda error: self.faults.append(str(error)))
            self.page.on("dialog", lambda dialog: self.faults.append(dialog.message))

        async def style(route: Route) -> None:
            await route.fulfill(status=200, content_type="text/css", body=SHEET)

        await self.page.route(f"{self.server.url}/mine", answer)
        await self.page.route(f"{self.server.url}/mine.css", style)
        await self.page.goto(f"{self.server.url}/mine")
        await self.page.evaluate(DEFINED)

    async def show(self, selector: str, job: dict[str, Any] | None) -> None:
        """Give an element a job to show."""
        await self.page.eval_on_selector(selector, "(node, job) => { node.job = job; }", job)
        await self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    async def clean(self) -> bool:
        """Tell whether no script threw, no dialog opened, and the content policy was kept."""
        return self.faults == [] and await self.page.evaluate("violations") == []

    async def heard(self, *types: str) -> list[dict[str, Any]]:
        return [each for each in await self.page.evaluate("heard") if each["type"] in types]

    async def hear(self, type_: str) -> None:
        """Wait for an event."""
        known = "heard.some((one) => one.type === type)"
        ask = f"(type) => {known} || new Promise((done) => addEventListener(type, () => done()))"
        await self.page.evaluate(ask, type_)

    async def submit(self, type_: str = "walk", **members: Any) -> dict[str, Any]:
        payload = {"gate": str(self.gate), **members.pop("payload", {})} if type_ == "walk" else members.pop("payload")
        return await self.call("POST", "jobs", {"type": type_, "payload": payload, **members})

    async def call(self, method: str, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(f"{self.server.url}/api/v1/{path}", data, headers, method=method)
        return await asyncio.to_thread(lambda: dict(json.load(urllib.request.urlopen(request, timeout=60))))

    async def ended(self, job_id: str) -> dict[str, Any]:
        """Wait for the end of a job."""
        return await self.call("GET", f"jobs/{job_id}", Prefer="wait=30")

    def let_on(self, step: int) -> None:
        """Let all jobs go past a step."""
        (self.gate / str(step)).touch()


@pytest.fixture(name="demo")
def demo_page(open_server: OpenServer, visit: Visit, tmp_path: Path) -> Demo:
    """Be a page beside a server with the jobs of the component tests."""
    gate = tmp_path / "gate"
    gate.mkdir()
    visit.page.set_default_timeout(8_000)
    server = open_server(JOBRUNNER_WORKERS__IMPORTS="tests.browser.components_handlers")
    return Demo(server, visit.page, gate)
