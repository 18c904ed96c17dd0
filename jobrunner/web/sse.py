"""Server-Sent Events (WHATWG HTML, section 9.2): an event as bytes, and the stream that they are written to."""

from __future__ import annotations

import asyncio

from aiohttp import web

from jobrunner.web import show

RETRY_MS = 2_000
STUCK_S = 20.0
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "Vary": "Accept",
}


def event(name: str, data: bytes, cursor: str | None = None) -> bytes:
    """Return an event; `data` is JSON, which has no raw newlines, and only committed states have a cursor."""
    head = b"" if cursor is None else b"id: " + cursor.encode() + b"\n"
    return head + b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"


def head() -> web.Response:
    """Return what a HEAD request is told of a stream."""
    return web.Response(headers=HEADERS)


PING = event("ping", b"{}")


class Stream:
    """A response of events. A write that is stuck for 20 s means that nobody reads: the connection is cut off."""

    def __init__(self, request: web.Request) -> None:
        """Answer a request."""
        self._request = request
        self._response = web.StreamResponse(headers=HEADERS)

    async def open(self) -> web.StreamResponse:
        """Send the head and first bytes at once, so that a proxy that holds them back is found out."""
        await self._response.prepare(self._request)
        await self.write(f"retry: {RETRY_MS}\n\n".encode())
        return self._response

    async def write(self, data: bytes) -> None:
        """Send bytes; raise ConnectionResetError when the client is gone or does not read."""
        try:
            async with asyncio.timeout(STUCK_S):
                await self._response.write(data)
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise ConnectionResetError("the client does not read") from None

    async def send(self, name: str, value: object) -> None:
        """Send an event without a cursor."""
        await self.write(event(name, show.encode(value)))
