"""A killed server leaves no command running: the next start ends it before anything is run again."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.process import ServerProcess
from tests.test_crash import get, http, submit, until_running

__all__ = ["http"]

# The first attempt waits, deaf to SIGTERM, beside a process that has left its session; the next one ends.
PROGRAM = r"""#!/bin/sh
[ "$JOBRUNNER_ATTEMPT" = 1 ] || exit 0
trap '' TERM
setsid sh -c 'echo $$ > pid.new; mv pid.new pid; exec sleep 1000' &
while [ ! -e pid ]; do :; done
echo "::job {\"progress\": {\"percentage\": 10, \"current_step\": \"$$ $(cat pid)\"}}"
while :; do sleep 1000; done
"""


def await_death(descriptor: int) -> None:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    assert poll.poll(20_000), "it lives"
    os.close(descriptor)


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[ServerProcess]:
    (tmp_path / "wait.sh").write_text(PROGRAM)
    (tmp_path / "wait.sh").chmod(0o755)
    (tmp_path / "config.toml").write_text('[types.wait]\ncommand = ["./wait.sh"]\nbackoff = { first = "50ms" }\n')
    server = ServerProcess(tmp_path / "data", JOBRUNNER_CONFIG=str(tmp_path / "config.toml"))
    server.start()
    yield server
    server.kill()


async def test_a_command_of_a_killed_server_is_ended_by_its_next_start_with_its_directory_and_runs_again(
    crashing: ServerProcess, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    job_id = (await submit(http, crashing, type="wait", payload={}))["job_id"]
    await until_running(http, crashing, job_id)
    step = (await get(http, crashing, job_id))["progress_data"]["current_step"]
    pids = [os.pidfd_open(int(pid)) for pid in step.split()]
    crashing.kill()
    assert [path.name for path in (tmp_path / "data" / "work").iterdir()] == [f"{job_id}-1"]
    crashing.start()
    for pid in pids:
        await_death(pid)
    ended = await get(http, crashing, job_id, 30)
    assert (ended["status"], ended["attempt"], ended["retry_count"]) == ("completed", 2, 0)
    assert not list((tmp_path / "data" / "work").glob("**/*"))
