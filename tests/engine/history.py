"""A random history of one data directory: jobs come, run, fail and are retried, the disk fills up, the engine dies.

What callers were told is noted, and held against what is found in the end.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Awaitable
from typing import Any

from jobrunner import Backoff, Context, JobError, Jobrunner, Registry, job
from jobrunner.engine.changes import Watcher
from jobrunner.errors import NotCancellable, NotRetryable, StorageUnavailable
from jobrunner.model.filter import EVERYTHING
from jobrunner.model.job import Job
from jobrunner.model.state import Status
from jobrunner.storage.image import Image
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import fill_disk, kill, pages, rows, settled, still, submit

SETTINGS = {"workers.concurrency": 3, "queues.default.concurrency": 3, "queues.other.concurrency": 2}


class History:
    """One history. Changes: what runs, what was acknowledged, and what a watcher has seen."""

    def __init__(self, seed: int, open_runner: OpenRunner, registry: Registry) -> None:
        self.chance = random.Random(seed)
        self.registry = registry
        self._open_runner = open_runner
        self.runner: Jobrunner
        self.watcher: Watcher
        self.clock = ManualClock()
        self.accepted: set[str] = set()
        self.cancels: Counter[str] = Counter()
        self.retries: Counter[str] = Counter()
        self.asked: set[str] = set()
        self.began: Counter[tuple[str, int]] = Counter()
        self.open: dict[str, asyncio.Future[None]] = {}
        self.callers: set[asyncio.Task[None]] = set()
        self.told: defaultdict[str, list[Job]] = defaultdict(list)
        self.fold: dict[str, tuple[int, Status]] = {}
        self.number = self.resumed = 0
        self._serve()

    def _serve(self) -> None:
        @job("work", registry=self.registry, max_attempts=3, backoff=Backoff(first_ms=1_000, jitter=0))
        async def work(context: Context, payload: Any) -> None:
            self.began[context.job_id, context.attempt] += 1
            assert context.job_id not in self.open, "two attempts of one job run at once"
            self.open[context.job_id] = asyncio.get_running_loop().create_future()
            try:
                await self.open[context.job_id]
            finally:
                del self.open[context.job_id]

    async def start(self) -> None:
        clock, self.clock = self.clock, ManualClock()
        self.clock.jump((clock.now() - self.clock.now()) / 1000)
        self.runner = await self._open_runner(self.clock, **SETTINGS)
        self.watcher = self.runner.changes.watch(EVERYTHING)
        missed = await self.runner.reader.changes(self.number, [EVERYTHING], 100_000)
        for image in missed.images:
            self.see(image)
        self.resumed = self.number

    async def step(self) -> None:
        act = self.chance.choices(
            [self.submit, self.finish, self.cancel, self.retry, self.pass_time, self.fill, self.empty, self.breathe],
            [30, 30, 12, 10, 8, 2, 4, 20],
        )[0]
        await act()
        self.watch()

    async def submit(self) -> None:
        async def submit_one() -> None:
            user, queue = self.chance.choice(["a", "b", None]), self.chance.choice(["default", "other"])
            padding = "x" * self.chance.choice([10, 6_000])
            later = self.clock.now() + 1_500 if not self.chance.randrange(5) else None
            self.accepted.add(await submit(self.runner, payload=padding, user_id=user, queue=queue, run_at=later))

        for _ in range(self.chance.choice([1, 1, 2, 8])):
            self._call(submit_one())

    async def finish(self) -> None:
        waiting = [future for future in self.open.values() if not future.done()]
        if waiting:
            future = self.chance.choice(waiting)
            error = self.chance.choice([None, None, JobError("BAD", "bad", retryable=False), RuntimeError("again")])
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

    async def cancel(self) -> None:
        async def cancel_one(job_id: str) -> None:
            image = await self.runner.cancel(job_id)
            assert image.job.status is Status.CANCELLED or image.job.cancel_requested_at
            self.cancels[job_id] += 1

        self._call_about_one(cancel_one)

    async def retry(self) -> None:
        async def retry_one(job_id: str) -> None:
            self.asked.add(job_id)
            assert (await self.runner.retry(job_id)).job.manual_retries
            self.retries[job_id] += 1

        self._call_about_one(retry_one)

    async def pass_time(self) -> None:
        self.clock.advance(self.chance.choice([0.02, 0.5, 2.0]))

    async def fill(self) -> None:
        await fill_disk(self.runner)

    async def empty(self) -> None:
        await fill_disk(self.runner, full=False)

    async def breathe(self) -> None:
        for _ in range(self.chance.randrange(12)):
            await asyncio.sleep(0)

    async def die(self) -> None:
        """Kill the engine, and look at what the disk knows of what was acknowledged."""
        self.watch()
        await kill(self.runner)
        for caller in self.callers:
            caller.cancel()
        await asyncio.gather(*self.callers, return_exceptions=True)
        await still(lambda: not self.open)
        self.check_disk()
        await self.start()

    async def end(self) -> None:
        """Let everything come to an end."""
        await self.empty()
        await still(lambda: self.runner.writer.well)
        await asyncio.gather(*self.callers)
        for _ in range(400):
            await settled(self.runner)
            self.watch()
            if not rows(self.runner, "SELECT 1 FROM jobs WHERE status IN ('queued', 'processing') LIMIT 1"):
                break
            for future in self.open.values():
                if not future.done():
                    future.set_result(None)
            self.clock.advance(3)
        await settled(self.runner)
        self.watch()

    def watch(self) -> None:
        """Read what the watcher was told, as a reader of a stream would."""
        for told in self.watcher.take():
            assert told.committed
            if told.image.number > self.resumed:
                self.see(told.image)

    def see(self, image: Image) -> None:
        assert image.number > self.number, "numbers strictly rise"
        self.number = image.number
        self.told[image.job.id].append(image.job)
        self.fold[image.job.id] = image.number, image.job.status

    def check_disk(self) -> None:
        """Nobody was acknowledged for what the disk does not know, and the counters are right."""
        found = {
            row[0]: row[1:]
            for row in rows(self.runner, "SELECT id, status, cancel_requested_at, manual_retries FROM jobs")
        }
        assert self.accepted <= set(found)
        for job_id, times in self.retries.items():
            assert found[job_id][2] >= times
        for job_id in self.cancels:
            status, asked, _ = found[job_id]
            assert status == "cancelled" or asked is not None or job_id in self.asked
        recount = (
            "SELECT '*', queue, type, status, count(*) FROM jobs GROUP BY 2, 3, 4 UNION ALL SELECT "
            "CASE WHEN user_id IS NULL THEN 'u' ELSE 'u:' || user_id END, queue, type, status, count(*) "
            "FROM jobs GROUP BY 1, 2, 3, 4"
        )
        assert set(rows(self.runner, recount)) == set(rows(self.runner, "SELECT * FROM counts WHERE n <> 0"))

    async def check(self) -> None:
        """Hold what was promised against what is there."""
        self.check_disk()
        images = await pages(self.runner)
        assert all(image.job.status.ended for image in images)
        seen = {image.job.id: (image.number, image.job.status) for image in images}
        assert seen == self.fold, "what a reader of the stream knows is what is there"
        assert set(self.began.values()) <= {1}, "an attempt began twice"
        assert self.runner.release.queued.total() == 0
        assert [self.runner.pool.taken, len(self.runner.table), self.runner.pool.busy] == [0, 0, 0]
        for states in self.told.values():
            self.check_life(states)

    def check_life(self, states: list[Job]) -> None:
        """Terminal is terminal, except by a retry."""
        for before, after in itertools.pairwise(states):
            if before.status.ended:
                assert after.manual_retries > before.manual_retries
            assert after.attempt >= before.attempt

    def _call_about_one(self, call: Any) -> None:
        if self.accepted:
            self._call(call(self.chance.choice(sorted(self.accepted))))

    def _call(self, call: Awaitable[None]) -> None:
        async def caller() -> None:
            try:
                await call
            except (StorageUnavailable, NotCancellable, NotRetryable):
                return  # told the truth; UnknownJob would mean that an accepted job is gone

        task = asyncio.create_task(caller())
        self.callers.add(task)
        task.add_done_callback(self._heard)

    def _heard(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            self.callers.discard(task)
