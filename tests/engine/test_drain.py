"""Stopping in order: attempts get their time, what is left goes back to the queue, and nothing runs afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jobrunner import Context, Jobrunner, Registry, job
from jobrunner.errors import ShuttingDown
from jobrunner.model.filter import EVERYTHING
from jobrunner.model.state import Status
from tests.conftest import OpenRunner
from tests.engine.engines import attempts, ended, rows, settled, submit
from tests.engine.stubborn import Stubborn


async def test_attempts_that_end_in_time_are_kept_and_nothing_begins(
    open_runner: OpenRunner, registry: Registry
) -> None:
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1})
    first, second = await submit(runner), await submit(runner)
    await stubborn.began(1)
    stopping = asyncio.create_task(runner.stop(30))
    await asyncio.sleep(0)
    with pytest.raises(ShuttingDown):
        await submit(runner)
    with pytest.raises(ShuttingDown):
        await runner.retry(first)
    stubborn.let_go(1, "in time")
    await stopping
    assert rows(runner, "SELECT status, attempt FROM jobs WHERE id = ?", first) == [("completed", 1)]
    assert rows(runner, "SELECT status, attempt FROM jobs WHERE id = ?", second) == [("queued", 0)]
    assert len(stubborn.contexts) == 1


@pytest.mark.parametrize("on_interrupt", ["retry", "fail"])
async def test_what_is_left_goes_back_to_the_queue_or_fails_and_its_attempts_are_not_used_up(
    open_runner: OpenRunner, registry: Registry, on_interrupt: str
) -> None:
    stubborn = Stubborn(registry, "coroutine", on_interrupt=on_interrupt)
    runner = await open_runner()
    job_id = await submit(runner)
    await stubborn.began(1)
    stopping = asyncio.create_task(runner.stop(0))
    await stubborn.asked(1)
    stubborn.let_go(1, "too late")
    await stopping
    found = rows(runner, "SELECT status, hold, attempt, failures, crashes FROM jobs")
    assert found == [("queued", None, 1, 0, 0) if on_interrupt == "retry" else ("failed", None, 1, 1, 0)]
    if on_interrupt == "retry":
        runner = await open_runner()
        await stubborn.began(2)
        stubborn.let_go(2, "again")
        job_ = await ended(runner, job_id)
        assert [job_.status, job_.attempt, job_.failures, job_.retry_count] == [Status.COMPLETED, 2, 0, 0]
        assert [each.outcome for each in await attempts(runner, job_id)] == ["interrupted", "completed"]


@pytest.mark.parametrize("execution", ["coroutine", "thread"])
async def test_a_handler_that_does_not_stop_does_not_hold_up_the_stop(
    open_runner: OpenRunner, registry: Registry, execution: str
) -> None:
    stubborn = Stubborn(registry, execution)
    runner = await open_runner()
    await submit(runner)
    await stubborn.began(1)
    await asyncio.wait_for(runner.stop(0), 3)
    assert rows(runner, "SELECT status, attempt, failures FROM jobs") == [("queued", 1, 0)]
    assert stubborn.contexts[1].cancelled
    stubborn.let_go(1, None)
    await asyncio.sleep(0)
    assert rows(runner, "SELECT status, attempt, failures FROM jobs") == [("queued", 1, 0)]


@pytest.mark.parametrize("drain_s", [0, 30])
async def test_a_claim_on_its_way_to_the_disk_when_the_stop_begins_is_waited_for(
    open_runner: OpenRunner, registry: Registry, drain_s: int
) -> None:
    ran: list[str] = []

    @job("work", registry=registry)
    async def work(_context: Context, _payload: Any) -> None:
        ran.append("ran" if not runner.stopped else "ran after the stop")

    runner = await open_runner()
    await settled(runner)
    accepted = asyncio.create_task(submit(runner))
    await asyncio.sleep(0)
    assert runner.pool.taken == 1
    await runner.stop(drain_s)
    await accepted
    await asyncio.sleep(0)
    status = rows(runner, "SELECT status FROM jobs")[0][0]
    assert (ran, status) == ((["ran"], "completed") if drain_s else ([], "queued"))


async def test_watchers_hear_that_no_more_will_come(runner: Jobrunner) -> None:
    watcher = runner.changes.watch(EVERYTHING)
    runner.close_intake()
    await asyncio.wait_for(watcher.wait(), 5)
    assert watcher.closed


async def test_jobs_left_over_run_first_thing_after_the_restart_in_their_old_order(
    open_runner: OpenRunner, registry: Registry
) -> None:
    order: list[str] = []
    go = asyncio.Event()

    @job("work", registry=registry)
    async def work(context: Context, _payload: Any) -> None:
        order.append(context.job_id)
        await go.wait()

    runner = await open_runner(**{"workers.concurrency": 2})
    ids = [await submit(runner) for _ in range(6)]
    await settled(runner)
    await runner.stop(0)
    assert sorted(order) == ids[:2]
    order.clear()
    go.set()
    runner = await open_runner(**{"workers.concurrency": 1})
    for job_id in ids:
        await ended(runner, job_id)
    assert order == ids
