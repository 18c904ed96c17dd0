"""What keeps a ready job from running, as of this moment. It only looks, and decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from jobrunner.engine.runner import Runner
from jobrunner.model.job import Job


class Obstacle(Enum):
    """What is in the way, that first which would be there also if all else was not."""

    TAKEN = auto()  # nothing: a worker is taking it at this moment
    STOPPING = auto()  # the server begins nothing any more
    PAUSED = auto()  # an operator has paused the queue
    DISK = auto()  # the disk cannot be written, so nothing begins
    ALONE = auto()  # the server died while it ran, so it is run when nothing else is
    SUSPECT = auto()  # another one is run alone
    QUEUE = auto()  # the queue runs as many as it may
    WORKERS = auto()  # all queues together do
    ORDER = auto()  # nothing that lasts: a worker is about to look for it


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit by the name of its setting, and how much of it is used."""

    name: str
    limit: int
    used: int


def obstacle_of(runner: Runner, job: Job) -> tuple[Obstacle, Limit | None]:
    """Return what keeps a ready job from running, and the limit that this is, if it is one."""
    dispatcher, pool, live = runner.dispatcher, runner.pool, runner.table.get(job.id)
    others = (
        (Obstacle.TAKEN, live is not None and not live.job.ready),
        (Obstacle.STOPPING, not dispatcher.claiming),
        (Obstacle.PAUSED, runner.pauses.holds(job)),
        (Obstacle.DISK, not runner.writer.well),
        (Obstacle.ALONE, job.suspect),
        (Obstacle.SUSPECT, dispatcher.suspecting),
    )
    for obstacle, in_the_way in others:
        if in_the_way:
            return obstacle, None
    queue = Limit(f"queues.{job.queue}.concurrency", dispatcher.settings(job.queue).concurrency, pool.used(job.queue))
    if queue.used >= queue.limit and queue.limit < pool.slots:
        return Obstacle.QUEUE, queue
    if not pool.free:
        return Obstacle.WORKERS, Limit("workers.concurrency", pool.slots, pool.taken)
    return Obstacle.ORDER, None
