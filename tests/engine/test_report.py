"""What a handler says while it runs: shown at most ten times a second, durable about once a second, stages at once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from jobrunner import Context, JobError, Jobrunner, Registry, Stage, SyncContext, job
from jobrunner.engine.changes import Told, Watcher
from jobrunner.model.filter import EVERYTHING
from jobrunner.model.job import StepStatus
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import ended, rows, run, settled, submit, until


class Talker:
    """A handler that says what the test tells it to say, on the event loop."""

    def __init__(self, registry: Registry, **options: Any) -> None:
        self.began = asyncio.Event()
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.context: Context
        job("work", registry=registry, **options)(self._handler)

    async def _handler(self, context: Context, _payload: Any) -> None:
        self.context = context
        self.began.set()
        await self.over


Talk = Callable[..., Awaitable[tuple[Jobrunner, Talker, Watcher, str]]]


@pytest.fixture
async def talk(open_runner: OpenRunner, registry: Registry, clock: ManualClock) -> Talk:
    """Begin a job that talks, with its claim told and one second gone since its first word."""

    async def begin(**options: Any) -> tuple[Jobrunner, Talker, Watcher, str]:
        talker = Talker(registry, **options)
        runner = await open_runner(clock)
        job_id = await submit(runner)
        await talker.began.wait()
        watcher = runner.changes.watch(EVERYTHING)
        return runner, talker, watcher, job_id

    return begin


async def heard(watcher: Watcher) -> list[Told]:
    await asyncio.sleep(0)
    return watcher.take()


async def test_of_many_words_ten_a_second_are_told_the_latest_each(talk: Talk, clock: ManualClock) -> None:
    runner, talker, watcher, _job_id = await talk()
    told = []
    for word in range(1_000):
        talker.context.progress(word / 20, f"word {word}")
        told += await heard(watcher)
        clock.advance(0.001)
        await settled(runner)
    told += await heard(watcher)
    shown = [each.image.job.progress.step for each in told if not each.committed]
    assert 9 <= len(shown) <= 11
    said = [int(step.split()[1]) for step in shown if step]
    assert all(90 <= after - before <= 110 for before, after in itertools.pairwise(said))
    talker.over.set_result(None)


async def test_words_reach_the_disk_about_once_a_second_and_stages_at_once(talk: Talk, clock: ManualClock) -> None:
    runner, talker, _watcher, job_id = await talk()
    numbers = []
    for word in range(50):
        talker.context.progress(word)
        await asyncio.sleep(0)
        clock.advance(0.1)
        await settled(runner)
        numbers.append(rows(runner, "SELECT number FROM jobs")[0][0])
    assert 5 <= len(set(numbers)) <= 7
    clock.advance(0.1)
    with talker.context.stage("thinking"):
        await asyncio.sleep(0)
        await settled(runner)
        assert rows(runner, "SELECT stages ->> '$[0][3]' FROM jobs WHERE id = ?", job_id) == [("processing",)]
    talker.over.set_result(None)


async def test_the_last_word_is_told_although_nothing_follows_it(talk: Talk, clock: ManualClock) -> None:
    runner, talker, watcher, _job_id = await talk()
    for percentage in (10, 20, 30):
        talker.context.progress(percentage)
        await asyncio.sleep(0)
    clock.advance(0.1)
    await settled(runner)
    assert (await heard(watcher))[-1].image.job.progress.percentage == 30
    clock.advance(1)
    await settled(runner)
    assert rows(runner, "SELECT progress ->> 0 FROM jobs") == [(30.0,)]
    talker.over.set_result(None)


async def test_words_may_come_from_any_thread(runner: Jobrunner, registry: Registry) -> None:
    @job("work", registry=registry)
    async def work(context: Context, _payload: Any) -> None:
        def speak(of: int) -> None:
            for word in range(200):
                context.progress(word / 2)
                context.log(f"{of} {word}")
                context.part(f"part {of}").progress(word / 2)

        await asyncio.gather(*(context.in_thread(speak, of) for of in range(4)))

    job_ = await run(runner)
    assert [part.percentage for part in sorted(job_.parts, key=lambda part: part.key)] == [99.5] * 4
    lines = await runner.reader.lines(job_.id, 0, 10_000)
    assert [line.n for line in lines] == list(range(1, 801))
    for of in range(4):
        assert [line.text for line in lines if line.text[0] == str(of)] == [f"{of} {word}" for word in range(200)]


async def test_stages_begin_complete_and_are_skipped_or_fail_as_the_attempt_ends(
    runner: Jobrunner, registry: Registry
) -> None:
    @job(
        "work",
        registry=registry,
        stages=["uploading", Stage("analyzing", "Analyzing", "Looking"), "writing", "sending"],
    )
    async def work(context: Context, payload: Any) -> None:
        async with context.stage("analyzing"):
            context.progress(50)
        with context.stage("unforeseen"):
            pass
        with context.stage("writing"):
            if payload == "fail":
                raise JobError("BAD", "bad")

    def shown(job_: Any) -> list[tuple[str, str]]:
        return [(stage.name, stage.status.value) for stage in job_.stages]

    assert shown(await run(runner)) == [
        ("uploading", "completed"), ("analyzing", "completed"), ("writing", "completed"), ("sending", "skipped"),
        ("unforeseen", "completed"),
    ]  # fmt: skip
    assert shown(await run(runner, payload="fail")) == [
        ("uploading", "completed"), ("analyzing", "completed"), ("writing", "failed"), ("sending", "queued"),
        ("unforeseen", "completed"),
    ]  # fmt: skip


async def test_parts_are_told_of_completed_and_failed_one_by_one(runner: Jobrunner, registry: Registry) -> None:
    @job("work", registry=registry, parts=lambda payload: {key: key.upper() for key in payload})
    async def work(context: Context, payload: list[str]) -> None:
        context.part(payload[0]).complete({"words": 3})
        context.part(payload[1]).fail(JobError("NO_VOICE", "no voice", details={"lang": payload[1]}))
        context.part(payload[2]).progress(float("nan"), "half", remaining_s=float("inf"))

    job_ = await run(runner, payload=["de", "fr", "it", "es"])
    assert [(part.key, part.label, part.status) for part in job_.parts] == [
        ("de", "DE", StepStatus.COMPLETED), ("fr", "FR", StepStatus.FAILED), ("it", "IT", StepStatus.FAILED),
        ("es", "ES", StepStatus.QUEUED),
    ]  # fmt: skip
    assert job_.parts[0].result == {"words": 3}
    assert job_.error is not None
    assert [job_.status, job_.error.code] == [Status.FAILED, "PARTS_FAILED"]
    error = job_.parts[1].error
    assert error is not None
    assert [error.code, error.details] == ["NO_VOICE", {"lang": "fr"}]
    assert (await runner.recent._reader.job(job_.id)) is not None


@pytest.mark.parametrize(
    "say",
    [
        lambda context: context.progress(float("nan"), "a\0\ud800", remaining_s=float("nan")),
        lambda context: context.progress(-5, "x" * 10_000, remaining_s=-1),
        lambda context: context.progress(1e400, remaining_s=float("inf")),
        lambda context: context.stage("\ud800\0").__enter__(),
        lambda context: context.part("\ud800").progress(1e400, "\0", remaining_s=float("-inf")),
        lambda context: context.log("\0\ud800" * 5_000, "no level"),
    ],
)
async def test_odd_words_do_not_keep_a_job_from_its_end(
    runner: Jobrunner, registry: Registry, say: Callable[[SyncContext], None]
) -> None:
    @job("work", registry=registry)
    def work(context: SyncContext, _payload: Any) -> str:
        say(context)
        return "done"

    job_ = await run(runner)
    assert [job_.status, job_.error] == [Status.COMPLETED, None]
    again = await runner.reader.job(job_.id)
    assert again is not None
    assert again.job == job_
    repr(job_).encode()


async def test_of_a_long_log_the_first_and_the_last_lines_are_kept(runner: Jobrunner, registry: Registry) -> None:
    @job("work", registry=registry)
    def work(context: SyncContext, _payload: Any) -> None:
        for n in range(1, 12_001):
            context.log(str(n), "warning")

    job_ = await run(runner)
    lines = await runner.reader.lines(job_.id, 0, 20_000)
    assert [line.n for line in lines] == [*range(1, 5_001), *range(7_001, 12_001)]
    assert all(line.text == str(line.n) and line.level == "warning" for line in lines)


async def test_lines_go_on_counting_in_the_next_attempt(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    @job("work", registry=registry, max_attempts=2)
    async def work(context: Context, _payload: Any) -> None:
        context.log(f"attempt {context.attempt}")
        context.progress(40 * context.attempt)
        if context.attempt == 1:
            raise JobError("AGAIN", "again")

    runner = await open_runner(clock)
    job_id = await submit(runner)
    await until(runner, job_id, lambda job: job.failures == 1)
    clock.advance(10)
    await ended(runner, job_id)
    lines = await runner.reader.lines(job_id, 0, 10)
    assert [(line.n, line.text) for line in lines] == [(1, "attempt 1"), (2, "attempt 2")]


async def test_artifacts_are_files_of_the_attempt_and_the_next_attempt_starts_clean(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    @job("work", registry=registry, max_attempts=2)
    async def work(context: Context, _payload: Any) -> None:
        await context.artifact(f"{context.attempt}.txt", f"attempt {context.attempt}")
        await context.artifact(f"{context.attempt}.txt", f"attempt {context.attempt} again")
        if context.attempt == 1:
            raise JobError("AGAIN", "again")

    runner = await open_runner(clock)
    job_id = await submit(runner)
    await until(runner, job_id, lambda job: job.failures == 1)
    clock.advance(10)
    job_ = await ended(runner, job_id)
    assert [(each.name, each.content_type) for each in job_.artifacts] == [("2.txt", "text/plain")]
    assert runner.files.path(job_.artifacts[0].stored).read_text() == "attempt 2 again"
