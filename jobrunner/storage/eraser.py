"""Deleting jobs that nobody wants to keep any longer, in small batches between the writer's own."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Container
from typing import Any

from jobrunner.model.state import Status
from jobrunner.storage.batch import ADD_COUNTS, EVERYONE, counted_for
from jobrunner.storage.connection import WritingConnection
from jobrunner.storage.rows import dumps

EXPIRED = (
    "SELECT id, number, user_id, queue, type, status FROM jobs WHERE status = ? AND completed_at < ? "
    "ORDER BY completed_at LIMIT ?"
)
DELETIONS = (
    ("jobs", "id"), ("tags", "job_id"), ("payloads", "job_id"), ("results", "job_id"), ("attempts", "job_id"),
    ("logs", "job_id"), ("history", "job_id"), ("dependencies", "job_id"),
)  # fmt: skip
RAISE_DELETED = "UPDATE facts SET value = max(CAST(value AS INTEGER), ?) WHERE name = 'deleted'"
DROP_COUNTS = "DELETE FROM counts WHERE n = 0"
DROP_ANSWERS = (
    "DELETE FROM idempotency WHERE (scope, key) IN (SELECT scope, key FROM idempotency WHERE expires_at < ? LIMIT ?)"
)

Errand = Callable[[WritingConnection], Awaitable[None]]


def erase(
    status: Status, before: int, limit: int, busy: Container[str], erased: Callable[[list[str], bool], None]
) -> Errand:
    """Return the errand that deletes jobs which ended in `status` before a time, but for those that are `busy`.

    `erased` is told which are gone, and whether there may be more. Answers to idempotency keys outlive their jobs.
    """

    async def errand(connection: WritingConnection) -> None:
        found = list(await connection.execute_fetchall(EXPIRED, (status.value, before, limit)))
        rows = [row for row in found if row[0] not in busy]
        if rows:
            await _delete(connection, rows)
        erased([row[0] for row in rows], len(found) == limit and bool(rows))

    return errand


def drop_answers(now: int, limit: int) -> Errand:
    """Return the errand that deletes answers whose time is over, and counters that stand at nothing."""

    async def errand(connection: WritingConnection) -> None:
        await connection.execute(DROP_ANSWERS, (now, limit))
        await connection.execute(DROP_COUNTS)

    return errand


async def _delete(connection: WritingConnection, rows: list[Any]) -> None:
    ids = json.dumps([row[0] for row in rows])
    gone: Counter[tuple[str, str, str, str]] = Counter()
    for _id, _number, user_id, queue, type_, status in rows:
        for who in (counted_for(user_id), EVERYONE):
            gone[who, queue, type_, status] -= 1

    def run(connection: sqlite3.Connection) -> None:
        for table, column in DELETIONS:
            connection.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))", (ids,))
        connection.execute(ADD_COUNTS, (dumps([[*key, n] for key, n in gone.items()]),))
        connection.execute(RAISE_DELETED, (max(row[1] for row in rows),))

    await connection.transaction(run)
