"""A real server on a socket, in this process: what web tests talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from jobrunner import Jobrunner, Registry
from jobrunner.web.app import make_app
from jobrunner.web.connection import PunctualRunner
from jobrunner.web.keys import RUNNER
from tests.conftest import OpenRunner
from tests.web.api import Api
from tests.web.handlers import Gate, register
from tests.web.people import People, acquaint, rights

Serve = Callable[..., Awaitable[str]]
OpenApi = Callable[..., Awaitable[Api]]
OpenPeople = Callable[..., Awaitable[People]]


@pytest.fixture
async def serve(open_runner: OpenRunner) -> AsyncIterator[Serve]:
    """Serve an engine and return its address; settings are dotted keys."""
    https: list[web.AppRunner] = []

    async def serve_one(runner: Jobrunner | None = None, **settings: object) -> str:
        runner = runner or await open_runner(**settings)
        head_s = runner.settings.server.header_timeout.total_seconds()
        http = PunctualRunner(make_app(runner), head_timeout_s=head_s, handler_cancellation=True, shutdown_timeout=0.1)
        await http.setup()
        await web.TCPSite(http, "127.0.0.1", 0).start()
        https.append(http)
        address = f"http://127.0.0.1:{http.addresses[0][1]}"
        runner.site.found(address)
        return address

    yield serve_one
    for http in https:
        http.app[RUNNER].close_intake()
        await http.cleanup()


@pytest.fixture
def gate(registry: Registry) -> Gate:
    """Serve the types of `tests.web.handlers`; open it to let the gated ones go on."""
    return register(registry)


@pytest.fixture
async def open_api(serve: Serve, gate: Gate) -> AsyncIterator[OpenApi]:
    """Serve an engine and return a client of it; settings are dotted keys."""
    async with ClientSession(cookie_jar=None) as session:

        async def open_one(runner: Jobrunner | None = None, **settings: object) -> Api:
            return Api(await serve(runner, **settings), session)

        yield open_one
        gate.opened.set()


@pytest.fixture
async def api(runner: Jobrunner, open_api: OpenApi) -> Api:
    """A client of a server; `runner` is its engine."""
    return await open_api(runner)


@pytest.fixture
async def open_people(tmp_path: Path, open_runner: OpenRunner, open_api: OpenApi) -> OpenPeople:
    """Serve an engine with rights and return who knows it; settings are dotted keys."""

    async def open_one(**settings: object) -> People:
        runner = await open_runner(**rights(tmp_path), **settings)
        return await acquaint(await open_api(runner), runner)

    return open_one


@pytest.fixture
async def people(open_people: OpenPeople) -> People:
    """Those who know a server with rights."""
    return await open_people()
