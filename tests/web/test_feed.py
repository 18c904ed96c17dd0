"""Readers that come too late or read too slowly are told so, and hold up nobody."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import ClientPayloadError

from jobrunner import Jobrunner
from jobrunner.model.filter import Filter
from jobrunner.web import sse
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.web.api import Api, Events, jobs_of
from tests.web.conftest import OpenApi

MANY = 720  # their results are more than the buffers of a connection hold
LARGE = {"type": "echo", "payload": "x" * 15_000}


async def read(events: Events, until: set[str]) -> list[int]:
    """Read until all of some jobs have ended, and return the numbers of the events."""
    numbers = []
    async for event in events:
        numbers += [event.number] if event.id else []
        until -= {job["job_id"] for job in jobs_of(event) if job["status"] == "completed"}
        if not until:
            return numbers
    raise AssertionError("the stream has ended")


async def submit(api: Api, count: int) -> set[str]:
    ids: set[str] = set()
    while len(ids) < count:
        rows = (await api("POST", "jobs/bulk", json={"jobs": [LARGE] * 60})).json["jobs"]
        ids |= {row["job_id"] for row in rows}
    return ids


async def all_ended(runner: Jobrunner, count: int) -> None:
    watcher = runner.changes.watch(Filter())
    while (await runner.reader.counts()).get("completed") != count:
        await watcher.wait()
        watcher.take()
    runner.changes.leave(watcher)


def narrow(events: Events) -> None:
    """Let little be under way on a connection."""
    connection: Any = events.response.connection
    connection.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)


async def test_a_reader_that_does_not_read_holds_up_nobody_and_pages_when_it_reads_again(
    api: Api, runner: Jobrunner
) -> None:
    async with api.stream("events") as slow, api.stream("events") as quick:
        await slow.next("snapshot")
        narrow(slow)
        ids = await submit(api, MANY)
        numbers = await read(quick, set(ids))
        assert numbers == sorted(set(numbers))
        await all_ended(runner, MANY)
        assert any(watcher.overrun for watcher in runner.changes._watchers["", ""]), "what waited for it was dropped"
        numbers = await read(slow, set(ids))
        assert numbers == sorted(set(numbers))


async def test_a_reader_that_is_stuck_for_too_long_is_cut_off(
    api: Api, runner: Jobrunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "STUCK_S", 0.2)
    async with api.stream("events") as slow:
        await slow.next("snapshot")
        narrow(slow)
        await submit(api, MANY)
        await all_ended(runner, MANY)
        watcher = runner.changes.watch(Filter())
        while len(runner.changes) > 1:
            await asyncio.sleep(0)  # until the server has let go of it; the test hangs if it never does
        runner.changes.leave(watcher)


async def test_what_was_deleted_meanwhile_is_answered_by_a_reset(open_runner: OpenRunner, open_api: OpenApi) -> None:
    clock = ManualClock()
    runner = await open_runner(clock, **{"storage.retention.completed": "1h"})
    api = await open_api(runner)
    before = (await api("GET", "events")).json["cursor"]
    gone = await api.run("echo")
    between = (await api("GET", "events")).json["cursor"]
    clock.advance(3_590)
    kept = await api.submit("echo", delay=3_600)
    clock.advance(120)
    while await runner.reader.job(gone["job_id"]) is not None:
        pass  # until retention has deleted it
    async with api.stream("events", after=before) as events:
        event = await events.next()
    assert (event.name, [job["job_id"] for job in event.data["jobs"]]) == ("reset", [kept["job_id"]])
    assert "deleted" in event.data["reason"]
    page = (await api("GET", f"events?after={before}")).json
    assert (page["reset"], page["reason"], page["cursor"]) == (True, event.data["reason"], event.id)
    page = (await api("GET", f"events?after={between}")).json
    assert (page["reset"], [job["job_id"] for job in page["jobs"]]) == (False, [kept["job_id"]])


async def test_a_slow_reader_is_told_of_what_was_deleted_before_it_could_page(
    open_runner: OpenRunner, open_api: OpenApi
) -> None:
    clock = ManualClock()
    runner = await open_runner(clock, **{"storage.retention.completed": "1h"})
    api = await open_api(runner)
    async with api.stream("events") as slow:
        await slow.next("snapshot")
        narrow(slow)
        await submit(api, MANY)
        await all_ended(runner, MANY)
        clock.advance(3_720)
        while (await runner.reader.counts()).get("completed"):
            pass  # until retention has deleted all of them
        assert (await slow.next("reset")).data["jobs"] == []


async def test_an_answer_that_breaks_off_is_no_answer(api: Api, runner: Jobrunner) -> None:
    job = await api.submit("echo", delay=3_600)
    async with api.stream(f"jobs/{job['job_id']}/logs") as events:
        while not len(runner.changes):
            await asyncio.sleep(0)  # until the log is followed
        for connection in runner.database.reading:
            await connection.close()
        await runner.cancel(job["job_id"])
        with pytest.raises(ClientPayloadError):
            await events.next()
