"""A watch outlives its connections: whatever breaks them, each state comes once, in order, up to the last."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, aclosing

import pytest
from aiohttp import web

from jobrunner.client import Client, Connection, Watching
from jobrunner.errors import Problem, Unreachable
from jobrunner.wire import JobData
from tests.client.conftest import Naps
from tests.client.faulty import ID, JOB, Faulty, cut, event, faulty, job, progress, refuse, reply, state, stream

EVENTS = f"GET {JOB}/events"
ALL = "GET /api/v1/events"


async def seen(watching: Watching) -> list[str]:
    return [f"{job['cursor']} {job['status']}" async for job in watching]


def snapshot(*jobs: JobData, cursor: str = "9f3c-1", name: str = "snapshot", **more: object) -> bytes:
    return event(name, {"jobs": jobs, "cursor": cursor, "more": False} | more, cursor)


async def test_a_watch_ends_with_the_terminal_state(client: Client, server: Faulty) -> None:
    server.on(EVENTS, stream(snapshot(job("queued")), state(job(number=2)), state(job("failed", 3)), then="silent"))

    assert await seen(client.watch(ID)) == ["9f3c-1 queued", "9f3c-2 processing", "9f3c-3 failed"]
    assert server.asked[0].headers["Accept"] == "text/event-stream"


@pytest.mark.parametrize("then", ["cut", "close", "silent"])
async def test_a_broken_stream_is_taken_up_from_its_cursor(client: Client, server: Faulty, then: str) -> None:
    server.on(EVENTS, stream(state(job(number=2)), then=then), stream(state(job("completed", 5))))

    assert await seen(client.watch(ID)) == ["9f3c-2 processing", "9f3c-5 completed"]
    assert [asked.query for asked in server.asked] == [{}, {"after": "9f3c-2"}]


async def test_a_restart_of_the_server_is_survived_and_told(naps: Naps) -> None:
    said: asyncio.Queue[Connection] = asyncio.Queue()
    async with AsyncExitStack() as running:
        first = await running.enter_async_context(faulty())
        first.on(EVENTS, stream(state(job(number=2)), then="silent"))
        async with Client(first.url, sleep=naps) as client, aclosing(client.watch(ID, told=said.put_nowait)) as states:
            assert (await anext(states))["cursor"] == "9f3c-2"
            await running.aclose()
            coming = asyncio.ensure_future(anext(states))
            assert [(await said.get()).live for _ in range(4)] == [True, False, False, False]
            async with faulty(int(first.url.rpartition(":")[2])) as second:
                second.on(EVENTS, stream(state(job("completed", 5))))
                assert (await coming)["cursor"] == "9f3c-5"
                assert second.asked[0].query == {"after": "9f3c-2"}


async def test_more_failures_than_a_call_would_bear_end_no_watch(client: Client, server: Faulty, naps: Naps) -> None:
    broken = [refuse(503, "shutting-down", **{"Retry-After": "25"}), *[refuse(502, "http-502")] * 5]
    server.on(EVENTS, stream(state(job(number=2)), then="cut"), *broken, stream(state(job("completed", 5))))

    assert (await seen(client.watch(ID)))[-1] == "9f3c-5 completed"
    assert len(naps.taken) == 7
    assert naps.taken[1] == 25
    assert 8 <= max(naps.taken[2:]) <= 12


async def test_the_wait_begins_anew_after_each_event(client: Client, server: Faulty, naps: Naps) -> None:
    cuts = [stream(state(job(number=number)), then="cut") for number in range(5)]
    server.on(EVENTS, *cuts, stream(state(job("completed", 9))))
    await seen(client.watch(ID))

    assert max(naps.taken) <= 0.6


async def test_the_server_may_ask_for_a_longer_wait_by_retry(client: Client, server: Faulty, naps: Naps) -> None:
    server.on(EVENTS, stream(b"retry: 3000\n\n"), stream(state(job("completed"))))
    await seen(client.watch(ID))

    assert 2.4 <= naps.taken[0] <= 3.6


async def test_a_watch_that_never_reached_a_server_ends_soon(naps: Naps) -> None:
    async with faulty() as gone:
        url = gone.url
    async with Client(url, sleep=naps) as client:
        with pytest.raises(Unreachable):
            await seen(client.watch(ID))
    assert len(naps.taken) == 3


async def test_a_watch_since_a_known_state_bears_a_restart_from_the_start(client: Client, server: Faulty) -> None:
    server.on(EVENTS, *[cut()] * 5, stream(state(job("completed", 5))))

    assert await seen(client.watch(ID, since=job("queued", 2))) == ["9f3c-5 completed"]
    assert server.asked[0].query == {"after": "9f3c-2"}


async def test_nothing_comes_after_a_known_end(client: Client, server: Faulty) -> None:
    assert await seen(client.watch(ID, since=job("failed", 2))) == []
    assert server.asked == []


async def test_a_job_that_nobody_knows_is_a_problem(client: Client, server: Faulty) -> None:
    server.on(EVENTS, refuse(404, "unknown-job"))

    with pytest.raises(Problem, match="unknown-job"):
        await seen(client.watch(ID))


async def test_a_job_deleted_while_it_is_watched_is_a_problem(client: Client, server: Faulty) -> None:
    server.on(EVENTS, stream(state(job())), stream(snapshot(missing=[ID], name="reset")))
    server.on(f"GET {JOB}", refuse(404, "unknown-job"))

    with pytest.raises(Problem, match="unknown-job"):
        await seen(client.watch(ID))


async def test_no_content_on_a_resume_means_the_job_has_ended(client: Client, server: Faulty) -> None:
    async def no_content(_: web.Request) -> web.Response:
        return web.Response(status=204)

    server.on(EVENTS, stream(state(job(number=2)), then="cut"), no_content)
    server.on(f"GET {JOB}", reply(job("cancelled", 4)))

    assert await seen(client.watch(ID)) == ["9f3c-2 processing", "9f3c-4 cancelled"]
    assert len(server.to(f"GET {JOB}")) == 1


async def test_an_end_without_its_state_is_looked_up(client: Client, server: Faulty) -> None:
    server.on(EVENTS, stream(state(job(number=2)), event("end", {"job_id": ID, "status": "failed"}), then="silent"))
    server.on(f"GET {JOB}", reply(job("failed", 4)))

    assert await seen(client.watch(ID)) == ["9f3c-2 processing", "9f3c-4 failed"]


async def test_states_only_move_forward_across_connections(client: Client, server: Faulty) -> None:
    stale = stream(state(job(number=3)), state(job("queued", 2)), state(job("completed", 9)))
    server.on(EVENTS, stream(state(job(number=5)), then="cut"), stale)

    assert await seen(client.watch(ID)) == ["9f3c-5 processing", "9f3c-9 completed"]


async def test_progress_without_an_id_does_not_move_the_resume_point(client: Client, server: Faulty) -> None:
    live = [state(job(number=2)), event("job", progress(50, number=2)), event("ping", {})]
    server.on(EVENTS, stream(*live, then="cut"), stream(state(job("completed", 5))))

    assert len(await seen(client.watch(ID))) == 3
    assert server.asked[1].query == {"after": "9f3c-2"}


async def test_a_page_of_a_proxy_in_place_of_the_stream_is_a_cut(client: Client, server: Faulty) -> None:
    server.on(EVENTS, stream(state(job()), then="cut"), reply({"hello": 1}), stream(state(job("completed", 5))))

    assert (await seen(client.watch(ID)))[-1] == "9f3c-5 completed"


async def test_many_are_watched_until_all_that_were_named_have_ended(client: Client, server: Faulty) -> None:
    first = snapshot(job("completed", 1, job_id="a"), job("queued", 2, job_id="b"), cursor="9f3c-2", missing=["c"])
    server.on(ALL, stream(first, then="cut"), stream(state(job("failed", 3, job_id="b")), then="silent"))
    server.on("GET /api/v1/jobs", reply({"jobs": [], "next_cursor": None}))

    assert await seen(client.watch_many(["a", "b", "c"])) == ["9f3c-1 completed", "9f3c-2 queued", "9f3c-3 failed"]
    assert [asked.query.get("after") for asked in server.to(ALL)] == [None, "9f3c-2"]


async def test_a_snapshot_that_was_cut_short_is_completed_from_the_list(client: Client, server: Faulty) -> None:
    server.on(ALL, stream(snapshot(job("completed", 1, job_id="a"), more=True), then="silent"))
    server.on("GET /api/v1/jobs", reply({"jobs": [job("failed", 2, job_id="b")], "next_cursor": None}))

    assert await seen(client.watch_many(["a", "b"])) == ["9f3c-1 completed", "9f3c-2 failed"]


async def test_jobs_that_ended_before_the_stored_cursor_are_not_waited_for(client: Client, server: Faulty) -> None:
    before = [job("completed", 7, job_id="a"), job("processing", 6, job_id="b")]
    server.on("GET /api/v1/jobs", reply({"jobs": before, "next_cursor": None}))
    server.on(ALL, stream(state(job("completed", 9, job_id="b")), then="silent"))

    assert await seen(client.watch_many(["a", "b"], after="9f3c-8")) == ["9f3c-9 completed"]
    assert server.to(ALL)[0].query["after"] == "9f3c-8"


async def test_the_cursor_moves_only_past_what_was_handed_out(client: Client, server: Faulty) -> None:
    first = snapshot(job("queued", 1, job_id="a"), job("queued", 2, job_id="b"), cursor="9f3c-8")
    server.on(ALL, stream(first, state(job("completed", 9, job_id="b")), then="silent"))

    async with aclosing(client.watch_many(after="9f3c-0", type="data_story")) as states:
        assert [(await anext(states), states.cursor)[1] for _ in range(3)] == ["9f3c-0", "9f3c-0", "9f3c-8"]
    assert server.asked[0].query == {"type": "data_story", "after": "9f3c-0"}


async def test_more_names_than_a_url_holds_are_picked_out_of_a_wider_stream(client: Client, server: Faulty) -> None:
    names = [f"job-{number:03}" for number in range(150)]
    found = [
        reply({"jobs": [job(job_id=name) for name in some], "next_cursor": None}) for some in (names[:100], names[100:])
    ]
    server.on("GET /api/v1/jobs", *found)
    foreign = job(job_id="foreign")
    ends = [state(job("completed", 2, job_id=name)) for name in ("foreign", *names)]
    server.on(ALL, stream(snapshot(foreign), *ends, then="silent"))

    assert [f"{job['job_id']} {job['status']}" async for job in client.watch_many(names, user_id="u")] == [
        *(f"{name} processing" for name in names),
        *(f"{name} completed" for name in names),
    ]
    assert server.to(ALL)[0].query == {"user_id": "u"}
