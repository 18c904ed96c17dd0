"""Pausing a queue: nothing more begins, what runs goes on, and it stays so until somebody resumes it."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest
from structlog.testing import capture_logs

from jobrunner import Context, Jobrunner, Registry, job
from jobrunner.engine import queue as queues
from jobrunner.errors import StorageUnavailable
from jobrunner.model.state import Status
from tests.conftest import OpenRunner
from tests.engine.engines import ended, kill, rows, run, settled, submit

ONE_AT_ONCE = {"workers.concurrency": 1}


class Works:
    """A type `work` of the queue default and a type `other` of the queue other; `held` ones wait for `go`."""

    def __init__(self, registry: Registry) -> None:
        self.go = asyncio.Event()
        self.begun: list[str] = []

        @job("work", registry=registry)
        async def work(context: Context, payload: Any) -> None:
            self.begun.append(context.job_id)
            if payload == "held":
                await self.go.wait()

        @job("other", registry=registry, queue="other")
        async def other(context: Context, payload: Any) -> None:
            self.begun.append(context.job_id)


@pytest.fixture
def works(registry: Registry) -> Works:
    return Works(registry)


async def status(runner: Jobrunner, job_id: str) -> Status:
    return (await runner.get(job_id)).job.status


async def test_nothing_of_a_paused_queue_begins_though_workers_are_free(works: Works, runner: Jobrunner) -> None:
    await settled(runner)
    await runner.pauses.pause("default")
    ids = [await submit(runner) for _ in range(3)]
    await settled(runner)
    assert works.begun == []
    assert {await status(runner, job_id) for job_id in ids} == {Status.QUEUED}
    await run(runner, "other")
    await runner.pauses.resume("default")
    for job_id in ids:
        await ended(runner, job_id)
    assert works.begun[1:] == ids


async def test_what_runs_goes_on_and_frees_its_slot_for_other_queues(works: Works, open_runner: OpenRunner) -> None:
    runner = await open_runner(**ONE_AT_ONCE)
    running, waiting, other = await submit(runner, payload="held"), await submit(runner), await submit(runner, "other")
    await runner.pauses.pause("default")
    works.go.set()
    assert (await ended(runner, running)).status is Status.COMPLETED
    await ended(runner, other)
    await settled(runner)
    assert works.begun == [running, other]
    assert await status(runner, waiting) is Status.QUEUED


async def test_a_pause_takes_hold_before_it_is_on_disk(works: Works, open_runner: OpenRunner) -> None:
    runner = await open_runner(**ONE_AT_ONCE)
    await submit(runner, payload="held")
    waiting = await submit(runner)
    pausing = asyncio.ensure_future(runner.pauses.pause("default"))
    works.go.set()
    await pausing
    await settled(runner)
    assert waiting not in works.begun


@pytest.mark.parametrize("crash", [False, True])
async def test_a_pause_that_was_told_survives_the_end_of_the_server(
    works: Works, open_runner: OpenRunner, *, crash: bool
) -> None:
    runner = await open_runner()
    kept = await runner.pauses.pause("default", by="key:1")
    waiting = [await submit(runner) for _ in range(40)]
    await (kill(runner) if crash else runner.stop(0))
    runner = await open_runner()
    assert runner.pauses.of("default") == kept
    await settled(runner)
    assert works.begun == []
    assert repr(runner.dispatcher._queues["default"]) == "<Queue default: 0 jobs in 0 lanes, more on disk>"
    await runner.pauses.resume("default")
    for job_id in waiting:
        await ended(runner, job_id)
    await runner.stop(0)
    runner = await open_runner()
    assert list(runner.pauses) == []
    await run(runner)


async def test_a_repeat_changes_neither_who_paused_nor_since_when(works: Works, runner: Jobrunner) -> None:
    first = await runner.pauses.pause("default", by="key:1")
    assert await runner.pauses.pause("default", by="key:2") is first
    await runner.pauses.resume("default")
    await runner.pauses.resume("default")
    await run(runner)
    assert (await runner.pauses.pause("default", by="key:2")).by == "key:2"


async def test_who_paused_and_resumed_is_logged_once_each(works: Works, runner: Jobrunner) -> None:
    with capture_logs() as logged:
        for by in ("key:1", "key:2"):
            await runner.pauses.pause("default", by=by)
        for by in ("key:3", "key:4"):
            await runner.pauses.resume("default", by=by)
    told = [(line["event"], line["queue"], line["by"]) for line in logged if line["event"].startswith("queue.")]
    assert told == [("queue.paused", "default", "key:1"), ("queue.resumed", "default", "key:3")]


async def test_a_pause_that_cannot_be_kept_is_refused_and_does_not_stay(works: Works, runner: Jobrunner) -> None:
    await runner.database.writing.execute_fetchall("PRAGMA query_only = on")
    with pytest.raises(StorageUnavailable):
        await runner.pauses.pause("default")
    assert runner.pauses.of("default") is None
    await runner.database.writing.execute_fetchall("PRAGMA query_only = off")
    await run(runner)


async def test_a_queue_whose_end_of_pause_cannot_be_kept_stays_paused(works: Works, runner: Jobrunner) -> None:
    await runner.pauses.pause("default")
    waiting = await submit(runner)
    await runner.database.writing.execute_fetchall("PRAGMA query_only = on")
    with pytest.raises(StorageUnavailable):
        await runner.pauses.resume("default")
    await runner.database.writing.execute_fetchall("PRAGMA query_only = off")
    await settled(runner)
    assert await status(runner, waiting) is Status.QUEUED
    assert rows(runner, "SELECT name FROM queues") == [("default",)]


async def test_a_caller_who_goes_away_leaves_memory_and_disk_at_one(works: Works, runner: Jobrunner) -> None:
    pausing = asyncio.ensure_future(runner.pauses.pause("default"))
    await asyncio.sleep(0)
    pausing.cancel()
    await asyncio.wait([pausing])
    await runner.pauses.pause("other")  # one at a time: the first is done when this is
    assert list(runner.pauses) == [name for (name,) in rows(runner, "SELECT name FROM queues ORDER BY name")]
    assert runner.pauses.of("default") is not None


async def test_a_paused_queue_asks_the_disk_for_nothing_and_misses_nothing_when_it_goes_on(
    works: Works, open_runner: OpenRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LANES": 4, "LOW_LANES": 1, "FEWEST_HEADS": 2, "MOST_HEADS": 4, "ALL_HEADS": 8}.items():
        monkeypatch.setattr(queues, name, value)
    runner = await open_runner(**ONE_AT_ONCE)
    await settled(runner)
    await runner.pauses.pause("default")
    ids = [await submit(runner, user_id=f"u{n % 9}") for n in range(90)]
    for job_id in ids[::3]:
        await runner.cancel(job_id)
    asked: list[str] = []
    await runner.database.writing.set_trace_callback(asked.append)
    for job_id in ids[1::3]:
        await runner.cancel(job_id)
    await settled(runner)
    assert asked
    assert not [sql for sql in asked if "WITH RECURSIVE lanes" in sql or "(rank, id) >" in sql]
    await runner.pauses.resume("default")
    for job_id in ids[2::3]:
        await ended(runner, job_id)
    assert sorted(works.begun) == sorted(ids[2::3])


async def test_a_suspect_of_a_paused_queue_holds_nobody_up(works: Works, open_runner: OpenRunner) -> None:
    runner = await open_runner(**{"workers.concurrency": 2})
    await runner.pauses.pause("default")
    suspect = await submit(runner)
    await runner.stop(0)
    with sqlite3.connect(runner.database.path / "jobs.db") as connection:
        connection.execute("UPDATE jobs SET crashes = 2")
    connection.close()
    runner = await open_runner(**{"workers.concurrency": 2})
    await run(runner, "other")
    await runner.pauses.pause("other")
    await runner.pauses.resume("default")
    assert (await ended(runner, suspect)).alone


async def test_a_suspect_that_waits_to_run_alone_steps_back_when_its_queue_is_paused(
    works: Works, open_runner: OpenRunner
) -> None:
    runner = await open_runner(**{"workers.concurrency": 2})
    await runner.pauses.pause("default")
    suspect = await submit(runner, queue="other")
    await runner.pauses.pause("other")
    held = await submit(runner, payload="held")
    await runner.stop(0)
    with sqlite3.connect(runner.database.path / "jobs.db") as connection:
        connection.execute("UPDATE jobs SET crashes = 2, status = 'queued' WHERE queue = 'other'")
    connection.close()
    runner = await open_runner(**{"workers.concurrency": 2})
    await runner.pauses.resume("default")
    await settled(runner)
    assert await status(runner, suspect) is Status.QUEUED
    await runner.pauses.resume("other")
    await settled(runner)
    assert runner.dispatcher.suspecting
    assert await status(runner, suspect) is Status.QUEUED
    await runner.pauses.pause("other")
    assert not runner.dispatcher.suspecting
    await run(runner)
    works.go.set()
    await ended(runner, held)
    assert await status(runner, suspect) is Status.QUEUED
    await runner.pauses.resume("other")
    assert (await ended(runner, suspect)).alone
