"""The timeout of an attempt, and the deadline of a job, whether it runs or waits."""

from __future__ import annotations

from typing import Any

import pytest

from jobrunner import Backoff, Context, JobError, Registry, job
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import attempts, ended, settled, submit, until
from tests.engine.stubborn import Stubborn


async def test_a_timeout_is_tried_again_with_backoff_and_then_fails(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    stubborn = Stubborn(registry, "coroutine", max_attempts=2, timeout="10s", backoff=Backoff(first_ms=3_000, jitter=0))
    runner = await open_runner(clock)
    job_id = await submit(runner)
    for attempt in (1, 2):
        await stubborn.began(attempt)
        clock.advance(9.9)
        assert (await runner.get(job_id)).job.status is Status.PROCESSING
        clock.advance(0.1)
        await stubborn.asked(attempt)
        stubborn.let_go(attempt, None)
        await until(runner, job_id, lambda job: job.status is not Status.PROCESSING)
        clock.advance(3)
    job_ = await ended(runner, job_id)
    assert job_.error is not None
    assert [job_.status, job_.error.code, job_.attempt, job_.failures, job_.retry_count] == [
        Status.FAILED, "TIMEOUT", 2, 2, 1,
    ]  # fmt: skip


@pytest.mark.parametrize("jump", [False, True], ids=["time passes", "the wall clock jumps"])
async def test_a_deadline_ends_a_running_job_and_there_is_no_other_attempt(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock, *, jump: bool
) -> None:
    stubborn = Stubborn(registry, "coroutine", max_attempts=5, deadline="1h")
    runner = await open_runner(clock)
    job_id = await submit(runner)
    await stubborn.began(1)
    if jump:
        clock.jump(3_600)
        clock.advance(30)
    else:
        clock.advance(3_600)
    await stubborn.asked(1)
    stubborn.let_go(1, "late")
    job_ = await ended(runner, job_id)
    assert job_.error is not None
    assert [job_.status, job_.error.code, job_.error.retryable, job_.attempt] == [Status.FAILED, "DEADLINE", False, 1]


@pytest.mark.parametrize(
    "why", ["for a worker", "for its time", "for its next attempt", "for its old attempt to return"]
)
async def test_a_deadline_ends_a_job_that_waits(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock, why: str
) -> None:
    @job("failing", registry=registry, max_attempts=5, backoff=Backoff(first_ms=7_200_000, max_ms=10**8))
    async def failing(_context: Context, _payload: Any) -> None:
        raise JobError("NOT_YET", "try again")

    stubborn = Stubborn(registry, "coroutine", max_attempts=5, timeout="10s", backoff=Backoff(7_200_000, max_ms=10**8))
    runner = await open_runner(clock, **{"workers.concurrency": 1})
    await settled(runner)
    deadline = clock.now() + 3_600_000
    if why == "for a worker":
        await submit(runner, timeout_ms=10**9)
        await stubborn.began(1)
    type_ = "failing" if why == "for its next attempt" else "work"
    run_at = deadline - 1 if why == "for its time" else None
    job_id = await submit(runner, type_, deadline=deadline, run_at=run_at)
    if why == "for its old attempt to return":
        await stubborn.began(1)
        clock.advance(10)
        await stubborn.asked(1)
        clock.advance(5)
    await until(runner, job_id, lambda job: job.status is Status.QUEUED)
    clock.advance(3_600)
    await settled(runner)
    clock.advance(1)
    job_ = await ended(runner, job_id)
    assert job_.error is not None
    assert [job_.status, job_.error.code] == [Status.FAILED, "DEADLINE"]
    assert [runner.release.queued.total(), runner.pool.busy] == [0, int(why == "for a worker")]
    stubborn.let_go(1, None)


@pytest.mark.parametrize("first", ["cancel", "timeout"])
async def test_what_is_noted_first_is_the_outcome(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock, first: str
) -> None:
    stubborn = Stubborn(registry, "coroutine", timeout="10s")
    runner = await open_runner(clock, **{"workers.cancel_grace": "60s"})
    job_id = await submit(runner, deadline=clock.now() + 20_000)
    await stubborn.began(1)
    if first == "cancel":
        await runner.cancel(job_id)
    clock.advance(30)
    await stubborn.asked(1)
    stubborn.let_go(1, None)
    job_ = await ended(runner, job_id)
    code = None if job_.error is None else job_.error.code
    expected = (Status.CANCELLED, None) if first == "cancel" else (Status.FAILED, "TIMEOUT")
    assert (job_.status, code) == expected
    assert [each.outcome for each in await attempts(runner, job_id)] == ["cancelled" if first == "cancel" else "failed"]
