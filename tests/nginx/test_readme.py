"""README's application, its blocks exactly as they stand: straight to the server, and through nginx."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.browser.conftest import FLAGS
from tests.browser.office import Office
from tests.documents import README, ROOT
from tests.nginx.application import ORIGIN, SERVER, Application
from tests.nginx.conftest import BASE_PATH, Serve
from tests.process import ServerProcess

pytestmark = pytest.mark.browser

FAILURE = "(call) => call.then(() => null, (error) => [error.status, error.code])"


@dataclass
class Shop:
    """README's application, the server behind it, and the way that its users' browsers take to the server."""

    application: Application
    server: ServerProcess
    port: int
    base_path: str

    @property
    def module(self) -> str:
        return f"{SERVER}{self.base_path}/assets/jobrunner.js"


def make_key(server: ServerProcess) -> str:
    """Run README's command beside the server and return what it prints."""
    command = next(each for each in README.commands("jobrunner") if each[0] == "key")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JOBRUNNER_")}
    done = subprocess.run(
        [sys.executable, "-m", "jobrunner", *command], cwd=server.data_dir.parent, check=True, text=True,
        env={**environment, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture(scope="module", params=["direct", "nginx"])
def shop(
    request: pytest.FixtureRequest, node_program: str, serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    if request.param == "direct":
        (config,) = README.blocks("toml")
        server, base_path = serve(config), ""
        port, url = server.port, server.url
    else:
        server, base_path = request.getfixturevalue("behind"), BASE_PATH
        proxy = request.getfixturevalue("proxy")
        port, url = proxy.port, f"{proxy.url}{BASE_PATH}"
    application = Application(node_program, tmp_path_factory.mktemp("shop"), url, make_key(server), base_path)
    application.start()
    yield Shop(application, server, port, base_path)
    application.stop()


@pytest.fixture
async def office(shop: Shop) -> AsyncIterator[Office]:
    async with ClientSession() as session:
        yield Office(shop.server, session)


@pytest.fixture
async def browser(chromium: str, shop: Shop) -> AsyncIterator[Browser]:
    """A browser in which the addresses of README lead to where all of it really is."""
    places = {ORIGIN: shop.application.port, SERVER: shop.port}
    rules = ", ".join(f"MAP {url.removeprefix('http://')} 127.0.0.1:{port}" for url, port in places.items())
    flags = [flag for flag in FLAGS if not flag.startswith("--host-resolver-rules")]
    async with async_playwright() as playwright:
        arguments = [*flags, f"--host-resolver-rules={rules}"]
        browser = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        await browser.close()


class Visitor:
    """A signed-in user on README's page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def come(cls, context: BrowserContext, user_id: str) -> Visitor:
        await context.add_cookies([{"name": "user", "value": user_id, "url": ORIGIN}])
        page = await context.new_page()
        await page.goto(ORIGIN)
        return cls(page)

    async def greet(self) -> dict[str, Any]:
        """Click, and return what the back end has answered: `job` and `token`."""
        async with self.page.expect_response(f"{ORIGIN}/api/greetings") as answered:
            await self.page.get_by_role("button", name="Greet me").click()
        answer = await answered.value
        assert answer.status == 202, await answer.text()
        return dict(await answer.json())

    async def sees(self, status: str) -> None:
        await self.page.get_by_role("status").get_by_text(status, exact=True).wait_for()

    async def failure(self, shop: Shop, token: str, call: str, job_id: str) -> Any:
        """Return status and code of the problem that a call of README's client ends in."""
        script = f"""async ([module, token, jobId]) => {{
          const client = (await import(module)).createClient({{ token }});
          return await ({FAILURE})(client.{call});
        }}"""
        return await self.page.evaluate(script, [shop.module, token, job_id])


async def test_a_user_watches_the_own_job_and_downloads_what_it_made(
    browser: Browser, shop: Shop, office: Office
) -> None:
    holding = await office.submit("hold")
    anna = await Visitor.come(await browser.new_context(), "anna")
    job = (await anna.greet())["job"]
    assert job["user_id"] == "anna"
    await anna.sees("queued")
    assert await anna.page.get_by_role("button", name="Save").is_disabled()
    await office.call("DELETE", f"jobs/{holding}")
    await anna.sees("completed")
    async with anna.page.expect_download() as download:
        await anna.page.get_by_role("button", name="Save").click()
    saved = await download.value
    assert saved.suggested_filename == "greeting.txt"
    assert Path(await saved.path()).read_text() == "Hello Ada!"


async def test_a_user_cancels_the_own_job(browser: Browser, shop: Shop, office: Office) -> None:
    holding = await office.submit("hold")
    anna = await Visitor.come(await browser.new_context(), "anna")
    job = (await anna.greet())["job"]
    await anna.page.get_by_role("button", name="Cancel").click()
    await anna.sees("cancelled")
    assert await anna.page.get_by_role("button", name="Cancel").is_disabled()
    told = await office.call("GET", f"jobs/{job['job_id']}/history")
    assert [act["action"] for act in told["history"]] == ["submitted", "cancelled"]
    assert [act["by"].partition(":")[0] for act in told["history"]] == ["key", "user"]
    await office.call("DELETE", f"jobs/{holding}")


async def test_to_another_user_the_job_does_not_exist(browser: Browser, shop: Shop, office: Office) -> None:
    anna = await Visitor.come(await browser.new_context(), "anna")
    job_id = (await anna.greet())["job"]["job_id"]
    await anna.sees("completed")
    ben = await Visitor.come(await browser.new_context(), "ben")
    narrow = (await ben.greet())["token"]
    wide = await office.token("ben", "read", "cancel", "retry", "upload")
    for token in (narrow, wide):
        for call in ("get(jobId)", "cancel(jobId)", 'link(jobId, "greeting.txt")'):
            assert await ben.failure(shop, token, call, job_id) == [404, "unknown-job"], call
        assert await ben.failure(shop, token, "types()", job_id) is None
    assert (await office.job(job_id))["status"] == "completed"
