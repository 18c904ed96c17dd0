"""A site of somebody else on this machine: an application of its own that embeds the client, or an attacker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.process import free_port

Issue = Callable[[], Awaitable[str]]

PAGE = "<!doctype html><html lang=en><title>elsewhere</title><body></body></html>"


async def nothing() -> str:
    """Issue no token."""
    raise web.HTTPForbidden


@dataclass
class Site:
    """An empty page at `/`, and at `/token` what a back end hands to its user; counts how often it was asked."""

    issue: Issue = nothing
    port: int = field(default_factory=free_port)
    asked: int = 0
    asked_again: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def page(self, _request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def token(self, _request: web.Request) -> web.Response:
        self.asked += 1
        if self.asked > 1:
            self.asked_again.set()
        return web.Response(text=await self.issue())

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Site]:
        app = web.Application()
        app.router.add_get("/", self.page)
        app.router.add_get("/token", self.token)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        yield self
        await runner.cleanup()
