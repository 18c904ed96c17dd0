"""After a crash: what ran is judged at once, suspects run alone, and only who was alone is convicted."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jobrunner import Backoff, Context, Jobrunner, Registry, job
from jobrunner.model.job import Hold
from jobrunner.model.state import Status
from jobrunner.storage.marker import boot_id
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import attempts, ended, kill, settled, still, submit, until
from tests.engine.stubborn import Stubborn

ONE_S = Backoff(first_ms=1_000, factor=1, jitter=0)


class Crashes:
    """Engines one after the other on one directory; each is killed."""

    def __init__(self, open_runner: OpenRunner, registry: Registry) -> None:
        self._open_runner = open_runner
        self.clock = ManualClock()
        self.running: dict[str, int] = {}
        self.most = 0
        self.go = asyncio.Event()
        self.runner: Jobrunner
        for on_interrupt in ("retry", "fail"):
            job(on_interrupt, registry=registry, on_interrupt=on_interrupt, backoff=ONE_S)(self._work)

    async def _work(self, context: Context, _payload: Any) -> None:
        self.running[context.job_id] = context.attempt
        try:
            await self.go.wait()
        finally:
            del self.running[context.job_id]

    async def start(self) -> Jobrunner:
        self.runner = await self._open_runner(self.clock, **{"workers.concurrency": 4})
        await settled(self.runner)
        return self.runner

    async def kill(self) -> None:
        await kill(self.runner)
        await still(lambda: not self.running)

    async def crash(self) -> Jobrunner:
        """Kill the engine and start another one, in which the interrupted jobs are due again."""
        await self.kill()
        runner = await self.start()
        self.clock.advance(1)
        await settled(runner)
        return runner


@pytest.fixture
def crashes(open_runner: OpenRunner, registry: Registry) -> Crashes:
    return Crashes(open_runner, registry)


async def test_what_ran_when_the_engine_died_is_queued_again_with_backoff(crashes: Crashes) -> None:
    runner = await crashes.start()
    job_id = await submit(runner, "retry")
    await still(lambda: len(crashes.running) == 1)
    await crashes.kill()
    runner = await crashes.start()
    job_ = (await runner.get(job_id)).job
    assert [job_.status, job_.hold, job_.wake_at] == [Status.QUEUED, Hold.RETRY, crashes.clock.now() + 1_000]
    assert [job_.attempt, job_.failures, job_.crashes, job_.error] == [1, 0, 1, None]
    assert [each.outcome for each in await attempts(runner, job_id)] == ["interrupted"]
    assert runner.release.queued == {"default": 1}
    crashes.clock.advance(1)
    crashes.go.set()
    job_ = await ended(runner, job_id)
    assert [job_.status, job_.attempt, job_.failures, job_.retry_count] == [Status.COMPLETED, 2, 0, 0]


async def test_a_type_that_does_not_start_over_fails_as_interrupted(crashes: Crashes) -> None:
    runner = await crashes.start()
    job_id = await submit(runner, "fail")
    await still(lambda: len(crashes.running) == 1)
    runner = await crashes.crash()
    job_ = (await runner.get(job_id)).job
    assert job_.error is not None
    assert [job_.status, job_.error.code] == [Status.FAILED, "INTERRUPTED"]
    assert (await runner.retry(job_id)).job.status is Status.QUEUED


async def test_what_was_asked_to_stop_is_cancelled(open_runner: OpenRunner, registry: Registry) -> None:
    stubborn = Stubborn(registry, "thread")
    runner = await open_runner()
    job_id = await submit(runner)
    await stubborn.began(1)
    await runner.cancel(job_id)
    await kill(runner)
    runner = await open_runner()
    await settled(runner)
    assert (await runner.get(job_id)).job.status is Status.CANCELLED
    stubborn.let_go(1, None)


async def test_after_two_crashes_the_suspects_run_one_at_a_time_and_nothing_beside_them(crashes: Crashes) -> None:
    runner = await crashes.start()
    suspects = {await submit(runner, "retry") for _ in range(2)}
    await still(lambda: len(crashes.running) == 2)
    runner = await crashes.crash()
    await still(lambda: set(crashes.running) == suspects)
    runner = await crashes.crash()
    first = set(crashes.running)
    assert len(first) == 1
    assert first < suspects
    innocent = await submit(runner, "retry")
    assert (await runner.get(innocent)).job.status is Status.QUEUED
    assert set(crashes.running) == first
    crashes.go.set()
    for job_id in (*suspects, innocent):
        assert (await ended(runner, job_id)).status is Status.COMPLETED
    assert not runner.pool.alone


async def test_who_runs_alone_when_the_server_dies_is_convicted_and_no_other(crashes: Crashes) -> None:
    runner = await crashes.start()
    suspects = {await submit(runner, "retry") for _ in range(2)}
    await still(lambda: len(crashes.running) == 2)
    await crashes.crash()
    runner = await crashes.crash()
    guilty = next(iter(crashes.running))
    runner = await crashes.crash()
    job_ = (await runner.get(guilty)).job
    assert job_.error is not None
    assert [job_.status, job_.error.code, job_.error.retryable] == [Status.FAILED, "CRASHED", False]
    assert {*crashes.running, guilty} == suspects
    crashes.go.set()
    other = (suspects - {guilty}).pop()
    assert (await ended(runner, other)).status is Status.COMPLETED
    crashes.go.clear()
    await runner.retry(guilty)
    await until(runner, guilty, lambda job: job.status is Status.PROCESSING)
    assert not (await runner.get(guilty)).job.alone


async def test_a_power_cut_convicts_nobody(crashes: Crashes, tmp_path: Path) -> None:
    runner = await crashes.start()
    job_id = await submit(runner, "retry")
    await still(lambda: len(crashes.running) == 1)
    for _ in range(3):
        await crashes.kill()
        marker = tmp_path / "data" / "instance"
        marker.write_text(marker.read_text().replace(boot_id(), "another".ljust(len(boot_id()))))
        runner = await crashes.start()
        crashes.clock.advance(1)
        await still(lambda: len(crashes.running) == 1)
        job_ = (await runner.get(job_id)).job
        assert [job_.crashes, job_.alone] == [0, False]
    crashes.go.set()
    assert (await ended(runner, job_id)).attempt == 4


async def test_when_the_waiting_suspect_is_cancelled_the_others_go_on(crashes: Crashes) -> None:
    runner = await crashes.start()
    suspect = await submit(runner, "retry")
    await still(lambda: len(crashes.running) == 1)
    await crashes.crash()
    await crashes.kill()
    runner = await crashes.start()
    other = await submit(runner, "retry")
    await still(lambda: set(crashes.running) == {other})
    crashes.clock.advance(1)
    await settled(runner)
    third = await submit(runner, "retry")
    assert set(crashes.running) == {other}, "the suspect waits until it is alone, and nothing begins before it"
    with pytest.raises(Exception, match="only a failed or cancelled job"):
        await runner.retry(suspect)
    await runner.cancel(suspect)
    await still(lambda: set(crashes.running) == {other, third})
    crashes.go.set()
    for job_id in (other, third):
        assert (await ended(runner, job_id)).attempt == 1


@pytest.mark.parametrize("ending", ["end", "crash"])
async def test_a_leaked_handler_does_not_keep_a_suspect_and_all_others_waiting_for_ever(
    crashes: Crashes, registry: Registry, ending: str
) -> None:
    stubborn = Stubborn(registry, "coroutine", "stubborn", timeout="1s")
    runner = await crashes.start()
    suspect = await submit(runner, "retry")
    await still(lambda: len(crashes.running) == 1)
    await crashes.crash()
    await crashes.kill()
    runner = await crashes.start()
    leaked = await submit(runner, "stubborn")
    await stubborn.began(1)
    crashes.clock.advance(6)
    assert (await ended(runner, leaked)).status is Status.FAILED
    assert runner.pool.leaked == 1
    await still(lambda: set(crashes.running) == {suspect})
    assert not (await runner.get(suspect)).job.alone, "beside a leaked handler nobody is alone"
    if ending == "crash":
        runner = await crashes.crash()
        assert (await runner.get(suspect)).job.status is Status.PROCESSING, "and nobody is convicted"
        assert (await runner.get(suspect)).job.alone
        return
    other = await submit(runner, "retry")
    stubborn.let_go(1, None)
    await still(lambda: not runner.pool.leaked)
    await settled(runner)
    assert set(crashes.running) == {suspect}
    crashes.go.set()
    assert (await ended(runner, other)).status is Status.COMPLETED


async def test_a_suspect_that_is_fenced_keeps_its_own_slot_only(open_runner: OpenRunner, registry: Registry) -> None:
    stubborn = Stubborn(registry, "coroutine", backoff=ONE_S)
    clock = ManualClock()
    runner = await open_runner(clock)
    suspect = await submit(runner)
    for crash in (1, 2):
        await stubborn.began(crash)
        runner.pool._running[suspect].task.cancel()  # type: ignore[union-attr]
        stubborn.let_go(crash, None)
        await kill(runner)
        runner = await open_runner(clock)
        await settled(runner)
        clock.advance(1)
    await stubborn.began(3)
    await runner.cancel(suspect)
    other = await submit(runner)
    clock.advance(5)
    await stubborn.began(4)
    assert [runner.pool.leaked, runner.pool.taken] == [1, 2]
    for number in (3, 4):
        stubborn.let_go(number, None)
    assert (await ended(runner, other)).status is Status.COMPLETED


async def test_a_start_that_fails_leaves_nothing_that_keeps_the_process_alive(
    open_runner: OpenRunner, tmp_path: Path
) -> None:
    await (await open_runner()).stop()
    with closing(sqlite3.connect(tmp_path / "data" / "jobs.db")) as connection:
        connection.execute("DROP TABLE counts")
        connection.commit()
    before = set(threading.enumerate())
    with pytest.raises(sqlite3.OperationalError):
        await open_runner()
    for thread in set(threading.enumerate()) - before:
        await asyncio.to_thread(thread.join, 10)
        assert thread.daemon or not thread.is_alive()
