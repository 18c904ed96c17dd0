"""Jobs that wait for a moment: woken when it has come by the wall clock, however that is set; retried with backoff."""

from __future__ import annotations

from typing import Any

import pytest

from jobrunner import Backoff, Context, JobError, Registry, Submission, job
from jobrunner.errors import Invalid
from jobrunner.model.job import Hold, Upload
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import ended, pass_time, settled, submit, until


@pytest.fixture
def began(registry: Registry, clock: ManualClock) -> list[int]:
    """When attempts of `work` have begun, in milliseconds."""
    moments: list[int] = []

    @job("work", registry=registry, max_attempts=4, backoff=Backoff(first_ms=1_000, factor=3, max_ms=5_000, jitter=0))
    async def work(_context: Context, payload: Any) -> None:
        moments.append(clock.now())
        if payload is not None:
            raise JobError("BAD", "bad", retryable=payload != "for good")

    return moments


async def test_a_job_runs_when_its_time_has_come_and_not_before(
    open_runner: OpenRunner, clock: ManualClock, began: list[int]
) -> None:
    runner = await open_runner(clock)
    at = clock.now() + 3_600_000
    later = await submit(runner, run_at=at + 1_000)
    job_id = await submit(runner, run_at=at)
    assert (await runner.get(job_id)).job.hold is Hold.TIME
    await pass_time(runner, clock, 3_599)
    assert [began, len(runner.table)] == [[], 0]
    clock.advance(0.98)
    await ended(runner, job_id)
    assert began == [at]
    await pass_time(runner, clock, 1)
    await ended(runner, later)
    assert began[1] - at in range(1_000, 1_050)


async def test_a_wall_clock_set_forward_is_noticed_within_half_a_minute(
    open_runner: OpenRunner, clock: ManualClock, began: list[int]
) -> None:
    runner = await open_runner(clock)
    job_id = await submit(runner, run_at=clock.now() + 3_600_000)
    clock.jump(3_700)
    clock.advance(30)
    assert (await ended(runner, job_id)).status is Status.COMPLETED
    assert len(began) == 1


async def test_after_a_wall_clock_is_set_back_a_job_waits_until_its_time_comes_again(
    open_runner: OpenRunner, clock: ManualClock, began: list[int]
) -> None:
    runner = await open_runner(clock)
    job_id = await submit(runner, run_at=clock.now() + 60_000)
    clock.jump(-3_600)
    clock.advance(3_000)
    await settled(runner)
    assert began == []
    clock.advance(660)
    await ended(runner, job_id)
    assert len(began) == 1


async def test_delays_hold_over_a_restart(open_runner: OpenRunner, clock: ManualClock, began: list[int]) -> None:
    runner = await open_runner(clock)
    at = clock.now() + 60_000
    ids = [await submit(runner, run_at=at), await submit(runner, run_at=at + 120_000)]
    await runner.stop(0)
    clock.advance(90)
    runner = await open_runner(clock)
    await pass_time(runner, clock, 0.1)
    assert (await ended(runner, ids[0])).status is Status.COMPLETED
    assert (await runner.get(ids[1])).job.status is Status.QUEUED
    await pass_time(runner, clock, 90)
    assert (await ended(runner, ids[1])).status is Status.COMPLETED


async def test_a_failure_is_tried_again_with_growing_waits_as_often_as_allowed(
    open_runner: OpenRunner, clock: ManualClock, began: list[int]
) -> None:
    runner = await open_runner(clock)
    start = clock.now()
    job_id = await submit(runner, payload="fail")
    for wait_s, attempt in ((1, 1), (3, 2), (5, 3)):
        seen = await until(runner, job_id, lambda job, n=attempt: job.failures == n)  # type: ignore[misc]
        assert [seen.job.hold, seen.job.wake_at] == [Hold.RETRY, began[-1] + wait_s * 1_000]
        await pass_time(runner, clock, wait_s - 0.1)
        assert len(began) == attempt
        await pass_time(runner, clock, 0.1)
    job_ = await ended(runner, job_id)
    assert [(moment - start) // 1_000 for moment in began] == [0, 1, 4, 9]
    assert [job_.status, job_.attempt, job_.failures, job_.retry_count] == [Status.FAILED, 4, 4, 3]


async def test_a_failure_that_is_not_retryable_ends_the_job_at_once(
    open_runner: OpenRunner, clock: ManualClock, began: list[int]
) -> None:
    runner = await open_runner(clock)
    job_ = await ended(runner, await submit(runner, payload="for good"))
    assert [job_.status, job_.attempt, len(began)] == [Status.FAILED, 1, 1]


async def test_a_person_retries_at_once_and_the_attempts_by_itself_count_anew(
    open_runner: OpenRunner, clock: ManualClock, began: list[int]
) -> None:
    runner = await open_runner(clock)
    job_id = await submit(runner, payload="for good", deadline=clock.now() + 1_000)
    await ended(runner, job_id)
    clock.advance(10)
    queued = (await runner.retry(job_id)).job
    assert [queued.failures, queued.retry_count, queued.manual_retries, queued.error] == [0, 1, 1, None]
    job_ = await ended(runner, job_id)
    assert [job_.attempt, job_.failures, len(began)] == [2, 1, 2]


async def test_files_that_do_not_arrive_in_time_end_the_job(
    open_runner: OpenRunner, clock: ManualClock, began: list[int]
) -> None:
    runner = await open_runner(clock, **{"storage.upload_ttl": "1h"})
    job_id = await submit(runner, uploads=(Upload("file"),))
    other = await submit(runner, uploads=(Upload("file"),))
    await runner.receive(other, Upload("file", "a.csv", "text/csv", size=3, received=3, stored="x"))
    assert (await ended(runner, other)).status is Status.COMPLETED
    clock.advance(3_600)
    job_ = await ended(runner, job_id)
    assert job_.error is not None
    assert [job_.status, job_.error.code, len(began)] == [Status.FAILED, "UPLOAD_EXPIRED", 1]


async def test_many_jobs_that_fall_due_at_once_all_run(
    open_runner: OpenRunner, clock: ManualClock, began: list[int]
) -> None:
    runner = await open_runner(clock)
    at = clock.now() + 1_000
    news = [runner.intake.prepare(_delayed(at), clock.now()) for _ in range(1_200)]
    ids = [image.job.id for image in await runner.submit_each(news) if not isinstance(image, Exception)]
    assert len(runner.table) == 0
    clock.advance(1)
    for _ in range(10):
        await settled(runner)
        clock.advance(0.1)
    for job_id in ids:
        await ended(runner, job_id)
    assert len(began) == 1_200


async def test_a_deadline_in_the_past_is_refused(open_runner: OpenRunner, clock: ManualClock, began: list[int]) -> None:
    runner = await open_runner(clock)
    for deadline, run_at in ((clock.now(), None), (clock.now() + 10, clock.now() + 20)):
        with pytest.raises(Invalid):
            await runner.submit(Submission(type="work", deadline=deadline, run_at=run_at))
    assert began == []


def _delayed(at: int) -> Submission:
    return Submission(type="work", payload=None, run_at=at)
