"""Who did what to a job: kept with the change, told in its history, and logged."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from jobrunner import Context, JobError, Jobrunner, Registry, job
from jobrunner.errors import NotCancellable, NotRetryable, StorageUnavailable, UnknownJob
from jobrunner.model.act import Act
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import ended, fill_disk, kill, rows, run, settled, submit
from tests.engine.stubborn import Stubborn


def fail(registry: Registry) -> None:
    @job("failing", registry=registry, max_attempts=1, max_manual_retries=1)
    async def failing(_context: Context, _payload: Any) -> None:
        raise JobError("BROKEN", "no")


async def history(runner: Jobrunner, job_id: str) -> list[tuple[str, str | None]]:
    return [(act.action, act.by) for act in await runner.reader.history(job_id)]


async def test_who_submitted_a_job_stays_with_it(open_runner: OpenRunner, registry: Registry) -> None:
    Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1})
    with capture_logs() as logs:
        ids = [await submit(runner, submitted_by=by) for by in ("key:4k2m", None)]
    assert [(log["event"], log["by"]) for log in logs if log["event"] == "job.accepted"] == [
        ("job.accepted", "key:4k2m"), ("job.accepted", None)
    ]  # fmt: skip
    await kill(runner)
    again = await open_runner()
    assert [(await again.get(job_id)).job.submitted_by for job_id in ids] == ["key:4k2m", None]
    assert await history(again, ids[0]) == []


async def test_each_deed_is_told_with_its_time_and_survives_a_crash(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    fail(registry)
    runner = await open_runner(clock)
    job_id = (await run(runner, "failing")).id
    clock.advance(5)
    begun = clock.now()
    with capture_logs() as logs:
        await runner.retry(job_id, by="user:anna")
    assert [log["by"] for log in logs if log["event"] in {"job.queued", "job.retried"}] == ["user:anna"]
    await ended(runner, job_id)
    await kill(runner)
    again = await open_runner(clock)
    assert await again.reader.history(job_id) == [Act(begun, "retried", "user:anna")]


async def test_a_running_job_is_cancelled_when_that_is_asked_for(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(clock)
    job_id = await submit(runner)
    await stubborn.began(1)
    asked_at = clock.now()
    with capture_logs() as logs:
        await runner.cancel(job_id, "key:4k2m")
        clock.advance(1)
        await runner.cancel(job_id, "user:anna")  # it changes nothing
    assert [(log["event"], log["by"]) for log in logs if "by" in log] == [("job.cancel_requested", "key:4k2m")]
    assert await runner.reader.history(job_id) == [Act(asked_at, "cancelled", "key:4k2m")]
    stubborn.let_go(1, None)
    assert (await ended(runner, job_id)).status is Status.CANCELLED
    await runner.cancel(job_id, "user:anna")
    assert await history(runner, job_id) == [("cancelled", "key:4k2m")]


async def test_what_is_refused_or_changes_nothing_leaves_no_act(open_runner: OpenRunner, registry: Registry) -> None:
    fail(registry)
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1})
    failed = (await run(runner, "failing")).id
    waiting = [await submit(runner) for _ in range(2)][1]
    with pytest.raises(NotCancellable):
        await runner.cancel(failed, "a")
    with pytest.raises(NotRetryable):
        await runner.retry(waiting, by="a")
    with pytest.raises(UnknownJob):
        await runner.cancel("01990000-0000-7000-8000-000000000000", "a")
    for by in ("b", "c"):
        await runner.cancel(waiting, by)
    assert [await history(runner, job_id) for job_id in (failed, waiting)] == [[], [("cancelled", "b")]]
    stubborn.let_go(1, None)
    await runner.retry(failed)
    await ended(runner, failed)
    with pytest.raises(NotRetryable):
        await runner.retry(failed, by="a")
    assert await history(runner, failed) == [("retried", None)]
    assert rows(runner, "SELECT count(*) FROM history") == [(2,)]


async def test_an_act_that_cannot_be_written_is_withdrawn_with_its_change(
    open_runner: OpenRunner, registry: Registry
) -> None:
    Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1})
    waiting = [await submit(runner) for _ in range(2)][1]
    await settled(runner)
    await fill_disk(runner)

    async def until_full() -> None:
        while True:
            await runner.cancel(waiting, "a" * 200)
            await runner.retry(waiting, by="a" * 200)

    with pytest.raises(StorageUnavailable):
        await until_full()
    await fill_disk(runner, full=False)
    changes = rows(runner, "SELECT manual_retries * 2 + (status = 'cancelled') FROM jobs WHERE id = ?", waiting)
    assert rows(runner, "SELECT count(*) FROM history") == changes
