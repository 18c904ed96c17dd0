"""What is there for the tests of those who use jobrunner."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from jobrunner import Backoff, Context, JobError, Registry, Submission, SyncContext, job
from jobrunner.model.job import StepStatus
from jobrunner.model.state import Status
from jobrunner.testing import ManualClock, Recording, advance, drain, run_inline
from jobrunner.testing.recording import Said
from tests.documents import DOCS, Document

REGISTRY = Registry()
OpenRunner = Callable[..., Any]


class Words(BaseModel):
    """How often which word stands in a text."""

    counted: dict[str, int]


@job("count", stages=["reading"], registry=REGISTRY, max_attempts=2, backoff=Backoff(first_ms=60_000, jitter=0))
async def count(context: Context, payload: dict[str, str]) -> Words:
    async with context.stage("reading"):
        text = context.upload("text").path.read_text() if payload.get("from") != "nowhere" else ""
    context.progress(50, "Counting")
    if not text:
        raise JobError("EMPTY", "There is nothing to count.")
    await context.artifact("words.txt", text.replace(" ", "\n"))
    child = await context.spawn("tell", {"words": 2}, key="tell")
    context.log(f"told {child}", "debug")
    return Words(counted={word: text.split().count(word) for word in text.split()})


@job("speak", registry=REGISTRY, parts=lambda payload: payload)
def speak(context: SyncContext, payload: list[str]) -> int:
    for key in context.parts:
        with context.part(key) as part:
            if key == "xx":
                raise ValueError(key)
            part.artifact(f"{key}.txt", key)
            (context.workdir / "draft").write_text(key)
    return len(payload)


async def test_a_handler_runs_inline_and_all_it_says_is_written_down(
    job_recording: Callable[..., Recording],
) -> None:
    recording = job_recording(uploads={"text": "to be or not to be"})
    assert await run_inline(count, {}, recording) == {"counted": {"to": 2, "be": 2, "or": 1, "not": 1}}
    assert recording.stages == [("reading", StepStatus.PROCESSING), ("reading", StepStatus.COMPLETED)]
    assert recording.said == [Said(50.0, "Counting", None)]
    assert recording.artifacts == {"words.txt": b"to\nbe\nor\nnot\nto\nbe"}
    assert [(order.type, order.payload, order.key) for order in recording.children] == [("tell", {"words": 2}, "tell")]
    assert recording.lines[0][0] == "debug"


async def test_a_handler_may_be_called_as_the_function_that_it_is(job_recording: Callable[..., Recording]) -> None:
    recording = job_recording(uploads={"text": b"a"})
    assert (await count(recording.context, {})).counted == {"a": 1}


async def test_what_a_handler_raises_and_what_does_not_fit_is_raised(job_recording: Callable[..., Recording]) -> None:
    with pytest.raises(JobError, match="nothing to count"):
        await run_inline(count, {"from": "nowhere"}, job_recording())
    with pytest.raises(ValidationError):
        await run_inline(count, ["no", "object"], job_recording())


async def test_parts_of_a_handler_in_a_thread_fail_and_complete_one_by_one(
    job_recording: Callable[..., Recording],
) -> None:
    recording = job_recording(keys=["de", "xx"])
    with pytest.raises(JobError) as raised:
        await run_inline(speak, ["de", "xx"], recording)
    assert [raised.value.code, raised.value.details] == ["PARTS_FAILED", {"xx": "ValueError: xx"}]
    assert [recording.parts[key].status for key in ("de", "xx")] == ["completed", "failed"]
    assert recording.artifacts == {"de.txt": b"de"}


async def test_an_engine_is_drained_and_its_clock_moved(job_runner: OpenRunner, job_clock: ManualClock) -> None:
    async with job_runner(REGISTRY, job_clock, workers__concurrency=1) as runner:
        ids = [(await runner.submit(Submission(type="speak", payload=["de"]))).job.id for _ in range(5)]
        failing = (await runner.submit(Submission(type="count", payload={"from": "nowhere"}))).job.id
        await drain(runner)
        assert {(await runner.get(job_id)).job.status for job_id in ids} == {Status.COMPLETED}
        assert (await runner.get(failing)).job.status is Status.QUEUED
        await advance(runner, job_clock, 61)
        await drain(runner)
        assert (await runner.get(failing)).job.status is Status.FAILED


def test_the_tests_of_the_documentation_pass(tmp_path: Path) -> None:
    blocks = Document(DOCS / "testing.md").blocks("python")
    (tmp_path / "test_documented.py").write_text("\n\n".join(blocks))
    command = [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=100)
    assert f"{len(blocks)} passed" in done.stdout, done.stdout
