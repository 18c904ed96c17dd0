"""What survives: a killed server, a stopped one, a second one. Real processes, real signals, real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.process import ServerProcess

ENDED = {"completed", "failed", "cancelled"}


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(
        tmp_path / "data",
        "tests.crash_handlers",
        JOBRUNNER_SERVER__DRAIN_TIMEOUT="1s",
    )
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield session


async def submit(http: aiohttp.ClientSession, server: ServerProcess, **job: Any) -> dict[str, Any]:
    async with http.post(f"{server.url}/api/v1/jobs", json=job) as answer:
        assert answer.status == 202, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


async def get(http: aiohttp.ClientSession, server: ServerProcess, job_id: str, wait_s: int = 0) -> dict[str, Any]:
    headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
    async with http.get(f"{server.url}/api/v1/jobs/{job_id}", headers=headers) as answer:
        found: dict[str, Any] = await answer.json()
        return found


class Watcher:
    """An SSE client that folds what it sees, and comes back with its last id."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.cursor: str | None = None
        self.states: dict[str, dict[str, Any]] = {}
        self.ends: Counter[str] = Counter()
        self.resets = 0
        self.changed = asyncio.Event()

    async def run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    await self._read(session)
                await asyncio.sleep(0.05)  # as a browser does between two connections

    async def until(self, ids: set[str]) -> None:
        while not all(self.states.get(job_id, {}).get("status") in ENDED for job_id in ids):
            self.changed.clear()
            await self.changed.wait()

    async def _read(self, session: aiohttp.ClientSession) -> None:
        headers = {"Accept": "text/event-stream"}
        if self.cursor is not None:
            headers["Last-Event-ID"] = self.cursor
        async with session.get(f"{self.server.url}/api/v1/events", headers=headers) as answer:
            event: dict[str, str] = {}
            async for raw in answer.content:
                line = raw.decode().rstrip("\n")
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                elif event:
                    self._take(event)
                    event = {}

    def _take(self, event: dict[str, str]) -> None:
        self.cursor = event.get("id", self.cursor)
        data = json.loads(event.get("data", "{}"))
        if event.get("event") in {"snapshot", "reset"}:
            self.resets += event["event"] == "reset"
            for job in data["jobs"]:
                self.states[job["job_id"]] = job
        elif event.get("event") == "job":
            if data["status"] in ENDED and self.states.get(data["job_id"], {}).get("status") not in ENDED:
                self.ends[data["job_id"]] += 1
            self.states[data["job_id"]] = data
        self.changed.set()


@contextlib.asynccontextmanager
async def watching(server: ServerProcess) -> AsyncIterator[Watcher]:
    watcher = Watcher(server)
    task = asyncio.create_task(watcher.run())
    yield watcher
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_every_acknowledged_job_of_a_killed_server_ends_once_and_a_resumed_watcher_sees_it(
    crashing: ServerProcess, http: aiohttp.ClientSession
) -> None:
    acknowledged: set[str] = set()

    async def submit_many() -> None:
        for n in range(200):
            with contextlib.suppress(aiohttp.ClientError):
                acknowledged.add((await submit(http, crashing, type="short", payload={"n": n}))["job_id"])
            if n == 120:
                await asyncio.to_thread(crashing.kill)

    async with watching(crashing) as watcher:
        await submit_many()
        before = watcher.cursor
        assert 100 < len(acknowledged) < 130
        await asyncio.to_thread(crashing.start)
        await asyncio.wait_for(watcher.until(acknowledged), 60)
    assert {watcher.states[job_id]["status"] for job_id in acknowledged} == {"completed"}
    assert max(watcher.ends.values()) == 1
    assert watcher.resets == 0
    async with http.get(f"{crashing.url}/api/v1/events", params={"after": str(before)}) as answer:
        since = await answer.json()
    assert since["reset"] is False
    assert crashing.stop() == 0
    assert_sound(crashing, acknowledged)


