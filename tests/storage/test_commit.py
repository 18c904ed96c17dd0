"""One commit: kept, or certainly not, or the end of the process."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobrunner.model.job import Job
from jobrunner.storage.commit import EXIT_UNCLEAR, probe
from jobrunner.storage.unit import Change
from tests.model.jobs import a_job
from tests.storage.store import Store, numbers
from tests.storage.test_writer_faults import checkpointed, files_of_at_most

UNREADABLE = """
import asyncio, sqlite3, sys
from pathlib import Path
from jobrunner.storage.batch import Batch
from jobrunner.storage.commit import commit
from jobrunner.storage.connection import connect_for_writing

async def main():
    connection = await connect_for_writing(Path(sys.argv[1]))  # a database without tables: neither written nor read
    await commit(connection, Batch([], 0), 0)

asyncio.run(main())
"""


async def test_a_probe_is_refused_by_a_disk_that_takes_nothing(store: Store) -> None:
    writing = store.database.writing
    assert await probe(writing)
    await checkpointed(store)
    with files_of_at_most(4096):
        assert not await probe(writing)
        assert not await probe(writing)
    assert await probe(writing)


async def test_a_probe_takes_no_number(store: Store) -> None:
    await store.insert(a_job())
    assert await probe(store.database.writing)
    assert numbers(await store.insert(a_job())) == [2]


async def test_an_error_after_the_commit_was_kept_is_no_failure(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The head is read back: it says that the commit is on disk, whatever its call has said."""
    transaction, told = store.database.writing.transaction, list[str]()

    async def unclear(run: Any) -> Any:
        found = await transaction(run)
        if not told:
            told.append("disk I/O error")
            raise sqlite3.OperationalError(told[0])
        return found

    monkeypatch.setattr(store.database.writing, "transaction", unclear)
    job: Job = a_job()
    assert numbers(await store.write(Change(None, job, payload="1"), brings=[job.id])) == [1]
    assert told
    assert store.writer.well
    assert store.rows("SELECT id, number FROM jobs") == [(job.id, 1)]
    assert numbers(await store.insert(a_job())) == [2]


def test_a_process_that_cannot_know_whether_a_commit_was_kept_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", UNREADABLE, str(tmp_path / "empty.db")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == EXIT_UNCLEAR
    assert "storage.unclear" in ended.stdout + ended.stderr
