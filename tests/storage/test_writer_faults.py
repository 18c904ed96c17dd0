"""The writer on a disk that is full, broken, or given what it cannot take."""

from __future__ import annotations

import asyncio
import itertools
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from jobrunner.errors import StorageUnavailable
from jobrunner.model.job import Job
from jobrunner.model.state import Status
from jobrunner.storage import writer
from jobrunner.storage.unit import Answer, AttemptRecord, Change, Line
from tests.model.jobs import NOW, a_job
from tests.storage.store import PATIENCE_S, Store, numbers, opened

LARGE = '"' + "x" * 60_000 + '"'
TABLES = ("jobs", "tags", "payloads", "results", "attempts", "logs", "counts", "idempotency")


async def pages(store: Store, most: int) -> None:
    """Let the database have so many pages, as a quota would; SQLite raises it to what there is."""

    async def errand(connection: Any) -> None:
        await connection.execute_fetchall(f"PRAGMA max_page_count = {most}")

    await store.run(errand)


@asynccontextmanager
async def full(store: Store) -> AsyncIterator[None]:
    """Let the disk be full for a block."""
    await pages(store, 1)
    yield
    await pages(store, 1_000_000)


@pytest.fixture
def heard() -> Iterator[dict[str, asyncio.Event]]:
    """Let a test wait for an event of the log."""
    events: dict[str, asyncio.Event] = {}

    def note(_logger: Any, _method: str, entry: Any) -> Any:
        events.setdefault(entry["event"], asyncio.Event()).set()
        raise structlog.DropEvent

    before = structlog.get_config()["processors"]
    structlog.configure(processors=[note])
    yield events
    structlog.configure(processors=before)


