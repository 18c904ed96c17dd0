"""A killed server leaves nothing running: its workers end themselves, and the next start ends the rest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.engine.deaths import await_death
from tests.process import ServerProcess
from tests.test_crash import get, http, submit, until_running

__all__ = ["http"]


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path / "data", "tests.crash_process_handlers")
    server.start()
    yield server
    server.kill()


async def test_nothing_of_a_killed_server_survives_its_next_start_and_the_job_goes_on(
    crashing: ServerProcess,
    http: aiohttp.ClientSession,
    tmp_path: Path,
) -> None:
    done = tmp_path / "done"
    job = await submit(http, crashing, type="walled", payload={"until": str(done)})
    await until_running(http, crashing, job["job_id"])
    step = (await get(http, crashing, job["job_id"]))["progress_data"]["current_step"]
    worker, near, far = [os.pidfd_open(int(pid)) for pid in step.split()]
    crashing.kill()
    await_death(worker)
    await_death(near)
    done.touch()
    crashing.start()
    await_death(far)
    assert [len(event["pids"]) for event in crashing.events("survivors.killed")] == [1]
    ended = await get(http, crashing, job["job_id"], 30)
    assert (ended["status"], ended["attempt"], ended["retry_count"]) == ("completed", 2, 0)
