"""Queues as they are kept: which are paused; and how full they are, and for how long somebody has waited there."""

from __future__ import annotations

from dataclasses import dataclass

from jobrunner.storage.batch import EVERYONE
from jobrunner.storage.conditions import READY
from jobrunner.storage.errand import errand_of
from jobrunner.storage.reader import Reader
from jobrunner.storage.writer import Errand

INSERT = "INSERT OR REPLACE INTO queues (name, paused_at, paused_by) VALUES (?, ?, ?)"
DELETE = "DELETE FROM queues WHERE name = ?"
FILLING = (
    "SELECT queue, sum(n) FILTER (WHERE status = 'queued'), sum(n) FILTER (WHERE status = 'processing') FROM counts "
    "WHERE who = ? AND status IN ('queued', 'processing') GROUP BY queue"
)
MOST_LANES = 256
# Of the jobs that stand first in their lanes, by a skip-scan, as `sleeping` does it.
LONGEST = (
    "WITH RECURSIVE lanes (lane) AS ("
    f"SELECT min(lane) FROM jobs WHERE queue = ?1 AND {READY} UNION ALL "
    f"SELECT (SELECT min(lane) FROM jobs WHERE queue = ?1 AND lane > lanes.lane AND {READY}) "
    f"FROM lanes WHERE lanes.lane IS NOT NULL LIMIT {MOST_LANES}) "
    "SELECT min(coalesce(jobs.ready_at, jobs.created_at)) FROM lanes JOIN jobs ON jobs.id = (SELECT id FROM jobs "
    f"WHERE queue = ?1 AND lane = lanes.lane AND {READY} ORDER BY rank, id LIMIT 1) WHERE lanes.lane IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Pause:
    """A queue that is paused; `by` is the name of the subject who did it, None a caller inside the process."""

    queue: str
    at: int
    by: str | None


@dataclass(frozen=True, slots=True)
class Filling:
    """How many jobs of a queue wait, for whatever it is, and how many run."""

    queued: int = 0
    processing: int = 0


def insert(pause: Pause) -> Errand:
    """Return the errand that keeps a pause."""
    return errand_of((INSERT, (pause.queue, pause.at, pause.by)))


def delete(queue: str) -> Errand:
    """Return the errand that ends a pause."""
    return errand_of((DELETE, (queue,)))


async def read_pauses(reader: Reader) -> list[Pause]:
    """Return the queues that are paused."""
    rows = await reader._rows("SELECT name, paused_at, paused_by FROM queues ORDER BY name")  # noqa: SLF001 - the same room
    return [Pause(*row) for row in rows]


async def fillings(reader: Reader) -> dict[str, Filling]:
    """Return how full the queues are, of those in which a job has ever waited."""
    rows = await reader._rows(FILLING, EVERYONE)  # noqa: SLF001 - the same room
    return {queue: Filling(queued or 0, processing or 0) for queue, queued, processing in rows}


async def waiting_since(reader: Reader, queue: str) -> int | None:
    """Return since when the longest waiting of those jobs is ready that stand first in their lanes, 256 at most.

    All of them could not be looked at in time.
    """
    rows = await reader._rows(LONGEST, queue)  # noqa: SLF001 - the same room
    return None if rows[0][0] is None else int(rows[0][0])
