"""`serve --reload`: new jobs run the new code, what runs ends on the old, and broken code changes nothing."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.process import ServerProcess

WITHIN_S = 30
HANDLERS = """
from pathlib import Path
from jobrunner import Context, job
from changing.words import GREETING

@job("greet")
async def greet(context: Context, payload: str) -> str:
    return f"{{GREETING}} {{payload}}{mark}"

@job("wait")
async def wait(context: Context, payload: str) -> str:
    await context.in_thread(Path(payload).read_text)  # a pipe: until somebody writes
    return GREETING

@job("apart", execution="process")
def apart(context, payload: str) -> str:
    return f"{{GREETING}} {{payload}}{mark}"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "changing"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "words.py").write_text("GREETING = 'Hello'\n")
    (folder / "work.py").write_text(HANDLERS.format(mark=""))
    return folder


@pytest.fixture
def reloading(tmp_path: Path, project: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path / "data", "changing.work", path=project.parent, flags=("--reload",))
    server.start()
    yield server
    server.kill()


def ask(server: ServerProcess, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Prefer": "wait=30"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{server.url}/api/v1/{path}", data, headers), timeout=60
    ) as got:
        return json.load(got)


def greeted(server: ServerProcess, type_: str = "greet") -> Any:
    return ask(server, "jobs", {"type": type_, "payload": "Ada"})["result_data"]


def logged(server: ServerProcess, event: str, times: int = 1) -> dict[str, Any]:
    """Return what the server has logged the n-th time; it tells nobody else that it looked at files."""
    deadline = time.monotonic() + WITHIN_S
    while len(found := server.events(event)) < times:
        assert time.monotonic() < deadline, server.lines[-20:]
        time.sleep(0.02)
    return found[times - 1]


def test_new_jobs_run_the_new_code_and_those_that_run_end_on_the_old(
    reloading: ServerProcess, project: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    request = urllib.request.Request(
        f"{reloading.url}/api/v1/jobs",
        json.dumps({"type": "wait", "payload": str(pipe)}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        waiting = json.load(answer)["job_id"]
    writer = pipe.open("w")  # returns when the job reads
    assert [greeted(reloading), greeted(reloading, "apart")] == ["Hello Ada", "Hello Ada"]
    (project / "words.py").write_text("GREETING = 'Salut'\n")
    assert logged(reloading, "reload.done")["changed"] == ["changing.words"]
    assert [greeted(reloading), greeted(reloading, "apart")] == ["Salut Ada", "Salut Ada"]
    writer.close()
    assert ask(reloading, f"jobs/{waiting}")["result_data"] == "Hello"


def test_code_that_cannot_be_loaded_is_told_and_changes_nothing_until_it_is_mended(
    reloading: ServerProcess, project: Path
) -> None:
    (project / "work.py").write_text(HANDLERS.format(mark="!") + "\ndef (:\n")
    logged(reloading, "reload.failed")
    assert ask(reloading, "jobs/health")["reload_error"].startswith("SyntaxError: ")
    assert greeted(reloading) == "Hello Ada"
    (project / "work.py").write_text(HANDLERS.format(mark="!"))
    assert sorted(logged(reloading, "reload.done")["types"]) == ["apart", "greet", "wait"]
    assert ask(reloading, "jobs/health")["reload_error"] is None
    assert greeted(reloading) == "Hello Ada!"
