"""What has changed since a number."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobrunner.model.filter import EVERYTHING, Filter
from jobrunner.storage import changes
from jobrunner.storage.image import Image
from jobrunner.storage.unit import Change
from tests.model.jobs import a_job
from tests.storage.store import PATIENCE_S, Store, ids, numbers, opened


async def all_since(store: Store, since: int, wanted: Sequence[Filter], limit: int = 7) -> list[Image]:
    """Go through the pages, as a client does."""
    found: list[Image] = []
    while True:
        page = await store.reader.changes(since, wanted, limit)
        assert len(page.images) <= limit
        assert all(since < number <= page.until for number in numbers(page.images))
        assert page.until > since or not page.more
        found, since = [*found, *page.images], page.until
        if not page.more:
            assert page.until == page.head
            return found


def few(*values: str) -> frozenset[str]:
    return frozenset(values)


@settings(max_examples=15, deadline=None)
@given(history=st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=6), max_size=8), data=st.data())
def test_each_changed_job_comes_once_in_its_present_state_by_rising_number(
    tmp_path_factory: pytest.TempPathFactory, history: list[list[int]], data: st.DataObject
) -> None:
    async def run(directory: Path) -> None:
        jobs = [a_job() for _ in range(12)]
        async with opened(directory) as store:
            known = {image.job.id: image for image in await store.insert(*jobs)}
            for places in history:
                told = []
                for place in places:  # handed over at once: a job may change twice in a commit
                    before, jobs[place] = jobs[place], jobs[place].but(attempt=jobs[place].attempt + 1)
                    told.append(store.hand_over(Change(before, jobs[place])))
                known |= {image.job.id: image for images in await asyncio.gather(*told) for image in images}
            since = data.draw(st.integers(0, store.writer.head), label="since")
            found = await all_since(store, since, [EVERYTHING], data.draw(st.integers(1, 13), label="limit"))
        expected = sorted(image.number for image in known.values() if image.number > since)
        assert numbers(found) == expected
        assert [image.job for image in found] == [known[image.job.id].job for image in found]
        assert all(image.job in jobs for image in found)

    asyncio.run(run(tmp_path_factory.mktemp("changes")))


FILTERS = [
    [EVERYTHING],
    [Filter(job_ids=few("ID"))],
    [Filter(user_ids=few("ada"))],
    [Filter(user_ids=few("ada", "bob"))],
    [Filter(types=few("x"), queues=few("a"))],
    [Filter(tags=few("red", "blue"))],
    [Filter(user_ids=few("ada"), tags=few("red"), types=few("x", "y"))],
    [Filter(job_ids=few("ID")), Filter(user_ids=few("bob"))],
    [Filter(tags=few("red")), Filter(types=few("y")), Filter(queues=few("none"))],
    [Filter(user_ids=few("nobody"))],
]


@pytest.mark.parametrize("wanted", FILTERS, ids=range(len(FILTERS)))
async def test_a_filter_finds_on_disk_what_it_watches_in_memory(store: Store, wanted: list[Filter]) -> None:
    chance = random.Random(1)
    jobs = [
        a_job(
            user_id=chance.choice([None, "ada", "bob"]), type=chance.choice("xyz"), queue=chance.choice("ab"),
            tags=tuple(chance.sample(["red", "blue", "green"], chance.randrange(3))),
        )
        for _ in range(60)
    ]  # fmt: skip
    jobs[40] = jobs[40].but(id="ID")
    await store.insert(*jobs)
    for job in jobs[::3]:
        await store.update(job, attempt=1)
    found = await all_since(store, 0, wanted)
    assert sorted(ids(found)) == sorted(job.id for job in jobs if any(one.watches(job) for one in wanted))
    assert numbers(found) == sorted(numbers(found))


async def test_a_page_looks_at_so_many_rows_and_says_where_to_go_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_SCANNED", 10)
    await store.insert(*(a_job(type="x" if n == 24 else "y") for n in range(30)))
    pages = []
    since, more = 0, True
    while more:
        page = await store.reader.changes(since, [Filter(types=few("x"))], 5)
        pages.append((numbers(page.images), page.until, page.more))
        since, more = page.until, page.more
    assert pages == [([], 10, True), ([], 20, True), ([25], 30, True), ([], 30, False)]


async def test_one_users_changes_are_not_hidden_behind_those_of_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_SCANNED", 10)
    mine = a_job(user_id="ada")
    await store.insert(*(a_job(user_id="bob") for _ in range(30)), mine)
    for wanted in (Filter(user_ids=few("ada")), Filter(job_ids=few(mine.id))):
        page = await store.reader.changes(0, [wanted], 5)
        assert (ids(page.images), page.more) == ([mine.id], False)


async def test_the_last_page_of_a_filter_goes_on_at_the_head(store: Store) -> None:
    await store.insert(*(a_job() for _ in range(5)))
    page = await store.reader.changes(2, [Filter(types=few("none"))], 10)
    assert (page.images, page.until, page.more, page.head, page.deleted) == ([], 5, False, 5, 0)


async def test_since_a_number_that_is_still_to_come_nothing_has_changed(store: Store) -> None:
    await store.insert(a_job())
    page = await store.reader.changes(9, [EVERYTHING], 10)
    assert (page.images, page.until, page.more, page.head) == ([], 9, False, 1)


async def test_a_read_that_is_ahead_of_the_release_waits_for_it(store: Store) -> None:
    """What is on disk is not seen before the writer has released it."""
    job = a_job()
    await store.insert(job)
    store.writer.head = 0  # as between a commit and its release
    reads = [
        asyncio.ensure_future(read)
        for read in (
            store.reader.job(job.id),
            store.reader.changes(0, [EVERYTHING], 5),
            store.reader.page([EVERYTHING], limit=5),
        )
    ]
    await asyncio.gather(*(store.reader.version() for _ in range(4)))
    assert not any(read.done() for read in reads)
    store.writer.head = 1
    await store.insert(a_job())
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*reads)


async def test_a_cancelled_read_leaves_no_snapshot_behind(store: Store) -> None:
    await store.insert(*(a_job() for _ in range(300)))
    reads = [asyncio.ensure_future(store.reader.changes(0, [EVERYTHING], 300)) for _ in range(20)]
    await asyncio.sleep(0)  # each has begun
    for read in reads:
        read.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    await asyncio.gather(*(store.reader.version() for _ in range(4)))  # after them, on both connections
    assert not any(connection.in_transaction for connection in store.database.reading)
    ((busy, _, _),) = await store.database.writing.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    assert busy == 0
