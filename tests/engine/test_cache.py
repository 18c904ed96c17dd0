"""How long a result is given again, and from where: the database alone knows, also after a restart."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from jobrunner import Context, JobError, Jobrunner, Registry, Submission, job
from jobrunner.config import load
from jobrunner.storage.cache import COMPLETED
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import ended, rows, settled, submit

HOUR_S = 3_600.0


@pytest.fixture(autouse=True)
def _served(registry: Registry) -> None:
    @job("dear", registry=registry, cache_ttl="1h")
    async def dear(_context: Context, payload: Any) -> Any:
        if payload == "fail":
            raise JobError("BAD", "bad")
        return payload

    @job("plain", registry=registry)
    async def plain(_context: Context, payload: Any) -> Any:
        return payload


async def known(runner: Jobrunner, payload: Any = 1, type_: str = "dear") -> str | None:
    image = await runner.cached(Submission(type=type_, payload=payload))
    return None if image is None else image.job.id


async def test_a_result_is_known_for_the_time_of_its_type_also_after_a_restart(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    runner = await open_runner(clock)
    first = await submit(runner, "dear", 1)
    await ended(runner, first)
    clock.advance(HOUR_S - 1)
    await runner.stop()
    runner = await open_runner(clock)
    assert await known(runner) == first
    clock.advance(1.001)
    assert await known(runner) is None


async def test_the_newest_result_is_given(open_runner: OpenRunner, clock: ManualClock) -> None:
    runner = await open_runner(clock)
    for _ in range(3):
        newest = (await ended(runner, await submit(runner, "dear", 1))).id
        clock.advance(1)
    assert await known(runner) == newest


async def test_what_was_deleted_is_not_known(open_runner: OpenRunner, clock: ManualClock) -> None:
    runner = await open_runner(clock, **{"storage.retention.completed": "10m"})
    await ended(runner, await submit(runner, "dear", 1))
    clock.advance(700)
    await settled(runner)
    assert await known(runner) is None


async def test_only_what_completed_is_known(runner: Jobrunner) -> None:
    await ended(runner, await submit(runner, "dear", "fail"))
    await submit(runner, "dear", 2, run_at=runner.clock.now() + 10**9)
    assert [await known(runner, payload) for payload in ("fail", 2)] == [None, None]


async def test_a_type_without_it_keeps_no_key(runner: Jobrunner) -> None:
    for type_ in ("plain", "dear"):
        await ended(runner, await submit(runner, type_, 1))
    assert rows(runner, "SELECT type, cache_key IS NULL FROM jobs ORDER BY type") == [("dear", 0), ("plain", 1)]
    assert await known(runner, type_="plain") is None


def test_the_configuration_may_take_it_away(registry: Registry) -> None:
    settings = load(None, environ={}, overrides={"types.dear.cache_ttl": "0s"})
    configured = registry.configured(settings.types).get("dear")
    assert configured is not None
    assert not configured.cache_ttl


async def test_it_is_found_by_an_index_however_many_jobs_there_are(runner: Jobrunner) -> None:
    with closing(sqlite3.connect(runner.database.path / "jobs.db")) as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {COMPLETED}", ("[]",))]
    assert any("USING COVERING INDEX jobs_cached" in step or "USING INDEX jobs_cached" in step for step in steps), steps
    assert not [step for step in steps if step.startswith(("SCAN jobs", "SCAN known", "USE TEMP"))], steps
