"""A backlog of many jobs of many users, as another process has left it: opened at once, and run dry in turns."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jobrunner import Context, Registry, job
from tests.conftest import OpenRunner
from tests.engine.engines import rows, settled, still, submit

INSERT = """
    INSERT INTO jobs (id, number, type, title, queue, created_at, user_id, priority, max_attempts, lane, rank, status,
                      attempt, failures, retry_count, manual_retries, crashes, alone)
    SELECT printf('01990000-0000-7000-8000-%012x', value), value, 'work', 'work', 'default', 1,
           'user' || (value % :users), 5, 1, 'u:user' || (value % :users), value, 'queued', 0, 0, 0, 0, 0, 0
    FROM generate_series(1, :jobs)
"""
SERIES = (
    "WITH RECURSIVE generate_series (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM generate_series LIMIT :jobs) "
)


def leave_behind(path: Path, jobs: int, users: int) -> None:
    with contextlib.closing(sqlite3.connect(path / "jobs.db")) as connection, connection:
        insert = INSERT.replace("generate_series(1, :jobs)", "generate_series")
        connection.execute(SERIES + insert, {"jobs": jobs, "users": users})
        connection.execute("INSERT INTO payloads SELECT id, 'null' FROM jobs")
        connection.execute(
            "INSERT INTO counts SELECT '*', queue, type, status, count(*) FROM jobs GROUP BY 2, 3, 4 "
            "UNION ALL SELECT lane, queue, type, status, count(*) FROM jobs GROUP BY 1, 2, 3, 4"
        )
        connection.execute("UPDATE facts SET value = ? WHERE name = 'head'", (str(jobs),))


@pytest.mark.parametrize(
    ("jobs", "users"),
    [(2_000, 400), (2_000, 3), pytest.param(20_000, 2_000, marks=pytest.mark.slow)],
)
async def test_a_backlog_opens_fast_stands_in_memory_by_its_heads_only_and_runs_dry_in_turns(
    open_runner: OpenRunner, registry: Registry, tmp_path: Path, jobs: int, users: int
) -> None:
    ran: list[tuple[str | None, str]] = []
    go = asyncio.Event()
    most_held = 0

    @job("work", registry=registry)
    async def work(context: Context, _payload: Any) -> None:
        nonlocal most_held
        ran.append((context.user_id, context.job_id))
        most_held = max(most_held, len(runner.table))
        await go.wait()

    runner = await open_runner()
    await runner.stop(0)
    leave_behind(tmp_path / "data", jobs, users)
    began = time.perf_counter()
    runner = await open_runner(**{"workers.concurrency": 6})
    assert time.perf_counter() - began < 1
    await settled(runner)
    assert runner.release.queued["default"] == jobs - 6
    assert max(Counter(user for user, _ in ran).values()) == max(1, 6 // users)
    newcomer = asyncio.create_task(submit(runner, user_id="newcomer"))
    go.set()
    await still(lambda: len(ran) == jobs + 1)
    await settled(runner)
    await newcomer
    assert len({job_id for _, job_id in ran}) == len(ran)
    assert most_held < 2_000
    turns = Counter(user for user, _ in ran[: users * 2])
    assert max(turns.values()) <= 3
    for user in ("user0", "user1"):
        mine = [job_id for who, job_id in ran if who == user]
        assert mine == sorted(mine), "within a user's own jobs the first come is the first served"
    assert rows(runner, "SELECT status, count(*) FROM jobs GROUP BY 1") == [("completed", jobs + 1)]
    assert [runner.release.queued["default"], len(runner.table), runner.pool.taken] == [0, 0, 0]
    assert runner.dispatcher._queue("default").empty
