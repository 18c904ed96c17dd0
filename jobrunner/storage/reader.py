"""What answers are made of: read-only, single statements, fetched whole.

The engine never decides by what it reads here.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import aiosqlite

from jobrunner.model.filter import Filter
from jobrunner.model.job import Job
from jobrunner.storage.batch import EVERYONE, counted_for
from jobrunner.storage.conditions import READY, Condition, any_of, condition
from jobrunner.storage.image import SMALL_RESULT, Image
from jobrunner.storage.rows import SELECT, read_failure, read_image
from jobrunner.storage.unit import AttemptRecord, Line
from jobrunner.storage.writer import Writer

SMALL = (
    "(SELECT result FROM results WHERE results.job_id = jobs.id AND jobs.status = 'completed' "
    f"AND length(result) <= {SMALL_RESULT})"
)
MOST_SCANNED = 5_000  # rows looked at for a page of changes, however few of them match
MOST_POSITION = 1_000  # how far a place in a queue is counted: counting 89,000 took 55 ms


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed after a number.

    `until` is where to go on, `deleted` the highest number that is gone for good.
    """

    images: Sequence[Image]
    until: int
    more: bool
    head: int
    deleted: int


class Reader:
    """Own the reading connections."""

    def __init__(self, connections: Sequence[aiosqlite.Connection], writer: Writer) -> None:
        """Read what `writer` has released, and wait for it where a read was ahead."""
        self._connections = itertools.cycle(connections)
        self._writer = writer

    async def job(self, job_id: str) -> Image | None:
        """Return a job, or None when there is none."""
        rows = await self._rows(f"SELECT {SELECT}, {SMALL} FROM jobs WHERE id = ?", job_id)
        return await self._released(read_image(rows[0])) if rows else None

    async def texts(self, job_id: str) -> tuple[str | None, str | None]:
        """Return the payload and the result of a job as JSON text."""
        rows = await self._rows(
            "SELECT (SELECT payload FROM payloads WHERE job_id = ?1), (SELECT result FROM results WHERE job_id = ?1)",
            job_id,
        )
        return rows[0][0], rows[0][1]

    async def many_texts(self, job_ids: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
        """Return the payloads and results of some jobs as JSON text."""
        rows = await self._rows(
            "SELECT value, (SELECT payload FROM payloads WHERE job_id = value), "
            "(SELECT result FROM results WHERE job_id = value) FROM json_each(?)",
            json.dumps(list(job_ids)),
        )
        return {job_id: (payload, result) for job_id, payload, result in rows}

    async def page(
        self,
        wanted: Sequence[Filter],
        *,
        limit: int,
        after: str | None = None,
        offset: int = 0,
        ascending: bool = False,
    ) -> list[Image]:
        """Return jobs of any filter by the time they were made, the newest first unless `ascending`.

        `after` is the last one seen.
        """
        where = any_of(wanted)
        if after is not None:
            where.add("jobs.id > ?" if ascending else "jobs.id < ?", after)
        order = "ASC" if ascending else "DESC"
        return await self._images(where, f"ORDER BY jobs.id {order} LIMIT ? OFFSET ?", limit, offset)

    async def count(self, wanted: Filter) -> int:
        """Count the jobs of a filter."""
        where = condition(wanted)
        rows = await self._rows(f"SELECT count(*) FROM jobs WHERE {where}", *where.parameters)
        return int(rows[0][0])

    async def counts(
        self, user_ids: Iterable[str] = (), types: Iterable[str] = (), queues: Iterable[str] = ()
    ) -> dict[str, int]:
        """Return how many jobs there are in each status."""
        where = Condition()
        where.add_any("who", [counted_for(user) for user in user_ids] or [EVERYONE])
        where.add_any("type", types)
        where.add_any("queue", queues)
        rows = await self._rows(f"SELECT status, sum(n) FROM counts WHERE {where} GROUP BY status", *where.parameters)
        return dict(rows)

    async def waiting(self) -> list[tuple[str, int]]:
        """Return the queues in which jobs wait, and how many."""
        rows = await self._rows(
            "SELECT queue, sum(n) FROM counts WHERE who = ? AND status = 'queued' GROUP BY queue HAVING sum(n) > 0",
            EVERYONE,
        )
        return [(queue, n) for queue, n in rows]

    async def changes(self, since: int, wanted: Sequence[Filter], limit: int) -> Changes:
        """Return jobs whose number is above `since`, by rising number, each in its present state."""
        scan, rest = _scan(since, wanted)
        rows = await self._rows(
            "WITH scanned AS MATERIALIZED ("
            f"SELECT id, number FROM jobs WHERE {scan} ORDER BY number LIMIT {MOST_SCANNED}) "
            "SELECT head.value, deleted.value, (SELECT max(number) FROM scanned), (SELECT count(*) FROM scanned), "
            "found.* "
            "FROM facts AS head JOIN facts AS deleted ON deleted.name = 'deleted' LEFT JOIN ("
            f"SELECT {SELECT}, {SMALL} FROM scanned CROSS JOIN jobs ON jobs.id = scanned.id WHERE {rest} "
            "ORDER BY scanned.number LIMIT ?) AS found ON true WHERE head.name = 'head' ORDER BY found.number",
            *scan.parameters,
            *rest.parameters,
            limit,
        )
        await self._writer.reached(int(rows[0][0]))
        return _changes(rows, since, limit)

    async def position(self, job: Job) -> int:
        """Return the place of a ready job in its queue, 1 for the next one.

        At most 1,000, and no higher than there are.

        Users take turns: before a user's n-th job come at most n jobs of each other user.
        """
        ahead = await self._rows(
            f"SELECT count(*) FROM (SELECT 1 FROM jobs WHERE queue = ? AND lane = ? AND {READY} "
            "AND (rank, id) < (?, ?) LIMIT ?)",
            job.queue, job.lane, job.rank, job.id, MOST_POSITION,
        )  # fmt: skip
        own = int(ahead[0][0])
        others = await self._rows(
            "WITH RECURSIVE lanes (lane) AS ("
            f"SELECT min(lane) FROM jobs WHERE queue = ?1 AND {READY} UNION ALL "
            f"SELECT (SELECT min(lane) FROM jobs WHERE queue = ?1 AND lane > lanes.lane AND {READY}) "
            "FROM lanes WHERE lanes.lane IS NOT NULL LIMIT 256) "
            "SELECT sum((SELECT count(*) FROM (SELECT 1 FROM jobs WHERE queue = ?1 AND lane = lanes.lane "
            f"AND {READY} LIMIT ?2))) FROM lanes WHERE lanes.lane IS NOT NULL AND lanes.lane <> ?3",
            job.queue, own + (0 if own else 1), job.lane,
        )  # fmt: skip
        return min(1 + own + (int(others[0][0] or 0) if own else 0), MOST_POSITION)

    async def oldest_ready(self) -> int | None:
        """Return when the longest waiting ready job was made."""
        rows = await self._rows(f"SELECT created_at FROM jobs WHERE {READY} ORDER BY id LIMIT 1")
        return int(rows[0][0]) if rows else None

    async def attempts(self, job_id: str) -> list[AttemptRecord]:
        """Return the attempts of a job that are over."""
        rows = await self._rows(
            "SELECT attempt, started_at, ended_at, outcome, error, result FROM attempts WHERE job_id = ? "
            "ORDER BY attempt",
            job_id,
        )
        return [_attempt(row) for row in rows]

    async def lines(self, job_id: str, after: int, limit: int) -> list[Line]:
        """Return log lines of a job above a number."""
        rows = await self._rows(
            "SELECT n, at, stream, level, text FROM logs WHERE job_id = ? AND n > ? ORDER BY n LIMIT ?",
            job_id,
            after,
            limit,
        )
        return [Line(*row) for row in rows]

    async def last_line(self, job_id: str) -> int:
        """Return the number of the last log line of a job, 0 when there is none."""
        rows = await self._rows("SELECT max(n) FROM logs WHERE job_id = ?", job_id)
        return int(rows[0][0] or 0)

    async def answer(self, scope: str, key: str) -> tuple[str, str] | None:
        """Return the fingerprint of the request and the answer that was given to an Idempotency-Key."""
        rows = await self._rows("SELECT fingerprint, answer FROM idempotency WHERE scope = ? AND key = ?", scope, key)
        return (rows[0][0], rows[0][1]) if rows else None

    async def version(self) -> str:
        """Return the version of SQLite."""
        rows = await self._rows("SELECT sqlite_version()")
        return str(rows[0][0])

    async def _images(self, where: Condition, tail: str, *parameters: Any) -> list[Image]:
        rows = await self._rows(
            f"SELECT {SELECT}, {SMALL} FROM jobs WHERE {where} {tail}", *where.parameters, *parameters
        )
        images = [read_image(row) for row in rows]
        await self._writer.reached(max((image.number for image in images), default=0))
        return images

    async def _released(self, image: Image) -> Image:
        await self._writer.reached(image.number)
        return image

    async def _rows(self, sql: str, *parameters: Any) -> list[Any]:
        return list(await asyncio.shield(_fetch(next(self._connections), sql, parameters)))


def _fetch(connection: aiosqlite.Connection, sql: str, parameters: Sequence[Any]) -> Awaitable[Iterable[Any]]:
    # A task of its own, because a cancelled read would leave its statement open, which pins a snapshot.
    async def fetch() -> Iterable[Any]:
        return await connection.execute_fetchall(sql, parameters)

    return asyncio.ensure_future(fetch())


def _scan(since: int, wanted: Sequence[Filter]) -> tuple[Condition, Condition]:
    """Return what an index can bound, and the rest."""
    scan = Condition()
    scan.add("number > ?", since)
    if all(each.job_ids for each in wanted):
        scan.add_any("id", {job_id for each in wanted for job_id in each.job_ids})
    elif len(wanted) == 1 and len(wanted[0].user_ids) == 1:
        scan.add_any("user_id", wanted[0].user_ids)
    return scan, any_of(wanted)


def _changes(rows: Sequence[Any], since: int, limit: int) -> Changes:
    head, deleted, scanned_last, scanned = rows[0][:4]
    images = [read_image(row[4:]) for row in rows if row[4] is not None]
    if len(images) == limit:
        until, more = images[-1].number, True
    elif scanned == MOST_SCANNED:
        until, more = int(scanned_last), True
    else:
        until, more = max(int(head), since), False
    return Changes(images, until, more, int(head), int(deleted))


def _attempt(row: Sequence[Any]) -> AttemptRecord:
    attempt, started_at, ended_at, outcome, error, result = row
    return AttemptRecord(
        attempt, started_at, ended_at, outcome, read_failure(json.loads(error) if error else None), result
    )
