"""Requests as bytes on a socket, for what no client would send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.web.api import Api

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connection(api: Api) -> AsyncIterator[Connection]:
    """Connect to a server."""
    host, port = api.root.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def raw(api: Api, first: str, *lines: str, body: bytes = b"") -> str:
    """Return all that is answered to a request, whose Host is given unless `lines` name one."""
    named = any(line.lower().startswith("host:") for line in lines)
    head = [f"{first} HTTP/1.1", *([] if named else ["Host: localhost"]), *lines, "Connection: close", "", ""]
    async with connection(api) as (reader, writer):
        writer.write("\r\n".join(head).encode("latin-1") + body)
        return (await asyncio.wait_for(reader.read(), 20)).decode("latin-1")


def status_of(answer: str) -> int:
    """Return the status of an answer."""
    return int(answer.split(" ", 2)[1])
