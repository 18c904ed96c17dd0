"""A page with nothing but the client in it, which keeps all that it is told."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from tests.browser.conftest import FLAGS
from tests.browser.proxy import EMPTY, Proxy
from tests.process import ServerProcess

# `told` keeps what comes as [kind, what]; `fold` is what a page that follows the rules would show.
MAKE = """async ([module, options]) => {
  const all = await import(module);
  const token = options.token && (options.renew ? () => renewed() : options.token);
  const client = all.createClient({ token, ...(options.baseUrl && { baseUrl: options.baseUrl }) });
  const told = [], states = [client.connection.state], fold = new Map();
  client.connection.addEventListener("change", () => {
    if (states.at(-1) !== client.connection.state) states.push(client.connection.state);
  });
  const observer = {
    job(job) { fold.set(job.job_id, job); told.push(["job", `${job.title} ${job.status}`]); },
    snapshot({ jobs, counts, missing, reset }) {
      if (reset) fold.clear();
      for (const job of jobs) fold.set(job.job_id, job);
      told.push(["snapshot", { titles: jobs.map((job) => job.title), counts, missing, reset }]);
    },
    ended(job) { told.push(["ended", job.title]); },
    failed(problem) { told.push(["failed", problem.code]); },
  };
  const shown = () => Object.fromEntries([...fold.values()].map((job) => [job.title, job.status]));
  Object.assign(window, { ...all, client, told, states, fold, shown, observer });
}"""


class ClientPage:
    """Our side of such a page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    async def open(self, **options: Any) -> ClientPage:
        """Go to an empty page of the server's origin and make `client` there."""
        await self.page.goto(f"{self.url}{EMPTY}")
        await self.page.evaluate(MAKE, ["/assets/jobrunner.js", options])
        return self

    async def do(self, script: str, *args: Any) -> Any:
        """Evaluate an expression of the page's names; `args` is what is handed in."""
        return await self.page.evaluate(f"async (args) => ({script})", list(args))

    async def until(self, condition: str, *args: Any) -> None:
        """Wait until an expression is true."""
        await self.page.wait_for_function(f"(args) => ({condition})", arg=list(args), polling=20)

    async def state(self, state: str) -> None:
        """Wait for a state of the connection."""
        await self.until("client.connection.state === args[0]", state)

    async def watch(self, target: str = "{}") -> None:
        """Watch jobs and keep all that is told."""
        await self.do(f"void (window.stop = client.watch({target}, observer))")

    async def submit(self, title: str, type_: str = "copy") -> str:
        """Submit a job; one of type `copy` or `talk` waits for its file, until it is cancelled."""
        uploads = ["file"] if type_ in {"copy", "talk"} else []
        wish = {"type": type_, "payload": {}, "title": title, **({"uploads": uploads} if uploads else {})}
        return str(await self.do("(await client.submit(args[0])).job_id", wish))

    async def hide(self, *, hidden: bool = True) -> None:
        """Seem hidden or shown, as on a change of tabs."""
        await self.page.evaluate(
            """(hidden) => {
              Object.defineProperty(document, "visibilityState", {
                configurable: true, value: hidden ? "hidden" : "visible",
              });
              document.dispatchEvent(new Event("visibilitychange"));
            }""",
            hidden,
        )


@dataclass
class Rig:
    """A browser, a server and the way between them, which the tests of a module share."""

    browser: Browser
    server: ServerProcess
    proxy: Proxy

    @asynccontextmanager
    async def page(self) -> AsyncIterator[ClientPage]:
        """Open a tab of its own context, over a good way; it is closed at the end."""
        self.proxy.heal()
        self.proxy.asked.clear()
        context = await self.browser.new_context()
        yield ClientPage(await context.new_page(), self.proxy.url)
        await context.close()


@asynccontextmanager
async def rigged(chromium: str, directory: Path, **environment: str) -> AsyncIterator[Rig]:
    """Start all of it."""
    server = ServerProcess(
        directory / "data", "tests.browser.handlers", "tests.browser.client_handlers", path=None, **environment
    )
    server.start()
    try:
        async with Proxy(server.url).served() as proxy, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            yield Rig(browser, server, proxy)
            await browser.close()
    finally:
        server.signal(signal.SIGCONT)
        server.kill()
