"""Subscribe, then page: who is cut off at any moment and resumes sees every end, and ends up with the truth."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.web.api import Api, jobs_of

ENDED = {"completed", "failed", "cancelled"}
KINDS = [("echo", 1), ("stepping", 150), ("fail", None), ("flaky", None), ("order", {"rows": 1})]


class Reader:
    """Folds a stream that breaks again and again."""

    def __init__(self, api: Api, path: str, cursor: str, chance: random.Random) -> None:
        self.api, self.path, self.cursor, self.chance = api, path, cursor, chance
        self.known: dict[str, dict[str, Any]] = {}
        self.connections = 0

    async def read(self, submitted: asyncio.Future[set[str]]) -> None:
        """Read, cut off at random, until all that was submitted has been seen to end."""
        while not self.done(submitted):
            self.connections += 1
            if self.chance.random() < 0.3:
                await self.poll()
            else:
                await self.stream(submitted)

    def done(self, submitted: asyncio.Future[set[str]]) -> bool:
        ended = {job_id for job_id, job in self.known.items() if job["status"] in ENDED}
        return submitted.done() and submitted.result() <= ended

    async def poll(self) -> None:
        sign = "&" if "?" in self.path else "?"
        page = (await self.api("GET", f"{self.path}{sign}after={self.cursor}")).json
        assert not page["reset"]
        self.fold(page["jobs"])
        self.cursor = page["cursor"]

    async def stream(self, submitted: asyncio.Future[set[str]]) -> None:
        left, last = self.chance.randrange(1, 60), -1
        async with self.api.stream(self.path, after=self.cursor) as events:
            async for event in events:
                assert event.name == "job"
                self.fold(jobs_of(event))
                if event.id:
                    assert event.number > last, "ids strictly rise on a connection"
                    last, self.cursor = event.number, event.id
                left -= 1
                if not left or self.done(submitted):
                    return

    def fold(self, jobs: list[dict[str, Any]]) -> None:
        for job in jobs:
            before = self.known.get(job["job_id"])
            assert not before or before["status"] not in ENDED or job["status"] in ENDED, "no job comes back"
            self.known[job["job_id"]] = job


async def submit_many(api: Api, chance: random.Random, count: int) -> dict[str, str]:
    """Submit jobs of several kinds piece by piece, cancel some, and return whose each of them is."""
    users: dict[str, str] = {}
    while len(users) < count:
        jobs = [
            {"type": type_, "payload": payload, "user_id": chance.choice("ab"), "delay": chance.choice([0, 0, 0.1])}
            for type_, payload in chance.choices(KINDS, k=chance.randrange(1, 25))
        ]
        rows = (await api("POST", "jobs/bulk", json={"jobs": jobs})).json["jobs"]
        users |= {row["job_id"]: str(job["user_id"]) for row, job in zip(rows, jobs, strict=True)}
        await api("DELETE", f"jobs/{chance.choice(list(users))}")
    return users


async def state(api: Api) -> dict[str, dict[str, Any]]:
    """Return all jobs as lists show them."""
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while True:
        page = (await api("GET", f"jobs?limit=500{cursor}")).json
        found |= {job["job_id"]: job for job in page["jobs"]}
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def check_fold(api: Api, seed: int, count: int) -> None:
    chance, cursor = random.Random(seed), (await api("GET", "events")).json["cursor"]
    everything: asyncio.Future[set[str]] = asyncio.get_running_loop().create_future()
    mine: asyncio.Future[set[str]] = asyncio.get_running_loop().create_future()
    readers = [Reader(api, "events", cursor, random.Random(seed + n)) for n in range(3)]
    narrow = Reader(api, "events?user_id=a", cursor, random.Random(seed + 9))
    reading = [asyncio.create_task(each.read(everything)) for each in readers] + [
        asyncio.create_task(narrow.read(mine))
    ]
    users = await submit_many(api, chance, count)
    everything.set_result(set(users))
    mine.set_result({job_id for job_id, user in users.items() if user == "a"})
    async with asyncio.timeout(60):
        await asyncio.gather(*reading)
    final = await state(api)
    assert final.keys() == users.keys()
    for reader in readers:
        assert reader.known == final
        assert reader.connections > 3, "the stream was cut off"
    assert narrow.known == {job_id: job for job_id, job in final.items() if job["user_id"] == "a"}


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_fold_of_a_stream_that_breaks_is_the_state_of_the_server(api: Api, seed: int) -> None:
    await check_fold(api, seed, 300)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 16))
async def test_the_fold_of_a_stream_that_breaks_is_the_state_of_the_server_for_long(api: Api, seed: int) -> None:
    await check_fold(api, seed, 2_000)
