"""A service of somebody else, on a real socket: what it was sent, and how it answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, web

from tests.web.api import Answer

Reply = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True)
class Order:
    """What the service was asked to do, with the headers of the request."""

    body: Any
    headers: dict[str, str]

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.body['token']}"}


class Service:
    """Takes orders, and accepts them unless a test says how it answers; asked about them, it says what a test says."""

    def __init__(self, session: ClientSession) -> None:
        self.orders: asyncio.Queue[Order] = asyncio.Queue()
        self.asked: asyncio.Queue[str] = asyncio.Queue()
        self.stops: asyncio.Queue[Any] = asyncio.Queue()
        self.on_order: Reply = accepted()
        self.on_ask: Reply = accepted()
        self.on_stop: Reply = answer(204)
        self.port = 0
        self.session = session
        self._http: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self, **more: object) -> dict[str, object]:
        """Return settings by which the type `analysis` is done here."""
        return {"types.analysis.url": f"{self.url}/analyze", **{f"types.analysis.{key}": more[key] for key in more}}

    async def start(self) -> None:
        """Begin to listen, at the same address as before."""
        app = web.Application()
        app.router.add_post("/analyze", self._order)
        app.router.add_get("/monitors/{id}", self._ask)
        app.router.add_delete("/monitors/{id}", self._stop)
        app.router.add_post("/cancel", self._stop)
        self._http = web.AppRunner(app, shutdown_timeout=0.1)
        await self._http.setup()
        await web.TCPSite(self._http, "127.0.0.1", self.port).start()
        self.port = self._http.addresses[0][1]

    async def stop(self) -> None:
        """Listen no more."""
        if self._http is not None:
            await self._http.cleanup()

    async def order(self) -> Order:
        """Return the next order."""
        async with asyncio.timeout(20):
            return await self.orders.get()

    async def says(self, order: Order, report: Any, **options: Any) -> Answer:
        """Report by callback."""
        sent = options or {"json": report}
        headers = {**order.bearer, **sent.pop("headers", {})}
        return await self.send("POST", order.body["callback_url"], headers=headers, **sent)

    async def send(self, method: str, url: str, **options: Any) -> Answer:
        async with asyncio.timeout(60), self.session.request(method, url, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def _order(self, request: web.Request) -> web.Response:
        await self.orders.put(Order(await request.json(), dict(request.headers)))
        return await self.on_order(request)

    async def _ask(self, request: web.Request) -> web.Response:
        await self.asked.put(request.match_info["id"])
        return await self.on_ask(request)

    async def _stop(self, request: web.Request) -> web.Response:
        told = await request.json() if request.can_read_body else {"monitor": request.match_info["id"]}
        await self.stops.put(told)
        return await self.on_stop(request)


def answer(status: int, body: Any = None, **headers: str) -> Reply:
    """Answer always the same; bytes are sent as they are, anything else as JSON."""

    async def reply(_request: web.Request) -> web.Response:
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        if isinstance(body, bytes):
            return web.Response(status=status, body=body, headers=given)
        text = None if body is None else json.dumps(body)
        return web.Response(status=status, text=text, content_type="application/json", headers=given)

    return reply


def accepted(monitor: str | None = None) -> Reply:
    """Accept an order, and perhaps say where to ask about it."""
    return answer(202) if monitor is None else answer(202, Location=f"/monitors/{monitor}")


async def never(_request: web.Request) -> web.Response:
    """Leave a request without an answer."""
    await asyncio.Event().wait()
    raise AssertionError


def in_turn(*replies: Reply) -> Reply:
    """Answer by one after the other, and by the last for good."""
    left = list(replies)

    async def reply(request: web.Request) -> web.Response:
        return await (left.pop(0) if len(left) > 1 else left[0])(request)

    return reply
