"""What tests of the engine do over and over: submit, wait for a state, look at the disk, and kill an engine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable
from typing import Any

from jobrunner import Jobrunner, Submission
from jobrunner.model.filter import EVERYTHING, Filter
from jobrunner.model.job import Job
from jobrunner.storage.image import Image
from jobrunner.storage.unit import AttemptRecord
from tests.clock import ManualClock

WITHIN_S = 20


async def submit(runner: Jobrunner, type_: str = "work", payload: Any = None, **more: Any) -> str:
    """Submit a job and return its id."""
    return (await runner.submit(Submission(type=type_, payload=payload, **more))).job.id


async def until(runner: Jobrunner, job_id: str, wanted: Callable[[Job], bool]) -> Image:
    """Wait until a job is seen as wanted."""
    watcher = runner.changes.watch(Filter(job_ids=frozenset({job_id})))
    try:
        async with asyncio.timeout(WITHIN_S):
            while not wanted((image := await runner.get(job_id)).job):
                await watcher.wait()
                watcher.take()
    finally:
        runner.changes.leave(watcher)
    return image


async def ended(runner: Jobrunner, job_id: str) -> Job:
    """Wait for the end of a job."""
    return (await until(runner, job_id, lambda job: job.status.ended)).job


async def run(runner: Jobrunner, type_: str = "work", payload: Any = None, **more: Any) -> Job:
    """Submit a job and wait for its end."""
    return await ended(runner, await submit(runner, type_, payload, **more))


async def result(runner: Jobrunner, job_id: str) -> str | None:
    """Return the result of a job as JSON text."""
    return (await runner.reader.texts(job_id))[1]


async def attempts(runner: Jobrunner, job_id: str) -> list[AttemptRecord]:
    return await runner.reader.attempts(job_id)


async def still(condition: Callable[[], bool]) -> None:
    """Let the loop run until something holds that nobody tells of."""
    async with asyncio.timeout(WITHIN_S):
        while not condition():
            await asyncio.sleep(0)


async def settled(runner: Jobrunner) -> None:
    """Wait until every question is answered, and all that was decided is on disk and released."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            answered = asyncio.get_running_loop().create_future()
            runner.writer.read("SELECT 1", (), answered.set_result, answered.set_exception)
            await asyncio.shield(answered)
            if not any(live.pending for live in runner.table) and not runner.writer.waiting:
                return


async def pass_time(runner: Jobrunner, clock: ManualClock, seconds: float) -> None:
    """Let time pass, and what has come of it reach the disk; sleepers look again after a moment."""
    for step in (seconds - 0.02, 0.02, 0.02):
        clock.advance(step)
        await settled(runner)


def rows(runner: Jobrunner, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Read what is on disk, by a connection that the engine knows nothing of."""
    with contextlib.closing(sqlite3.connect(runner.database.path / "jobs.db", isolation_level=None)) as connection:
        return connection.execute(sql, parameters).fetchall()


async def pages(runner: Jobrunner) -> list[Image]:
    """Return all jobs as the reader has them."""
    return await runner.reader.page([EVERYTHING], limit=100_000, ascending=True)


async def fill_disk(runner: Jobrunner, *, full: bool = True) -> None:
    """Let SQLite take the disk for full, or for empty again."""
    pages = rows(runner, "PRAGMA page_count")[0][0] if full else 1_000_000
    await runner.database.writing.execute_fetchall(f"PRAGMA max_page_count = {pages}")


async def kill(runner: Jobrunner) -> None:
    """End an engine as `kill -9` does: whatever was decided but not committed is lost, and nobody says good-bye."""
    writer = runner.writer._task
    assert writer is not None
    writer.cancel()
    await asyncio.wait([writer])
    runner.dispatcher.claiming = False
    runner.delays.stop()
    runner.watchdog.stop()
    await runner.retention.stop()
    for running in list(runner.pool._running.values()):
        if running.task is not None:
            running.task.cancel()
    await runner.means.workers.close()
    runner.means.threads.close()
    await runner.means.calls.close()
    runner.files.close()
    for connection in (*runner.database.reading, runner.database.writing):
        await connection.close()
    os.close(runner.database.marker._fd)
    runner.database.lock.release()
    runner.stopped = True
