"""What the engine takes from disk."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobrunner.model.job import Hold, Job
from jobrunner.model.state import Status
from tests.model.jobs import NOW, a_job
from tests.storage.store import Store, ids, opened

LANES = st.lists(st.sampled_from([*"abcdef", "u", "u:b"]), max_size=20)


def in_lane(lane: str, rank: int = 0, **fields: object) -> Job:
    return a_job(lane=lane, rank=rank, **fields)


def ring(jobs: list[Job], after: str) -> list[Job]:
    """Return the first job of each lane in the round after a lane, that lane last."""
    heads: dict[str, Job] = {}
    for job in sorted(jobs, key=lambda job: job.key):
        heads.setdefault(job.lane, job)
    order = sorted(heads)
    return [heads[lane] for lane in [*(o for o in order if o > after), *(o for o in order if o <= after)]]


@settings(max_examples=25, deadline=None)
@given(lanes=LANES, ranks=st.randoms(), after=st.sampled_from(["", *"abcdefgz", "u:"]), limit=st.integers(1, 10))
def test_lanes_are_found_in_a_ring(
    tmp_path_factory: pytest.TempPathFactory, lanes: list[str], ranks: random.Random, after: str, limit: int
) -> None:
    jobs = [in_lane(lane, ranks.randrange(4)) for lane in lanes]
    hidden = [in_lane("c", -1, hold=Hold.TIME), in_lane("d", -1, status=Status.FAILED), in_lane("e", queue="other")]

    async def run(directory: Path) -> list[str]:
        async with opened(directory) as store:
            await store.insert(*jobs, *hidden)
            return ids(await store.ask(store.sleeping.lanes, "default", after, limit))

    found = asyncio.run(run(tmp_path_factory.mktemp("lanes")))
    expected = [job.id for job in ring(jobs, after)]
    assert found == expected[:limit]
    assert len(found) == limit or len(found) == len(expected)


@settings(max_examples=15, deadline=None)
@given(ranks=st.lists(st.integers(-3, 3), max_size=15), limit=st.integers(1, 6))
def test_the_heads_of_a_lane_come_in_their_order_page_by_page(
    tmp_path_factory: pytest.TempPathFactory, ranks: list[int], limit: int
) -> None:
    jobs = [in_lane("u:ada", rank) for rank in ranks]
    hidden = [in_lane("u:bob", -9), in_lane("u:ada", -9, hold=Hold.RETRY), in_lane("u:ada", -9, queue="other")]

    async def run(directory: Path) -> list[str]:
        found: list[str] = []
        above = (-(2**63), "")
        async with opened(directory) as store:
            await store.insert(*jobs, *hidden)
            while page := await store.ask(store.sleeping.heads, "default", "u:ada", above, limit):
                found += ids(page)
                above = page[-1].job.key
        return found

    found = asyncio.run(run(tmp_path_factory.mktemp("heads")))
    assert found == [job.id for job in sorted(jobs, key=lambda job: job.key)]


async def test_one_job_is_found_wherever_it_is_and_one_that_is_not_there_is_none(store: Store) -> None:
    job = a_job(status=Status.COMPLETED)
    await store.insert(job)
    assert (await store.ask(store.sleeping.job, job.id)).job == job
    assert await store.ask(store.sleeping.job, "none") is None


async def test_what_a_dead_process_left_behind_is_found(store: Store) -> None:
    running = [a_job(status=Status.PROCESSING) for _ in range(3)]
    await store.insert(*running, *(a_job(status=status) for status in Status if status is not Status.PROCESSING))
    assert ids(await store.ask(store.sleeping.processing)) == [job.id for job in running]


async def test_what_is_due_is_found_the_most_overdue_first(store: Store) -> None:
    late, later = a_job(hold=Hold.TIME, wake_at=NOW - 5), a_job(wake_at=NOW)
    await store.insert(later, late, a_job(hold=Hold.TIME, wake_at=NOW + 1), a_job(wake_at=NOW, status=Status.FAILED))
    assert ids(await store.ask(store.sleeping.waking, NOW, 10)) == [late.id, later.id]
    assert ids(await store.ask(store.sleeping.waking, NOW, 1)) == [late.id]
    assert await store.ask(store.sleeping.next_wake) == NOW - 5


async def test_nothing_is_to_be_woken_where_nothing_waits_for_its_time(store: Store) -> None:
    await store.insert(a_job())
    assert await store.ask(store.sleeping.next_wake) is None


async def test_waiting_jobs_change_lanes_when_a_queue_becomes_unfair_and_back(store: Store) -> None:
    fair = [a_job(user_id="ada", queue="q"), a_job(queue="q", hold=Hold.TIME)]
    done, other = a_job(user_id="ada", queue="q", status=Status.FAILED), a_job(user_id="ada", queue="r")
    await store.insert(*fair, done, other)
    before = store.rows("SELECT id, lane FROM jobs ORDER BY id")

    async def relane(fair: dict[str, bool]) -> list[tuple[str, str]]:
        await store.ask(lambda done, failed: store.sleeping.relane(fair, lambda: done(None), failed))
        return store.rows("SELECT id, lane FROM jobs ORDER BY id")

    unfair = await relane({"q": False, "r": True})
    assert unfair == [(job_id, "*" if job_id in {job.id for job in fair} else lane) for job_id, lane in before]
    assert await relane({"q": True, "r": True}) == before


async def test_an_answer_is_given_before_the_next_commit_so_that_it_cannot_be_stale(store: Store) -> None:
    job = a_job()
    await store.insert(job)
    order: list[str] = []
    await_read = asyncio.ensure_future(store.ask(store.sleeping.job, job.id))
    await asyncio.sleep(0)  # it has been asked
    written = asyncio.ensure_future(store.update(job, attempt=1))
    await_read.add_done_callback(lambda _: order.append("read"))
    written.add_done_callback(lambda _: order.append("written"))
    assert (await await_read).job == job
    await written
    assert order == ["read", "written"]
