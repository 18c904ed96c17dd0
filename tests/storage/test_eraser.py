"""Deleting jobs that nobody wants to keep any longer."""

from __future__ import annotations

from collections.abc import Container

import pytest

from jobrunner.model.act import Act
from jobrunner.model.filter import EVERYTHING
from jobrunner.model.job import Job
from jobrunner.model.state import Status
from jobrunner.storage.eraser import drop_answers, erase
from jobrunner.storage.unit import Answer, AttemptRecord, Change, Line
from tests.model.jobs import NOW, a_job
from tests.storage.store import Store, ids
from tests.storage.test_counts import COUNTS, RECOUNT

OF_A_JOB = {"jobs": "id"} | dict.fromkeys(
    ("tags", "payloads", "results", "attempts", "logs", "history", "dependencies"), "job_id"
)

ANOTHER = "01a0c450-6c00-758d-b5cb-d8b62f6ec3f9"


def ended(at: int, status: Status = Status.COMPLETED, **fields: object) -> Job:
    return a_job(status=status, completed_at=at, depends_on=(ANOTHER,), **fields)


async def keep(store: Store, *jobs: Job) -> None:
    """Write jobs with a row in every table."""
    record, line = AttemptRecord(1, NOW, NOW, "completed"), Line(1, NOW, "log", "info", "text")
    await store.write(
        *(
            Change(
                None, job, payload="1", result="2", attempt=record, lines=[line], act=Act(NOW, "cancelled", "user:ada")
            )
            for job in jobs
        ),
        answer=Answer("scope", jobs[0].id, "print", "answer", NOW + 10),
    )


async def erased(
    store: Store, before: int, limit: int = 100, busy: Container[str] = (), status: Status = Status.COMPLETED
) -> tuple[list[str], bool]:
    told: list[tuple[list[str], bool]] = []
    await store.run(erase(status, before, limit, busy, lambda job_ids, more: told.append((job_ids, more))))
    return told[0]


def left(store: Store) -> dict[str, set[str]]:
    return {table: {row[0] for row in store.rows(f"SELECT {key} FROM {table}")} for table, key in OF_A_JOB.items()}


async def test_a_job_is_deleted_from_every_table_and_the_others_stay(store: Store) -> None:
    old, new = ended(NOW - 1, tags=("a", "b")), ended(NOW, tags=("a",))
    await keep(store, old, new)
    assert await erased(store, NOW) == ([old.id], False)
    assert left(store) == {table: {new.id} for table in OF_A_JOB}


async def test_every_table_that_knows_a_job_is_among_them(store: Store) -> None:
    named = store.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND EXISTS "
        "(SELECT 1 FROM pragma_table_info(sqlite_master.name) AS c WHERE c.name = 'job_id')"
    )
    assert {name for (name,) in named} | {"jobs"} == set(OF_A_JOB)


async def test_the_counters_fit_after_a_deletion(store: Store) -> None:
    jobs = [ended(NOW - 1, user_id=user, queue=queue) for user in (None, "ada") for queue in "ab" for _ in range(2)]
    await keep(store, *jobs, ended(NOW + 1, user_id="ada"), a_job(user_id="ada"))
    await erased(store, NOW, limit=5)
    assert store.rows(COUNTS) == store.rows(RECOUNT)


async def test_busy_jobs_and_other_statuses_are_kept(store: Store) -> None:
    busy, failed, waiting, free = ended(NOW - 3), ended(NOW - 2, Status.FAILED), a_job(), ended(NOW - 1)
    await keep(store, busy, failed, waiting, free)
    assert await erased(store, NOW, busy={busy.id}) == ([free.id], False)
    assert await erased(store, NOW, status=Status.FAILED) == ([failed.id], False)
    assert left(store)["jobs"] == {busy.id, waiting.id}


async def test_the_oldest_end_first_and_whether_there_may_be_more_is_told(store: Store) -> None:
    jobs = [ended(NOW - age) for age in (1, 3, 2)]
    await keep(store, *jobs)
    assert await erased(store, NOW, limit=2) == ([jobs[1].id, jobs[2].id], True)
    assert await erased(store, NOW, limit=2) == ([jobs[0].id], False)
    assert await erased(store, NOW, limit=2) == ([], False)


async def test_busy_jobs_alone_do_not_make_it_go_round_for_ever(store: Store) -> None:
    jobs = [ended(NOW - 1) for _ in range(2)]
    await keep(store, *jobs)
    assert await erased(store, NOW, limit=2, busy={job.id for job in jobs}) == ([], False)


async def test_the_highest_deleted_number_rises_and_never_falls(store: Store) -> None:
    first, second = ended(NOW - 1), ended(NOW - 2)
    await keep(store, first)
    await keep(store, second)
    await keep(store, ended(NOW + 1))
    numbers = []
    for before in (NOW - 1, NOW):
        await erased(store, before)
        numbers.append((await store.reader.changes(0, [EVERYTHING], 10)).deleted)
    assert numbers == [2, 2]
    assert store.rows("SELECT value FROM facts WHERE name IN ('deleted', 'head') ORDER BY 1") == [("2",), ("3",)]


async def test_a_deleted_job_is_gone_for_readers(store: Store) -> None:
    job = ended(NOW - 1, user_id="ada")
    await keep(store, job)
    await erased(store, NOW)
    assert await store.reader.job(job.id) is None
    assert await store.reader.texts(job.id) == (None, None)
    assert ids(await store.reader.page([EVERYTHING], limit=5)) == []
    assert not any((await store.reader.counts()).values())


async def test_answers_outlive_their_jobs_until_their_own_time_is_over(store: Store) -> None:
    jobs = [ended(NOW - 1) for _ in range(3)]
    for job in jobs:
        await keep(store, job)
    await erased(store, NOW)
    await store.run(drop_answers(NOW + 10, 10))
    assert store.rows("SELECT count(*) FROM idempotency") == [(3,)]
    await store.run(drop_answers(NOW + 11, 2))
    assert store.rows("SELECT count(*) FROM idempotency") == [(1,)]


async def test_a_deletion_that_fails_deletes_nothing(store: Store) -> None:
    job, failed = ended(NOW - 1), list[Exception]()
    await keep(store, job)

    async def spoil(connection: object) -> None:
        await connection.execute("CREATE TRIGGER no BEFORE DELETE ON logs BEGIN SELECT raise(ABORT, 'no'); END")  # type: ignore[attr-defined]

    await store.run(spoil)
    store.writer.between(erase(Status.COMPLETED, NOW, 9, (), lambda *_: pytest.fail("it did")), failed.append)
    await store.insert(a_job())
    assert "no" in str(failed[0])
    assert left(store)["tags"] == set()
    assert all(job.id in kept for table, kept in left(store).items() if table != "tags")
    assert store.rows(COUNTS) == store.rows(RECOUNT)
