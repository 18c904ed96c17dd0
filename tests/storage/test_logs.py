"""The log of a job."""

from __future__ import annotations

from jobrunner.model.job import Job
from jobrunner.storage.unit import Change, Line
from tests.model.jobs import NOW, a_job
from tests.storage.store import Store


def lines(first: int, last: int) -> list[Line]:
    return [Line(n, NOW + n, "log", "info", f"line {n}") for n in range(first, last + 1)]


async def say(store: Store, job: Job, first: int, last: int) -> None:
    await store.write(Change(job, job, lines=lines(first, last)))


def kept(store: Store, job: Job) -> list[int]:
    return [n for (n,) in store.rows("SELECT n FROM logs WHERE job_id = ? ORDER BY n", job.id)]


async def test_of_more_than_10_000_lines_the_first_5_000_and_the_last_5_000_are_kept(store: Store) -> None:
    job, other = a_job(), a_job()
    await store.insert(job, other)
    await say(store, other, 1, 6_000)
    await say(store, job, 1, 6_000)
    await say(store, job, 6_001, 10_000)
    assert kept(store, job) == list(range(1, 10_001))
    await say(store, job, 10_001, 10_001)
    assert kept(store, job) == [*range(1, 5_001), *range(5_002, 10_002)]
    await say(store, job, 10_002, 23_000)
    assert kept(store, job) == [*range(1, 5_001), *range(18_001, 23_001)]
    assert kept(store, other) == list(range(1, 6_001))


async def test_lines_are_read_above_a_number_and_so_many_at_a_time(store: Store) -> None:
    job = a_job()
    await store.insert(job)
    await say(store, job, 1, 10)
    assert await store.reader.lines(job.id, 3, 4) == lines(4, 7)
    assert await store.reader.lines(job.id, 10, 4) == []
    assert await store.reader.last_line(job.id) == 10
    assert await store.reader.last_line(a_job().id) == 0


async def test_a_line_may_hold_any_text(store: Store) -> None:
    job, text = a_job(), 'é\n\t"\\ \U0001f600 {"a": 1} 007'
    await store.insert(job)
    await store.write(Change(job, job, lines=[Line(1, NOW, "stderr", "error", text), Line(2, NOW, "log", "info", "7")]))
    assert [line.text for line in await store.reader.lines(job.id, 0, 10)] == [text, "7"]
