"""A database with its writer and readers, opened for a test, and the shortest ways to put jobs into it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Literal

from jobrunner.model.job import Job
from jobrunner.storage.database import Database, open_database
from jobrunner.storage.image import Image
from jobrunner.storage.reader import Reader
from jobrunner.storage.sleeping import Sleeping
from jobrunner.storage.unit import Change, Unit
from jobrunner.storage.writer import Errand, Writer

PATIENCE_S = 10
Told = asyncio.Future[list[Image]]


class Store:
    """Storage as the engine uses it. `died` is set when the writer broke."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.path = database.path / "jobs.db"
        self.writer = Writer(database.writing, database.head, database.marker)
        self.reader = Reader(database.reading, self.writer)
        self.sleeping = Sleeping(self.writer)
        self.closed = False
        self.died: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    def start(self) -> None:
        self.writer.start(self.died.set_result)

    def hand_over(self, *changes: Change, **options: Any) -> Told:
        """Give the writer a unit; the future says what became of it."""
        told: Told = asyncio.get_running_loop().create_future()
        unit = Unit(changes, lambda images, _brought: told.set_result(list(images)), told.set_exception, **options)
        self.writer.write(unit)
        return told

    async def write(self, *changes: Change, **options: Any) -> list[Image]:
        """Write a unit; raise what it was withdrawn for."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.hand_over(*changes, **options)

    async def insert(self, *jobs: Job, **options: Any) -> list[Image]:
        return await self.write(*(Change(None, job, payload="null") for job in jobs), **options)

    async def update(self, before: Job, **fields: Any) -> Job:
        """Write a changed job and return it."""
        after = before.but(**fields)
        await self.write(Change(before, after))
        return after

    async def run(self, errand: Errand) -> None:
        """Run an errand between two batches."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.writer.between(errand, done.set_exception)
        self.writer.between(_then(done), done.set_exception)
        async with asyncio.timeout(PATIENCE_S):
            await done

    async def ask(self, question: Callable[..., None], *parameters: Any) -> Any:
        """Ask `sleeping` and return what was found."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        question(*parameters, answer.set_result, answer.set_exception)
        async with asyncio.timeout(PATIENCE_S):
            return await answer

    def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """Read by a connection of its own: what it sees is committed."""
        return look(self.path, sql, *parameters)

    async def close(self) -> bool:
        clean, self.closed = False, True
        try:
            async with asyncio.timeout(PATIENCE_S):
                clean = await self.writer.close()
        finally:  # a connection that is left open keeps the process alive
            await self.database.close(clean=clean)
        return clean


def _then(done: asyncio.Future[None]) -> Errand:
    async def errand(_connection: Any) -> None:
        if not done.done():
            done.set_result(None)

    return errand


def look(path: Path, sql: str, *parameters: Any) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql, parameters).fetchall()


def ids(images: Iterable[Image]) -> list[str]:
    return [image.job.id for image in images]


def numbers(images: Sequence[Image]) -> list[int]:
    return [image.number for image in images]


@asynccontextmanager
async def opened(directory: Path, synchronous: Literal["full", "normal"] = "full") -> AsyncIterator[Store]:
    """Open a data directory for a block, closed in order after it unless the block has closed it."""
    store = Store(await open_database(directory, synchronous))
    store.start()
    try:
        yield store
    finally:
        if not store.closed:
            await store.close()
        assert not store.died.done(), store.died.result()
