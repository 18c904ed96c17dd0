"""The parser of event streams, in a real browser: however the bytes are cut, the same events come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.conftest import Server, Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PARSE = """async ([module, bytes, size]) => {
  const { EventParser } = await import(module);
  const parser = new EventParser();
  const events = [];
  for (let at = 0; at < bytes.length; at += size)
    events.push(...parser.push(Uint8Array.from(bytes.slice(at, at + size))));
  return { events, retryMs: parser.retryMs };
}"""

STREAM = (
    "\ufeffretry: 1500\r\n: a comment\r\n\r\n"
    'event: job\rid: 9f3c-7\rdata: {"title":\rdata: "Zürich 🚆"}\r\r'
    "data:no space\r\ndata: at all\r\n\r\n"
    "event: idle\nid: 9f3c-8\n\n"
    "id: bad\0id\nretry: soon\ndata\n\n"
    "event: job\ndata: never finished"
).encode()


@pytest.mark.parametrize("size", [1, *(pytest.param(size, marks=pytest.mark.slow) for size in (2, 3, 7, 1_000))])
async def test_events_are_the_same_however_the_bytes_are_cut(server: Server, visit: Visit, size: int) -> None:
    await visit.page.goto(server.url)
    parsed = await visit.page.evaluate(PARSE, [f"{server.url}/assets/sse.js", list(STREAM), size])
    assert parsed == {
        "events": [
            {"type": "job", "data": '{"title":\n"Zürich 🚆"}', "id": "9f3c-7"},
            {"type": "message", "data": "no space\nat all", "id": None},
            {"type": "idle", "data": "", "id": "9f3c-8"},
            {"type": "message", "data": "", "id": None},
        ],
        "retryMs": 1500,
    }
