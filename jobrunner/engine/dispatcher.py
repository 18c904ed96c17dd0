"""Which job runs next: queues take turns for the slots, users for their queue, and a suspect runs alone.

It moves no job itself.

A *suspect* ran each time that the server died. It begins when nothing else runs, and nothing begins beside it, so
that the next crash convicts the guilty one and no other.

Of a paused queue nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from jobrunner.config import QueueSettings
from jobrunner.engine.clock import Clock
from jobrunner.engine.live import Live, Table
from jobrunner.engine.pool import Pool
from jobrunner.engine.queue import Key, Queue
from jobrunner.model import moves
from jobrunner.model.job import Job
from jobrunner.model.rank import rank
from jobrunner.storage.image import Image
from jobrunner.storage.sleeping import Sleeping
from jobrunner.storage.writer import Writer

ASK_AGAIN_S = 1.0
DEFAULTS = QueueSettings()
EVERYBODY = "*"
NOBODY = "u"


class Claim(Protocol):
    """Give a ready job to the slot that was taken for it."""

    def __call__(self, live: Live, now: int, *, alone: bool) -> None:
        """Decide it."""


class Dispatcher:
    """Changes.

    The queues and whose turn it is, which of them are paused, the suspect that waits to run alone, and whether jobs are
    claimed at all.
    """

    def __init__(
        self,
        clock: Clock,
        writer: Writer,
        sleeping: Sleeping,
        table: Table,
        pool: Pool,
        settings: Callable[[str], QueueSettings],
        claim: Claim,
    ) -> None:
        """Fill the slots of `pool`."""
        self.claiming = False
        self._clock = clock
        self._writer = writer
        self._sleeping = sleeping
        self._table = table
        self._pool = pool
        self.settings = settings
        self._claim = claim
        self._queues: dict[str, Queue] = {}
        self._paused: set[str] = set()
        self._turn = 0
        self._suspect: Live | None = None
        self._to_ask: set[str] = set()

    def start(self, queues: Iterable[str]) -> None:
        """Begin to claim, from these queues and any that a job comes for."""
        self.claiming = True
        for name in queues:
            self._queue(name)

    def pause(self, queue: str) -> None:
        """Claim no more of a queue; what runs goes on."""
        self._paused.add(queue)
        self._queue(queue).paused = True
        suspect = self._suspect
        if suspect is not None and suspect.job.queue == queue:
            self._suspect = None
            if not self._queue(queue).add(suspect.job):
                self._table.forget(suspect.job.id)
            self.pump()

    def resume(self, queue: str) -> None:
        """Claim of a queue again."""
        self._paused.discard(queue)
        going_on = self._queue(queue)
        going_on.paused = False
        going_on.ask_again()
        self.pump()

    def is_paused(self, queue: str) -> bool:
        """Tell whether nothing of a queue is claimed."""
        return queue in self._paused

    @property
    def waiting(self) -> bool:
        """Tell whether a ready job waits for its turn."""
        return self._suspect is not None or not all(queue.empty for queue in self._queues.values())

    @property
    def suspecting(self) -> bool:
        """Tell whether a suspect runs alone, or waits until nothing else runs, so that nothing may begin beside it."""
        return self._suspect is not None or self._pool.alone

    def lane(self, queue: str, user_id: str | None) -> str:
        """Return in whose turn a job of a queue waits."""
        if not self.settings(queue).fair:
            return EVERYBODY
        return NOBODY if user_id is None else f"u:{user_id}"

    def rank(self, job: Job, ready_at: int) -> int:
        """Return the order key of a job in its queue."""
        of = self.settings(job.queue)
        return rank(ready_at, job.priority, seconds_per_priority=of.seconds_per_priority, strict=of.strict_priority)

    def claim_at_once(self, job: Job) -> Job | None:
        """Return the job claimed, with its slot taken, if a worker is free and nothing waits before it."""
        if not (job.ready and self._open and self._room(job.queue) and self._queue(job.queue).empty):
            return None
        self._pool.reserve(job.queue)
        return moves.claim(job, self._clock.now())

    def ready(self, live: Live) -> bool:
        """Take a ready job; tell whether it is held in memory."""
        if live is self._suspect:
            return True
        held = self._queue(live.job.queue).add(live.job)
        if held:
            self.pump()
        return held

    def position(self, job: Job) -> int | None:
        """Return the place of a ready job in its queue, where that can be told from memory."""
        queue = self._queues.get(job.queue)
        return None if queue is None else queue.position(job)

    def unready(self, job: Job) -> None:
        """Give up a job that is not to be run now."""
        if self._suspect is not None and self._suspect.job.id == job.id:
            self._suspect = None
            self.pump()
        if job.ready:
            self._queue(job.queue).remove(job)

    def take_back(self, job: Job) -> None:
        """Take the slot of a job whose attempt has outlived the process before this one."""
        self._pool.reserve(job.queue)

    def give_back(self, job: Job) -> None:
        """Free the slot of a job whose attempt does not begin."""
        self._pool.give_back(job)
        self.pump()

    def pump(self) -> None:
        """Claim jobs for the free slots, queue after queue."""
        while self._open and self._pool.free and (live := self._next()) is not None:
            if live.job.suspect:
                self._suspect = live
            else:
                self._take(live)
        if self._suspect is not None and not self._pool.busy_here and self.claiming and self._writer.well:
            live, self._suspect = self._suspect, None
            self._take(live, exclusive=True)

    @property
    def _open(self) -> bool:
        """Tell whether anything may be claimed: not while the disk is ill, nor beside or before a suspect."""
        return self.claiming and self._writer.well and not self.suspecting

    def _room(self, queue: str) -> bool:
        return queue not in self._paused and self._pool.room(queue)

    def _take(self, live: Live, *, exclusive: bool = False) -> None:
        """Claim a job; beside a leaked handler it is not really alone, so that a crash could not convict it."""
        alone = exclusive and not self._pool.here
        self._pool.reserve(live.job.queue, alone=exclusive)
        self._claim(live, self._clock.now(), alone=alone)

    def _next(self) -> Live | None:
        """Return the job whose turn it is, of the queue whose turn it is."""
        queues = list(self._queues.values())
        for step in range(len(queues)):
            place = (self._turn + step) % len(queues)
            live = self._first(queues[place])
            if live is not None:
                self._turn = place + 1
                return live
        return None

    def _first(self, queue: Queue) -> Live | None:
        while self._room(queue.name) and (job_id := queue.take()) is not None:
            live = self._table.get(job_id)
            if live is not None and live.job.ready and not live.pending:
                return live
        return None

    def _queue(self, name: str) -> Queue:
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = Queue(name, self._ask_lanes, self._ask_heads, self._table.forget)
            queue.paused = name in self._paused
            queue.look_for_more()
        return queue

    def _ask_lanes(self, queue: Queue, after: str, limit: int) -> None:
        def found(images: Sequence[Image]) -> None:
            queue.feed_lanes([image.job for image in images], self._fresh(images))
            self.pump()

        self._sleeping.lanes(queue.name, after, limit, found, lambda _error: self._ask_again(queue))

    def _ask_heads(self, queue: Queue, lane: str, above: Key, limit: int) -> None:
        def found(images: Sequence[Image]) -> None:
            queue.feed_heads(lane, above, [image.job for image in images], limit, self._fresh(images))
            self.pump()

        self._sleeping.heads(queue.name, lane, above, limit, found, lambda _error: self._ask_again(queue))

    def _fresh(self, images: Sequence[Image]) -> Callable[[Job], bool]:
        of: Mapping[str, Image] = {image.job.id: image for image in images}
        return lambda job: self._table.wake(of[job.id])

    def _ask_again(self, queue: Queue) -> None:
        """Repeat the questions of a queue after a while, once, however many were not answered."""

        def again() -> None:
            self._to_ask.discard(queue.name)
            queue.ask_again()

        if queue.name not in self._to_ask:
            self._to_ask.add(queue.name)
            self._clock.call_later(ASK_AGAIN_S, again)


def settings_of(queues: Mapping[str, QueueSettings]) -> Callable[[str], QueueSettings]:
    """Return what tells the settings of a queue; one that is not configured has the defaults."""
    return lambda name: queues.get(name, DEFAULTS)
