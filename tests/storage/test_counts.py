"""Counters, kept in the batch."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from jobrunner.model.job import Job
from jobrunner.model.state import TRANSITIONS, Status
from jobrunner.storage.eraser import drop_answers
from jobrunner.storage.unit import Change
from tests.model.jobs import NOW, a_job
from tests.storage.store import Store

RECOUNT = """
    SELECT who, queue, type, status, count(*) FROM (
        SELECT coalesce('u:' || user_id, 'u') AS who, queue, type, status FROM jobs
        UNION ALL SELECT '*', queue, type, status FROM jobs
    ) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
COUNTS = "SELECT who, queue, type, status, n FROM counts WHERE n <> 0 ORDER BY 1, 2, 3, 4"
USERS = (None, "u", "*", "u:ada", "ada")


def some_job(chance: random.Random) -> Job:
    return a_job(user_id=chance.choice(USERS), queue=chance.choice("ab"), type=chance.choice("xy"))


async def populate(store: Store, chance: random.Random, rounds: int = 6) -> None:
    """Live through a random history; many units end up in one batch."""
    jobs: list[Job] = []
    for _ in range(rounds):
        new = [some_job(chance) for _ in range(30)]
        told = [store.hand_over(Change(None, job, payload="1")) for job in new]
        for _ in range(80 if jobs else 0):
            place = chance.randrange(len(jobs))
            before = jobs[place]
            after = chance.choice([to for (status, _), to in TRANSITIONS.items() if status is before.status] or [None])
            if after is not None:
                jobs[place] = before.but(status=after)
                told.append(store.hand_over(Change(before, jobs[place])))
        await asyncio.gather(*told)
        jobs += new


@pytest.mark.parametrize("seed", range(3))
async def test_the_counters_equal_a_recount_after_any_history(store: Store, seed: int) -> None:
    await populate(store, random.Random(seed))
    assert store.rows(COUNTS) == store.rows(RECOUNT)
    assert store.rows("SELECT count(*) FROM counts WHERE n < 0") == [(0,)]


async def test_counts_are_asked_for_by_user_type_and_queue(store: Store) -> None:
    await populate(store, random.Random(7))
    questions: list[dict[str, Any]] = [
        {}, {"user_ids": ["ada"]}, {"user_ids": ["ada", "u", "*"]}, {"types": ["x"]}, {"queues": ["a"]},
        {"user_ids": ["u:ada"], "types": ["x", "y"], "queues": ["b"]}, {"user_ids": ["nobody"]},
    ]  # fmt: skip
    columns = {"user_ids": "user_id", "types": "type", "queues": "queue"}
    for question in questions:
        where = " AND ".join(f"{columns[name]} IN {(*values, '')}" for name, values in question.items()) or "true"
        counted = store.rows(f"SELECT status, count(*) FROM jobs WHERE {where} GROUP BY 1")
        found = await store.reader.counts(**question)
        assert {status: n for status, n in found.items() if n} == dict(counted), question


async def test_waiting_names_the_queues_and_types_of_which_jobs_wait(store: Store) -> None:
    job = a_job(queue="a")
    await store.insert(job, a_job(queue="a"), a_job(queue="a", type="x"), a_job(queue="c", status=Status.PROCESSING))
    assert sorted(await store.reader.waiting()) == [("a", "story", 2), ("a", "x", 1)]
    await store.update(job, status=Status.CANCELLED)
    assert sorted(await store.reader.waiting()) == [("a", "story", 1), ("a", "x", 1)]


async def test_counters_that_stand_at_nothing_are_dropped(store: Store) -> None:
    job = a_job()
    await store.insert(job)
    await store.update(job, status=Status.CANCELLED)
    assert store.rows("SELECT count(*) FROM counts WHERE n = 0") == [(2,)]
    await store.run(drop_answers(NOW, 10))
    assert store.rows("SELECT count(*) FROM counts WHERE n = 0") == [(0,)]
    assert store.rows(COUNTS) == store.rows(RECOUNT)
