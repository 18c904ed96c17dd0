"""A connection whose request heads have to arrive in time.

Aiohttp itself waits for them as long as for the next request.

Leans on two private attributes of aiohttp's RequestHandler; `tests/web/test_deadlines.py` fails when they are gone.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from jobrunner.web.problems import MEDIA_TYPE, problem_body

log = structlog.get_logger("jobrunner.web")


class PunctualHandler(RequestHandler):
    """Close a connection that has begun a request head and does not finish it."""

    __slots__ = ("_head_timeout_s", "_head_timer")

    def __init__(self, manager: Any, *, loop: asyncio.AbstractEventLoop, head_timeout_s: float, **kwargs: Any) -> None:
        """Allow `head_timeout_s` for each head."""
        super().__init__(manager, loop=loop, **kwargs)
        self._head_timeout_s = head_timeout_s
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Take bytes; a request that they complete is in time."""
        requests = self._request_count
        super().data_received(data)
        if self._request_count > requests:
            self._disarm()
        elif self._head_timer is None and self._waiter is not None:  # bytes of a body are no head
            self._arm()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP as a problem, too; aiohttp would log it, with whatever secret it holds."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return super().handle_error(request, status, exc, message)
        log.info("request.refused", method="-", route="-", status=status, code="malformed")
        if request.writer.output_size:
            raise ConnectionResetError("the answer had begun")
        body = problem_body("malformed", "The request cannot be read", "This is no HTTP/1.1 request.", status)
        response = web.Response(body=json.dumps(body).encode(), status=status, headers={"Content-Type": MEDIA_TYPE})
        response.force_close()
        return response

    def connection_lost(self, exc: BaseException | None) -> None:
        """Wait no longer."""
        self._disarm()
        super().connection_lost(exc)

    def _arm(self) -> None:
        self._head_timer = self._loop.call_later(self._head_timeout_s, self.force_close)

    def _disarm(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class PunctualServer(web.Server):
    """Make such connections."""

    head_timeout_s = 10.0

    def __call__(self) -> PunctualHandler:
        """Return the handler of a new connection."""
        return PunctualHandler(self, loop=self._loop, head_timeout_s=self.head_timeout_s, **self._kwargs)


class PunctualRunner(web.AppRunner):
    """Serve an application over such connections."""

    __slots__ = ("_head_timeout_s",)

    def __init__(self, app: web.Application, *, head_timeout_s: float, **kwargs: Any) -> None:
        """Allow `head_timeout_s` for each head."""
        super().__init__(app, auto_decompress=False, **kwargs)  # what is compressed is refused, not blown up
        self._head_timeout_s = head_timeout_s

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = PunctualServer
        server.head_timeout_s = self._head_timeout_s  # type: ignore[attr-defined]
        return server
