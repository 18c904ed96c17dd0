"""Which queues are paused: nothing of them is claimed, while what runs goes on.

A pause takes hold at once, and is told when it is on disk; its end is on disk before anything is claimed again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import structlog

from jobrunner.engine.clock import Clock
from jobrunner.engine.dispatcher import Dispatcher
from jobrunner.model.job import Job
from jobrunner.storage.errand import keep
from jobrunner.storage.queues import Pause, delete, insert, read_pauses
from jobrunner.storage.reader import Reader
from jobrunner.storage.writer import Writer

log = structlog.get_logger("jobrunner.queue")

T = TypeVar("T")


class Pauses:
    """Changes: the pauses that are on disk."""

    def __init__(self, clock: Clock, writer: Writer, dispatcher: Dispatcher) -> None:
        """Pause the queues of `dispatcher`."""
        self._clock = clock
        self._writer = writer
        self._dispatcher = dispatcher
        self._kept: dict[str, Pause] = {}
        self._turn = asyncio.Lock()

    async def load(self, reader: Reader) -> None:
        """Pause what was paused when the engine stopped; before anything is claimed."""
        for pause in await read_pauses(reader):
            self._kept[pause.queue] = pause
            self._dispatcher.pause(pause.queue)

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the queues that are paused."""
        return iter(list(self._kept))

    def of(self, queue: str) -> Pause | None:
        """Return the pause of a queue."""
        return self._kept.get(queue)

    def holds(self, job: Job) -> bool:
        """Tell whether a job could be claimed, were its queue not paused."""
        return job.ready and job.queue in self._kept

    async def pause(self, queue: str, by: str | None = None) -> Pause:
        """Pause a queue; one that is paused stays as it is. Raise StorageUnavailable when that cannot be kept."""
        return await _to_the_end(self._pause(queue, by))

    async def resume(self, queue: str, by: str | None = None) -> None:
        """Let a queue go on; raise StorageUnavailable when that cannot be kept, and it stays paused."""
        await _to_the_end(self._resume(queue, by))

    async def _pause(self, queue: str, by: str | None) -> Pause:
        async with self._turn:
            if queue in self._kept:
                return self._kept[queue]
            pause = Pause(queue, self._clock.now(), by)
            self._dispatcher.pause(queue)
            try:
                await keep(self._writer, insert(pause))
            except Exception:
                self._dispatcher.resume(queue)
                raise
            self._kept[queue] = pause
            log.info("queue.paused", queue=queue, by=by)
            return pause

    async def _resume(self, queue: str, by: str | None) -> None:
        async with self._turn:
            if queue not in self._kept:
                return
            await keep(self._writer, delete(queue))
            del self._kept[queue]
            self._dispatcher.resume(queue)
            log.info("queue.resumed", queue=queue, by=by)


async def _to_the_end(change: Coroutine[Any, Any, T]) -> T:
    """Go on also when the caller goes away, so that memory and disk stay one."""
    return await asyncio.shield(asyncio.create_task(change))
