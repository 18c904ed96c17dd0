"""Tallies: written with what they count, never twice, and summed up as they grow old."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jobrunner.model import moves
from jobrunner.model.act import Act, Deed
from jobrunner.model.histogram import bin_of
from jobrunner.model.job import Hold, Job
from jobrunner.model.state import Status
from jobrunner.storage import rollup
from jobrunner.storage.statistics import tallied
from jobrunner.storage.unit import AttemptRecord, Change
from tests.model.jobs import NOW, a_failure, a_job
from tests.storage.store import Store, opened

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
TALLIES = "SELECT name, sum(n) FROM tallies GROUP BY name HAVING sum(n) <> 0"


def names(store: Store, where: str = "true") -> dict[str, int]:
    return dict(store.rows(TALLIES.replace("GROUP", f"WHERE {where} GROUP")))


def record(job: Job, ended_at: int, outcome: str = "completed") -> AttemptRecord:
    return AttemptRecord(job.attempt, job.started_at or 0, ended_at, outcome)


async def test_a_job_is_counted_as_it_comes_begins_and_ends_in_the_minute_in_which_it_does(store: Store) -> None:
    job = a_job(ready_at=NOW)
    await store.insert(job)
    begun = moves.claim(job, NOW + 2 * MINUTE)
    await store.write(Change(job, begun))
    done = moves.complete(begun, NOW + 5 * MINUTE)
    await store.write(Change(begun, done, attempt=record(begun, NOW + 5 * MINUTE), within=True))
    minute = NOW - NOW % MINUTE
    rows = store.rows("SELECT span, at, type, queue, name, n FROM tallies ORDER BY at, name")
    assert [(span, (at - minute) // MINUTE, name, n) for span, at, _, _, name, n in rows] == [
        (60, 0, "queued", 1), (60, 0, "submitted", 1),
        (60, 2, "queued", -1), (60, 2, f"wait:{bin_of(2 * MINUTE)}", 1),
        (60, 5, "completed", 1), (60, 5, "estimate:made", 1), (60, 5, "estimate:within", 1),
        (60, 5, f"run:{bin_of(3 * MINUTE)}", 1),
    ]  # fmt: skip
    assert {row[2:4] for row in rows} == {("story", "default")}


async def test_a_wait_is_counted_from_when_the_job_was_ready(store: Store) -> None:
    held = a_job(created_at=NOW, run_at=NOW + HOUR, ready_at=NOW + HOUR, hold=Hold.TIME)
    await store.insert(held)
    begun = moves.claim(moves.wake(held), NOW + HOUR + 7_000)
    await store.write(Change(held, begun))
    again = moves.back_off(begun, NOW + 2 * HOUR, a_failure(), 60_000)
    await store.write(Change(begun, again, attempt=record(begun, NOW + 2 * HOUR, "failed")))
    await store.write(Change(again, moves.claim(moves.wake(again), NOW + 2 * HOUR + 90_000)))
    assert names(store, "name LIKE 'wait:%'") == {f"wait:{bin_of(7_000)}": 1, f"wait:{bin_of(30_000)}": 1}


async def test_a_retry_by_a_person_is_a_submission_and_one_by_itself_is_not(store: Store) -> None:
    begun = moves.claim(a_job(), NOW)
    await store.insert(begun)
    failed = moves.fail(begun, NOW, a_failure())
    await store.write(Change(begun, failed, attempt=record(begun, NOW, "failed")))
    again = moves.retry(failed, NOW + HOUR, rank=1)
    await store.write(Change(failed, again, act=Act(NOW + HOUR, Deed.RETRIED)))
    assert names(store, "name NOT LIKE '%:%'") == {"submitted": 2, "failed": 1, "queued": 1}
    begun = moves.claim(again, NOW + HOUR)
    await store.write(Change(again, begun))
    backed = moves.back_off(begun, NOW + HOUR, a_failure(), 1)
    await store.write(Change(begun, backed, attempt=record(begun, NOW + HOUR, "failed")))
    assert names(store, "name NOT LIKE '%:%'") == {"submitted": 2, "failed": 1, "queued": 1}


@pytest.mark.parametrize("outcome", ["cancelled", "interrupted"])
async def test_the_time_of_an_attempt_that_was_cut_off_is_not_counted(store: Store, outcome: str) -> None:
    begun = moves.claim(a_job(), NOW)
    await store.insert(begun)
    await store.write(Change(begun, moves.stop(begun, NOW), attempt=record(begun, NOW + 9, outcome)))
    assert names(store, "name LIKE 'run:%'") == {}


async def test_what_is_withdrawn_or_halved_is_never_counted_twice(store: Store) -> None:
    good = [a_job() for _ in range(40)]
    told = [store.hand_over(Change(None, job, payload="1")) for job in good]
    told.insert(13, store.hand_over(Change(None, a_job(), payload="1"), Change(None, a_job(rank=2**63), payload="1")))
    outcomes = await asyncio.gather(*told, return_exceptions=True)
    assert sum(isinstance(each, Exception) for each in outcomes) == 1
    assert names(store) == {"submitted": 40, "queued": 40}


@pytest.mark.parametrize("seed", range(3))
async def test_all_that_was_counted_fits_the_jobs_after_any_history_and_a_restart(tmp_path: Path, seed: int) -> None:
    chance, jobs = random.Random(seed), list[Job]()
    for _ in range(2):
        async with opened(tmp_path) as store:
            for _ in range(60):
                await step(store, chance, jobs)
            total, types = await tallied(store.reader, 0, NOW + DAY, HOUR)
    count = Counter(job.status for job in jobs)
    assert [total.counted[status.value] for status in Status if status.ended] == [
        count[status] for status in Status if status.ended
    ]
    assert total.counted["submitted"] == len(jobs)
    assert sum(hour["queued"] for hour in total.series.values()) == total.waiting == count[Status.QUEUED]
    assert sum(each.counted["submitted"] for each in types.values()) == len(jobs)


async def step(store: Store, chance: random.Random, jobs: list[Job]) -> None:
    """Let a job come, begin or end at some moment of the day."""
    at = NOW + chance.randrange(DAY)
    place = chance.randrange(len(jobs) + 1)
    if place == len(jobs):
        jobs.append(a_job(type=chance.choice("xy"), created_at=at, ready_at=at))
        await store.insert(jobs[-1])
        return
    before = jobs[place]
    if before.status is Status.QUEUED:
        jobs[place] = moves.claim(before, at) if chance.random() < 0.7 else moves.cancel(before, at)
        await store.write(Change(before, jobs[place]))
    elif before.status is Status.PROCESSING:
        failed = chance.random() < 0.5
        jobs[place] = moves.fail(before, at, a_failure()) if failed else moves.complete(before, at)
        await store.write(Change(before, jobs[place], attempt=record(before, at, "failed" if failed else "completed")))


async def roll_up(store: Store, now: int, limit: int = 50) -> None:
    """Sum up until nothing is old."""
    told: list[bool] = []
    while not told or told[-1]:
        await store.run(rollup.roll_up(now, limit, told.append))


async def test_old_rows_become_fewer_and_their_sums_stay(store: Store) -> None:
    for n in range(3 * 60):
        await store.insert(*(a_job(created_at=NOW + n * MINUTE, type=name) for name in "xy"))
    sums, rows = store.rows("SELECT type, name, sum(n) FROM tallies GROUP BY 1, 2"), []
    for later in (0, 4 * HOUR, 15 * HOUR, 40 * HOUR, 90 * DAY):
        await roll_up(store, NOW + later)
        assert store.rows("SELECT type, name, sum(n) FROM tallies GROUP BY 1, 2") == sums
        rows.append(store.rows("SELECT count(*) FROM tallies")[0][0])
    assert rows[0] == 3 * 60 * 2 * 2
    assert rows == sorted(rows, reverse=True)
    assert store.rows("SELECT DISTINCT span, at % 3600000 FROM tallies") == [(3_600, 0)]
    assert rows[-1] in {4 * 2 * 2, 3 * 2 * 2}
    await roll_up(store, NOW + 92 * DAY)
    assert store.rows("SELECT * FROM tallies") == []


async def test_a_roll_up_that_fails_changes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.insert(a_job(created_at=NOW))
    before = store.rows("SELECT * FROM tallies")
    monkeypatch.setattr(rollup, "ADD_TALLIES", "INSERT INTO nowhere VALUES (?)")
    failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    store.writer.between(rollup.roll_up(NOW + DAY, 9, lambda _more: None), failed.set_result)
    await asyncio.wait_for(failed, 10)
    assert store.rows("SELECT * FROM tallies") == before


async def test_a_graph_is_never_drawn_from_rows_that_are_longer_than_its_steps(store: Store) -> None:
    graphs = {60: 2 * HOUR, 300: 10 * HOUR, 900: 30 * HOUR}
    for span, kept_ms, _ in rollup.LEVELS:
        assert kept_ms >= graphs[span] + span * 1000


async def test_the_depth_is_told_back_from_now(store: Store) -> None:
    first, second = a_job(created_at=NOW, ready_at=NOW), a_job(created_at=NOW + HOUR, ready_at=NOW + HOUR)
    await store.insert(first)
    await store.insert(second)
    await store.write(Change(first, moves.claim(first, NOW + 2 * HOUR)))
    begin = NOW - NOW % HOUR
    total, _ = await tallied(store.reader, begin - HOUR, begin + 4 * HOUR, HOUR)
    assert total.depths(range(begin - HOUR, begin + 4 * HOUR, HOUR)) == [0, 1, 2, 1, 1]
