"""A few statements in a transaction of their own, run by the writer between two batches: durable when they are told."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

from jobrunner.errors import StorageUnavailable
from jobrunner.storage.commit import SPOILED
from jobrunner.storage.connection import WritingConnection
from jobrunner.storage.writer import Errand, Writer

Statement = tuple[str, tuple[Any, ...]]


def keep(writer: Writer, errand: Errand) -> asyncio.Future[None]:
    """Run an errand; the future is done when it is on disk, or holds StorageUnavailable when nothing of it is kept."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def failed(error: Exception) -> None:
        if not done.done():
            done.set_exception(error)

    async def run(connection: WritingConnection) -> None:
        try:
            await errand(connection)
        except SPOILED as error:  # a fault of ours: it must not end the writer
            failed(error)
        except sqlite3.Error as error:
            failed(StorageUnavailable(f"The data directory cannot be written: {error}."))
        if not done.done():
            done.set_result(None)

    writer.between(run, failed)
    return done


def errand_of(*statements: Statement) -> Errand:
    """Return the errand that runs statements, all of them or none."""

    def run(connection: sqlite3.Connection) -> None:
        for sql, parameters in statements:
            connection.execute(sql, parameters)

    async def errand(connection: WritingConnection) -> None:
        await connection.transaction(run)

    return errand
