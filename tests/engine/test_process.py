"""Handlers in worker processes: real ones, that say, fail, hang, die and leave things behind."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobrunner import Context, Jobrunner, Registry, job
from jobrunner.config import load
from jobrunner.engine.execution.survivors import Mark
from jobrunner.errors import ConfigError
from jobrunner.model.job import Job, Upload
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.deaths import await_death
from tests.engine.engines import WITHIN_S, attempts, ended, result, run, still, submit, until
from tests.engine.process_handlers import REGISTRY, SLEEP

STUBBORN = {"workers.cancel_grace": "200ms"}


@pytest.fixture
def registry() -> Registry:
    return REGISTRY


@pytest.fixture
def fifo(tmp_path: Path) -> str:
    os.mkfifo(tmp_path / "fifo")
    return str(tmp_path / "fifo")


class Pids:
    """Processes that are watched by descriptors, so that their deaths cannot be missed."""

    def __init__(self, *pids: int) -> None:
        self._descriptors = {pid: os.pidfd_open(pid) for pid in pids}

    async def gone(self) -> None:
        for descriptor in self._descriptors.values():
            await asyncio.to_thread(await_death, descriptor)


async def begun(runner: Jobrunner, type_: str, payload: Any) -> tuple[str, Pids]:
    """Submit a job that waits, and return it with the processes that it says it has."""
    job_id = await submit(runner, type_, payload)
    image = await until(runner, job_id, lambda job: job.progress.percentage == 10)
    return job_id, Pids(*(int(pid) for pid in str(image.job.progress.step).split()))


async def lines(runner: Jobrunner, job_id: str) -> list[tuple[str, str, str]]:
    return [(line.stream, line.level, line.text) for line in await runner.reader.lines(job_id, 0, 20_000)]


async def uploaded(runner: Jobrunner, job_id: str) -> Upload:
    async def chunks() -> Any:
        yield b"given"

    stored = await runner.files.receive(job_id, chunks(), limit=100)
    return Upload("file", "a.txt", "text/plain", stored.size, stored.size, stored.path)


async def value(runner: Jobrunner, type_: str, payload: Any = None) -> Any:
    """Run a job and return its result."""
    done = await run(runner, type_, payload)
    assert done.error is None, done.error
    return json.loads(await result(runner, done.id) or "null")


def timeless(done: Job) -> Any:
    """Return all that a job says of its work, but for times and places."""
    error = done.error and replace(done.error, occurred_at=0)
    parts = [
        replace(
            part,
            error=part.error and replace(part.error, occurred_at=0),
            artifact=part.artifact and replace(part.artifact, stored=""),
        )
        for part in done.parts
    ]
    stages = [replace(stage, started_at=None, completed_at=None) for stage in done.stages]
    return done.status, error, parts, stages, done.progress, [replace(each, stored="") for each in done.artifacts]


class TestSaid:
    @pytest.mark.parametrize("type_", ["talk", "talk-async"])
    @pytest.mark.parametrize("names", [["a", "b"], ["a", "bad", "b"]])
    async def test_all_that_a_handler_says_arrives_as_from_within(
        self, runner: Jobrunner, type_: str, names: list[str]
    ) -> None:
        seen = []
        for each in (type_, f"{type_}-within"):
            job_id = runner.intake.new_id(runner.clock.now())
            file = await uploaded(runner, job_id)
            payload = {"n": 3, "names": names}
            done = await run(runner, each, payload, job_id=job_id, user_id="ann", uploads=(file,))
            files = [runner.files.path(artifact.stored).read_bytes() for artifact in done.artifacts]
            seen.append((timeless(done), files, await lines(runner, job_id), await result(runner, job_id)))
        assert seen[0] == seen[1]
        assert not list((runner.database.path / "work").iterdir())

    async def test_what_is_printed_is_in_the_log_and_the_input_is_empty(self, runner: Jobrunner) -> None:
        done = await run(runner, "print")
        assert await result(runner, done.id) == '""'
        assert await lines(runner, done.id) == [
            ("stdout", "info", "out"),
            ("stdout", "info", "of"),
            ("stdout", "info", "bounds: " + "x" * 4_088),
            ("stdout", "info", "x" * 912),
            ("stderr", "info", "kein Ende: ö"),
        ]

    async def test_a_flood_of_output_is_slowed_and_neither_the_loop_nor_the_memory_suffers(
        self, runner: Jobrunner
    ) -> None:
        before_kb, longest_s, now_s = peak_kb(), 0.0, time.thread_time()
        flood = asyncio.create_task(run(runner, "flood", 20))
        while not flood.done():
            await asyncio.sleep(0)
            longest_s, now_s = max(longest_s, time.thread_time() - now_s), time.thread_time()
        assert longest_s < 0.1
        assert peak_kb() - before_kb < 30_000
        kept = await runner.reader.lines((await flood).id, 0, 20_000)
        assert [line.n for line in kept] == [*range(1, 5_001), *range(195_002, 200_002)]
        assert kept[-1].text == "the end"

    async def test_of_what_is_said_very_often_nothing_is_lost_and_the_last_word_comes_last(
        self, runner: Jobrunner
    ) -> None:
        done = await run(runner, "chatter", 500)
        assert done.progress.percentage == 100
        assert [text for *_, text in await lines(runner, done.id)] == [str(n) for n in range(1, 501)]

    async def test_children_are_begun_and_other_jobs_heard_of(self, runner: Jobrunner) -> None:
        assert await value(runner, "parent") == [True, "SPAWN_REFUSED", "NOT_COMPLETED"]
        before = await run(runner, "pid")
        job_id = await submit(runner, "heir", before.id, depends_on=(before.id,))
        await ended(runner, job_id)
        heard, child = json.loads(await result(runner, job_id) or "")
        assert str(heard) == await result(runner, before.id)
        assert (await ended(runner, child)).parent_id == job_id

    async def test_a_worker_loads_neither_a_server_nor_a_database(self, runner: Jobrunner) -> None:
        assert await value(runner, "modules", ["json", "aiohttp", "aiosqlite", "sqlite3"]) == ["json"]


class TestFailed:
    @pytest.mark.parametrize(
        "what",
        ["told", "raised", "in a stage", "exit", "interrupt", "no json", "nan", "large", "wrong details"],
    )
    async def test_whatever_goes_wrong_is_told_as_from_within(self, runner: Jobrunner, what: str) -> None:
        within, apart = [await run(runner, name, what) for name in ("fault-within", "fault")]
        assert timeless(apart) == timeless(within)
        traces = [(await attempts(runner, each.id))[0].traceback for each in (within, apart)]
        ends = [(trace or "-").splitlines()[-1] for trace in traces]
        assert ends[0] == ends[1]
        assert len({"process_handlers.py" in (trace or "") for trace in traces}) == 1

    async def test_a_result_is_held_to_its_annotation(self, runner: Jobrunner) -> None:
        done = await run(runner, "count")
        assert done.error is not None
        assert done.error.code == "BAD_RESULT"

    @pytest.mark.parametrize(
        ("how", "words", "code"),
        [
            ("exit", "exit code 4", 4),
            ("SIGSEGV", "killed by SIGSEGV", -11),
            ("SIGKILL", "killed by SIGKILL", -9),
            ("nonsense", "killed by SIGKILL", -9),
        ],
    )
    async def test_a_worker_that_dies_fails_its_job_and_the_next_one_has_another(
        self, runner: Jobrunner, how: str, words: str, code: int
    ) -> None:
        done = await run(runner, "die", how)
        assert done.error is not None
        assert (done.error.code, done.error.retryable, done.error.details) == ("WORKER_DIED", True, {"exit_code": code})
        assert words in done.error.message
        assert "last words" in ((await attempts(runner, done.id))[0].traceback or "")
        assert await value(runner, "pid") > 0

    async def test_memory_is_bounded_and_the_bound_is_lifted_for_others(self, runner: Jobrunner) -> None:
        for _ in range(2):
            done = await run(runner, "memory", 2_000_000_000)
            assert done.error is not None
            assert (done.error.code, done.error.retryable) == ("MEMORY_LIMIT", False)
        assert "process_handlers.py" in ((await attempts(runner, done.id))[0].traceback or "")
        assert await value(runner, "memory", 1_000) == 1_000
        assert (await value(runner, "limits"))[1:] == [resource.RLIM_INFINITY] * 2
        assert len(runner.means.workers._all) == 1

    async def test_time_on_the_processor_is_bounded_for_each_attempt_by_itself(self, runner: Jobrunner) -> None:
        used = [await value(runner, "busy", 0.8) for _ in range(3)]
        assert used == sorted(used)
        assert used[-1] > 2.4
        done = await run(runner, "busy", 1_000)
        assert done.error is not None
        assert (done.error.code, done.error.retryable) == ("CPU_LIMIT", False)


class TestStopped:
    async def test_a_cancelled_handler_is_interrupted_and_its_finally_blocks_run(
        self, runner: Jobrunner, fifo: str
    ) -> None:
        job_id, processes = await begun(runner, "wait", {"fifo": fifo})
        await runner.cancel(job_id)
        assert (await ended(runner, job_id)).status == "cancelled"
        assert [text for *_, text in await lines(runner, job_id)] == ["AttemptStopped True", "finally"]
        await processes.gone()

    async def test_a_cancelled_coroutine_is_cancelled_inside_and_may_still_answer(self, runner: Jobrunner) -> None:
        job_id, processes = await begun(runner, "wait-async", {"late": True})
        await runner.cancel(job_id)
        assert (await ended(runner, job_id)).status == "cancelled"
        assert [text for *_, text in await lines(runner, job_id)] == ["cancelled True", "finally"]
        assert (await attempts(runner, job_id))[0].result == '"late"'
        await processes.gone()

    async def test_one_that_does_not_stop_is_killed_after_the_grace_with_all_that_it_started(
        self, open_runner: OpenRunner, fifo: str
    ) -> None:
        runner = await open_runner(**STUBBORN)
        job_id, processes = await begun(runner, "wait", {"fifo": fifo, "stubborn": True})
        await runner.cancel(job_id)
        assert (await ended(runner, job_id)).status == "cancelled"
        await processes.gone()
        await still(lambda: not runner.pool.taken)
        assert runner.pool.leaked == 0

    async def test_a_time_limit_ends_the_process(self, open_runner: OpenRunner, clock: ManualClock, fifo: str) -> None:
        runner = await open_runner(clock)
        job_id, processes = await begun(runner, "wait", {"fifo": fifo})
        clock.advance(61)
        await processes.gone()
        error = (await ended(runner, job_id)).error
        assert error is not None
        assert error.code == "TIMEOUT"

    async def test_a_stop_of_the_server_leaves_no_process_no_thread_and_no_descriptor_and_the_job_goes_on_later(
        self, open_runner: OpenRunner, fifo: str
    ) -> None:
        before = threads(), descriptors()
        runner = await open_runner()
        assert await value(runner, "pid") > 0
        job_id, processes = await begun(runner, "wait", {"fifo": fifo, "stubborn": True})
        began = time.monotonic()
        await runner.stop(0)
        assert time.monotonic() - began < runner.settings.workers.cancel_grace.total_seconds()
        await processes.gone()
        assert not children()
        await still(lambda: threads() <= before[0] and descriptors() <= before[1])
        again = await open_runner()
        await asyncio.to_thread(Path(fifo).write_text, "go on")
        assert (await ended(again, job_id)).status == "completed"
        assert [each.outcome for each in await attempts(again, job_id)] == ["interrupted", "completed"]


def threads() -> set[str]:
    """Return all but those of the loop's own executor."""
    return {each.name for each in threading.enumerate() if not each.name.startswith("asyncio_")}


def peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class TestReuse:
    async def test_one_worker_serves_one_job_after_another_of_any_type(self, runner: Jobrunner) -> None:
        assert len({await value(runner, name) for name in ("pid", "pid-async", "pid")}) == 1

    async def test_a_worker_is_replaced_after_its_jobs(self, open_runner: OpenRunner) -> None:
        runner = await open_runner(**{"workers.jobs_per_process": 2})
        pids = [await value(runner, "pid") for _ in range(4)]
        assert pids[0] == pids[1] != pids[2] == pids[3]

    async def test_an_idle_worker_that_was_killed_is_not_used_again(self, runner: Jobrunner) -> None:
        pid = await value(runner, "pid")
        os.kill(pid, 9)
        await still(lambda: not runner.means.workers._all)
        assert await value(runner, "pid") != pid

    @pytest.mark.parametrize("what", ["process", "daemon", "thread", "directory", "environment"])
    async def test_a_worker_in_which_something_was_left_is_replaced_and_what_was_left_ends(
        self, runner: Jobrunner, what: str
    ) -> None:
        job_id = await submit(runner, "untidy", what)
        done = await ended(runner, job_id)
        assert done.error is None
        pid, left = json.loads(await result(runner, job_id) or "")
        assert await value(runner, "pid") != pid
        await still(lambda: not Path(f"/proc/{left}").exists())

    async def test_after_retire_new_attempts_have_new_workers_and_running_ones_go_on(
        self, runner: Jobrunner, fifo: str
    ) -> None:
        first = await value(runner, "pid")
        job_id, processes = await begun(runner, "wait", {"fifo": fifo})
        running = int(str((await runner.get(job_id)).job.progress.step).split()[0])
        runner.means.workers.retire()
        assert await value(runner, "pid") not in {first, running}
        await asyncio.to_thread(Path(fifo).write_text, "go on")
        assert (await ended(runner, job_id)).status == "completed"
        await processes.gone()

    async def test_two_attempts_run_at_once_in_two_processes(self, runner: Jobrunner, tmp_path: Path) -> None:
        one, two = str(tmp_path / "one"), str(tmp_path / "two")
        os.mkfifo(one)
        os.mkfifo(two)
        pids = await asyncio.gather(
            value(runner, "meet", {"mine": one, "other": two, "first": "yes"}),
            value(runner, "meet", {"mine": two, "other": one, "first": ""}),
        )
        assert pids[0] != pids[1]

    async def test_of_idle_workers_one_stays(self, open_runner: OpenRunner, clock: ManualClock, tmp_path: Path) -> None:
        runner = await open_runner(clock)
        await self.test_two_attempts_run_at_once_in_two_processes(runner, tmp_path)
        workers = runner.means.workers
        await still(lambda: len(workers._idle) == 2)
        clock.advance(61)
        await still(lambda: len(workers._all) == 1)


