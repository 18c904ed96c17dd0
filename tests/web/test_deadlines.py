"""Heads and bodies have to arrive in time; a connection between two requests may rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.web.conftest import OpenApi

HEAD = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
TIMEOUT_S = 0.3

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Connection]]


@pytest.fixture
async def connect(open_api: OpenApi) -> AsyncIterator[Connect]:
    """Connect to a server that is in a hurry."""
    api = await open_api(**{"server.header_timeout": "300ms", "server.body_timeout": "300ms"})
    host, port = api.root.removeprefix("http://").split(":")
    writers = []

    async def connect_one() -> Connection:
        reader, writer = await asyncio.open_connection(host, int(port))
        writers.append(writer)
        return reader, writer

    yield connect_one
    for writer in writers:
        writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.read(), 10)


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Return the next answer of a connection that goes on."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    return head + await reader.readexactly(length)


@pytest.mark.parametrize("sent", [b"", b"G", b"GET /livez HTTP/1.1\r\nHost: localhost\r\n", b"\r\n"])
async def test_a_head_that_does_not_arrive_closes_the_connection(connect: Connect, sent: bytes) -> None:
    begun = time.monotonic()
    reader, writer = await connect()
    writer.write(sent)
    assert await rest(reader) == b""
    assert TIMEOUT_S * 0.9 <= time.monotonic() - begun < 5


async def test_a_head_that_drips_is_not_given_more_time(connect: Connect) -> None:
    begun = time.monotonic()
    reader, writer = await connect()

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)  # a slow line

    writer.write(b"GET /livez HTTP/1.1\r\nX: ")
    dripping = asyncio.create_task(drip())
    assert await rest(reader) == b""
    dripping.cancel()
    assert time.monotonic() - begun < 5


async def test_a_connection_may_rest_between_requests(connect: Connect) -> None:
    reader, writer = await connect()
    for _ in range(2):
        writer.write(HEAD)
        assert b" 200 OK" in await answer(reader)
        await asyncio.sleep(2 * TIMEOUT_S)  # time has to pass: nothing may happen in it
    writer.write(HEAD)
    assert b" 200 OK" in await answer(reader)


async def test_a_half_head_after_an_earlier_request_closes_the_connection(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(HEAD)
    await answer(reader)
    writer.write(HEAD[:10])
    assert await rest(reader) == b""


async def test_a_head_in_pieces_is_fine_while_it_is_in_time(connect: Connect) -> None:
    reader, writer = await connect()
    for place in range(0, len(HEAD), 5):
        writer.write(HEAD[place : place + 5])
        await writer.drain()
        await asyncio.sleep(0)
    assert b" 200 OK" in await answer(reader)


async def test_requests_may_be_sent_ahead(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(HEAD * 5)
    assert [b" 200 OK" in await answer(reader) for _ in range(5)] == [True] * 5


async def test_a_body_that_does_not_arrive_is_answered_408(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(POST + b'Content-Length: 100\r\n\r\n{"type": ')
    told = await answer(reader)
    assert b" 408 " in told.split(b"\r\n")[0]
    assert b'"urn:jobrunner:problem:too-slow"' in told


async def test_a_body_that_goes_on_arriving_is_given_more_time(connect: Connect) -> None:
    reader, writer = await connect()
    body = b'{"type": "echo", "delay": 3600}'
    writer.write(POST + f"Content-Length: {len(body)}\r\n\r\n".encode())
    for place in range(0, len(body), 4):
        writer.write(body[place : place + 4])
        await asyncio.sleep(TIMEOUT_S / 4)  # a slow line: longer than the time limit in all
    assert b" 202 Accepted" in await answer(reader)


async def test_the_rest_of_a_refused_body_is_not_taken_for_a_head(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(b"PUT /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n")
    assert b" 404 " in await answer(reader)
    writer.write(b"12345678")
    await asyncio.sleep(2 * TIMEOUT_S)  # time has to pass: nothing may happen in it
    writer.write(HEAD)
    assert b" 200 OK" in await answer(reader)
