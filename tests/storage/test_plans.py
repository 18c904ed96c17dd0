"""Questions that are asked all the time are answered by an index, however many jobs there are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from jobrunner.model.filter import Filter
from jobrunner.model.state import Status
from jobrunner.storage import rollup, sleeping, statistics
from jobrunner.storage.batch import ADD_COUNTS, TRIM_LOGS, UPDATE_JOBS
from jobrunner.storage.eraser import DELETIONS, EXPIRED
from jobrunner.storage.tallies import ADD_TALLIES
from tests.model.jobs import a_job
from tests.storage.store import Store

BY_ID = "sqlite_autoindex_jobs_1"


def plan(store: Store, sql: str) -> list[str]:
    with closing(sqlite3.connect(store.path)) as connection:
        places = sql.count("?") if "?1" not in sql else 3
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (None,) * places)]


def scans(steps: list[str]) -> list[str]:
    """Return the steps that go through a whole table of ours."""
    tables = ("jobs", "tags", "payloads", "results", "attempts", "logs", "history", "idempotency")
    return [step for step in steps if step.split(" USING ")[0] in {f"SCAN {table}" for table in tables}]


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (sleeping.HEADS, "jobs_ready"),
        (sleeping.LANES, "jobs_ready"),
        (sleeping.WAKING, "jobs_wake"),
        (sleeping.NEXT_WAKE, "jobs_wake"),
        (sleeping.PROCESSING, "jobs_processing"),
        (sleeping.ONE, BY_ID),
        (sleeping.ORPHANS, "jobs_open_children"),
        (sleeping.OPEN_CHILDREN, "jobs_open_children"),
        (sleeping.DEPENDENTS, "jobs_dependent"),
        (sleeping.DEPENDENTS_ON, BY_ID),
        (EXPIRED, "jobs_ended"),
        (UPDATE_JOBS, BY_ID),
    ],
    ids=[
        "heads",
        "lanes",
        "waking",
        "next_wake",
        "processing",
        "one",
        "orphans",
        "children",
        "dependents",
        "dependents_on",
        "expired",
        "update",
    ],
)
async def test_the_engine_never_looks_at_all_jobs(store: Store, sql: str, index: str) -> None:
    steps = plan(store, sql)
    assert any(f"INDEX {index}" in step for step in steps), steps
    assert [step for step in scans(steps) if index not in step] == []
    assert [step for step in steps if "TEMP B-TREE" in step and "DISTINCT" not in step] == []


DELETES = [f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))" for table, column in DELETIONS]


@pytest.mark.parametrize("sql", [TRIM_LOGS, ADD_COUNTS, *DELETES])
async def test_nothing_that_is_written_or_deleted_is_searched_for_in_a_whole_table(store: Store, sql: str) -> None:
    assert scans(plan(store, sql)) == []


@pytest.fixture
def asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the statements that the reader runs."""
    statements: list[str] = []
    fetch = store.reader._rows

    async def noting(sql: str, *parameters: Any) -> list[Any]:
        statements.append(sql)
        return await fetch(sql, *parameters)

    monkeypatch.setattr(store.reader, "_rows", noting)
    return statements


def few(*values: str) -> frozenset[str]:
    return frozenset(values)


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Filter(), "INDEX jobs_number (number>?)"),
        (Filter(user_ids=few("ada")), "INDEX jobs_user_number (user_id=? AND number>?)"),
        (Filter(user_ids=few("ada"), types=few("x")), "INDEX jobs_user_number (user_id=? AND number>?)"),
        (Filter(job_ids=few("a")), f"INDEX {BY_ID} (id=?)"),
        (Filter(job_ids=few("a", "b")), f"INDEX {BY_ID} (id=?)"),
        (Filter(tags=few("a", "b")), "INDEX jobs_number (number>?)"),
    ],
)
async def test_changes_begin_at_their_number(store: Store, asked: list[str], wanted: Filter, index: str) -> None:
    await store.reader.changes(5, [wanted], 10)
    steps = plan(store, asked[0])
    assert any(index in step for step in steps), steps
    assert scans(steps) == []


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Filter(), BY_ID),
        (Filter(user_ids=few("ada")), "jobs_user"),
        (Filter(statuses=frozenset({Status.PROCESSING})), "jobs_processing"),
        (Filter(statuses=frozenset({Status.QUEUED})), "jobs_queued"),
        (Filter(statuses=frozenset({Status.FAILED})), "jobs_failed"),
        (Filter(statuses=frozenset({Status.CANCELLED})), "jobs_cancelled"),
    ],
)
async def test_a_list_is_read_in_its_order_and_not_sorted(
    store: Store, asked: list[str], wanted: Filter, index: str
) -> None:
    await store.reader.page([wanted], limit=10)
    steps = plan(store, asked[0])
    assert any(index in step for step in steps), steps
    assert [step for step in steps if "TEMP B-TREE" in step] == []


async def test_a_place_in_a_queue_is_counted_in_the_index_alone(store: Store, asked: list[str]) -> None:
    job = a_job(user_id="ada")
    await store.insert(a_job(user_id="ada"), job)
    await store.reader.position(job)
    for sql in asked:
        steps = plan(store, sql)
        assert scans(steps) == [], steps
        assert all("INDEX jobs_ready" in step for step in steps if "SEARCH jobs" in step), steps


async def test_failures_are_read_in_the_order_of_their_groups_and_no_other_job_is(
    store: Store, asked: list[str]
) -> None:
    await statistics.failures(store.reader, Filter())
    steps = plan(store, asked[0])
    assert scans(steps) == ["SCAN jobs USING INDEX jobs_failures"]
    assert not any("GROUP BY" in step for step in steps), steps


async def test_statistics_are_read_from_their_beginning_on(store: Store, asked: list[str]) -> None:
    await statistics.tallied(store.reader, 0, 1, 60_000, ["x"], ["a"])
    steps = plan(store, asked[0])
    assert any("SEARCH tallies USING PRIMARY KEY (span=? AND at>? AND at<?)" in step for step in steps), steps


@pytest.mark.parametrize("sql", [rollup.OLD, rollup.DROP, ADD_TALLIES])
async def test_old_tallies_are_found_by_their_key(store: Store, sql: str) -> None:
    steps = plan(store, sql)
    assert [step for step in steps if step.startswith("SCAN tallies")] == []


async def test_the_last_run_times_are_looked_for_among_the_newest_only(store: Store, asked: list[str]) -> None:
    await statistics.last_runs(store.reader, 10)
    assert any("SEARCH jobs USING INDEX jobs_ended (status=?" in step for step in plan(store, asked[0]))
