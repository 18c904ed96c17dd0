"""Estimates of the engine: none before there is something to go by, and whether they were kept is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jobrunner import Context, Jobrunner, Registry, job
from jobrunner.model.estimate import NO_ESTIMATE
from jobrunner.storage.statistics import tallied
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import ended, settled, submit, until

SLOTS = {"queues.default.concurrency": 2}
SECOND = 1_000


@pytest.fixture
def go_on(registry: Registry) -> Callable[[], None]:
    """Serve `work`, whose handlers wait until they may go on."""
    gates: list[asyncio.Event] = []

    @job("work", registry=registry)
    async def work(context: Context, payload: Any) -> None:
        gate = asyncio.Event()
        gates.append(gate)
        if payload is not None:
            context.progress(payload)
        await gate.wait()

    def let_go() -> None:
        for gate in gates:
            gate.set()
        gates.clear()

    return let_go


async def work_for(runner: Jobrunner, clock: ManualClock, go_on: Callable[[], None], *seconds: float) -> None:
    """Let a job run for each of the durations, one after another."""
    for each in seconds:
        job_id = await begun(runner)
        clock.advance(each)
        go_on()
        await ended(runner, job_id)


async def begun(runner: Jobrunner, payload: Any = None) -> str:
    job_id = await submit(runner, payload=payload)
    await until(runner, job_id, lambda job: job.started_at is not None)
    await asyncio.sleep(0)
    return job_id


async def test_there_is_no_estimate_before_five_jobs_of_a_type_were_completed(
    open_runner: OpenRunner, clock: ManualClock, go_on: Callable[[], None]
) -> None:
    runner = await open_runner(clock, **SLOTS)
    for _ in range(5):
        job_id = await begun(runner)
        assert runner.estimates.of((await runner.get(job_id)).job) == NO_ESTIMATE
        waiting = [await submit(runner) for _ in range(2)]
        assert runner.estimates.of((await runner.get(waiting[1])).job, 1).start is None
        await runner.cancel(waiting[1])
        await runner.cancel(waiting[0])
        clock.advance(10)
        go_on()
        await ended(runner, job_id)
    job_id = await begun(runner)
    found = runner.estimates.of((await runner.get(job_id)).job)
    assert (found.duration_ms, found.completion) == (10 * SECOND, clock.now() + 10 * SECOND)


async def test_a_failed_or_cancelled_job_teaches_nothing(open_runner: OpenRunner, registry: Registry) -> None:
    @job("bad", registry=registry)
    async def bad(_context: Context, _payload: Any) -> None:
        raise ValueError

    runner = await open_runner()
    for _ in range(6):
        await ended(runner, await submit(runner, "bad"))
    job_id = await submit(runner, "bad", run_at=runner.clock.now() + 10**9)
    assert runner.estimates.of((await runner.get(job_id)).job).duration_ms is None


async def test_what_was_learned_is_known_after_a_restart(
    open_runner: OpenRunner, clock: ManualClock, go_on: Callable[[], None]
) -> None:
    first = await open_runner(clock, **SLOTS)
    await work_for(first, clock, go_on, 10, 20, 30, 40, 50)
    await first.stop(0)
    runner = await open_runner(clock, **SLOTS)
    job_id = await begun(runner)
    found = runner.estimates.of((await runner.get(job_id)).job)
    assert (found.duration_ms, found.completion) == (30 * SECOND, clock.now() + 50 * SECOND)


async def test_the_longer_a_job_runs_the_later_its_end_and_beyond_all_known_it_is_not_guessed(
    open_runner: OpenRunner, clock: ManualClock, go_on: Callable[[], None]
) -> None:
    runner = await open_runner(clock, **SLOTS)
    await work_for(runner, clock, go_on, *[10] * 20, 100)
    image = await runner.get(await begun(runner))
    start = clock.now()
    assert runner.estimates.of(image.job).completion == start + 10 * SECOND
    clock.advance(11)
    assert runner.estimates.of(image.job).completion == start + 100 * SECOND
    clock.advance(100)
    assert runner.estimates.of(image.job).completion is None
    assert runner.estimates.of(image.job).duration_ms == 10 * SECOND


async def test_waiting_jobs_are_told_when_they_start_and_a_paused_queue_tells_nothing(
    open_runner: OpenRunner, clock: ManualClock, go_on: Callable[[], None]
) -> None:
    runner = await open_runner(clock, **SLOTS)
    await work_for(runner, clock, go_on, *[10] * 6)
    for _ in range(2):
        await begun(runner)
    waiting = [(await runner.get(await submit(runner))).job for _ in range(4)]
    now = clock.now()
    found = [runner.estimates.of(job, place) for place, job in enumerate(waiting, 1)]
    assert [(each.start or 0) - now for each in found] == [10_000, 10_000, 20_000, 20_000]
    assert [(each.completion or 0) - now for each in found] == [20_000, 20_000, 30_000, 30_000]
    await runner.pauses.pause("default")
    clock.advance(1)
    assert runner.estimates.of(waiting[0], 1).start is None


async def test_a_job_that_waits_for_its_time_does_not_start_before_it(
    open_runner: OpenRunner, clock: ManualClock, go_on: Callable[[], None]
) -> None:
    runner = await open_runner(clock)
    job_id = await submit(runner, run_at=clock.now() + 60_000)
    assert runner.estimates.of((await runner.get(job_id)).job).start == clock.now() + 60_000


async def test_asking_changes_neither_the_number_nor_anything_else(
    open_runner: OpenRunner, clock: ManualClock, go_on: Callable[[], None]
) -> None:
    runner = await open_runner(clock, **SLOTS)
    await work_for(runner, clock, go_on, *[10] * 6)
    job_id = await begun(runner)
    image, head = await runner.get(job_id), runner.writer.head
    for _ in range(3):
        clock.advance(2)
        runner.estimates.of(image.job, 1)
    await settled(runner)
    assert (await runner.get(job_id)) is image
    assert runner.writer.head == head


async def test_whether_the_end_that_was_stated_at_the_beginning_was_kept_is_counted(
    open_runner: OpenRunner, clock: ManualClock, go_on: Callable[[], None]
) -> None:
    runner = await open_runner(clock, **SLOTS)
    await work_for(runner, clock, go_on, *[10] * 5, 9, 10, 11)
    total, _ = await tallied(runner.reader, 0, clock.now() + SECOND, SECOND)
    assert (total.counted["estimate:made"], total.counted["estimate:within"]) == (3, 2)


async def test_what_waited_before_a_restart_is_part_of_the_forecast(
    open_runner: OpenRunner, clock: ManualClock, go_on: Callable[[], None]
) -> None:
    first = await open_runner(clock, **SLOTS)
    await submit(first, run_at=clock.now() + 10**8)
    await first.stop(0)
    runner = await open_runner(clock, **SLOTS)
    assert runner.release.queued_types == {"default": {"work": 1}}
