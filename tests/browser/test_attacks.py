"""What another site makes a browser do here: nothing, whoever sits at the browser, and nothing of ours gets out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Page, Request, Route, expect

from tests.browser.conftest import EVIL, RIGHTS, OpenServer, Visit
from tests.browser.office import Office
from tests.browser.other_origin import PAGE, Site
from tests.process import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SUBMISSION = json.dumps({"type": "plain", "payload": {}, "title": "Evil"})

FETCHES = """async ([api, submission, victim]) => {
  const read = [];
  const ask = async (path, init) => {
    const answer = await fetch(`${api}/${path}`, init).catch(() => null);
    if (answer && answer.type !== "opaque" && answer.type !== "opaqueredirect")
      read.push([init.method, path, answer.status, await answer.text()]);
  };
  for (const credentials of ["omit", "include"]) {
    for (const mode of ["cors", "no-cors"]) {
      const type = { "Content-Type": mode === "cors" ? "application/json" : "text/plain" };
      for (const headers of [type, { "Content-Type": "text/plain" }])
        await ask("jobs", { method: "POST", mode, credentials, body: submission, headers });
      await ask(`jobs/${victim}/retry`, { method: "POST", mode, credentials });
      await ask("session", { method: "POST", mode, credentials, body: '{"key":"jr_a_b"}', headers: type });
      for (const path of ["jobs", `jobs/${victim}`, "session", "sessions", "keys"])
        await ask(path, { method: "GET", mode, credentials });
    }
    await ask(`jobs/${victim}`, { method: "DELETE", credentials });
    await ask(`jobs/${victim}/uploads/file`, { method: "PUT", credentials, body: "x" });
    await ask("session", { method: "DELETE", credentials });
    await ask("jobs", { method: "POST", credentials, body: submission, headers: { "X-Requested-With": "jobrunner" } });
  }
  navigator.sendBeacon(`${api}/jobs`, new Blob([submission], { type: "text/plain" }));
  return read;
}"""

FORM = """([url, enctype, name, value]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: url, enctype });
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  form.append(field);
  document.body.append(form);
  form.submit();
}"""

TAGS = """async ([server, victim]) => {
  const came = [];
  const hear = (what, node) => new Promise((resolve) => {
    node.onerror = () => resolve(node.close?.());
    node.onload = node.onopen = node.onmessage = () => resolve(came.push(what));
  });
  const tag = (name, path) => {
    const node = document.createElement(name);
    const heard = hear(`${name} ${path}`, node);
    node.src = `${server}${path}`;
    document.body.append(node);
    return heard;
  };
  const job = `/api/v1/jobs/${victim}`;
  const stream = (path) => hear(path, new EventSource(`${server}${path}`, { withCredentials: true }));
  await Promise.all([
    ...["picture.png", "picture.png?inline=1"].map((name) => tag("img", `${job}/artifacts/${name}`)),
    ...["/artifacts/code.js", "/artifacts/code.js?inline=1", "", "/logs"].map((path) => tag("script", `${job}${path}`)),
    tag("script", "/api/v1/jobs?callback=stolen"),
    tag("video", `${job}/artifacts/picture.png`),
    stream("/api/v1/events"),
    stream(`${job}/events`),
  ]);
  return [came, window.leaked ?? null];
}"""

FORMS = [
    ("application/x-www-form-urlencoded", "job", SUBMISSION),
    ("multipart/form-data", "job", SUBMISSION),
    ("text/plain", SUBMISSION[:-1] + ', "tags": ["', '"]}'),  # the field's `=` ends up in a string: valid JSON
]


class Victim:
    """A server with a job whose files tempt, and a browser in which an operator may be signed in."""

    def __init__(self, server: ServerProcess, office: Office, page: Page, *, welcome: bool) -> None:
        self.server, self.office, self.page = server, office, page
        self.welcome = welcome  # whether our own pages may do everything in this browser
        self.job_id = ""
        self.beacon = asyncio.Event()
        self._methods: dict[str, str] = {}
        self._statuses: dict[str, int] = {}

    async def prepare(self, *, signed_in: bool) -> None:
        self.job_id = await self.office.submit("temptation", title="Ours")
        await self.office.ended(self.job_id)
        if signed_in:
            await self.page.goto(self.server.url)
            await self.page.get_by_label("API key").fill(await self.office.key())
            await self.page.keyboard.press("Enter")
            await expect(self.page.locator("#account")).to_contain_text("Signed in")
        for how in ("requestfinished", "requestfailed"):
            self.page.on(how, self._note_beacon)
        await self._listen()

    async def _listen(self) -> None:
        """Hear what the server answers even where the browser keeps the answer from the page."""
        wire = await self.page.context.new_cdp_session(self.page)
        await wire.send("Network.enable")
        wire.on("Network.requestWillBeSent", self._note_request)
        wire.on("Network.responseReceivedExtraInfo", self._note_status)

    def _note_request(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith(f"{self.server.url}/api/"):
            self._methods[event["requestId"]] = event["request"]["method"]

    def _note_status(self, event: dict[str, Any]) -> None:
        self._statuses[event["requestId"]] = event["statusCode"]

    def _note_beacon(self, request: Request) -> None:
        if request.resource_type == "ping":
            self.beacon.set()

    def answers(self, method: str) -> list[int]:
        """Return how the server has answered requests of a method."""
        return [
            self._statuses[each] for each, known in self._methods.items() if known == method and each in self._statuses
        ]

    async def expect_untouched(self) -> None:
        """See that nothing has happened here."""
        assert await self.office.titles() == ["Ours"]
        assert (await self.office.job(self.job_id))["attempt"] == 1

    async def submit(self) -> int:
        """Submit from our own page what the others have tried."""
        await self.page.goto(self.server.url)
        ours = "async ([body, headers]) => (await fetch('api/v1/jobs', { method: 'POST', body, headers })).status"
        headers = {"Content-Type": "application/json", "X-Requested-With": "jobrunner"}
        return int(await self.page.evaluate(ours, [SUBMISSION, headers]))


@pytest_asyncio.fixture(
    params=[pytest.param("open", marks=pytest.mark.slow), pytest.param("secured", marks=pytest.mark.slow), "signed in"],
    loop_scope="module",
)
async def victim(
    request: pytest.FixtureRequest, open_server: OpenServer, session: ClientSession, visit: Visit
) -> Victim:
    server = open_server(**({} if request.param == "open" else RIGHTS))
    victim = Victim(server, Office(server, session), visit.page, welcome=request.param != "secured")
    await victim.prepare(signed_in=request.param == "signed in")
    return victim


@pytest_asyncio.fixture(loop_scope="module")
async def elsewhere() -> AsyncIterator[list[str]]:
    """Be two other origins: on the same site for a browser, for which ports do not count, and on another site."""
    async with Site().served() as site:
        yield [site.url, f"http://{EVIL}:{site.port}"]


async def test_no_request_of_another_origin_does_or_reads_anything(victim: Victim, elsewhere: list[str]) -> None:
    for origin in elsewhere:
        victim.beacon.clear()
        await victim.page.goto(origin)
        read = await victim.page.evaluate(FETCHES, [f"{victim.server.url}/api/v1", SUBMISSION, victim.job_id])
        await asyncio.wait_for(victim.beacon.wait(), 30)
        assert read == []
    assert len(victim.answers("POST")) >= 2 * 10, "the browser kept the requests back: this shows nothing"
    assert set(victim.answers("POST")) <= {401, 403}
    assert victim.answers("DELETE") == victim.answers("PUT") == []
    await victim.expect_untouched()
    assert await victim.submit() == (202 if victim.welcome else 401), "our own page"


@pytest.mark.slow
async def test_no_tag_of_another_origin_shows_runs_or_hears_anything(victim: Victim, elsewhere: list[str]) -> None:
    for origin in elsewhere:
        await victim.page.goto(origin)
        assert await victim.page.evaluate(TAGS, [victim.server.url, victim.job_id]) == [[], None]
    assert len(victim.answers("GET")) >= 2 * 5, "the browser kept the requests back: this shows nothing"
    await victim.page.goto(victim.server.url)
    came, _leaked = await victim.page.evaluate(TAGS, [victim.server.url, victim.job_id])
    assert len(came) == (4 if victim.welcome else 0), "our own page gets pictures and streams, but runs no file"


@pytest.mark.slow
async def test_no_form_of_another_origin_submits_anything(victim: Victim, elsewhere: list[str]) -> None:
    for origin, form in product(elsewhere, FORMS):
        await victim.page.goto(origin)
        async with victim.page.expect_navigation(url="**/api/v1/jobs") as answered:
            await victim.page.evaluate(FORM, [f"{victim.server.url}/api/v1/jobs", *form])
        assert (await answered.value).status == 403
    await victim.expect_untouched()


@pytest.mark.slow
async def test_no_frame_shows_our_pages_to_another_origin(victim: Victim, elsewhere: list[str]) -> None:
    show = "(src) => document.body.append(Object.assign(document.createElement('iframe'), { src }))"
    for origin, path in product(elsewhere, ("/", "/login", "/api/v1/jobs")):
        await victim.page.goto(origin)
        async with victim.page.expect_event("requestfailed") as failed:
            await victim.page.evaluate(show, f"{victim.server.url}{path}")
        assert "ERR_BLOCKED_BY_RESPONSE" in str((await failed.value).failure)


@pytest.mark.slow
async def test_a_name_that_is_bound_to_this_machine_meanwhile_opens_nothing(victim: Victim) -> None:
    page, origin = victim.page, f"http://{EVIL}:{victim.server.port}"

    async def be_evil(route: Route) -> None:
        await route.fulfill(body=PAGE, content_type="text/html")

    await page.route(f"{origin}/start", be_evil)
    await page.goto(f"{origin}/start")
    read: list[tuple[str, str, int, str]] = await page.evaluate(
        FETCHES, [f"{origin}/api/v1", SUBMISSION, victim.job_id]
    )
    await asyncio.wait_for(victim.beacon.wait(), 30)
    assert len(read) > 20, "the browser kept the requests back: this shows nothing"
    did = {(method, path, status) for method, path, status, _ in read if status not in {401, 403}}
    assert did <= {("DELETE", "session", 204), ("POST", "session", 415)}, "anybody may try to sign in, and sign out"
    assert not [text for *_, text in read if "Ours" in text or "temptation" in text]
    assert await page.evaluate(TAGS, [origin, victim.job_id]) == [[], None]
    await victim.expect_untouched()
