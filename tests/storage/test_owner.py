"""What is read for a user, or for a token that names jobs: their own and nothing else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from jobrunner.model.filter import Filter
from jobrunner.model.job import Job
from jobrunner.model.state import Status
from jobrunner.storage.reader import OWNED
from jobrunner.storage.usage import BYTES_OF_OTHERS, BYTES_OF_USERS, JOBS_OF_OTHERS, JOBS_OF_USERS
from tests.model.jobs import NOW, a_job
from tests.storage.store import Store, ids
from tests.storage.test_changes import all_since, few
from tests.storage.test_plans import asked, plan, scans

__all__ = ["asked"]

MINE = "INDEX jobs_user (user_id=?)"


async def three(store: Store) -> tuple[Job, Job, Job]:
    jobs = a_job(user_id="ada", type="x"), a_job(user_id="bob", type="x"), a_job(user_id="ada", type="y")
    await store.insert(*jobs, a_job(type="x"))
    return jobs


def wants(a: Job, b: Job, c: Job) -> list[tuple[list[Filter], set[str]]]:
    return [
        ([Filter(owner="ada")], {a.id, c.id}),
        ([Filter(owner="ada", types=few("x"))], {a.id}),
        ([Filter(owner="ada", user_ids=few("ada"))], {a.id, c.id}),
        ([Filter(owner="ada", user_ids=few("bob"))], set()),
        ([Filter(owner="ada", user_ids=few("ada", "bob"))], {a.id, c.id}),
        ([Filter(owner="ada", job_ids=few(a.id, b.id))], {a.id}),
        ([Filter(owner="ada", q=b.id)], set()),
        ([Filter(only=few(a.id, b.id))], {a.id, b.id}),
        ([Filter(owner="ada", only=few(a.id, b.id))], {a.id}),
        ([Filter(only=few(a.id), job_ids=few(b.id, c.id))], set()),
        ([Filter(only=frozenset())], set()),
        ([Filter(owner="ada", only=frozenset(), job_ids=few(a.id))], set()),
        ([Filter(owner="ada", types=few("x")), Filter(owner="ada", job_ids=few(b.id, c.id))], {a.id, c.id}),
        ([Filter(only=few(a.id)), Filter(only=few(a.id), types=few("x"))], {a.id}),
        ([Filter(owner="ada", types=few("x")), Filter(owner="bob")], {a.id, b.id}),
        ([Filter(only=frozenset()), Filter(only=frozenset(), types=few("x"))], set()),
    ]


async def test_lists_and_changes_show_own_jobs_and_nothing_else(store: Store) -> None:
    jobs = await three(store)
    for wanted, expected in wants(*jobs):
        assert set(ids(await store.reader.page(wanted, limit=10))) == expected, wanted
        assert set(ids(await all_since(store, 0, wanted, 2))) == expected, wanted
        if len(wanted) == 1:
            assert await store.reader.count(wanted[0]) == len(expected), wanted


async def test_counts_are_of_own_jobs_and_nothing_else(store: Store) -> None:
    jobs = await three(store)
    for (wanted, *more), expected in wants(*jobs):
        if not (more or wanted.job_ids or wanted.q):
            found = await store.reader.counts(
                wanted.user_ids, wanted.types, wanted.queues, owner=wanted.owner, only=wanted.only
            )
            assert sum(found.values()) == len(expected), wanted


async def test_a_job_is_found_for_its_owner_only(store: Store) -> None:
    mine, foreign, _ = await three(store)
    found = await store.reader.owned(mine.id, "ada")
    assert found is not None
    assert found.job == mine
    assert [await store.reader.owned(job_id, "ada") for job_id in (foreign.id, "unknown")] == [None, None]


async def test_foreign_and_unknown_are_the_same_step_into_one_index(store: Store) -> None:
    steps = [step for step in plan(store, OWNED) if "jobs" in step]
    assert steps == ["SEARCH jobs USING INDEX jobs_user (user_id=? AND id=?)"]


@pytest.mark.parametrize("sql", [JOBS_OF_USERS, JOBS_OF_OTHERS, BYTES_OF_USERS, BYTES_OF_OTHERS])
async def test_what_limits_are_counted_from_is_read_by_an_index(store: Store, sql: str) -> None:
    with closing(sqlite3.connect(store.path)) as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", ("[]", "", 0, 0, 0))]
    assert scans(steps) == []
    assert any("AND id>?" in step for step in steps), steps


@pytest.fixture
async def crowd(store: Store) -> Store:
    """Hold a user's 30 jobs among 100,000."""
    columns = "id, number, type, title, queue, created_at, user_id, priority, max_attempts, lane, rank, status, attempt"
    fill = f"""
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
        INSERT INTO jobs ({columns}, failures, retry_count, manual_retries, crashes, alone)
        SELECT printf('%036d', n), n, 'story', 'Story', 'default', {NOW} + n,
            CASE n % 3000 WHEN 0 THEN 'ada' ELSE 'u' || (n % 50) END, 5, 1, '*', n, 'failed', 1, 1, 0, 0, 0, 0 FROM n
    """

    async def write(connection: Any) -> None:
        await connection.execute(fill)
        await connection.execute("UPDATE facts SET value = '100000' WHERE name = 'head'")

    await store.run(write)
    store.writer.head = 100_000
    return store


async def test_a_user_among_100_000_jobs_is_found_by_an_index(crowd: Store, asked: list[str]) -> None:
    mine = Filter(owner="ada")
    failed = Filter(owner="ada", statuses=frozenset({Status.FAILED}))
    reader, several = crowd.reader, [Filter(owner="ada", types=few("story")), Filter(owner="ada", types=few("x"))]
    for wanted in ([mine], [failed], several):
        assert len(await reader.page(wanted, limit=50)) == 33
        assert len((await reader.changes(0, wanted, 50)).images) == 33
    assert await reader.count(mine) == await reader.count(failed) == 33
    assert len(asked) == 8
    for sql in asked:
        steps = plan(crowd, sql)
        assert scans(steps) == [], steps
        assert "ORDER BY jobs.id" not in sql or not any("TEMP B-TREE" in step for step in steps), steps
        assert any("INDEX jobs_user" in step and "(user_id=?" in step for step in steps), steps


async def test_jobs_that_a_token_names_are_found_by_their_ids(crowd: Store, asked: list[str]) -> None:
    only = few(*(f"{n:036d}" for n in range(3000, 9001, 3000)))
    wanted = Filter(owner="ada", only=only)
    assert [len(await crowd.reader.page([wanted], limit=9)), await crowd.reader.count(wanted)] == [3, 3]
    assert len((await crowd.reader.changes(0, [wanted], 9)).images) == 3
    assert await crowd.reader.counts(owner="ada", only=only) == {"failed": 3}
    for sql in asked:
        assert scans(plan(crowd, sql)) == [], plan(crowd, sql)
