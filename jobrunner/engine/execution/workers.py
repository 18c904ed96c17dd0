"""Worker processes: started ahead, used again for whatever type, retired in time, and ended with the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import structlog

from jobrunner.engine.clock import Clock, Timer
from jobrunner.engine.execution.survivors import Mark
from jobrunner.engine.execution.worker_process import Worker

log = structlog.get_logger("jobrunner.workers")

IDLE_S = 60.0  # how long a worker may have nothing to do, when there is another one
IDLE_GRACE_S = 1.0


class Workers:
    """Changes: the workers that there are, those of them that are idle, and the one that is being started ahead."""

    def __init__(self, clock: Clock, mark: Mark, jobs_per_process: int, modules: list[str]) -> None:
        """Begin without workers; those to come import `modules` at once."""
        self.modules = modules
        self._clock = clock
        self._mark = mark
        self._jobs = jobs_per_process
        self._generation = 0
        self._all: set[Worker] = set()
        self._idle: list[Worker] = []
        self._ahead: asyncio.Task[Worker] | None = None
        self._work: set[asyncio.Future[Any]] = set()
        self._timer: Timer | None = None
        self._closed = False

    def prepare(self) -> None:
        """Start a worker ahead, unless one is there."""
        if not (self._closed or self._idle or self._ahead):
            self._ahead = self._start()
            self._ahead.add_done_callback(self._ready)

    async def take(self) -> Worker:
        """Return a worker that is free; raise OSError when none can be started, Died when it did not live to begin."""
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
        starting, self._ahead = self._ahead or self._start(), None
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(self._unclaimed)
            raise

    def give_back(self, worker: Worker) -> Awaitable[None] | None:
        """Keep a worker for the next attempt, or return what ends it, with all that it left running."""
        fit = worker.clean and worker.alive and worker.jobs < self._jobs and worker.generation == self._generation
        if not fit or self._closed:
            return self._end(worker)
        worker.idle_since = self._clock.monotonic()
        self._idle.append(worker)
        self._watch_idle()
        return None

    def retire(self) -> None:
        """Let the attempts that begin from now on have new workers; those that run end on what they have."""
        self._generation += 1
        while self._idle:
            self._later(self._end(self._idle.pop()))
        if self._ahead is not None:
            self._ahead.add_done_callback(self._unclaimed)
            self._ahead = None
        self.prepare()

    async def close(self) -> None:
        """End all workers; what they were at is cut off."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._ahead is not None:
            self._ahead.add_done_callback(self._unclaimed)
            self._ahead = None
        while self._work or self._all:
            idle, self._idle = self._idle, []
            ending = [worker.stop(IDLE_GRACE_S if worker in idle else 0) for worker in self._all]
            await asyncio.gather(*ending)
            if self._work:
                await asyncio.wait(self._work)

    def _start(self) -> asyncio.Task[Worker]:
        starting = asyncio.create_task(self._started(), name="worker starting")
        self._later(starting)
        return starting

    async def _started(self) -> Worker:
        worker = await Worker.start(self._mark, self._generation, self.modules)
        self._all.add(worker)
        worker.child.ended.add_done_callback(lambda _: self._gone(worker))
        await worker.ready
        log.debug("worker.started", pid=worker.child.pid)
        return worker

    def _later(self, work: Awaitable[Any]) -> None:
        """See to it that something is done, also when nobody waits for it."""
        future = asyncio.ensure_future(work)
        self._work.add(future)
        future.add_done_callback(self._work.discard)

    def _ready(self, starting: asyncio.Future[Worker]) -> None:
        """Take note that the worker is there that was started ahead, if nobody has claimed it meanwhile."""
        if starting is self._ahead:
            self._ahead = None
            self._unclaimed(starting)

    def _unclaimed(self, starting: asyncio.Future[Worker]) -> None:
        if starting.cancelled():
            return
        if (error := starting.exception()) is not None:
            log.error("worker.not_started", error=str(error))
        elif (ending := self.give_back(starting.result())) is not None:
            self._later(ending)

    def _gone(self, worker: Worker) -> None:
        self._all.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
            log.warning("worker.died", pid=worker.child.pid, code=worker.child.ended.result())

    async def _end(self, worker: Worker) -> None:
        self.prepare()
        await worker.stop(IDLE_GRACE_S)  # also of one that is dead already: it may have left something running
        log.debug("worker.ended", pid=worker.child.pid, jobs=worker.jobs)

    def _watch_idle(self) -> None:
        if self._timer is None and len(self._idle) > 1:
            self._timer = self._clock.call_later(IDLE_S, self._end_idle)

    def _end_idle(self) -> None:
        """End those that have been idle for long, but for one."""
        self._timer = None
        before = self._clock.monotonic() - IDLE_S
        for worker in self._idle[:-1]:
            if worker.idle_since <= before:
                self._idle.remove(worker)
                self._later(self._end(worker))
        self._watch_idle()
