"""Ended jobs are deleted after their time, in small batches, with their files; what lives is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from jobrunner import Context, JobError, Registry, Submission, job
from jobrunner.engine.idempotency import Key
from jobrunner.errors import UnknownJob
from jobrunner.model.filter import EVERYTHING
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import ended, rows, settled, still, submit
from tests.engine.stubborn import Stubborn

KEPT = {
    "storage.retention.completed": "1h",
    "storage.retention.failed": "2h",
    "storage.retention.cancelled": "never",
}
TABLES = ("payloads", "results", "attempts", "logs", "tags")


@pytest.fixture(autouse=True)
def _served(registry: Registry) -> None:
    @job("work", registry=registry)
    async def work(context: Context, payload: Any) -> str:
        context.log("a line")
        await context.artifact("a.txt", "text")
        if payload == "fail":
            raise JobError("BAD", "bad")
        return "result"


async def test_each_status_has_its_time_and_all_of_a_job_goes_with_it(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    runner = await open_runner(clock, **KEPT)
    completed = await ended(runner, await submit(runner, tags=("a", "b"), user_id="u"))
    failed = await ended(runner, await submit(runner, payload="fail"))
    later = await submit(runner, run_at=clock.now() + 10**9)
    await runner.cancel(later)
    file = runner.files.path(completed.artifacts[0].stored)
    assert file.exists()
    clock.advance(3_500)
    await settled(runner)
    assert rows(runner, "SELECT count(*) FROM jobs") == [(3,)]
    clock.advance(160)
    await settled(runner)
    assert {row[0] for row in rows(runner, "SELECT id FROM jobs")} == {failed.id, later}
    for table in TABLES:
        assert rows(runner, f"SELECT count(*) FROM {table} WHERE job_id = ?", completed.id) == [(0,)]
    await still(lambda: not runner.retention._deleting)
    assert not file.exists()
    with pytest.raises(UnknownJob):
        await runner.get(completed.id)
    clock.jump(10**7)
    clock.advance(60)
    await settled(runner)
    assert rows(runner, "SELECT id FROM jobs") == [(later,)]
    assert rows(runner, "SELECT who, status, n FROM counts WHERE n <> 0 ORDER BY who") == [
        ("*", "cancelled", 1),
        ("u", "cancelled", 1),
    ]


async def test_a_cursor_from_before_a_deletion_is_known_to_be_too_old(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    runner = await open_runner(clock, **KEPT)
    await ended(runner, await submit(runner))
    last = runner.writer.head
    clock.advance(3_700)
    await settled(runner)
    assert (await runner.reader.changes(0, [EVERYTHING], 10)).deleted == last


async def test_many_go_in_batches(open_runner: OpenRunner, clock: ManualClock) -> None:
    runner = await open_runner(clock, **KEPT)
    news = [runner.intake.prepare(Submission(type="work"), clock.now()) for _ in range(450)]
    for image in await runner.submit_each(news):
        assert not isinstance(image, Exception)
        await ended(runner, image.job.id)
    clock.advance(3_700)
    await still(lambda: rows(runner, "SELECT count(*) FROM jobs") == [(0,)])


async def test_what_runs_what_waits_and_what_is_being_decided_is_kept(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    stubborn = Stubborn(registry, "coroutine", "stubborn")
    runner = await open_runner(clock, **KEPT, **{"workers.concurrency": 1})
    old = await submit(runner, payload="fail")
    await ended(runner, old)
    running = await submit(runner, "stubborn")
    await stubborn.began(1)
    waiting = await submit(runner)
    clock.advance(7_199)
    await settled(runner)
    retried = runner.lifecycle.retry(old, clock.now())  # decided, or about to be, when retention looks
    clock.advance(120)
    assert (await retried).job.status == "queued"
    await settled(runner)
    assert {row[0] for row in rows(runner, "SELECT id FROM jobs")} == {old, running, waiting}
    stubborn.let_go(1, None)
    for job_id in (old, running, waiting):
        assert (await ended(runner, job_id)).status.ended


async def test_a_fenced_job_whose_handler_goes_on_is_kept_until_that_returns(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    stubborn = Stubborn(registry, "coroutine", "stubborn", timeout="10s")
    runner = await open_runner(clock, **KEPT)
    job_id = await submit(runner, "stubborn")
    await stubborn.began(1)
    clock.advance(16)
    assert (await ended(runner, job_id)).status == "failed"
    clock.advance(100_000)
    await settled(runner)
    assert rows(runner, "SELECT count(*) FROM jobs") == [(1,)]
    stubborn.let_go(1, None)
    await still(lambda: not runner.pool.taken)
    clock.advance(60)
    await settled(runner)
    assert rows(runner, "SELECT count(*) FROM jobs") == [(0,)]


@pytest.mark.slow
async def test_answers_to_keys_outlive_their_jobs_and_go_a_day_later(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    runner = await open_runner(clock, **KEPT)
    key = Key("scope", "key", "fingerprint")

    async def do(answer: Any) -> str:
        image = await runner.submit(Submission(type="work"), answer("the answer"))
        await ended(runner, image.job.id)
        return "the answer"

    await runner.idempotency.once(key, do)
    clock.advance(7_200)
    await settled(runner)
    assert rows(runner, "SELECT count(*) FROM jobs") == [(0,)]
    assert await runner.idempotency.once(key, do) == ("the answer", True)
    clock.advance(24 * 3_600)
    await settled(runner)
    assert (await runner.idempotency.once(key, do))[1] is False