async def hear(heard: dict[str, asyncio.Event], name: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await heard.setdefault(name, asyncio.Event()).wait()


def everything(store: Store) -> dict[str, list[Any]]:
    return {table: store.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


async def running(store: Store) -> Job:
    job = a_job(status=Status.PROCESSING)
    await store.insert(job)
    return job


async def test_a_full_disk_withdraws_every_unit_of_the_batch_and_keeps_nothing_of_it(store: Store) -> None:
    await store.insert(a_job(user_id="ada", tags=("a",)))
    before, head = everything(store), store.writer.head
    async with full(store):
        small = store.hand_over(Change(None, a_job(user_id="bob", tags=("b",)), payload="1"))
        large = [store.hand_over(Change(None, a_job(), payload=LARGE)) for _ in range(3)]
        errors = await asyncio.gather(small, *large, return_exceptions=True)
        assert {type(error) for error in errors} == {StorageUnavailable}
        assert everything(store) == before
        assert store.rows("SELECT value FROM facts WHERE name = 'head'") == [(str(head),)]
    assert numbers(await store.insert(a_job())) == [head + 1]


async def test_what_has_really_happened_is_kept_and_written_by_itself_when_there_is_room(store: Store) -> None:
    job, recovered = await running(store), asyncio.Event()
    await store.insert(a_job())
    async with full(store):
        store.writer.on_well = recovered.set
        done = job.but(status=Status.COMPLETED)
        kept = store.hand_over(Change(job, done, result=LARGE), kept=True)
        withdrawn = store.hand_over(Change(None, a_job(), payload="1"))
        with pytest.raises(StorageUnavailable):
            await withdrawn
        assert not store.writer.well
        assert not kept.done()
        waiting = store.hand_over(Change(None, a_job(), payload=LARGE), bulk=True)
        assert store.rows("SELECT status FROM jobs WHERE id = ?", job.id) == [("processing",)]
    async with asyncio.timeout(PATIENCE_S):
        assert [(image.job.status, image.number) for image in await kept] == [(Status.COMPLETED, 3)]
        await recovered.wait()
    assert store.writer.well
    assert store.writer._probes == 0  # the next illness is probed at once again
    assert (await store.reader.texts(job.id))[1] == LARGE
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_disk_that_takes_the_probe_but_not_the_batch_is_not_tried_without_pause(store: Store) -> None:
    job, enough, recoveries = await running(store), asyncio.Event(), list[float]()

    def recovered() -> None:
        recoveries.append(asyncio.get_running_loop().time())
        if len(recoveries) == 4:
            enough.set()

    async with full(store), asyncio.timeout(PATIENCE_S):
        store.writer.on_well = recovered
        kept = store.hand_over(Change(job, job.but(status=Status.COMPLETED), result=LARGE), kept=True)
        await enough.wait()
    pauses = [later - earlier for earlier, later in itertools.pairwise(recoveries[:4])]
    assert all(pause > least for pause, least in zip(pauses, (0.09, 0.29, 0.69), strict=True)), pauses
    async with asyncio.timeout(PATIENCE_S):
        await kept


async def test_the_pause_between_probes_stays_finite_however_long_the_disk_is_full(store: Store) -> None:
    store.writer._probes = 10**6
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    store.writer._pause = pause  # type: ignore[method-assign]
    store.writer.well = False
    await store.insert(a_job())
    assert pauses == [writer.LONGEST_PROBE_S]


async def test_reads_are_answered_while_the_disk_is_full(store: Store) -> None:
    job = await running(store)
    async with full(store):
        kept = store.hand_over(Change(job, job.but(status=Status.COMPLETED), result=LARGE), kept=True)
        for _ in range(20):
            assert [image.job.id for image in await store.ask(store.sleeping.processing)] == [job.id]
        assert not kept.done()


async def test_close_on_a_full_disk_ends_tells_who_waits_and_admits_what_is_not_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        job = await running(store)
        await pages(store, 1)
        kept = store.hand_over(Change(job, job.but(status=Status.COMPLETED), result=LARGE), kept=True)
        withdrawn = store.hand_over(Change(None, a_job(), payload=LARGE))
        with pytest.raises(StorageUnavailable):
            await withdrawn
        late = store.hand_over(Change(None, a_job(), payload=LARGE))
        assert not await store.close()
        assert not kept.done()
        with pytest.raises(StorageUnavailable):
            await late
    async with opened(tmp_path) as again:
        assert [image.job.id for image in await again.ask(again.sleeping.processing)] == [job.id]
        assert again.database.crashed


POISONED = [
    a_job(rank=2**63),
    a_job(priority="high"),
    a_job(title=None),
    a_job(metadata={"a": object()}),
    a_job(metadata={"a": float("nan")}),
    a_job(metadata={"a": 10**400, "b": float("inf")}),
]


@pytest.mark.parametrize("bad", POISONED, ids=["integer", "type", "null", "object", "nan", "infinity"])
@pytest.mark.parametrize("place", [0, 13, 39])
async def test_only_the_unit_that_cannot_be_written_is_withdrawn(store: Store, bad: Job, place: int) -> None:
    good = [a_job() for _ in range(40)]
    changes = [[Change(None, job, payload="1")] for job in good]
    changes.insert(place, [Change(None, a_job(), payload="1"), Change(None, bad, payload="1")])
    outcomes = await asyncio.gather(*(store.hand_over(*each) for each in changes), return_exceptions=True)
    assert isinstance(outcomes.pop(place), Exception)
    assert [numbers(images) for images in outcomes if isinstance(images, list)] == [[n] for n in range(1, 41)]
    assert store.rows("SELECT id FROM jobs ORDER BY number") == [(job.id,) for job in good]
    assert store.rows("SELECT sum(n) FROM counts WHERE who = '*'") == [(40,)]
    assert store.writer.well


async def test_an_id_that_is_there_already_is_refused_without_a_trace(store: Store) -> None:
    job = a_job(user_id="ada")
    await store.insert(job)
    before = everything(store)
    line, record = Line(1, NOW, "log", "info", "text"), AttemptRecord(1, NOW, NOW, "failed")
    change = Change(None, job.but(tags=("x",)), payload="2", result="3", attempt=record, lines=[line])
    with pytest.raises(sqlite3.IntegrityError):
        await store.write(change, answer=Answer("scope", "key", "print", "answer", NOW))
    assert everything(store) == before


async def test_a_poisoned_outcome_is_refused_even_though_it_has_happened(store: Store) -> None:
    job = await running(store)
    with pytest.raises(sqlite3.IntegrityError):
        await store.write(Change(job, job.but(started_at=2**64)), kept=True)
    assert await store.update(job, status=Status.COMPLETED)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size: writing more fails as on a broken disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_close_on_a_broken_disk_tells_those_who_came_while_it_was_broken(
    tmp_path: Path, heard: dict[str, asyncio.Event]
) -> None:
    async with opened(tmp_path) as store:
        job = await running(store)
        await checkpointed(store)
        with files_of_at_most(4096):  # not even a probe fits into the log of SQLite
            kept = store.hand_over(Change(job, job.but(status=Status.COMPLETED)), kept=True)
            await hear(heard, "storage.fell_ill")
            late = store.hand_over(Change(None, a_job(), payload="1"))
            assert not await store.close()
        with pytest.raises(StorageUnavailable, match="the server stops"):
            await late
        assert not kept.done()


async def checkpointed(store: Store) -> int:
    """Empty the log of SQLite, and return the size of the database."""

    async def errand(connection: Any) -> None:
        await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    await store.run(errand)
    return store.path.stat().st_size


async def test_an_error_of_the_disk_is_survived_and_nothing_is_lost(store: Store) -> None:
    job = await running(store)
    await checkpointed(store)
    with files_of_at_most(store.path.stat().st_size):
        kept = store.hand_over(Change(job, job.but(status=Status.COMPLETED), result="1"), kept=True)
        large = store.hand_over(*(Change(None, a_job(), payload=LARGE) for _ in range(20)))
        with pytest.raises(StorageUnavailable):
            await large
    async with asyncio.timeout(PATIENCE_S):
        assert [image.job.status for image in await kept] == [Status.COMPLETED]


async def test_a_checkpoint_that_fails_does_not_end_the_writer(
    store: Store, heard: dict[str, asyncio.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    with files_of_at_most(await checkpointed(store)):
        monkeypatch.setattr(writer, "IDLE_S", 0)
        await store.write(Change(None, a_job(), payload=LARGE))
        await hear(heard, "storage.checkpoint_failed")
    assert numbers(await store.insert(a_job())) == [2]


async def test_a_last_checkpoint_that_fails_loses_nothing(tmp_path: Path) -> None:
    job = a_job()
    async with opened(tmp_path) as store:
        with files_of_at_most(await checkpointed(store)):
            await store.write(Change(None, job, payload=LARGE))
            assert await store.close()
    async with opened(tmp_path) as again:
        assert await again.reader.texts(job.id) == (LARGE, None)
