"""The client in a page of another origin, with a token: it sees and does what its user may, and nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Page

from tests.browser.conftest import RIGHTS, OpenServer, Visit
from tests.browser.office import Office
from tests.browser.other_origin import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

MAKE_CLIENT = """async (module) => {
  const { createClient, isFinished } = await import(module);
  const heard = { jobs: [], snapshots: [], states: [] };
  const client = createClient({ token: async () => (await fetch("/token")).text() });
  client.connection.addEventListener("change", () => heard.states.push(client.connection.state));
  const watch = (filter = {}) => void client.watch(filter, {
    job: (job) => heard.jobs.push(job),
    snapshot: (snapshot) => heard.snapshots.push(snapshot),
  });
  Object.assign(window, { client, heard, watch, isFinished });
}"""

FAILURE = "(call) => call.then(() => null, (error) => [error.status, error.code])"


class Embedded:
    """A page of another origin whose user is Anna, and who is behind it."""

    def __init__(self, page: Page, site: Site, office: Office, server: str) -> None:
        self.page, self.site, self.office, self.server = page, site, office, server

    async def open(self, **token: int) -> None:
        self.site.issue = partial(self.office.token, "anna", "read", "cancel", "submit", "upload", **token)
        await self.page.goto(self.site.url)
        await self.page.evaluate(MAKE_CLIENT, f"{self.server}/assets/jobrunner.js")

    async def failure(self, call: str, *args: object) -> Any:
        """Return status and code of the problem that a call of the client ends in."""
        return await self.page.evaluate(f"([...args]) => ({FAILURE})(client.{call})", list(args))


@pytest_asyncio.fixture(loop_scope="module")
async def embedded(open_server: OpenServer, session: ClientSession, visit: Visit) -> AsyncIterator[Embedded]:
    site = Site()
    server = open_server(**RIGHTS, JOBRUNNER_SERVER__CORS_ORIGINS=site.url)
    async with site.served():
        yield Embedded(visit.page, site, Office(server, session), server.url)


async def test_a_job_is_watched_through_the_end_of_its_token_and_its_file_taken_home(
    embedded: Embedded, visit: Visit
) -> None:
    page = embedded.page
    tokens = []
    await embedded.open(expires_in=2)
    issue = embedded.site.issue

    async def note() -> str:
        tokens.append(await issue())
        return tokens[-1]

    embedded.site.issue = note
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.evaluate("watch()")
    await page.wait_for_function("heard.snapshots.length === 1")
    job_id = await page.evaluate(
        "async () => (await client.submit({ type: 'copy', payload: {}, uploads: ['file'] })).job_id"
    )
    await page.wait_for_function("heard.jobs.length === 1")
    await asyncio.wait_for(embedded.site.asked_again.wait(), 30)
    await page.evaluate("(id) => client.upload(id, 'file', new File(['twelve bytes'], 'a.txt'))", job_id)
    await page.wait_for_function("heard.jobs.some(isFinished)")
    assert await page.evaluate("heard.snapshots.length") == 1, "it did not go on where it was"
    assert "stopped" not in await page.evaluate("heard.states")
    link = await page.evaluate("async (id) => (await client.link(id, 'copy.txt')).url", job_id)
    async with page.expect_download() as download:
        await page.evaluate("(url) => { location = url }", link)
    assert Path(await (await download.value).path()).read_bytes() == b"twelve bytes"
    assert len(tokens) > 1
    seen = "\n".join([*visit.requests, *said, await page.evaluate("JSON.stringify([localStorage, sessionStorage])")])
    assert not [token for token in tokens if token in seen or token.split(".")[2] in seen]


@pytest.mark.slow
async def test_ones_own_job_is_cancelled_and_the_one_of_another_user_does_not_exist(embedded: Embedded) -> None:
    mine = await embedded.office.submit("copy", user_id="anna", uploads=["file"])
    theirs = await embedded.office.submit("copy", user_id="ben", uploads=["file"])
    await embedded.open()
    assert await embedded.page.evaluate("async (id) => (await client.cancel(id)).status", mine) == "cancelled"
    nothing = [404, "unknown-job"]
    for call in (
        "get(args[0])",
        "cancel(args[0])",
        "link(args[0], 'file')",
        "upload(args[0], 'file', new File([], 'a'))",
    ):
        assert await embedded.failure(call, theirs) == nothing, call
    assert await embedded.failure("get(args[0])", "0199f0c2-7a1e-7c3b-9a53-0d1f3b2c4e5f") == nothing
    await embedded.page.evaluate("watch()")
    await embedded.page.wait_for_function("heard.snapshots.length === 1")
    assert await embedded.page.evaluate("heard.snapshots[0].jobs.map((job) => job.job_id)") == []
    assert (await embedded.office.job(theirs))["status"] == "queued"
    assert (await embedded.office.job(mine))["status"] == "cancelled"


@pytest.mark.slow
async def test_a_file_is_opened_and_saved_from_a_list_by_a_link_of_its_own(embedded: Embedded, visit: Visit) -> None:
    page = embedded.page
    job_id = await embedded.office.submit("temptation", user_id="anna")
    files = (await embedded.office.ended(job_id))["artifacts"]
    await embedded.open()
    show = """async ([module, id, file]) => {
      const { FileList } = await import(module);
      const list = new FileList({ client, job: await client.get(id) });
      list.show([file]);
      document.body.replaceChildren(list.element);
    }"""
    picture = next(file for file in files if file["name"] == "picture.png")
    await page.evaluate(show, [f"{embedded.server}/assets/file-links.js", job_id, picture])
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download picture.png").click()
    assert Path(await (await download.value).path()).read_bytes().startswith(b"\x89PNG")
    async with page.expect_popup() as popup:
        await page.get_by_role("link", name="Open picture.png").click()
    await (await popup.value).wait_for_load_state()
    assert await (await popup.value).evaluate("[document.contentType, window.opener]") == ["image/png", None]
    assert not [address for address in visit.requests if "Bearer" in address or "eyJ" in address]


@pytest.mark.slow
async def test_a_page_whose_origin_is_not_configured_hears_nothing_with_the_best_token(
    embedded: Embedded, visit: Visit
) -> None:
    await embedded.office.submit("plain", user_id="anna", title="Secret")
    token = await embedded.office.token("anna", "read", "submit")
    async with Site().served() as stranger:
        await visit.page.goto(stranger.url)
        ask = """([url, token, method]) => fetch(url, { method, headers: { Authorization: `Bearer ${token}` } })
          .then((answer) => answer.text(), (error) => error.name)"""
        for method, path in (("GET", "jobs"), ("POST", "jobs"), ("GET", "events")):
            asked = [f"{embedded.server}/api/v1/{path}", token, method]
            assert await visit.page.evaluate(ask, asked) == "TypeError"
    assert await embedded.office.titles() == ["Secret"]
