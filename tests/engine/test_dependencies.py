"""Jobs that wait for others: they begin when all of those have completed, and fail when one of them has not."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import pytest

from jobrunner import Context, JobError, Registry, job
from jobrunner.errors import Invalid, StorageUnavailable
from jobrunner.model.job import Hold, Upload
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import ended, fill_disk, kill, pass_time, settled, still, submit, until


class Steps:
    """A type whose jobs run until they are let go, and fail where that is asked for."""

    def __init__(self, registry: Registry) -> None:
        self.began: list[str] = []
        self.go: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

        @job("step", registry=registry)
        async def step(context: Context, payload: str) -> str:
            self.began.append(payload)
            await self.go[payload].wait()
            if payload.startswith("bad"):
                raise JobError("BAD", "it is bad")
            return payload.upper()

        @job("last", registry=registry)
        async def last(context: Context, payload: list[str]) -> list[Any]:
            self.began.append("last")
            return [await context.result_of(job_id) for job_id in payload]

    def let(self, *names: str) -> None:
        for name in names:
            self.go[name].set()


@pytest.fixture
def steps(registry: Registry) -> Steps:
    return Steps(registry)


async def test_a_job_begins_when_all_have_completed_that_it_depends_on_and_reads_their_results(
    open_runner: OpenRunner, steps: Steps
) -> None:
    runner = await open_runner()
    before = [await submit(runner, "step", name) for name in ("a", "b")]
    job_id = await submit(runner, "last", before, depends_on=tuple(before))
    steps.let("a")
    await ended(runner, before[0])
    await settled(runner)
    waits = (await runner.get(job_id)).job
    assert [waits.status, waits.hold] == [Status.QUEUED, Hold.DEPENDENCY]
    steps.let("b")
    assert (await ended(runner, job_id)).status is Status.COMPLETED
    assert (await runner.reader.texts(job_id))[1] == '["A","B"]'
    assert steps.began == ["a", "b", "last"]


async def test_one_that_depends_on_what_has_completed_already_begins_at_once(
    open_runner: OpenRunner, steps: Steps
) -> None:
    runner = await open_runner()
    steps.let("a")
    first = (await ended(runner, await submit(runner, "step", "a"))).id
    assert (await ended(runner, await submit(runner, "last", [first], depends_on=(first,)))).status == "completed"


@pytest.mark.parametrize("end", ["failed", "cancelled"])
async def test_one_that_depends_on_what_does_not_complete_fails_and_can_be_retried_with_it(
    open_runner: OpenRunner, steps: Steps, end: str
) -> None:
    runner = await open_runner()
    first = await submit(runner, "step", "bad" if end == "failed" else "a")
    second = await submit(runner, "step", "b", depends_on=(first,))
    third = await submit(runner, "step", "c", depends_on=(second,))
    if end == "failed":
        steps.let("bad")
    else:
        await runner.cancel(first)
    for job_id in (second, third):
        failed = await ended(runner, job_id)
        assert failed.error is not None
        assert [failed.status, failed.error.code, failed.attempt] == [Status.FAILED, "DEPENDENCY_FAILED", 0]
    assert "b" not in steps.began
    if end == "cancelled":
        steps.let("a", "b")
        await runner.retry(first)
        await runner.retry(second)
        assert (await ended(runner, second)).status is Status.COMPLETED


async def test_only_jobs_of_the_same_user_can_be_depended_on(open_runner: OpenRunner, steps: Steps) -> None:
    runner = await open_runner()
    hers = await submit(runner, "step", "a", user_id="ada")
    unknown = hers[:-1] + ("0" if hers[-1] != "0" else "1")
    with pytest.raises(Invalid) as refused:
        await submit(runner, "step", "b", user_id="bob", depends_on=(hers, unknown))
    assert [pointer for pointer, _fault in refused.value.pointers] == ["/depends_on/0", "/depends_on/1"]


async def test_who_waits_is_known_after_a_crash_also_when_the_other_ended_just_before(
    open_runner: OpenRunner, steps: Steps
) -> None:
    clock = ManualClock()
    runner = await open_runner(clock)
    first = await submit(runner, "step", "a")
    second = await submit(runner, "step", "b", depends_on=(first,))
    await settled(runner)
    runner.dependencies.ended = lambda _job: None  # type: ignore[method-assign,assignment]  # it dies before it can look
    steps.let("a", "b")
    await ended(runner, first)
    await settled(runner)
    await kill(runner)
    again = await open_runner(clock)
    assert (await ended(again, second)).status is Status.COMPLETED


async def test_a_dependent_waits_for_its_files_first_and_for_its_time_last(
    open_runner: OpenRunner, steps: Steps
) -> None:
    clock = ManualClock()
    runner = await open_runner(clock)
    steps.let("a", "b")
    first = await submit(runner, "step", "a")
    await ended(runner, first)
    job_id = await submit(
        runner, "step", "b", depends_on=(first,), run_at=clock.now() + 60_000, uploads=(Upload("file"),)
    )
    assert (await runner.get(job_id)).job.hold is Hold.UPLOAD
    await runner.receive(job_id, Upload("file", size=1, received=1, stored="x"))
    await until(runner, job_id, lambda job_: job_.hold is Hold.TIME)
    assert "b" not in steps.began
    await pass_time(runner, clock, 61)
    assert (await ended(runner, job_id)).status is Status.COMPLETED


async def test_a_disk_that_fills_when_the_other_ends_only_delays_who_waits(
    open_runner: OpenRunner, steps: Steps
) -> None:
    runner = await open_runner()
    first = await submit(runner, "step", "a")
    second = await submit(runner, "step", "b", depends_on=(first,))
    await settled(runner)
    await fill_disk(runner)
    with pytest.raises(StorageUnavailable):
        await submit(runner, "step", "x" * 500_000)
    steps.let("a", "b")
    await still(lambda: not runner.pool.taken)
    assert not runner.writer.well
    await fill_disk(runner, full=False)
    assert (await ended(runner, second)).status is Status.COMPLETED
