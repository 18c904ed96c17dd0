"""Figures of a real server over HTTP: `python -m tests.bench.measure [--jobs N]`. It asserts nothing.

Throughput is from the first byte of the first bulk to the commit of the last end; each job is durable twice on its way
(`synchronous = full`). Latency is from the start of a single submission to the `completed` that an SSE client reads.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles

import aiohttp

from tests.process import ServerProcess

BULK = 10_000
JSON = {"Content-Type": "application/json"}


@asynccontextmanager
async def served(slots: int) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """Serve the no-op with a number of slots."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        server = ServerProcess(
            Path(directory),
            "tests.bench.handlers",
            JOBRUNNER_WORKERS__CONCURRENCY=str(slots),
            JOBRUNNER_QUEUES__DEFAULT__CONCURRENCY=str(slots),
            JOBRUNNER_QUEUES__DEFAULT__MAX_QUEUED="10000000",
        )
        server.start()
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
                yield f"{server.url}/api/v1", session
        finally:
            server.stop()


async def throughput(slots: int, jobs: int) -> float:
    """Return jobs a second from submission to the last end."""
    async with served(slots) as (url, session):
        bulk = json.dumps({"jobs": [{"type": "noop"}] * BULK}).encode()
        began = time.perf_counter()
        for _ in range(jobs // BULK):
            async with session.post(f"{url}/jobs/bulk", data=bulk, headers=JSON) as answer:
                assert answer.status == 202, await answer.text()
                await answer.read()
        done = 0
        while done < jobs:
            async with session.get(f"{url}/jobs/stats/counts") as answer:
                done = (await answer.json())["completed"]
            await asyncio.sleep(0.02)
        return jobs / (time.perf_counter() - began)


async def singles(clients: int, jobs: int) -> float:
    """Return single durable submissions a second, by several clients at once."""
    async with served(8) as (url, session):

        async def client() -> None:
            for _ in range(jobs // clients):
                async with session.post(f"{url}/jobs", json={"type": "noop"}) as answer:
                    await answer.read()

        began = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        return jobs / (time.perf_counter() - began)


async def latencies(jobs: int) -> list[float]:
    """Return, one job after another on an idle server, the milliseconds until its end is read from a stream."""
    async with served(8) as (url, session):
        found = []
        async with session.get(f"{url}/events", headers={"Accept": "text/event-stream"}) as stream:
            for _ in range(jobs):
                began = time.perf_counter()
                async with session.post(f"{url}/jobs", json={"type": "noop"}) as answer:
                    job_id = (await answer.json())["job_id"]
                async for line in stream.content:
                    data = json.loads(line[5:]) if line.startswith(b"data:") else {}
                    if data.get("job_id") == job_id and data["status"] == "completed":
                        break
                found.append((time.perf_counter() - began) * 1000)
        return found


async def main(jobs: int, repeat: int) -> None:
    """Measure, each figure several times in one run."""
    for slots in (8, 64):
        figures = sorted([await throughput(slots, jobs) for _ in range(repeat)])
        print(f"jobs/s, {slots} slots, {jobs} no-ops in bulks of {BULK}: {' '.join(f'{each:.0f}' for each in figures)}")
    figures = sorted([await singles(32, 5_000) for _ in range(repeat)])
    print(f"single submissions/s, 32 clients: {' '.join(f'{each:.0f}' for each in figures)}")
    took = await latencies(500)
    print(f"submit to completed on a stream, ms: p50 {median(took):.2f}, p99 {quantiles(took, n=100)[-1]:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.jobs, arguments.repeat))
