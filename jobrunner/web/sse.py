"""Server-Sent Events (WHATWG HTML, section 9.2): an event as bytes, and the stream that they are written to.

A stream lasts no longer than the right to it, and says so when that ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from jobrunner.engine.changes import Watcher
from jobrunner.web import show
from jobrunner.web.keys import authority_of, subject_of
from jobrunner.web.quotas import counted_stream

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
EXPIRED = event("expired", b"{}")


class RightEnded(Exception):
    """Who reads may not do so any longer."""


class Stream:
    """A response of events. A write that is stuck for 20 s means that nobody reads: the connection is cut off."""

    def __init__(self, request: web.Request) -> None:
        """Answer a request."""
        self.response = web.StreamResponse(headers=HEADERS)
        self._request = request
        self._subject = subject_of(request)

    async def open(self) -> None:
        """Send the head and first bytes at once, so that a proxy that holds them back is found out."""
        await self.response.prepare(self._request)
        await self._put(f"retry: {RETRY_MS}\n\n".encode())

    @property
    def allowed(self) -> bool:
        """Tell whether who reads may still do so."""
        return authority_of(self._request).alive(self._subject)

    async def write(self, data: bytes) -> None:
        """Send bytes; raise RightEnded, or ConnectionResetError when the client is gone or does not read."""
        if not self.allowed:
            raise RightEnded
        await self._put(data)

    async def send(self, name: str, value: object) -> None:
        """Send an event without a cursor."""
        await self.write(event(name, show.encode(value)))

    async def expire(self) -> None:
        """Say that the right has ended, if it has."""
        if not self.allowed:
            await self._put(EXPIRED)

    async def _put(self, data: bytes) -> None:
        try:
            async with asyncio.timeout(STUCK_S):
                await self.response.write(data)
        except TimeoutError:
            if self._request.transport is not None:
                self._request.transport.abort()
            raise ConnectionResetError("the client does not read") from None


@asynccontextmanager
async def stream_for(request: web.Request, watcher: Watcher) -> AsyncIterator[Stream]:
    """Open a stream of what `watcher` waits for; raise RateLimited when who asks has too many open already.

    The watcher is closed when the right to the stream ends, so that nobody waits longer than that.
    """
    subject = subject_of(request)
    with counted_stream(request), authority_of(request).held(subject, watcher.close):
        stream = Stream(request)
        await stream.open()
        with suppress(RightEnded):
            yield stream
        await stream.expire()