def assert_sound(server: ServerProcess, ids: set[str]) -> None:
    """Look into the database: nothing runs, no number twice, the counters count, each job has one end."""
    with contextlib.closing(sqlite3.connect(server.data_dir / "jobs.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        states = dict(database.execute("SELECT id, status FROM jobs"))
        assert ids <= states.keys()
        assert set(states.values()) <= ENDED
        counted = dict(database.execute("SELECT status, sum(n) FROM counts WHERE who = '*' AND n > 0 GROUP BY status"))
        assert counted == Counter(states.values())
        ends = database.execute("SELECT job_id FROM attempts WHERE outcome = 'completed'").fetchall()
        assert Counter(job_id for (job_id,) in ends).most_common(1)[0][1] == 1


async def test_an_attempt_that_a_kill_cut_off_takes_a_number_but_is_no_failure(
    crashing: ServerProcess, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    done = tmp_path / "done"
    job = await submit(http, crashing, type="endless", payload={"until": str(done)})
    await until_running(http, crashing, job["job_id"])
    crashing.kill()
    done.touch()
    crashing.start()
    ended = await get(http, crashing, job["job_id"], 30)
    assert (ended["status"], ended["attempt"], ended["retry_count"]) == ("completed", 2, 0)
    async with http.get(f"{crashing.url}/api/v1/jobs/{job['job_id']}/attempts") as answer:
        outcomes = [attempt["outcome"] for attempt in (await answer.json())["attempts"]]
    assert outcomes == ["interrupted", "completed"]


async def until_running(http: aiohttp.ClientSession, server: ServerProcess, job_id: str) -> None:
    """Wait until the handler has said something."""
    tag = ""
    while True:
        headers = {"Prefer": "wait=20", **({"If-None-Match": tag} if tag else {})}
        async with http.get(f"{server.url}/api/v1/jobs/{job_id}", headers=headers if tag else {}) as answer:
            tag = answer.headers["ETag"]
            if answer.status == 200 and (await answer.json())["progress_data"]["percentage"] == 10:
                return


async def test_a_stopped_server_ends_in_time_and_its_jobs_go_on_with_their_attempts_unused(
    crashing: ServerProcess, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    done = tmp_path / "done"
    jobs = [await submit(http, crashing, type="endless", payload={"until": str(done)}) for _ in range(3)]
    for job in jobs:
        await until_running(http, crashing, job["job_id"])
    async with watching(crashing) as watcher:
        await watcher.changed.wait()
        began = time.monotonic()
        crashing.signal(signal.SIGTERM)
        assert await asyncio.to_thread(crashing.wait, 20) == 0
        assert time.monotonic() - began < 1 + 2  # drain_timeout + 2 s, with a stream open
        done.touch()
        await asyncio.to_thread(crashing.start)
        await asyncio.wait_for(watcher.until({job["job_id"] for job in jobs}), 30)
    for job in jobs:
        ended = watcher.states[job["job_id"]]
        assert (ended["status"], ended["retry_count"], ended["error_data"]) == ("completed", 0, None)


async def test_while_it_drains_a_server_answers_503_with_retry_after(
    crashing: ServerProcess, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    job = await submit(http, crashing, type="endless", payload={"until": str(tmp_path / "never")})
    await until_running(http, crashing, job["job_id"])
    crashing.signal(signal.SIGTERM)
    seen = None
    while seen != 503:
        async with http.post(f"{crashing.url}/api/v1/jobs", json={"type": "short"}) as answer:
            seen = answer.status
            problem, retry_after = await answer.json(), answer.headers.get("Retry-After")
    assert problem["code"] == "shutting-down"
    assert retry_after is not None
    assert await asyncio.to_thread(crashing.wait) == 0


async def test_a_second_server_on_the_same_directory_gives_up_at_once_and_names_the_first(
    crashing: ServerProcess,
) -> None:
    second = ServerProcess(crashing.data_dir)
    began = time.monotonic()
    second.launch()
    try:
        assert await asyncio.to_thread(second.wait, 20) == 2
    finally:
        second.kill()
    assert time.monotonic() - began < 10  # a second of work, and the start of an interpreter on a busy machine
    assert crashing.process is not None
    assert any(str(crashing.process.pid) in line and crashing.url in line for line in second.lines)


async def test_a_job_that_kills_the_server_is_found_and_its_neighbours_are_not_blamed(
    crashing: ServerProcess, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    done = tmp_path / "done"
    innocent = await submit(http, crashing, type="endless", payload={"until": str(done)})
    await until_running(http, crashing, innocent["job_id"])
    guilty = await submit(http, crashing, type="deadly", payload={})
    convicted: dict[str, Any] = {}
    while convicted.get("status") not in ENDED:
        with contextlib.suppress(aiohttp.ClientError):
            convicted = await get(http, crashing, guilty["job_id"], 20)
        if crashing.exited() is not None:
            done.touch()
            await asyncio.to_thread(crashing.start)
    assert convicted["error_data"]["code"] == "CRASHED"
    assert convicted["attempt"] == 3
    assert (await get(http, crashing, innocent["job_id"], 30))["status"] == "completed"
    assert (await submit(http, crashing, type="short", payload={}))["status"] in {"queued", "processing"}


async def test_a_handler_that_exits_in_a_task_of_its_own_fails_its_job_and_the_server_lives(
    crashing: ServerProcess, http: aiohttp.ClientSession
) -> None:
    job = await submit(http, crashing, type="leaving", payload={})
    ended = await get(http, crashing, job["job_id"], 20)
    assert (ended["status"], ended["error_data"]["message"]) == ("failed", "SystemExit: 3")
    assert crashing.exited() is None
