"""`jobrunner queues` as a person uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.process import ServerProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path / "data", "tests.cli.handlers")
    server.start()
    yield server
    server.kill()


def test_a_queue_that_is_paused_stays_so_over_a_crash_until_it_is_resumed(server: ServerProcess) -> None:
    code, out, _ = run(server, "queues", "pause", "default")
    assert (code, out.split("\t")[:2]) == (0, ["default", "paused"])
    server.kill()
    server.start()
    job_id = run(server, "submit", "echo")[1].strip()
    told = json.loads(run(server, "queues", "--json")[1])
    assert (told["queue"], told["paused"], told["queued"]) == ("default", True, 1)
    assert run(server, "queues", "resume", "default")[1].split("\t")[1] == "open"
    assert run(server, "watch", job_id)[0] == 0


def test_a_queue_that_nobody_has_is_refused(server: ServerProcess) -> None:
    code, out, err = run(server, "queues", "pause", "nobodys")
    assert (code, out) == (1, "")
    assert "no queue of that name; there are: default" in err
