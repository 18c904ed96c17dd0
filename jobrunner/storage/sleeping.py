"""What the engine takes from disk: jobs that sleep there, read between two batches so that no answer is stale.

Each question ends in exactly one call, synchronously in the callback that has read the rows, or in `failed`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobrunner.storage.conditions import READY
from jobrunner.storage.connection import WritingConnection
from jobrunner.storage.image import Image
from jobrunner.storage.rows import SELECT, SMALL, read_image
from jobrunner.storage.writer import Failed, Writer

ONE = f"SELECT {SELECT}, {SMALL} FROM jobs WHERE id = ?"
PROCESSING = f"SELECT {SELECT}, NULL FROM jobs WHERE status = 'processing' ORDER BY id"
WAKING = f"SELECT {SELECT}, NULL FROM jobs WHERE status = 'queued' AND wake_at <= ? ORDER BY wake_at LIMIT ?"
NEXT_WAKE = "SELECT min(wake_at) FROM jobs WHERE status = 'queued' AND wake_at IS NOT NULL"
HEADS = (
    f"SELECT {SELECT}, NULL FROM jobs WHERE queue = ? AND lane = ? AND {READY} AND (rank, id) > (?, ?) "
    "ORDER BY rank, id LIMIT ?"
)
# A skip-scan: each step is one look into the index. Grouping by lane read a million rows instead and took 3.9 s.
LANES = (
    "WITH RECURSIVE lanes (lane) AS ("
    f"SELECT min(lane) FROM jobs WHERE queue = ?1 AND lane > ?2 AND {READY} UNION ALL "
    f"SELECT (SELECT min(lane) FROM jobs WHERE queue = ?1 AND lane > lanes.lane AND {READY}) "
    "FROM lanes WHERE lanes.lane IS NOT NULL LIMIT ?3) "
    f"SELECT {SELECT}, NULL FROM lanes JOIN jobs ON jobs.id = (SELECT id FROM jobs "
    f"WHERE queue = ?1 AND lane = lanes.lane AND {READY} ORDER BY rank, id LIMIT 1) WHERE lanes.lane IS NOT NULL"
)
# Of each job that waits for others: the ones that are open, as an array, and one that has not completed.
DEPENDENTS = (
    "SELECT jobs.id, (SELECT json_group_array(other.id) FROM dependencies JOIN jobs AS other ON other.id = on_id "
    "WHERE job_id = jobs.id AND other.status IN ('queued', 'processing')), "
    "(SELECT other.id FROM dependencies JOIN jobs AS other ON other.id = on_id "
    "WHERE job_id = jobs.id AND other.status IN ('failed', 'cancelled') LIMIT 1) "
    "FROM jobs WHERE jobs.status = 'queued' AND jobs.hold = 'dependency'"
)
DEPENDENT = f"{DEPENDENTS} AND jobs.id = ?"
DEPENDENTS_ON = f"{DEPENDENTS} AND jobs.id IN (SELECT job_id FROM dependencies WHERE on_id = ?)"
# Those of a job that was cancelled, but for what a person has retried since.
ORPHANS = (
    "SELECT jobs.id, parent.id FROM jobs JOIN jobs AS parent ON parent.id = jobs.parent_id "
    "WHERE jobs.parent_id IS NOT NULL AND jobs.status IN ('queued', 'processing') AND jobs.manual_retries = 0 "
    "AND (parent.status = 'cancelled' OR parent.status = 'processing' AND parent.cancel_requested_at IS NOT NULL)"
)
OPEN_CHILDREN = "SELECT id FROM jobs WHERE parent_id = ? AND status IN ('queued', 'processing')"
NEW_LANES = "UPDATE jobs SET lane = {lane} WHERE queue = ? AND status = 'queued' AND lane {wrong} '*'"
FAIR = NEW_LANES.format(lane="coalesce('u:' || user_id, 'u')", wrong="=")
UNFAIR = NEW_LANES.format(lane="'*'", wrong="<>")

Found = Callable[[Sequence[Image]], None]


@dataclass(frozen=True, slots=True)
class Dependent:
    """A job that waits for others: for those that are `open`, and in vain for `broken`, if there is one."""

    job_id: str
    open: tuple[str, ...]
    broken: str | None

    @property
    def waits(self) -> bool:
        """Tell whether something may still come."""
        return bool(self.open)


Depending = Callable[[Sequence[Dependent]], None]


class Sleeping:
    """Ask for sleeping jobs through the writer."""

    def __init__(self, writer: Writer) -> None:
        """Read on the connection of `writer`."""
        self._writer = writer

    def job(self, job_id: str, found: Callable[[Image | None], None], failed: Failed) -> None:
        """Ask for one job."""
        self._writer.read(ONE, (job_id,), lambda rows: found(read_image(rows[0]) if rows else None), failed)

    def processing(self, found: Found, failed: Failed) -> None:
        """Ask for what a dead process left behind."""
        self._images(PROCESSING, (), found, failed)

    def waking(self, now: int, limit: int, found: Found, failed: Failed) -> None:
        """Ask for queued jobs with which the clock has something to do, the most overdue first."""
        self._images(WAKING, (now, limit), found, failed)

    def next_wake(self, found: Callable[[int | None], None], failed: Failed) -> None:
        """Ask when the clock will next have something to do."""
        self._writer.read(NEXT_WAKE, (), lambda rows: found(rows[0][0]), failed)

    def relane(self, fair: Mapping[str, bool], done: Callable[[], None], failed: Failed) -> None:
        """Put waiting jobs into lanes of their own, or all into one, as the configuration of their queue says."""

        async def errand(connection: WritingConnection) -> None:
            for queue, is_fair in fair.items():
                await connection.execute(FAIR if is_fair else UNFAIR, (queue,))
            done()

        self._writer.between(errand, failed)

    def heads(self, queue: str, lane: str, above: tuple[int, str], limit: int, found: Found, failed: Failed) -> None:
        """Ask for the ready jobs of a lane above a place, in their order."""
        self._images(HEADS, (queue, lane, *above, limit), found, failed)

    def lanes(self, queue: str, after: str, limit: int, found: Found, failed: Failed) -> None:
        """Ask for the first ready job of each lane in the round after a lane, that lane last.

        Fewer than `limit` are all.
        """

        async def errand(connection: WritingConnection) -> None:
            rows = list(await connection.execute_fetchall(LANES, (queue, after, limit)))
            if len(rows) < limit and after:
                begin = list(await connection.execute_fetchall(LANES, (queue, "", limit - len(rows))))
                rows += begin[: limit - len(rows)]
            found(_once([read_image(row) for row in rows]))

        self._writer.between(errand, failed)

    def dependent(self, job_id: str, found: Depending, failed: Failed) -> None:
        """Ask what a job waits for, if it waits for others."""
        self._dependents(DEPENDENT, (job_id,), found, failed)

    def dependents_on(self, job_id: str, found: Depending, failed: Failed) -> None:
        """Ask for the jobs that wait for a job."""
        self._dependents(DEPENDENTS_ON, (job_id,), found, failed)

    def dependents(self, found: Depending, failed: Failed) -> None:
        """Ask for all jobs that wait for others."""
        self._dependents(DEPENDENTS, (), found, failed)

    def open_children(self, job_id: str, found: Callable[[Sequence[str]], None], failed: Failed) -> None:
        """Ask for the children of a job that have not ended."""
        self._writer.read(OPEN_CHILDREN, (job_id,), lambda rows: found([row[0] for row in rows]), failed)

    def orphans(self, found: Callable[[Sequence[tuple[str, str]]], None], failed: Failed) -> None:
        """Ask for all open children of cancelled jobs, with the ids of these."""
        self._writer.read(ORPHANS, (), lambda rows: found([(row[0], row[1]) for row in rows]), failed)

    def _dependents(self, sql: str, parameters: Sequence[Any], found: Depending, failed: Failed) -> None:
        def read(rows: Sequence[Any]) -> None:
            found([Dependent(job_id, tuple(json.loads(open_)), broken) for job_id, open_, broken in rows])

        self._writer.read(sql, parameters, read, failed)

    def _images(self, sql: str, parameters: Sequence[Any], found: Found, failed: Failed) -> None:
        self._writer.read(sql, parameters, lambda rows: found([read_image(row) for row in rows]), failed)


def _once(images: Sequence[Image]) -> list[Image]:
    return list({image.job.id: image for image in images}.values())
