"""Each line of a log comes once, whether it is there already or still to come."""

from __future__ import annotations

from aiohttp import web

from jobrunner.client import Client
from tests.client.faulty import ID, JOB, Faulty, event, reply, stream

LOGS = f"GET {JOB}/logs"


def line(n: int) -> dict[str, object]:
    return {"n": n, "at": "2026-11-22T10:00:00.000Z", "stream": "log", "level": "info", "text": f"line {n}"}


async def test_what_is_there_is_read_page_by_page(client: Client, server: Faulty) -> None:
    pages = [{"lines": [line(1), line(2)], "next": 2}, {"lines": [line(3)], "next": 3}, {"lines": [], "next": 3}]
    server.on(LOGS, *map(reply, pages))

    assert [line["n"] async for line in client.logs(ID)] == [1, 2, 3]
    assert [asked.query["after"] for asked in server.asked] == ["0", "2", "3"]


async def test_a_server_that_repeats_itself_is_not_read_for_ever(client: Client, server: Faulty) -> None:
    server.on(LOGS, reply({"lines": [line(1)], "next": 1}))

    assert [line["n"] async for line in client.logs(ID)] == [1]


async def test_a_followed_log_goes_on_after_a_cut_and_ends_with_the_job(client: Client, server: Faulty) -> None:
    again = stream(event("log", line(2)), event("ping", {}), event("log", line(3)), event("end", {"status": "failed"}))
    server.on(LOGS, stream(event("log", line(1)), event("log", line(2)), then="cut"), again)

    assert [line["n"] async for line in client.logs(ID, follow=True)] == [1, 2, 3]
    assert [asked.query["after"] for asked in server.asked] == ["0", "2"]
    assert server.asked[0].headers["Accept"] == "text/event-stream"


async def test_a_followed_log_of_a_job_that_has_ended_meanwhile_ends(client: Client, server: Faulty) -> None:
    async def no_content(_: web.Request) -> web.Response:
        return web.Response(status=204)

    server.on(LOGS, stream(event("log", line(7)), then="cut"), no_content)

    assert [line["text"] async for line in client.logs(ID, after=6, follow=True)] == ["line 7"]
