"""A key makes a request happen once: a repeat joins it while it is in flight, and hears the same after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jobrunner import Jobrunner, Registry, Submission, job
from jobrunner.engine.idempotency import Key
from jobrunner.errors import KeyReused, StorageUnavailable
from jobrunner.storage.unit import Answer
from tests.conftest import OpenRunner
from tests.engine.engines import fill_disk, rows, settled, still

KEY = Key("user a POST /jobs", "key-1", "fingerprint-1")


@pytest.fixture(autouse=True)
def _served(registry: Registry) -> None:
    async def work(_context: object, _payload: object) -> None:
        """Do nothing."""

    job("work", registry=registry)(work)


async def once(runner: Jobrunner, key: Key, size: int = 1) -> tuple[str, bool]:
    """Submit a job under a key; its answer is the id."""

    async def do(answer: Callable[[str], Answer]) -> str:
        job_id = runner.intake.new_id(runner.clock.now())
        await runner.submit(Submission(type="work", job_id=job_id, payload="x" * size), answer(job_id))
        return job_id

    return await runner.idempotency.once(key, do)


def jobs(runner: Jobrunner) -> int:
    count: int = rows(runner, "SELECT count(*) FROM jobs")[0][0]
    return count


async def test_repeats_in_flight_join_the_first_and_all_hear_the_same(runner: Jobrunner) -> None:
    answers = await asyncio.gather(*(once(runner, KEY) for _ in range(5)))
    assert len({text for text, _ in answers}) == 1
    assert [repeat for _, repeat in answers] == [False, True, True, True, True]
    assert await once(runner, KEY) == (answers[0][0], True)
    assert jobs(runner) == 1


async def test_a_repeat_after_a_restart_hears_the_first_answer(open_runner: OpenRunner) -> None:
    runner = await open_runner()
    first = await once(runner, KEY)
    await runner.stop(0)
    runner = await open_runner()
    assert await once(runner, KEY) == (first[0], True)
    assert jobs(runner) == 1


async def test_another_request_under_the_same_key_is_refused_in_flight_and_later(runner: Jobrunner) -> None:
    other = Key(KEY.scope, KEY.key, "fingerprint-2")
    first = asyncio.create_task(once(runner, KEY))
    await asyncio.sleep(0)
    with pytest.raises(KeyReused):
        await once(runner, other)
    await first
    with pytest.raises(KeyReused):
        await once(runner, other)
    assert (await once(runner, Key("user b POST /jobs", KEY.key, "fingerprint-2")))[1] is False
    assert jobs(runner) == 2


async def test_a_caller_who_goes_away_stops_nothing(runner: Jobrunner) -> None:
    gone = asyncio.create_task(once(runner, KEY))
    await asyncio.sleep(0)
    gone.cancel()
    text, repeat = await once(runner, KEY)
    assert repeat
    assert rows(runner, "SELECT id FROM jobs") == [(text,)]


async def test_what_could_not_be_written_is_not_remembered_and_can_be_repeated(runner: Jobrunner) -> None:
    await settled(runner)
    await fill_disk(runner)
    answers = await asyncio.gather(once(runner, KEY, 200_000), once(runner, KEY), return_exceptions=True)
    assert [type(answer) for answer in answers] == [StorageUnavailable, StorageUnavailable]
    await fill_disk(runner, full=False)
    await still(lambda: runner.writer.well)
    assert (await once(runner, KEY))[1] is False
    assert jobs(runner) == 1
