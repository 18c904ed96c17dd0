"""The documented snippet in a real nginx: nothing is held back, nothing is cut off, and who asks is told truly."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, ClientTimeout, CookieJar, TCPConnector

from jobrunner.config import Settings
from jobrunner.web.events import PING_S
from jobrunner.web.prefer import LONGEST_S
from tests.browser.office import Office
from tests.nginx.conftest import Serve
from tests.nginx.nginx import SNIPPET, Nginx
from tests.process import ServerProcess

ADDRESS = "127.0.0.2"  # of somebody else's machine, as far as a server can tell
CHUNK = bytes(1_000_000)
NO_LIMIT = ClientTimeout(total=150)


@dataclass
class Stream:
    """What arrives of an event stream."""

    answer: ClientResponse

    async def next(self) -> tuple[str, Any]:
        """Return the next event, a `ping` too."""
        fields: dict[str, str] = {}
        while True:
            line = (await self.answer.content.readline()).decode().rstrip("\n")
            if not line and "event" in fields:
                return fields["event"], json.loads(fields["data"])
            name, _, value = line.partition(": ")
            fields[name] = value

    async def next_job(self) -> Any:
        while (event := await self.next())[0] != "job":
            pass
        return event[1]


class Front:
    """An operator who reaches the server through nginx."""

    def __init__(self, proxy: Nginx, office: Office, session: ClientSession) -> None:
        self.proxy, self.office, self.session = proxy, office, session
        self.api = f"{proxy.url}/jobrunner/api/v1"

    async def get(self, path: str, **headers: str) -> Any:
        async with self.session.get(f"{self.api}/{path}", headers=headers) as answer:
            assert answer.ok, await answer.text()
            return await answer.json()

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncIterator[Stream]:
        async with self.session.get(f"{self.api}/{path}", headers={"Accept": "text/event-stream"}) as answer:
            yield Stream(answer)

    async def watched(self) -> None:
        """Return when somebody waits for a change."""
        while (await self.get("jobs/health"))["watchers"] == 0:
            await asyncio.sleep(0.01)


@pytest.fixture
async def front(proxy: Nginx, behind: ServerProcess) -> AsyncIterator[Front]:
    async with ClientSession() as inside:
        office = Office(behind, inside)
        headers = {"Authorization": f"Bearer {await office.key()}"}
        async with ClientSession(headers=headers, timeout=NO_LIMIT) as session:
            yield Front(proxy, office, session)


async def test_an_event_arrives_before_the_next_one_is_made(front: Front) -> None:
    async with asyncio.timeout(30), front.stream("events") as stream:
        assert (await stream.next())[0] == "snapshot"
        for _ in range(3):
            job_id = await front.office.submit("hold", delay=3600)
            assert (await stream.next_job())["job_id"] == job_id


async def test_a_long_poll_is_answered_when_there_is_something(front: Front) -> None:
    cursor = (await front.get("events"))["cursor"]
    asked = asyncio.create_task(front.get(f"events?after={cursor}", Prefer="wait=50"))
    await front.watched()
    assert not asked.done()
    job_id = await front.office.submit("hold", delay=3600)
    async with asyncio.timeout(30):
        assert [job["job_id"] for job in (await asked)["jobs"]] == [job_id]


def test_nginx_waits_longer_than_anything_stays_silent_and_takes_what_the_server_takes() -> None:
    (read_timeout,) = re.findall(r"proxy_read_timeout (\d+)s;", SNIPPET)
    assert int(read_timeout) > max(PING_S, LONGEST_S)
    (largest,) = re.findall(r"client_max_body_size (\d+)m;", SNIPPET)
    assert int(largest) * 1024**2 >= Settings().server.max_upload


@pytest.mark.slow
async def test_what_is_silent_for_more_than_a_minute_is_not_cut_off(front: Front) -> None:
    job_id = await front.office.submit("hold", delay=3600)

    async def poll() -> None:
        for _ in range(2):
            assert (await front.get(f"jobs/{job_id}", Prefer="wait=50"))["status"] == "queued"

    async def listen() -> None:
        async with front.stream(f"events?job_id={job_id}") as stream:
            assert [(await stream.next())[0] for _ in range(7)] == ["snapshot", *["ping"] * 6]

    async with asyncio.timeout(130):
        await asyncio.gather(poll(), listen())


async def send(front: Front, job_id: str, chunks: int) -> tuple[int, Any]:
    """Send the second half when the server has shown bytes of the first; return those, and the answer."""
    shown = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal shown
        for _ in range(chunks // 2):
            yield CHUNK
        async with asyncio.timeout(30):
            while not shown:
                shown = (await front.get(f"jobs/{job_id}"))["uploads"][0]["received"]
        assert front.proxy.spooled() == []
        for _ in range(chunks - chunks // 2):
            yield CHUNK

    headers = {"Content-Length": str(chunks * len(CHUNK)), "Content-Type": "application/octet-stream"}
    async with front.session.put(f"{front.api}/jobs/{job_id}/uploads/file", data=body(), headers=headers) as answer:
        return shown, (answer.status, await answer.json())


async def test_200_megabytes_pass_and_the_server_shows_them_as_they_come(front: Front) -> None:
    job_id = await front.office.submit("weigh", uploads=["file"])
    shown, (status, job) = await send(front, job_id, 200)
    assert 0 < shown <= 100_000_000, "nginx held them back"
    assert (status, job["uploads"][0]["size"]) == (200, 200_000_000)
    assert (await front.office.ended(job_id))["result_data"] == 200_000_000


async def test_one_byte_more_than_the_server_takes_is_refused_by_the_server(front: Front) -> None:
    job_id = await front.office.submit("weigh", uploads=["file"])
    headers = {"Content-Length": "200000001", "Content-Type": "text/plain", "Expect": "100-continue"}

    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    async with front.session.put(f"{front.api}/jobs/{job_id}/uploads/file", data=nothing(), headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (413, "too-large")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_cookie_is_for_the_base_path_and_secure_behind_https(front: Front, proxy: Nginx, scheme: str) -> None:
    url = f"{proxy.secure_url if scheme == 'https' else proxy.url}/jobrunner"
    connector = TCPConnector(ssl=proxy.trust())
    async with ClientSession(connector=connector, cookie_jar=CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{url}/") as page:
            assert page.url.path == "/jobrunner/login"
        origin = {"Origin": url.removesuffix("/jobrunner")}
        key = {"key": await front.office.key()}
        async with browser.post(f"{url}/api/v1/session", json=key, headers=origin) as signed_in:
            cookie = signed_in.cookies["jobrunner_session"]
        assert (cookie["path"], bool(cookie["secure"])) == ("/jobrunner/", scheme == "https")
        assert cookie["httponly"]
        async with browser.get(f"{url}/") as page:
            assert page.url.path == "/jobrunner/"


async def test_another_site_can_use_no_cookie_through_nginx_either(front: Front, proxy: Nginx) -> None:
    url = f"{proxy.url}/jobrunner/api/v1"
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        async with browser.post(f"{url}/session", json={"key": await front.office.key()}) as signed_in:
            assert signed_in.status == 201
        lies = {"X-Forwarded-Host": "evil.test", "Origin": "http://evil.test", "X-Requested-With": "jobrunner"}
        async with browser.post(f"{url}/jobs", json={"type": "hold"}, headers=lies) as refused:
            assert refused.status == 403


async def test_who_is_signed_in_is_listed_with_the_address_that_nginx_saw(front: Front, proxy: Nginx) -> None:
    elsewhere = TCPConnector(local_addr=(ADDRESS, 0))
    lie = {"X-Forwarded-For": "192.0.2.66", "Forwarded": "for=192.0.2.66", "X-Real-IP": "192.0.2.66"}
    async with ClientSession(connector=elsewhere, headers=lie) as session:
        key = {"key": await front.office.key()}
        async with session.post(f"{front.api}/session", json=key) as signed_in:
            assert signed_in.status == 201
    addresses = [session["address"] for session in await front.office.sessions()]
    assert addresses.count(ADDRESS) == 1
    assert "192.0.2.66" not in addresses


async def test_nginx_opens_nothing_where_nobody_has_set_up_rights(
    nginx_program: str, serve: Serve, tmp_path: Path
) -> None:
    server = serve("", "/jobrunner", JOBRUNNER_SERVER__BASE_PATH="/jobrunner")
    proxy = Nginx(nginx_program, tmp_path, server.port)
    proxy.start()
    try:
        async with ClientSession() as session:
            for path in ("/jobrunner/", "/jobrunner/livez", "/jobrunner/api/v1/jobs"):
                async with session.get(f"{proxy.url}{path}") as answer:
                    assert answer.status == 403, path
    finally:
        proxy.stop()