def marked(directory: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(SLEEP, env={**os.environ, **Mark.of(directory).fresh()}, start_new_session=True)


class TestSurvivors:
    async def test_what_a_dead_server_of_this_directory_left_running_is_killed_at_the_start_and_nothing_else(
        self, open_runner: OpenRunner, tmp_path: Path
    ) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "other").mkdir()
        ours, other = [marked(tmp_path / name) for name in ("data", "other")]
        await open_runner()
        assert ours.wait(WITHIN_S) == -9
        assert other.poll() is None
        other.kill()
        other.wait()


class TestDeclared:
    async def test_the_configuration_moves_a_handler_into_a_process_and_bounds_it(
        self, registry: Registry, tmp_path: Path
    ) -> None:
        said = {"types.locally.execution": "process", "types.locally.memory": "1GB", "types.locally.cpu_time": "2m"}
        settings = load(None, environ={}, overrides={"storage.data_dir": str(tmp_path / "data"), **said})
        runner = await Jobrunner.open(settings, registry.configured(settings.types))
        try:
            pid, memory, cpu_s = await value(runner, "locally")
        finally:
            await runner.stop(0)
        assert pid != os.getpid()
        assert (memory, cpu_s) == (1_000_000_000, 121)

    @pytest.mark.parametrize("said", [{"memory": "1GB"}, {"cpu_time": "1m"}])
    def test_a_handler_that_stays_within_cannot_be_bounded(self, registry: Registry, said: dict[str, str]) -> None:
        settings = load(None, environ={}, overrides={f"types.locally.{name}": each for name, each in said.items()})
        with pytest.raises(ConfigError, match='execution = "process"'):
            registry.configured(settings.types)

    def test_a_handler_that_another_process_cannot_import_is_refused(self) -> None:
        async def inner(_context: Context, _payload: Any) -> None: ...

        with pytest.raises(ConfigError, match="cannot import"):
            job("inner", registry=Registry(), execution="process")(inner)
        inner.__qualname__, inner.__module__ = "inner", "__main__"
        with pytest.raises(ConfigError, match="cannot import"):
            job("inner", registry=Registry(), execution="process")(inner)
