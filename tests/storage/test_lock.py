"""One process owns a data directory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobrunner.errors import DataDirError, DataDirLocked
from jobrunner.storage.database import open_database
from jobrunner.storage.lock import Lock
from tests.storage.store import opened

HOLD = """
import sys
from pathlib import Path
from jobrunner.storage.lock import Lock
with Lock(Path(sys.argv[1]) / "lock") as lock:
    if len(sys.argv) > 2:
        lock.describe(sys.argv[2])
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(directory: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the lock for a block."""
    command = [sys.executable, "-c", HOLD, str(directory), *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


async def test_a_second_process_is_refused_and_told_who_holds_the_directory(tmp_path: Path) -> None:
    with another_process(tmp_path) as process:
        with pytest.raises(DataDirLocked, match=f"in use by process {process.pid};") as caught:
            async with opened(tmp_path):
                pass
        assert caught.value.path == str(tmp_path)
        assert not (tmp_path / "jobs.db").exists()


def test_a_holder_is_named_as_it_describes_itself(tmp_path: Path) -> None:
    with another_process(tmp_path, "process 7 at http://127.0.0.1:8642"), pytest.raises(DataDirLocked) as caught:
        Lock(tmp_path / "lock")
    assert caught.value.holder == "process 7 at http://127.0.0.1:8642"


async def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    with another_process(tmp_path) as process:
        process.kill()
        process.wait()
        async with opened(tmp_path):
            pass


async def test_a_closed_database_gives_the_lock_up_and_an_open_one_does_not(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with pytest.raises(DataDirLocked):
            Lock(tmp_path / "lock")
    Lock(tmp_path / "lock").release()


async def test_a_directory_that_could_not_be_opened_is_not_held(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_bytes(b"no database " * 1000)
    with pytest.raises(DataDirError, match="cannot be opened: file is not a database"):
        await open_database(tmp_path, "full")
    Lock(tmp_path / "lock").release()


async def test_a_directory_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirError, match="cannot be made"):
        await open_database(tmp_path / "file" / "data", "full")
