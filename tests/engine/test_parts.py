"""Parts of a job: each fails by itself, keeps what it has, and may be done again alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jobrunner import Context, Jobrunner, Registry, SyncContext, job
from jobrunner.errors import NotRetryable, UnknownPart
from jobrunner.model.job import StepStatus
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import attempts, ended, kill, run, settled, submit, until


@pytest.fixture
def done(registry: Registry) -> list[list[str]]:
    """Return the parts that each attempt of `dub` was given; those in `bad` fail until they are taken out."""
    tried: list[list[str]] = []

    @job("dub", registry=registry, parts=lambda payload: payload["languages"])
    async def dub(context: Context, payload: dict[str, Any]) -> str:
        tried.append(list(context.parts))
        for key in context.parts:
            async with context.part(key) as part:
                part.progress(50, "Speaking")
                if key in BAD:
                    raise ValueError(f"no voice for {key}")
                await part.artifact(f"{key}.wav", key * 10)
        return "dubbed"

    return tried


BAD: set[str] = set()


@pytest.fixture(autouse=True)
def bad() -> set[str]:
    BAD.clear()
    BAD.update({"fr", "it"})
    return BAD


async def test_what_fails_inside_a_part_fails_this_part_alone_and_the_job_says_so(
    runner: Jobrunner, done: list[list[str]]
) -> None:
    job_ = await run(runner, "dub", {"languages": ["de", "fr", "es", "it"]})
    assert [job_.status, job_.error and job_.error.code] == [Status.FAILED, "PARTS_FAILED"]
    assert job_.error is not None
    assert job_.error.details == {"parts": ["fr", "it"]}
    assert job_.error.message == "2 of 4 parts failed, first fr: ValueError: no voice for fr"
    assert [part.status for part in job_.parts] == ["completed", "failed", "completed", "failed"]
    assert [part.artifact and part.artifact.name for part in job_.parts] == ["de.wav", None, "es.wav", None]
    assert [artifact.name for artifact in job_.artifacts] == ["de.wav", "es.wav"]
    assert (await attempts(runner, job_.id))[0].result == '"dubbed"'


async def test_a_retry_does_what_is_left_and_one_part_may_be_retried_alone(
    runner: Jobrunner, done: list[list[str]], bad: set[str]
) -> None:
    job_id = (await run(runner, "dub", {"languages": ["de", "fr", "es", "it"]})).id
    bad.discard("fr")
    await runner.retry(job_id, part="fr")
    job_ = await ended(runner, job_id)
    assert [part.status for part in job_.parts] == ["completed", "completed", "completed", "failed"]
    assert [job_.status, job_.manual_retries] == [Status.FAILED, 1]
    bad.clear()
    await runner.retry(job_id)
    job_ = await ended(runner, job_id)
    assert [job_.status, {part.status for part in job_.parts}] == [Status.COMPLETED, {StepStatus.COMPLETED}]
    assert sorted(artifact.name for artifact in job_.artifacts) == ["de.wav", "es.wav", "fr.wav", "it.wav"]
    assert {runner.files.path(artifact.stored).read_bytes() for artifact in job_.artifacts} == {
        key.encode() * 10 for key in ("de", "fr", "es", "it")
    }
    assert done == [["de", "fr", "es", "it"], ["fr"], ["it"]]


async def test_a_part_that_is_not_there_or_has_completed_is_not_retried(
    runner: Jobrunner, done: list[list[str]], bad: set[str]
) -> None:
    job_id = (await run(runner, "dub", {"languages": ["de", "fr"]})).id
    with pytest.raises(UnknownPart):
        await runner.retry(job_id, part="xx")
    with pytest.raises(NotRetryable, match="completed"):
        await runner.retry(job_id, part="de")
    bad.clear()
    other = (await run(runner, "dub", {"languages": ["de"]})).id
    with pytest.raises(NotRetryable):
        await runner.retry(other, part="de")


async def test_parts_that_have_completed_outlive_a_crash(open_runner: OpenRunner, registry: Registry) -> None:
    left: list[tuple[str, ...]] = []
    clock, never = ManualClock(), asyncio.Event()

    @job("work", registry=registry, parts=lambda _payload: ["a", "b"])
    async def work(context: Context, payload: Any) -> None:
        left.append(context.parts)
        context.part("a").complete({"n": len(left)})
        if len(left) == 1:
            await never.wait()

    runner = await open_runner(clock)
    job_id = await submit(runner)
    await until(runner, job_id, lambda job_: job_.parts[0].status is StepStatus.COMPLETED)
    await settled(runner)
    await kill(runner)
    again = await open_runner(clock)
    await settled(again)
    clock.advance(60)
    job_ = await ended(again, job_id)
    assert left[1] == ("b",)
    assert job_.attempt == 2


async def test_a_part_in_a_thread_has_its_file_too(runner: Jobrunner, registry: Registry) -> None:
    @job("work", registry=registry, parts=lambda _payload: ["a"])
    def work(context: SyncContext, payload: Any) -> None:
        with context.part("a") as part:
            part.artifact("a.txt", "text")
            part.complete(3)

    job_ = await run(runner)
    assert [(part.result, part.artifact and part.artifact.name) for part in job_.parts] == [(3, "a.txt")]
