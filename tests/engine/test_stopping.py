"""How attempts are stopped: by a cancel, a timeout or a deadline; and what becomes of a handler that does not stop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from jobrunner import Backoff, Context, JobError, Registry, Stage, SyncContext, job
from jobrunner.errors import NotCancellable, NotRetryable, UnknownJob
from jobrunner.model.job import Hold
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import attempts, ended, fill_disk, pass_time, result, rows, settled, still, submit, until
from tests.engine.stubborn import Stubborn

AT_ONCE = Backoff(first_ms=0, jitter=0)


async def test_a_running_coroutine_that_is_cancelled_ends_at_once_as_cancelled(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    undone: list[str] = []
    began = asyncio.Event()

    @job("work", registry=registry, max_attempts=3)
    async def work(context: Context, _payload: Any) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            undone.append(context.job_id)
            assert context.cancelled

    runner = await open_runner(clock)
    job_id = await submit(runner)
    await began.wait()
    asked = (await runner.cancel(job_id)).job
    job_ = await ended(runner, job_id)
    assert asked.cancel_requested_at is not None
    assert [job_.status, job_.attempt, undone] == [Status.CANCELLED, 1, [job_id]]
    assert [each.outcome for each in await attempts(runner, job_id)] == ["cancelled"]
    assert runner.pool.taken == 0


async def test_a_cancel_between_the_claim_and_the_first_line_frees_the_slot(
    open_runner: OpenRunner, registry: Registry
) -> None:
    began: list[str] = []

    @job("work", registry=registry)
    async def work(context: Context, _payload: Any) -> None:
        began.append(context.job_id)

    runner = await open_runner(**{"workers.concurrency": 1})
    await settled(runner)
    job_id = runner.intake.new_id(runner.clock.now())
    accepted = asyncio.create_task(submit(runner, job_id=job_id))
    await asyncio.sleep(0)
    cancelled = await runner.cancel(job_id)
    await accepted
    assert cancelled.job.cancel_requested_at is not None
    assert (await ended(runner, job_id)).status is Status.CANCELLED
    assert [began, runner.pool.taken] == [[], 0]


async def test_a_coroutine_that_swallows_its_cancellation_is_fenced_and_its_next_attempt_waits_for_it(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    stubborn = Stubborn(registry, "coroutine", max_attempts=2, timeout="10s", backoff=AT_ONCE)
    runner = await open_runner(clock, **{"workers.cancel_grace": "5s", "workers.concurrency": 2})
    job_id = await submit(runner)
    await stubborn.began(1)
    clock.advance(10)
    await stubborn.asked(1)
    clock.advance(4.9)
    assert [(await runner.get(job_id)).job.status, runner.pool.leaked] == [Status.PROCESSING, 0]
    clock.advance(0.2)
    job_ = (await until(runner, job_id, lambda job: job.status is Status.QUEUED)).job
    assert job_.error is not None
    assert [job_.error.code, job_.error.retryable, job_.hold, job_.failures] == ["TIMEOUT", True, Hold.RETRY, 1]
    clock.advance(1)
    await settled(runner)
    assert [(await runner.get(job_id)).job.hold, runner.pool.leaked, runner.pool.taken] == [None, 1, 1]
    assert stubborn.running == 1
    stubborn.let_go(1, "too late")
    await stubborn.began(2)
    assert stubborn.most == 1
    assert [runner.pool.leaked, runner.pool.taken] == [0, 1]
    stubborn.let_go(2, "in time")
    assert (await ended(runner, job_id)).status is Status.COMPLETED
    assert await result(runner, job_id) == '"in time"'
    assert [(each.outcome, each.result) for each in await attempts(runner, job_id)] == [
        ("failed", None),
        ("completed", None),
    ]


async def test_a_thread_is_asked_to_stop_then_fenced_and_its_late_words_change_nothing(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    stubborn = Stubborn(registry, "thread")
    runner = await open_runner(clock, **{"workers.cancel_grace": "5s"})
    job_id = await submit(runner)
    await stubborn.began(1)
    await runner.cancel(job_id)
    assert stubborn.contexts[1].cancelled
    assert (await runner.get(job_id)).job.status is Status.PROCESSING
    clock.advance(5)
    before = (await until(runner, job_id, lambda job: job.status is Status.CANCELLED)).number
    assert runner.pool.leaked == 1
    context = stubborn.contexts[1]
    context.progress(99, "late")
    context.log("late")
    context.stage("late").__enter__()
    await asyncio.to_thread(context.artifact, "late", b"late")
    stubborn.let_go(1, "late")
    await still(lambda: not runner.pool.taken)
    await settled(runner)
    image = await runner.get(job_id)
    assert [image.number, image.job.progress.percentage, image.job.artifacts, image.job.stages] == [
        before,
        None,
        (),
        (),
    ]
    assert [await result(runner, job_id), rows(runner, "SELECT * FROM logs")] == [None, []]


async def test_what_a_stopped_handler_returns_within_its_grace_goes_to_the_attempt_only(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(clock)
    job_id = await submit(runner)
    await stubborn.began(1)
    await runner.cancel(job_id)
    stubborn.let_go(1, "done nevertheless")
    assert (await ended(runner, job_id)).status is Status.CANCELLED
    assert await result(runner, job_id) is None
    assert [(each.outcome, each.result) for each in await attempts(runner, job_id)] == [
        ("cancelled", '"done nevertheless"')
    ]


async def test_functions_in_threads_outlive_a_cancelled_handler_and_hold_its_slot(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    begun, go = threading.Event(), threading.Event()

    @job("work", registry=registry)
    async def work(context: Context, _payload: Any) -> None:
        await context.in_thread(_begin_and_wait, begun, go)

    runner = await open_runner(clock, **{"workers.concurrency": 1})
    job_id = await submit(runner)
    await asyncio.to_thread(begun.wait)
    await runner.cancel(job_id)
    await settled(runner)
    assert [(await runner.get(job_id)).job.status, runner.pool.taken] == [Status.PROCESSING, 1]
    clock.advance(5)
    assert (await ended(runner, job_id)).status is Status.CANCELLED
    assert [runner.pool.taken, runner.pool.leaked] == [1, 1]
    go.set()
    await still(lambda: not runner.pool.taken)


async def test_a_repeated_cancel_joins_the_commit_of_the_first(open_runner: OpenRunner, registry: Registry) -> None:
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1})
    await submit(runner)
    await stubborn.began(1)
    waiting = await submit(runner)
    first, second = asyncio.create_task(runner.cancel(waiting)), asyncio.create_task(runner.cancel(waiting))
    await asyncio.sleep(0)
    assert not second.done()
    assert (await second).number == (await first).number == runner.writer.head
    assert rows(runner, "SELECT status FROM jobs WHERE id = ?", waiting) == [("cancelled",)]
    assert (await runner.cancel(waiting)).number == (await first).number
    running = next(iter(runner.pool._running))
    first, second = asyncio.create_task(runner.cancel(running)), asyncio.create_task(runner.cancel(running))
    await asyncio.sleep(0)
    assert not second.done()
    assert (await second).number == (await first).number == runner.writer.head
    stubborn.let_go(1, None)


async def test_a_cancel_that_cannot_be_written_is_refused_to_all_who_asked_and_changes_nothing(
    open_runner: OpenRunner, registry: Registry
) -> None:
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1})
    await submit(runner)
    await stubborn.began(1)
    waiting = await submit(runner)
    await settled(runner)
    await fill_disk(runner)
    # A large unit of somebody else in the same batch is what does not fit on the disk.
    other = asyncio.create_task(submit(runner, payload="x" * 100_000))
    await asyncio.sleep(0)
    cancels = [asyncio.create_task(runner.cancel(waiting)) for _ in range(2)]
    answers = await asyncio.gather(other, *cancels, return_exceptions=True)
    assert {type(answer).__name__ for answer in answers} == {"StorageUnavailable"}
    assert (await runner.get(waiting)).job.status is Status.QUEUED
    assert runner.release.queued.total() == 1
    await fill_disk(runner, full=False)
    stubborn.let_go(1, None)
    await stubborn.began(2)
    stubborn.let_go(2, None)
    assert (await ended(runner, waiting)).status is Status.COMPLETED


async def test_what_is_not_allowed_raises_and_changes_nothing(open_runner: OpenRunner, registry: Registry) -> None:
    stubborn = Stubborn(registry, "coroutine", max_manual_retries=1)
    runner = await open_runner()
    job_id = await submit(runner)
    await stubborn.began(1)
    with pytest.raises(NotRetryable):
        await runner.retry(job_id)
    stubborn.let_go(1, JobError("BAD", "bad"))
    failed = await until(runner, job_id, lambda job: job.status is Status.FAILED)
    with pytest.raises(NotCancellable):
        await runner.cancel(job_id)
    assert await runner.get(job_id) is failed
    await runner.retry(job_id)
    await stubborn.began(2)
    stubborn.let_go(2, JobError("BAD", "bad"))
    await until(runner, job_id, lambda job: job.status is Status.FAILED)
    with pytest.raises(NotRetryable, match="as often"):
        await runner.retry(job_id)
    for ask in (runner.cancel, runner.retry, runner.get):
        with pytest.raises(UnknownJob):
            await ask("01990000-0000-7000-8000-000000000000")
    assert [len(runner.table), runner.release.queued.total()] == [0, 0]


async def test_a_second_decision_waits_for_the_first(open_runner: OpenRunner, registry: Registry) -> None:
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1})
    await submit(runner)
    await stubborn.began(1)
    job_id = await submit(runner)
    calls = [runner.cancel(job_id), runner.retry(job_id), runner.cancel(job_id), runner.retry(job_id)]
    images = await asyncio.gather(*calls)
    assert [image.job.status for image in images] == [Status.CANCELLED, Status.QUEUED, Status.CANCELLED, Status.QUEUED]
    numbers = [image.number for image in images]
    assert numbers == sorted(set(numbers))
    stubborn.let_go(1, None)
    await stubborn.began(2)
    stubborn.let_go(2, None)


def test_a_thread_handler_needs_no_coroutine(registry: Registry) -> None:
    @job("work", registry=registry)
    def work(_context: SyncContext, payload: int) -> int:
        return payload + 1

    assert work(None, 1) == 2  # type: ignore[arg-type]


def _begin_and_wait(begun: threading.Event, go: threading.Event) -> None:
    begun.set()
    go.wait()


async def test_a_stage_has_a_limit_of_its_own_which_the_next_stage_does_not_inherit(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    go, entered = asyncio.Event(), asyncio.Queue[str]()

    @job("work", registry=registry, stages=["calm", Stage("brisk", timeout="5s")])
    async def work(context: Context, payload: str) -> None:
        async with context.stage("brisk"):
            await entered.put("brisk")
            await (asyncio.Event() if payload == "slow" else go).wait()
        async with context.stage("calm"):
            await entered.put("calm")
            await asyncio.Event().wait()

    runner = await open_runner(clock)
    slow, quick = [await submit(runner, payload=payload) for payload in ("slow", "quick")]
    for _ in range(2):
        await entered.get()
    await until(runner, quick, lambda job_: job_.progress.stage == "brisk")
    await until(runner, slow, lambda job_: job_.progress.stage == "brisk")
    go.set()
    await entered.get()
    await pass_time(runner, clock, 1)
    clock.advance(5)
    failed = await ended(runner, slow)
    assert failed.error is not None
    assert [failed.error.code, failed.error.details] == ["TIMEOUT", {"stage": "brisk"}]
    assert failed.error.message == "The stage brisk took longer than 5 s."
    assert (await runner.get(quick)).job.status is Status.PROCESSING
