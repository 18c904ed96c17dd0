"""An identity provider on a real socket, that answers as a test says and counts how often it was asked."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web


class Provider:
    """`answer` is the body, `status` and `headers` go with it; while `gate` is clear, nobody is answered."""

    def __init__(self) -> None:
        self.answer = b""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked: list[str] = []
        self.came = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.url = ""
        self._runner: Any = None

    async def start(self) -> None:
        application = web.Application()
        application.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/keys"

    async def stop(self) -> None:
        self.gate.set()
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        self.came.set()
        await self.gate.wait()
        return web.Response(body=self.answer, status=self.status, headers=self.headers)
