"""The slots, and the asyncio tasks that fill them: one task for each attempt, under counters.

A slot is free again when its handler has returned, not when the outcome is on disk. One whose handler does not stop is
leaked: it is shown, and stays taken, because its work may still be going on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from jobrunner.engine.outcome import Failed, Outcome, Stop, Stopped
from jobrunner.engine.running import Running
from jobrunner.model.job import Failure, Job

log = structlog.get_logger("jobrunner.pool")

SHUTDOWN_GRACE_S = 1.0

Attempt = Coroutine[Any, Any, Outcome]


class Pool:
    """Changes: the taken slots, all and by queue, the attempts that run, and whether any may still begin."""

    def __init__(
        self,
        slots: int,
        queue_slots: Callable[[str], int],
        ended: Callable[[Running, Outcome], None],
        returned: Callable[[Running], None],
    ) -> None:
        """Tell `ended` once of each outcome, and `returned` when the handler is gone and its slot is free."""
        self.slots = slots
        self.taken = 0
        self.alone = False
        self._queue_slots = queue_slots
        self._by_queue: Counter[str] = Counter()
        self._running: dict[str, Running] = {}
        self._stopped = False
        self._news = asyncio.Event()
        self._ended = ended
        self._returned = returned

    @property
    def free(self) -> int:
        """Return how many attempts may begin, all queues together."""
        return max(self.slots - self.taken, 0)  # fewer than there were before the start, when attempts outlive it

    @property
    def leaked(self) -> int:
        """Return how many slots are taken by handlers that do not stop."""
        return sum(running.over for running in self._running.values())

    @property
    def busy(self) -> int:
        """Return how many slots are taken by attempts whose outcome is open, begun or about to begin."""
        return self.taken - self.leaked

    @property
    def here(self) -> int:
        """Return how many slots are taken by what ends with this process, leaked ones too."""
        return self.taken - sum(running.job_type.survives for running in self._running.values())

    @property
    def busy_here(self) -> int:
        """Return how many of these are taken by attempts whose outcome is open, begun or about to begin."""
        return self.taken - sum(running.over or running.job_type.survives for running in self._running.values())

    def used(self, queue: str) -> int:
        """Return how many slots are taken by attempts of a queue."""
        return self._by_queue[queue]

    def room(self, queue: str) -> bool:
        """Tell whether an attempt of a queue may begin."""
        return self.taken < self.slots and self._by_queue[queue] < self._queue_slots(queue)

    def work(self, queue: str) -> tuple[int, list[Job]]:
        """Return how many slots a queue may use, beside what others use now, and its jobs whose outcome is open."""
        own = [each for each in self._running.values() if each.job.queue == queue]
        slots = min(self._queue_slots(queue), self.slots - self.taken + self._by_queue[queue])
        return slots - sum(each.over for each in own), [each.job for each in own if not each.over]

    def beginning(self, queue: str) -> int:
        """Return how many attempts of a queue are about to begin: their slots are taken, their claims not on disk."""
        return self._by_queue[queue] - sum(each.job.queue == queue for each in self._running.values())

    def reserve(self, queue: str, *, alone: bool = False) -> None:
        """Take a slot, or all of them for a job that has to run alone."""
        self.alone = alone
        self.taken += 1
        self._by_queue[queue] += 1

    def give_back(self, job: Job) -> None:
        """Free the slot of a job."""
        self.alone &= not job.suspect  # a leaked slot may be freed beside a suspect
        self.taken -= 1
        self._by_queue[job.queue] -= 1
        self._news.set()

    def start(self, running: Running, attempt: Attempt) -> None:
        """Let an attempt begin in a slot that was reserved for it."""
        if self._stopped:
            attempt.close()
            if not running.job_type.survives:
                self._end(running, Stopped(Stop.SHUTDOWN))
            self._free(running)
            return
        running.fenced = self._fence
        self._running[running.job.id] = running
        running.task = asyncio.create_task(attempt, name=f"{running.job.type} {running.job.id}")
        running.task.add_done_callback(lambda task: self._return(running, task))
        self._news.set()

    def stop_all(self, reason: Stop) -> None:
        """Ask all attempts to stop that do not outlive this process."""
        for running in self._mortal():
            running.stop(reason)

    async def drain(self, timeout_s: float) -> None:
        """Let attempts end by themselves, then stop what is left; return when every outcome is known.

        Those that outlive this process go on, and are not waited for.
        """
        await self._idle(timeout_s)
        if not self.busy_here:
            return
        log.info("pool.drain_ended", running=self.busy_here)
        self._stopped = True
        self.stop_all(Stop.SHUTDOWN)
        await self._idle(SHUTDOWN_GRACE_S)
        for running in self._mortal():
            running.fence()

    def _mortal(self) -> list[Running]:
        return [running for running in self._running.values() if not running.job_type.survives]

    async def _idle(self, timeout_s: float) -> None:
        """Wait until no outcome is open, that of a claim on its way to the disk neither."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self.busy_here:
                    self._news.clear()
                    await self._news.wait()

    def _fence(self, running: Running, outcome: Outcome) -> None:
        log.warning("attempt.fenced", job=running.job.id, type=running.job.type, reason=running.reason)
        self.alone &= not running.job.suspect  # nobody waits for it any more
        self._end(running, outcome)

    def _return(self, running: Running, task: asyncio.Task[Outcome]) -> None:
        del self._running[running.job.id]
        if not running.over:
            self._end(running, _outcome(running, task))
        elif running.reason is not None:
            log.info("attempt.returned_late", job=running.job.id, attempt=running.job.attempt)
        self._free(running)

    def _end(self, running: Running, outcome: Outcome) -> None:
        running.settle()
        self._news.set()
        self._ended(running, outcome)

    def _free(self, running: Running) -> None:
        self.give_back(running.job)
        self._returned(running)


def _outcome(running: Running, task: asyncio.Task[Outcome]) -> Outcome:
    if task.cancelled():  # before its first step, so that its own code never ran
        return Stopped(running.reason or Stop.CANCEL)
    error = task.exception()
    if error is None:
        return task.result()
    log.error("attempt.broke", job=running.job.id, exc_info=error)
    return Failed(Failure("INTERNAL_ERROR", f"jobrunner itself failed: {error!r}", running.clock.now()))
