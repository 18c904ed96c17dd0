"""What answers are made of: read-only, single statements, fetched whole.

The engine never decides by what it reads here.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

import aiosqlite

from jobrunner.model.act import Act
from jobrunner.model.filter import Filter
from jobrunner.model.job import Job
from jobrunner.storage.batch import EVERYONE
from jobrunner.storage.changes import Changes, read_changes, since_number
from jobrunner.storage.conditions import READY, Condition, any_of, condition
from jobrunner.storage.counts import counted, counters
from jobrunner.storage.image import Image
from jobrunner.storage.rows import SELECT, SMALL, read_failure, read_image
from jobrunner.storage.unit import AttemptRecord, Line
from jobrunner.storage.usage import BYTES, JOBS, Question, Use, questions
from jobrunner.storage.writer import Writer

# By the index of users and ids: a job of somebody else is not found there, exactly like one that does not exist.
OWNED = f"SELECT {SELECT}, {SMALL} FROM jobs INDEXED BY jobs_user WHERE id = ? AND user_id = ?"
MOST_POSITION = 1_000  # how far a place in a queue is counted: counting 89,000 took 55 ms


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

    async def owned(self, job_id: str, owner: str) -> Image | None:
        """Return a job of a user, or None; whether there is one of somebody else is not even looked at."""
        rows = await self._rows(OWNED, job_id, owner)
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
        self,
        user_ids: Iterable[str] = (),
        types: Iterable[str] = (),
        queues: Iterable[str] = (),
        owner: str | None = None,
        only: frozenset[str] | None = None,
    ) -> dict[str, int]:
        """Return how many jobs there are in each status, of those that `owner` and `only` let be seen."""
        wanted = Filter(
            user_ids=frozenset(user_ids), types=frozenset(types), queues=frozenset(queues), owner=owner, only=only
        )
        return dict(await self._rows(*counters(wanted) if only is None else counted(wanted)))

    async def waiting(self) -> list[tuple[str, str, int]]:
        """Return how many jobs wait: by queue and type, those of which some do."""
        rows = await self._rows(
            "SELECT queue, type, n FROM counts WHERE who = ? AND status = 'queued' AND n > 0", EVERYONE
        )
        return [(queue, job_type, n) for queue, job_type, n in rows]

    async def waiting_of_users(self) -> dict[str, int]:
        """Return how many jobs of each user wait."""
        rows = await self._rows(
            "SELECT substr(who, 3), sum(n) FROM counts WHERE who >= 'u:' AND who < 'u;' AND status = 'queued' "
            "GROUP BY who HAVING sum(n) > 0"
        )
        return dict(rows)

    async def jobs_used(self, bearers: Iterable[str], since: int, until: int) -> list[Use]:
        """Return the jobs that users and other subjects submitted after a time, the newest first."""
        return await self._used(questions(JOBS, bearers, since, until))

    async def bytes_used(self, bearers: Iterable[str], since: int, until: int) -> list[Use]:
        """Return the bytes that users and other subjects uploaded to jobs made after a time, the newest first."""
        return await self._used(questions(BYTES, bearers, since, until))

    async def changes(self, since: int, wanted: Sequence[Filter], limit: int) -> Changes:
        """Return jobs whose number is above `since`, by rising number, each in its present state."""
        rows = await self._rows(*since_number(since, wanted, limit))
        await self._writer.reached(int(rows[0][0]))
        return read_changes(rows, since, limit)

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
            "SELECT attempt, started_at, ended_at, outcome, error, result, traceback, said FROM attempts "
            "WHERE job_id = ? ORDER BY attempt",
            job_id,
        )
        return [_attempt(row) for row in rows]

    async def history(self, job_id: str) -> list[Act]:
        """Return what was done to a job after it was submitted, in that order."""
        rows = await self._rows("SELECT at, action, by FROM history WHERE job_id = ? ORDER BY rowid", job_id)
        return [Act(*row) for row in rows]

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

    async def _used(self, asked: Iterable[Question]) -> list[Use]:
        rows = [row for question in asked for row in await self._rows(*question)]
        return sorted((Use(*row) for row in rows), key=lambda use: use.at, reverse=True)

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


def _attempt(row: Sequence[Any]) -> AttemptRecord:
    attempt, started_at, ended_at, outcome, error, result, traceback, said = row
    failure = read_failure(json.loads(error) if error else None)
    return AttemptRecord(attempt, started_at, ended_at, outcome, failure, result, traceback, said)
