"""Figures of an engine without HTTP, of threads, worker processes and commands: `python -m tests.bench.executions`.

Throughput is of all jobs at once, in eight slots; latency is from the submission of one to its committed end, on an
idle engine. A cold worker is one that has to be started, and to import its handlers, first. It asserts nothing.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from jobrunner import Jobrunner, Submission
from jobrunner.config import load
from jobrunner.engine.registry import load_types
from jobrunner.logs import configure
from jobrunner.model.filter import EVERYTHING

JOBS, SINGLES, COLD = 1_000, 300, 10
SETTINGS = {
    "workers.imports": ["tests.bench.process_handlers"],
    "workers.jobs_per_process": 1_000_000,
    "types.command.command": ["true"],
}


async def many(runner: Jobrunner, type_: str, jobs: int) -> float:
    """Return jobs a second."""
    watcher = runner.changes.watch(EVERYTHING)
    began, ended = time.perf_counter(), 0
    await asyncio.gather(*(runner.submit(Submission(type=type_)) for _ in range(jobs)))
    while ended < jobs:
        await watcher.wait()
        ended += sum(told.image.job.status.ended for told in watcher.take())
    runner.changes.leave(watcher)
    return jobs / (time.perf_counter() - began)


async def one(runner: Jobrunner, type_: str) -> float:
    """Return milliseconds from submission to the end."""
    watcher = runner.changes.watch(EVERYTHING)
    began = time.perf_counter()
    job_id = (await runner.submit(Submission(type=type_))).job.id
    while not (await runner.get(job_id)).job.status.ended:
        await watcher.wait()
        watcher.take()
    taken = 1_000 * (time.perf_counter() - began)
    runner.changes.leave(watcher)
    return taken


async def cold(runner: Jobrunner) -> float:
    """Return milliseconds of a job that finds no worker."""
    workers = runner.means.workers
    while workers._all:
        await asyncio.gather(*(worker.child.kill() for worker in list(workers._all)))
    return await one(runner, "process")


async def main() -> None:
    """Measure and print."""
    configure()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        settings = load(None, environ={}, overrides={"storage.data_dir": directory, **SETTINGS})
        runner = await Jobrunner.open(settings, load_types(settings))
        for type_ in ("coroutine", "thread", "process", "command"):
            await many(runner, type_, 100)  # its workers are started
            rate = await many(runner, type_, JOBS)
            singles = [await one(runner, type_) for _ in range(SINGLES)]
            p99 = quantiles(singles, n=100)[-1]
            print(f"{type_:10} {rate:7,.0f} jobs/s   median {median(singles):6.2f} ms   p99 {p99:6.2f} ms")
        print(f"a cold worker: median {median([await cold(runner) for _ in range(COLD)]):.0f} ms")
        await runner.stop(0)


if __name__ == "__main__":
    asyncio.run(main())
