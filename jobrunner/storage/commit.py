"""One commit: a batch on disk, or the certainty that nothing of it is."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence

import structlog

from jobrunner.storage.batch import Batch
from jobrunner.storage.connection import WritingConnection
from jobrunner.storage.unit import Brought

log = structlog.get_logger("jobrunner.writer")

EXIT_UNCLEAR = 70  # EX_SOFTWARE of sysexits.h

# What is wrong with the data and not with the disk: the culprit is found by halving.
SPOILED = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError, ValueError, TypeError)

BRING = (
    "SELECT job_id, payload, coalesce((SELECT max(n) FROM logs WHERE logs.job_id = payloads.job_id), 0) FROM payloads "
    "WHERE job_id IN (SELECT value FROM json_each(?))"
)
# Another value each time: SQLite writes nothing where nothing has changed.
PROBE = "INSERT OR REPLACE INTO facts VALUES ('probe', hex(randomblob(8)))"
SELECT_HEAD = "SELECT value FROM facts WHERE name = 'head'"


async def commit(connection: WritingConnection, batch: Batch, head: int) -> dict[str, Brought] | Exception:
    """Write a batch that follows on `head` and return what its attempts need; or what went wrong, when none was kept.

    Ends the process when it stays unknown whether the batch was kept: nobody may be answered by a guess.
    """
    try:
        statements, wanted = list(batch.statements()), batch.brings()
        return await connection.transaction(lambda inside: _write(inside, statements, wanted))
    except (*SPOILED, sqlite3.Error) as error:
        if await _head(connection) == head:
            return error
        return await connection.transaction(lambda inside: _bring(inside, batch.brings()))


async def probe(connection: WritingConnection) -> bool:
    """Tell whether the disk takes a commit, by a small one."""
    try:
        await connection.transaction(lambda inside: inside.execute(PROBE))
    except sqlite3.Error:
        return False
    return True


def _write(
    connection: sqlite3.Connection, statements: Sequence[tuple[str, str]], wanted: Sequence[str]
) -> dict[str, Brought]:
    for sql, parameter in statements:
        connection.execute(sql, (parameter,))
    return _bring(connection, wanted)


def _bring(connection: sqlite3.Connection, job_ids: Sequence[str]) -> dict[str, Brought]:
    if not job_ids:
        return {}
    rows = connection.execute(BRING, (json.dumps(job_ids),))
    return {job_id: Brought(payload, last_line) for job_id, payload, last_line in rows}


async def _head(connection: WritingConnection) -> int:
    """Read back, after an error, which number was last kept."""
    try:
        rows = list(await connection.execute_fetchall(SELECT_HEAD))
    except sqlite3.Error:
        log.critical("storage.unclear", exc_info=True)
        os._exit(EXIT_UNCLEAR)
    return int(rows[0][0])
