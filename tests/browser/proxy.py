"""A way to a server that can be made bad: cut, frozen, slow, one that holds streams back, one that answers 502."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, hdrs, web
from multidict import CIMultiDict

from tests.process import free_port

HOP_BY_HOP = ("Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Content-Encoding")
WITHIN_S = 30
EMPTY = "/empty"  # a page of our own
PAGE = "<!doctype html><html lang=en><title>empty</title><body></body></html>"


@dataclass(frozen=True)
class Asked:
    """A request that came by. `stream`: it asked for events."""

    method: str
    path: str
    stream: bool


class Proxy:
    """Stands before a server, at an address of its own. Changes: its faults, what it has seen, what is under way."""

    def __init__(self, upstream: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked: list[Asked] = []
        self.open_streams = 0
        self.delay_s = 0.0
        self.buffers = False  # nothing of a stream gets through before its end
        self.bad_gateway: Callable[[Asked], bool] = lambda _asked: False
        self._upstream = upstream
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._news = asyncio.Condition()
        self._transports: set[asyncio.Transport] = set()

    def heal(self) -> None:
        """Be a good way again, for what comes from now on."""
        self.delay_s, self.buffers, self.bad_gateway = 0.0, False, lambda _asked: False
        self.thaw()

    def cut(self) -> None:
        """Break all connections that are open."""
        for transport in list(self._transports):
            transport.abort()

    def freeze(self) -> None:
        """Let nothing through, and break nothing."""
        self._thawed.clear()

    def thaw(self) -> None:
        self._thawed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something about what has been seen or is open."""
        async with asyncio.timeout(WITHIN_S), self._news:
            await self._news.wait_for(holds)

    def streams(self) -> int:
        """Return how many streams have been asked for so far."""
        return sum(asked.stream for asked in self.asked)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Proxy]:
        async with ClientSession(auto_decompress=False) as self._session:
            runner = web.ServerRunner(
                web.Server(self._handle, access_log=None, handler_cancellation=True), shutdown_timeout=0
            )
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            yield self
            self.thaw()
            self.cut()
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = Asked(request.method, request.path_qs, "text/event-stream" in request.headers.get(hdrs.ACCEPT, ""))
        if request.path == EMPTY:
            return web.Response(text=PAGE, content_type="text/html")
        transport = request.transport
        assert isinstance(transport, asyncio.Transport)
        self._transports.add(transport)
        await self._tell(self.asked.append, asked)
        try:
            await asyncio.sleep(self.delay_s)
            await self._thawed.wait()
            if self.bad_gateway(asked):
                return web.Response(status=502, text="Bad gateway")
            return await self._pass_on(request, asked)
        except ClientError:
            transport.abort()
            return web.Response(status=502)
        finally:
            self._transports.discard(transport)

    async def _pass_on(self, request: web.BaseRequest, asked: Asked) -> web.StreamResponse:
        body = await request.read()
        url = f"{self._upstream}{request.path_qs}"
        async with self._session.request(
            request.method, url, headers=request.headers, data=body, allow_redirects=False
        ) as answer:
            headers = CIMultiDict((name, value) for name, value in answer.headers.items() if name not in HOP_BY_HOP)
            if hdrs.CONTENT_ENCODING in answer.headers:
                headers[hdrs.CONTENT_ENCODING] = answer.headers[hdrs.CONTENT_ENCODING]
            response = web.StreamResponse(status=answer.status, headers=headers)
            held = await answer.read() if asked.stream and self.buffers else b""
            await response.prepare(request)
            await response.write(held)
            await self._tell(self._count, int(asked.stream))
            try:
                async for chunk in answer.content.iter_any():
                    await self._thawed.wait()
                    await response.write(chunk)
            finally:
                await self._tell(self._count, -int(asked.stream))
            return response

    def _count(self, change: int) -> None:
        self.open_streams += change

    async def _tell(self, do: Callable[[Any], object], what: object) -> None:
        async with self._news:
            do(what)
            self._news.notify_all()
