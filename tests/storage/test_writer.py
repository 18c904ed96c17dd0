"""The writer on a healthy disk."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from jobrunner.model.job import Job
from jobrunner.model.state import Status
from jobrunner.storage.database import open_database
from jobrunner.storage.image import SMALL_RESULT, Image
from jobrunner.storage.unit import Answer, Brought, Change, Line, Unit
from jobrunner.storage.writer import MOST_ROWS
from tests.model.jobs import NOW, a_job
from tests.storage.store import PATIENCE_S, Store, ids, numbers, opened


def commits(store: Store, run: Any) -> list[list[str]]:
    """Record, from now on, which jobs each commit released."""
    batches: list[list[str]] = []
    release = store.writer._release

    def recording(batch: Any, brought: Any) -> None:
        batches.append(list(batch.numbers))
        release(batch, brought)

    run.setattr(store.writer, "_release", recording)
    return batches


async def test_effects_come_after_the_commit(store: Store) -> None:
    job, seen = a_job(), asyncio.get_running_loop().create_future()

    def released(images: Sequence[Image], _brought: Mapping[str, Brought]) -> None:
        on_disk = store.rows("SELECT id, number, (SELECT value FROM facts WHERE name = 'head') FROM jobs")
        seen.set_result((on_disk, numbers(images), store.writer.head))

    store.writer.write(Unit([Change(None, job, payload="{}")], released, seen.set_exception))
    async with asyncio.timeout(PATIENCE_S):
        assert await seen == ([(job.id, 1, "1")], [1], 1)


async def test_what_arrives_during_a_commit_is_written_together_by_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = commits(store, monkeypatch)
    first = store.hand_over(Change(None, a_job(), payload="1"))
    await asyncio.sleep(0)  # lets the writer take it
    rest = [store.hand_over(Change(None, a_job(), payload="1")) for _ in range(100)]
    await asyncio.gather(first, *rest)
    assert [len(batch) for batch in batches] == [1, 100]


async def test_a_batch_has_at_most_500_rows_but_a_larger_unit_is_written_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = commits(store, monkeypatch)
    many = [store.hand_over(Change(None, a_job(), payload="1")) for _ in range(MOST_ROWS + 1)]
    large = store.hand_over(*(Change(None, a_job(), payload="1") for _ in range(700)))
    await asyncio.gather(*many, large)
    assert [len(batch) for batch in batches] == [500, 1, 700]


async def test_the_order_of_numbers_is_the_order_of_commits_and_of_callers(store: Store) -> None:
    told: list[int] = []
    jobs = [a_job() for _ in range(1200)]
    for job in jobs:
        store.hand_over(Change(None, job, payload="1")).add_done_callback(
            lambda done: told.extend(numbers(done.result()))
        )
    await store.writer.reached(1200)
    await asyncio.sleep(0)  # callbacks of the last futures
    assert told == list(range(1, 1201))
    assert [job_id for (job_id,) in store.rows("SELECT id FROM jobs ORDER BY number")] == [job.id for job in jobs]


async def test_a_job_that_changes_twice_in_a_batch_is_written_once_in_its_last_state(store: Store) -> None:
    job, other = a_job(), a_job()
    await store.insert(job)
    first, second = job.but(attempt=1), job.but(attempt=2)
    told = [
        store.hand_over(Change(job, first)),
        store.hand_over(Change(None, other, payload="1")),
        store.hand_over(Change(first, second)),
    ]
    images = [image for images in await asyncio.gather(*told) for image in images]
    assert [(image.job.attempt, image.number) for image in images] == [(2, 2), (0, 3), (2, 2)]
    assert store.rows("SELECT number, attempt FROM jobs ORDER BY number") == [(2, 2), (3, 0)]
    assert store.writer.head == 3


async def test_each_changed_job_takes_the_next_number(store: Store) -> None:
    job = a_job()
    assert numbers(await store.insert(job, a_job())) == [1, 2]
    assert numbers(await store.write(Change(job, job.but(attempt=1)))) == [3]
    assert store.rows("SELECT value FROM facts WHERE name = 'head'") == [("3",)]


async def test_bulks_leave_half_of_each_batch_to_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = commits(store, monkeypatch)
    bulks = [store.hand_over(*(Change(None, a_job(), payload="1") for _ in range(250)), bulk=True) for _ in range(4)]
    singles = [a_job() for _ in range(600)]
    told = [store.hand_over(Change(None, job, payload="1")) for job in singles]
    await asyncio.gather(*bulks, *told)
    alone = {job.id for job in singles}
    shares = [(len(alone.intersection(batch)), len(alone.symmetric_difference(batch) - alone)) for batch in batches]
    assert shares == [(250, 250), (250, 250), (100, 250), (0, 250)]


async def test_singles_never_keep_a_bulk_from_being_written(store: Store) -> None:
    bulk = store.hand_over(*(Change(None, a_job(), payload="1") for _ in range(250)), bulk=True)
    singles = 0
    while not bulk.done():
        await asyncio.gather(*(store.hand_over(Change(None, a_job(), payload="1")) for _ in range(600)))
        singles += 600
        assert singles <= 1200


async def test_an_errand_runs_only_when_all_that_is_committed_is_released(store: Store) -> None:
    told: list[int] = []
    seen: list[tuple[int, int]] = []

    async def errand(connection: Any) -> None:
        rows = list(await connection.execute_fetchall("SELECT value FROM facts WHERE name = 'head'"))
        seen.append((int(rows[0][0]), max(told, default=0)))

    for _ in range(50):
        unit = Unit([Change(None, a_job(), payload="1")], lambda images, _: told.extend(numbers(images)), told.clear)  # type: ignore[arg-type]
        store.writer.write(unit)
        store.writer.between(errand, lambda error: pytest.fail(str(error)))
        if len(told) % 3:
            await asyncio.sleep(0)
    await store.writer.reached(50)
    await store.run(errand)
    assert len(seen) == 51
    assert [head for head, released in seen if head != released] == []


async def test_an_errand_that_cannot_read_is_told_and_the_writer_goes_on(store: Store) -> None:
    failed = asyncio.get_running_loop().create_future()
    store.writer.read("SELECT * FROM nowhere", (), lambda rows: pytest.fail(str(rows)), failed.set_result)
    async with asyncio.timeout(PATIENCE_S):
        assert "cannot be read" in str(await failed)
    assert numbers(await store.insert(a_job())) == [1]


async def test_reached_waits_until_a_number_is_released(store: Store) -> None:
    waiting = asyncio.ensure_future(store.writer.reached(2))
    await store.insert(a_job())
    assert not waiting.done()
    await store.insert(a_job())
    await waiting
    await store.writer.reached(1)


async def test_one_who_no_longer_waits_for_a_number_harms_nobody(store: Store) -> None:
    gone, other = (asyncio.ensure_future(store.writer.reached(1)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await store.insert(a_job())
    await other
    assert gone.cancelled()


async def test_close_writes_what_waits_and_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        told = [store.hand_over(Change(None, a_job(), payload="1")) for _ in range(1200)]
        assert await store.close()
        assert all(done.done() for done in told)
        assert store.rows("SELECT count(*) FROM jobs") == [(1200,)]
    assert not (tmp_path / "jobs.db-wal").exists()


async def test_a_writer_that_was_never_started_closes(tmp_path: Path) -> None:
    store = Store(await open_database(tmp_path, "full"))
    assert await store.close()


async def test_a_unit_brings_the_payloads_of_its_attempts_and_where_their_logs_end(store: Store) -> None:
    job, told = a_job(), asyncio.get_running_loop().create_future()
    line = Line(7, NOW, "log", "info", "text")
    await store.write(Change(None, job, payload='{"a":1}'))
    await store.write(Change(job, job, lines=[line]))
    changes = [Change(job, job.but(status=Status.PROCESSING))]
    unit = Unit(changes, lambda _, brought: told.set_result(brought), told.set_exception, brings=[job.id])
    store.writer.write(unit)
    async with asyncio.timeout(PATIENCE_S):
        assert await told == {job.id: Brought('{"a":1}', 7)}


async def test_a_result_is_kept_and_travels_with_the_image_while_it_is_small(store: Store) -> None:
    for length in (SMALL_RESULT, SMALL_RESULT + 1):
        job, result = a_job(status=Status.PROCESSING), '"' + "x" * (length - 2) + '"'
        await store.insert(job)
        done = job.but(status=Status.COMPLETED)
        (image,) = await store.write(Change(job, done, result=result))
        read = await store.reader.job(job.id)
        assert read is not None
        assert image.result == read.result == (result if length <= SMALL_RESULT else None)
        assert (await store.reader.texts(job.id))[1] == result


async def test_a_retry_by_a_person_drops_the_result(store: Store) -> None:
    job = a_job(status=Status.FAILED)
    await store.write(Change(None, job, result="1"))
    await store.write(Change(job, job.but(status=Status.QUEUED, manual_retries=1)))
    assert await store.reader.texts(job.id) == (None, None)


async def test_an_answer_is_kept_with_its_unit(store: Store) -> None:
    await store.insert(a_job(), answer=Answer("scope", "key", "print", "answer", NOW))
    assert await store.reader.answer("scope", "key") == ("print", "answer")
    assert await store.reader.answer("other", "key") is None


async def test_a_tag_that_is_given_twice_is_kept_once(store: Store) -> None:
    job: Job = a_job(tags=("a", "b", "a"))
    assert ids(await store.insert(job)) == [job.id]
    assert store.rows("SELECT tag FROM tags ORDER BY tag") == [("a",), ("b",)]
