"""The database: its connections, its schema, its epoch over restarts, restores, kills and power cuts."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Literal

import pytest

from jobrunner.errors import DataDirError
from jobrunner.storage.database import open_database
from jobrunner.storage.marker import boot_id
from jobrunner.storage.rows import COLUMNS, changing, lasting
from tests.model.jobs import a_job
from tests.storage.store import look, opened

Synchronous = Literal["full", "normal"]


async def visit(directory: Path, synchronous: Synchronous = "full", jobs: int = 1) -> str:
    """Open, write some jobs, close in order; return the epoch."""
    async with opened(directory, synchronous) as store:
        for _ in range(jobs):
            await store.insert(a_job())
        return store.database.epoch


def killed(directory: Path, synchronous: Synchronous = "full") -> str:
    """Let a process write and kill it with SIGKILL; return the epoch that it had."""
    command = [sys.executable, "-m", "tests.storage.dying", str(directory), synchronous]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        epoch = process.stdout.readline().strip()
        process.kill()
    assert process.returncode == -9
    return epoch


def reboot(directory: Path) -> None:
    """Make the marker look as if the process had run before the machine was started again."""
    marker = directory / "instance"
    text = marker.read_text()
    assert boot_id() in text
    marker.write_text(text.replace(boot_id(), "00000000-0000-4000-8000-000000000000"))


async def test_the_epoch_stays_over_a_clean_stop_and_numbers_go_on(tmp_path: Path) -> None:
    epoch = await visit(tmp_path, jobs=3)
    async with opened(tmp_path) as store:
        assert (store.database.epoch, store.database.head, store.database.crashed) == (epoch, 3, False)


async def test_two_directories_have_epochs_of_their_own(tmp_path: Path) -> None:
    assert await visit(tmp_path / "a") != await visit(tmp_path / "b")


@pytest.mark.parametrize("synchronous", ["full", "normal"])
async def test_the_epoch_and_the_jobs_stay_after_a_kill(tmp_path: Path, synchronous: Synchronous) -> None:
    epoch = await asyncio.to_thread(killed, tmp_path, synchronous)
    async with opened(tmp_path, synchronous) as store:
        assert (store.database.epoch, store.database.head, store.database.crashed) == (epoch, 10, True)
        assert store.rows("SELECT count(*) FROM jobs") == [(10,)]


@pytest.mark.parametrize("now", ["full", "normal"])
async def test_the_epoch_stays_after_a_power_cut_when_each_commit_was_synced(tmp_path: Path, now: Synchronous) -> None:
    epoch = await asyncio.to_thread(killed, tmp_path, "full")
    reboot(tmp_path)
    async with opened(tmp_path, now) as store:
        assert (store.database.epoch, store.database.crashed) == (epoch, False)


@pytest.mark.parametrize("now", ["full", "normal"])
async def test_the_epoch_is_new_after_a_power_cut_when_commits_were_not_synced(
    tmp_path: Path, now: Synchronous
) -> None:
    epoch = await asyncio.to_thread(killed, tmp_path, "normal")
    reboot(tmp_path)
    async with opened(tmp_path, now) as store:
        assert store.database.epoch != epoch
        assert store.database.head == 10


async def test_the_epoch_stays_over_a_reboot_after_a_clean_stop(tmp_path: Path) -> None:
    epoch = await visit(tmp_path, "normal")
    reboot(tmp_path)
    assert await visit(tmp_path, "normal") == epoch


async def test_the_epoch_is_new_when_an_older_copy_was_put_back(tmp_path: Path) -> None:
    epoch = await visit(tmp_path, jobs=2)
    shutil.copy(tmp_path / "jobs.db", tmp_path / "copy")
    assert await visit(tmp_path, jobs=1) == epoch
    shutil.copy(tmp_path / "copy", tmp_path / "jobs.db")
    restored = await visit(tmp_path)
    assert restored != epoch
    assert await visit(tmp_path) == restored


async def test_the_epoch_is_new_when_another_database_was_put_there(tmp_path: Path) -> None:
    await visit(tmp_path / "a", jobs=1)
    other = await visit(tmp_path / "b", jobs=5)
    shutil.copy(tmp_path / "b" / "jobs.db", tmp_path / "a" / "jobs.db")
    assert await visit(tmp_path / "a") != other


@pytest.mark.parametrize("text", [None, "", "nonsense", "a b c d e", "\0\0\0\0", "é" * 300])
async def test_the_epoch_is_new_without_a_marker_that_can_be_read(tmp_path: Path, text: str | None) -> None:
    epoch = await visit(tmp_path)
    (tmp_path / "instance").unlink()
    if text is not None:
        (tmp_path / "instance").write_text(text)
    assert await visit(tmp_path) != epoch


async def test_the_marker_knows_each_number_that_was_given_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        for number in range(1, 4):
            await store.insert(a_job())
            assert (tmp_path / "instance").read_text().split()[:2] == [store.database.epoch, f"{number:019}"]


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    await visit(tmp_path)
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (tmp_path / "jobs.db").read_bytes()
    with pytest.raises(DataDirError, match=r"the database is of version 99, this jobrunner knows \d+; use a newer"):
        await open_database(tmp_path, "full")
    assert (tmp_path / "jobs.db").read_bytes() == before


async def test_migrations_are_applied_once_and_noted(tmp_path: Path) -> None:
    steps = sum(file.name.endswith(".sql") for file in (resources.files("jobrunner.storage") / "migrations").iterdir())
    for _ in range(2):
        await visit(tmp_path)
        assert look(tmp_path / "jobs.db", "PRAGMA user_version") == [(steps,)]
    assert look(tmp_path / "jobs.db", "PRAGMA integrity_check") == [("ok",)]


async def test_the_jobs_of_an_older_version_are_kept_when_columns_are_added(tmp_path: Path) -> None:
    first = resources.files("jobrunner.storage") / "migrations" / "0001_jobs.sql"
    with closing(sqlite3.connect(tmp_path / "jobs.db", isolation_level=None)) as connection:
        connection.executescript(first.read_text(encoding="utf-8"))
        columns = [row[1] for row in connection.execute("PRAGMA table_info(jobs)")]
        job = a_job(user_id="ada")
        row = dict(zip(COLUMNS, (*lasting(job), *changing(job, 1)), strict=True))
        places = ", ".join("?" * len(columns))
        connection.execute(f"INSERT INTO jobs VALUES ({places})", [row[name] for name in columns])
        connection.executescript("UPDATE facts SET value = '1' WHERE name = 'head'; PRAGMA user_version = 1;")
    async with opened(tmp_path) as store:
        found = await store.reader.job(job.id)
        assert found is not None
        assert [found.job, found.job.submitted_by] == [job.but(ready_at=job.created_at), None]
        assert await store.reader.history(job.id) == []


async def test_readers_cannot_write_and_never_make_a_checkpoint(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        for connection in store.database.reading:
            assert list(await connection.execute_fetchall("PRAGMA wal_autocheckpoint")) == [(0,)]
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                await connection.execute("DELETE FROM jobs")


@pytest.mark.parametrize(("synchronous", "number"), [("full", 2), ("normal", 1)])
async def test_the_writing_connection_is_durable_as_configured(
    tmp_path: Path, synchronous: Synchronous, number: int
) -> None:
    async with opened(tmp_path, synchronous) as store:
        writing = store.database.writing
        assert list(await writing.execute_fetchall("PRAGMA synchronous")) == [(number,)]
        assert list(await writing.execute_fetchall("PRAGMA journal_mode")) == [("wal",)]


async def test_only_the_owner_of_the_directory_may_look_into_it(tmp_path: Path) -> None:
    await visit(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
