"""What every call of the client promises: patience, one job for one submission, and errors that say what happened."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from aiohttp import BodyPartReader, web

from jobrunner.client import Client, File
from jobrunner.client.file import Source
from jobrunner.errors import Problem, StillRunning, Unreachable
from tests.client.conftest import Naps
from tests.client.faulty import ID, JOB, Faulty, cut, faulty, job, refuse, reply, state, stream

SUBMIT = "POST /api/v1/jobs"


async def test_a_submission_whose_answer_was_lost_is_repeated_with_the_same_key(client: Client, server: Faulty) -> None:
    server.on(SUBMIT, cut(), refuse(503, "storage-unavailable"), refuse(429, "overloaded"), reply(job(), 202))

    assert (await client.submit("data_story", {"rows": 3}))["job_id"] == ID

    keys = [asked.headers["Idempotency-Key"] for asked in server.asked]
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert re.fullmatch(r'"[0-9a-f-]{36}"', keys[0])


async def test_two_submissions_have_two_keys(client: Client, server: Faulty) -> None:
    server.on(SUBMIT, reply(job(), 202))
    await client.submit("data_story")
    await client.submit("data_story")

    assert len({asked.headers["Idempotency-Key"] for asked in server.asked}) == 2


async def test_a_key_of_the_callers_own_is_quoted(client: Client, server: Faulty) -> None:
    server.on(SUBMIT, reply(job(), 202))
    await client.submit("data_story", idempotency_key='order "7"')

    assert server.asked[0].headers["Idempotency-Key"] == r'"order \"7\""'


async def test_patience_ends_after_three_repeats_with_the_last_answer(
    client: Client, server: Faulty, naps: Naps
) -> None:
    server.on(SUBMIT, refuse(503, "shutting-down"))

    with pytest.raises(Problem, match="shutting-down"):
        await client.submit("data_story")
    assert len(server.asked) == 4
    assert all(0.8 * expected <= nap <= 1.2 * expected for nap, expected in zip(naps.taken, [0.5, 1, 2], strict=True))


async def test_retry_after_is_waited_for(client: Client, server: Faulty, naps: Naps) -> None:
    server.on(SUBMIT, refuse(429, "overloaded", **{"Retry-After": "17"}), reply(job(), 202))
    await client.submit("data_story")

    assert naps.taken == [17.0]


async def test_an_hour_is_not_waited_for_but_told(client: Client, server: Faulty, naps: Naps) -> None:
    server.on(SUBMIT, refuse(429, "overloaded", **{"Retry-After": "3600"}))

    with pytest.raises(Problem) as caught:
        await client.submit("data_story")
    assert caught.value.retry_after_s == 3600
    assert naps.taken == []


async def test_a_refusal_is_not_repeated_and_names_each_fault(client: Client, server: Faulty) -> None:
    faults = [{"pointer": "/payload/rows", "detail": "must be a number"}]
    server.on(SUBMIT, refuse(422, "invalid", errors=faults))

    with pytest.raises(Problem) as caught:
        await client.submit("data_story", {"rows": "x"})
    assert (caught.value.status, caught.value.code, len(server.asked)) == (422, "invalid", 1)
    assert caught.value.pointers == (("/payload/rows", "must be a number"),)
    assert "/payload/rows: must be a number" in str(caught.value)


async def test_no_server_is_unreachable_and_says_why(naps: Naps) -> None:
    async with faulty() as gone:
        url = gone.url
    async with Client(url, sleep=naps) as client:
        with pytest.raises(Unreachable, match=f"no server answers at {url} .Connection refused."):
            await client.health()
    assert len(naps.taken) == 3


async def test_a_silent_server_is_unreachable(server: Faulty, naps: Naps) -> None:
    server.on(f"GET {JOB}", stream(then="silent"))
    async with Client(server.url, timeout=0.05, sleep=naps) as client:
        with pytest.raises(Unreachable):
            await client.get(ID)


async def test_a_page_of_somebody_else_is_no_answer(client: Client, server: Faulty) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<h1>It works!</h1>", content_type="text/html")

    server.on(f"GET {JOB}", page)

    with pytest.raises(Unreachable, match="no jobrunner: it answers with text/html"):
        await client.get(ID)


async def test_an_error_page_of_a_proxy_is_a_problem_too(client: Client, server: Faulty) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(status=413, text="<h1>413 Request Entity Too Large</h1>", content_type="text/html")

    server.on(SUBMIT, page)

    with pytest.raises(Problem, match="Request Entity Too Large") as caught:
        await client.submit("data_story")
    assert caught.value.code == "http-413"


async def test_reads_are_repeated(client: Client, server: Faulty) -> None:
    server.on(f"GET {JOB}", cut(), refuse(503, "shutting-down"), reply(job()))

    assert (await client.get(ID))["job_id"] == ID


async def test_a_base_path_stays_before_every_path(server: Faulty, naps: Naps) -> None:
    server.on(f"GET /behind/a/proxy{JOB}", reply(job()))
    async with Client(f"{server.url}/behind/a/proxy/", sleep=naps) as client:
        assert (await client.get(ID))["job_id"] == ID


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://host", "http://", "http://host?x=1", "host"])
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="no address of a server"):
        Client(url)


def test_the_environment_names_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().url == "http://127.0.0.1:8080"
    monkeypatch.setenv("JOBRUNNER_URL", "http://jobs.example:9000/base/")
    assert Client().url == "http://jobs.example:9000/base"


@pytest.mark.parametrize("job_id", ["", ".", "..", "/"])
async def test_an_id_that_can_name_no_job_never_reaches_another_page(
    client: Client, server: Faulty, job_id: str
) -> None:
    with pytest.raises(Problem, match="no job id"):
        await client.get(job_id)
    assert server.asked == []


async def test_the_envelope_is_written_as_the_api_wants_it(client: Client, server: Faulty) -> None:
    bodies: list[object] = []

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.json_response(job(), status=202)

    server.on(SUBMIT, answer)
    run_at = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    await client.submit(
        "x", {"a": None}, run_at=run_at, timeout=timedelta(minutes=2), priority=0, title=None, tags=["t"]
    )

    assert bodies == [
        {
            "type": "x",
            "payload": {"a": None},
            "run_at": "2026-11-22T11:00:00.000Z",
            "timeout": 120.0,
            "priority": 0,
            "tags": ["t"],
        }
    ]


async def test_a_time_without_a_zone_is_refused_before_anything_is_sent(client: Client, server: Faulty) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        await client.submit("x", run_at=datetime(2026, 11, 22))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="JSON"):
        await client.submit("x", {"share": float("nan")})
    assert server.asked == []


async def test_files_follow_the_job_and_are_sent_again_when_the_connection_is_cut(
    client: Client, server: Faulty, tmp_path: Path
) -> None:
    path = tmp_path / 'größe "1".csv'
    path.write_bytes(b"a;b\n" * 50_000)
    parts: list[tuple[str | None, str | None, str | None, bytes]] = []

    async def answer(request: web.Request) -> web.Response:
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            content = bytes(await part.read())
            parts.append((part.name, part.filename, part.headers["Content-Type"], content))
        return web.json_response(job(), status=202)

    server.on(SUBMIT, cut(after=100_000), answer)
    files: dict[str, Source] = {"file": path, "notes": b"hi", "big": File(b"x" * 2_000_000, "big.png", "image/png")}
    await client.submit("data_story", {"rows": 3}, files=files)

    assert parts == [
        ("job", None, "application/json", b'{"type": "data_story", "payload": {"rows": 3}}'),
        ("file", 'größe "1".csv', "text/csv", path.read_bytes()),
        ("notes", "notes", "application/octet-stream", b"hi"),
        ("big", "big.png", "image/png", b"x" * 2_000_000),
    ]


async def test_a_file_that_is_not_there_is_said_before_anything_is_sent(client: Client, server: Faulty) -> None:
    with pytest.raises(FileNotFoundError):
        await client.submit("data_story", files={"file": Path("/nowhere.csv")})
    assert server.asked == []


async def test_a_list_goes_on_over_all_its_pages(client: Client, server: Faulty) -> None:
    first = reply({"jobs": [job(number=3), job(number=2)], "next_cursor": "c2"})
    server.on("GET /api/v1/jobs", first, cut(), reply({"jobs": [job(number=1)], "next_cursor": None}))

    assert [found["cursor"] async for found in client.list(status=["failed", "queued"])] == [
        "9f3c-3",
        "9f3c-2",
        "9f3c-1",
    ]
    assert [asked.query.get("cursor") for asked in server.asked] == [None, "c2", "c2"]


async def test_a_limited_list_asks_for_no_more_than_it_needs(client: Client, server: Faulty) -> None:
    server.on("GET /api/v1/jobs", reply({"jobs": [job(), job()], "next_cursor": "more"}))

    assert len([found async for found in client.list(limit=2)]) == 2
    assert [asked.query["limit"] for asked in server.asked] == ["2"]


async def test_waiting_returns_the_whole_job(client: Client, server: Faulty) -> None:
    ended = job("completed", 2)
    server.on(f"GET {JOB}/events", stream(state(job()), state(ended)))
    server.on(f"GET {JOB}", reply(ended | {"result_data": {"rows": 3}}))

    assert (await client.wait(ID, timeout=5))["result_data"] == {"rows": 3}


async def test_waiting_ends_in_still_running_which_is_no_failure_of_the_job(client: Client, server: Faulty) -> None:
    server.on(f"GET {JOB}/events", stream(state(job()), then="silent"))

    with pytest.raises(StillRunning, match=f"{ID} is still running after 0.05 s"):
        await client.wait(ID, timeout=0.05)


async def test_a_retry_says_only_what_changes(client: Client, server: Faulty) -> None:
    bodies: list[object] = []

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.json_response(job("queued"), status=202)

    server.on(f"POST {JOB}/retry", answer)
    await client.retry(ID)
    await client.retry(ID, payload=None, priority=9)

    assert bodies == [{}, {"payload": None, "priority": 9}]


async def test_a_retry_that_may_have_been_done_is_not_repeated(client: Client, server: Faulty) -> None:
    server.on(f"POST {JOB}/retry", refuse(429, "overloaded"), refuse(503, "shutting-down"), cut())

    with pytest.raises(Unreachable):
        await client.retry(ID)
    assert len(server.asked) == 3
