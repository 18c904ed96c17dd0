"""The data directory and its SQLite database: opened, locked, brought up to date, closed.

One connection writes and makes the checkpoints; the others can only read. SQLite 3.7.0 to 3.51.2 can corrupt a WAL
when two connections commit and checkpoint at once, so no second one may ever do either.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import aiosqlite

from jobrunner.errors import DataDirError
from jobrunner.storage.connection import WritingConnection, connect_for_writing
from jobrunner.storage.lock import Lock
from jobrunner.storage.marker import Mark, Marker, boot_id

READERS = 2
CHECKPOINT_PAGES = 4_000  # 16 MB of 4 kB pages: a checkpoint of a 337 MB log took 284 ms


@dataclass(slots=True)
class Database:
    """An open data directory. `crashed` tells whether the process before this one died while the machine went on."""

    path: Path
    lock: Lock
    marker: Marker
    epoch: str
    head: int
    crashed: bool
    writing: WritingConnection
    reading: list[aiosqlite.Connection]

    async def close(self, *, clean: bool) -> None:
        """Close everything, the lock last; `clean` says that all that was accepted has been written."""
        for connection in self.reading:
            await connection.close()
        if clean:
            with suppress(sqlite3.Error):  # on a full disk the log of SQLite stays, and nothing is lost
                await self.writing.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        await self.writing.close()
        self.marker.close(clean=clean)
        self.lock.release()


async def open_database(directory: Path, synchronous: Literal["full", "normal"]) -> Database:
    """Open the data directory, made if need be; raise DataDirLocked or DataDirError when it cannot be used."""
    lock = Lock(_made(directory) / "lock")
    try:
        return await _open(directory, synchronous, lock)
    except sqlite3.Error as error:
        lock.release()
        raise DataDirError(f"{directory / 'jobs.db'} cannot be opened: {error}") from error
    except BaseException:
        lock.release()
        raise


def _made(directory: Path) -> Path:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise DataDirError(f"{directory} cannot be made: {error.strerror}; choose another --data-dir") from error
    return directory


async def _open(directory: Path, synchronous: Literal["full", "normal"], lock: Lock) -> Database:
    path = directory / "jobs.db"
    marker = Marker(directory / "instance")
    writing = await connect_for_writing(path)
    try:
        await _prepare(writing, synchronous)
        await migrate(writing)
        epoch, head = await _settle_epoch(writing, marker.found)
        reading = [await _reader(path) for _ in range(READERS)]
    except BaseException:
        await writing.close()
        raise
    marker.begin(epoch, head, durable=synchronous == "full")
    crashed = marker.found is not None and not marker.found.clean and marker.found.boot == boot_id()
    return Database(directory, lock, marker, epoch, head, crashed, writing, reading)


async def _prepare(connection: aiosqlite.Connection, synchronous: str) -> None:
    for pragma in (
        "journal_mode = wal",
        f"synchronous = {synchronous}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        "foreign_keys = off",
        "cache_size = -65536",
        "temp_store = memory",
    ):
        await connection.execute_fetchall(f"PRAGMA {pragma}")


async def _reader(path: Path) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(path, isolation_level=None)
    for pragma in ("query_only = on", "wal_autocheckpoint = 0", "cache_size = -16384", "temp_store = memory"):
        await connection.execute_fetchall(f"PRAGMA {pragma}")
    return connection


async def migrate(connection: aiosqlite.Connection) -> None:
    """Bring the schema up to date, by all missing steps or by none; raise DataDirError for one from the future."""
    steps = sorted(entry.name for entry in files(__package__).joinpath("migrations").iterdir() if ".sql" in entry.name)
    version = await _version(connection)
    if version > len(steps):
        raise DataDirError(
            f"the database is of version {version}, this jobrunner knows {len(steps)}; use a newer jobrunner"
        )
    if version < len(steps):
        texts = (
            files(__package__).joinpath("migrations", name).read_text(encoding="utf-8") for name in steps[version:]
        )
        sql = "\n".join(texts)
        await connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {len(steps)};\nCOMMIT;")


async def _version(connection: aiosqlite.Connection) -> int:
    rows = list(await connection.execute_fetchall("PRAGMA user_version"))
    return int(rows[0][0])


async def _settle_epoch(connection: aiosqlite.Connection, mark: Mark | None) -> tuple[str, int]:
    rows = await connection.execute_fetchall("SELECT name, value FROM facts")
    facts = {str(name): str(value) for name, value in rows}
    epoch, head = facts.get("epoch"), int(facts["head"])
    if epoch is None or _lost_numbers(mark, epoch, head):
        epoch = secrets.token_hex(4)
        await connection.execute("INSERT OR REPLACE INTO facts VALUES ('epoch', ?)", (epoch,))
    return epoch, head


def _lost_numbers(mark: Mark | None, epoch: str, head: int) -> bool:
    """Tell whether numbers that were given out may be missing: after a restore, or a power cut that could lose them."""
    if mark is None or mark.epoch != epoch or mark.head > head:
        return True
    return not mark.durable and not mark.clean and mark.boot != boot_id()
