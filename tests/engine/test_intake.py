"""What is taken in, and what is refused before it is accepted: too much, a full disk, what does not fit its type."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, Field

from jobrunner import Context, Registry, Submission, job
from jobrunner.errors import Invalid, Overloaded, Quota, RateLimited, StorageUnavailable
from jobrunner.model.job import Hold, Upload
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import ended, fill_disk, rows, settled, still, submit
from tests.engine.stubborn import Stubborn


class Request(BaseModel):
    rows: int = Field(ge=1)
    names: list[str] = []


async def test_more_than_may_wait_is_refused_and_room_is_made_by_whatever_leaves(
    open_runner: OpenRunner, registry: Registry
) -> None:
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(
        **{"workers.concurrency": 1, "queues.default.max_queued": 2, "queues.other.max_queued": 1}
    )
    await submit(runner)
    await stubborn.began(1)
    ids = [await submit(runner) for _ in range(2)]
    with pytest.raises(Overloaded) as refused:
        await submit(runner)
    assert refused.value.retry_after_s > 0
    await runner.cancel(ids[0])
    news = [runner.intake.prepare(Submission(type="work"), runner.clock.now()) for _ in range(2)]
    for take in (runner.submit_all, runner.submit_each):
        with pytest.raises(Overloaded):
            await take(news)
    await submit(runner)
    stubborn.let_go(1, None)
    await stubborn.began(2)
    await submit(runner)
    await submit(runner, queue="other")
    assert runner.release.queued == {"default": 2, "other": 1}
    assert rows(runner, "SELECT count(*) FROM jobs WHERE status = 'queued'") == [(runner.release.queued.total(),)]


async def test_more_than_may_wait_of_a_user_is_refused_and_others_are_not_kept_out(
    open_runner: OpenRunner, registry: Registry
) -> None:
    stubborn = Stubborn(registry, "coroutine")
    settings = {"workers.concurrency": 1, "limits.max_queued": 2, "limits.users.bob.max_queued": 3}
    runner = await open_runner(**settings)
    await submit(runner, user_id="ada")
    await stubborn.began(1)
    ids = [await submit(runner, user_id="ada") for _ in range(2)]
    with pytest.raises(RateLimited) as refused:
        await submit(runner, user_id="ada", queue="default")
    assert refused.value.detail == "2 jobs may wait for user ada, and 2 do; try again when some have begun."
    assert refused.value.quotas == (Quota("queued", 2, 0),)
    news = [runner.intake.prepare(Submission(type="work", user_id="bob"), runner.clock.now()) for _ in range(4)]
    for take in (runner.submit_all, runner.submit_each):
        with pytest.raises(RateLimited, match="3 jobs may wait for user bob; 4 at once can never pass"):
            await take(news)
    await runner.submit_all(news[:3])
    for _ in range(5):
        await submit(runner)  # of nobody
    await runner.cancel(ids[0])
    await submit(runner, user_id="ada")
    assert runner.release.queued_of == {"ada": 2, "bob": 3}
    for new in news[:3]:
        await runner.cancel(new.job.id)
    assert dict(runner.release.queued_of) == {"ada": 2}
    await runner.submit_all([replace(new, job=new.job.but(id=f"{new.job.id[:-1]}x")) for new in news[:3]])
    stubborn.let_go(1, None)
    await stubborn.began(2)
    await runner.stop(0)
    again = await open_runner(**settings, **{"queues.default.concurrency": 1})
    assert set(again.release.queued_of) == {"ada", "bob"}
    await settled(again)
    found = rows(again, "SELECT user_id, count(*) FROM jobs WHERE status = 'queued' AND user_id <> '' GROUP BY 1")
    assert again.release.queued_of == dict(found)
    more = [again.intake.prepare(Submission(type="work", user_id="bob"), again.clock.now()) for _ in range(3)]
    with pytest.raises(RateLimited):
        await again.submit_all(more)


async def test_waiting_jobs_of_users_are_counted_only_where_that_is_limited(
    open_runner: OpenRunner, registry: Registry
) -> None:
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1, "limits.submissions_per_minute": 2})
    for user in "abc":
        await submit(runner, user_id=user)
    assert [runner.release.queued_of, runner.release.queued] == [{}, {"default": 2}]
    stubborn.let_go(1, None)


async def test_with_too_little_room_on_the_disk_nothing_is_taken_in(
    open_runner: OpenRunner, registry: Registry
) -> None:
    Stubborn(registry, "coroutine")
    free = shutil.disk_usage("/").free
    runner = await open_runner(**{"storage.min_free": free * 1_000})
    with pytest.raises(StorageUnavailable):
        await submit(runner)
    assert rows(runner, "SELECT count(*) FROM jobs") == [(0,)]


async def test_a_full_disk_refuses_submissions_claims_nothing_and_keeps_outcomes_until_it_has_room(
    open_runner: OpenRunner, registry: Registry
) -> None:
    stubborn = Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1})
    first = await submit(runner)
    await stubborn.began(1)
    waiting = await submit(runner)
    await settled(runner)
    await fill_disk(runner)
    stubborn.let_go(1, "x" * 100_000)
    await still(lambda: not runner.writer.well)
    with pytest.raises(StorageUnavailable):
        await submit(runner)
    for ask in (runner.cancel, runner.retry):
        with pytest.raises(StorageUnavailable):
            await ask(waiting)
    assert [runner.pool.taken, len(stubborn.contexts)] == [0, 1]
    await fill_disk(runner, full=False)
    assert (await ended(runner, first)).status == "completed"
    await stubborn.began(2)
    assert runner.release.queued.total() == 0
    stubborn.let_go(2, None)


@pytest.mark.parametrize(
    ("submission", "pointer"),
    [
        (Submission(type="nobody"), "/type"),
        (Submission(type="work", payload={"rows": 0}), "/payload/rows"),
        (Submission(type="work", payload={"rows": 1, "names": ["a", 2]}), "/payload/names/1"),
        (Submission(type="work", payload={"rows": 1}, queue="nowhere"), "/queue"),
        (Submission(type="filed", payload={"rows": 1}), "/uploads"),
    ],
)
async def test_what_does_not_fit_is_refused_with_a_pointer(
    open_runner: OpenRunner, registry: Registry, submission: Submission, pointer: str
) -> None:
    @job("work", registry=registry)
    async def work(_context: Context, _payload: Request) -> None:
        """Do nothing."""

    job("filed", registry=registry, uploads=["file"])(work)
    runner = await open_runner()
    with pytest.raises(Invalid) as refused:
        await runner.submit(submission)
    assert [name for name, _ in refused.value.pointers] == [pointer]


async def test_a_job_waits_for_its_files_and_its_first_stage_is_driven_by_them(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    @job("work", registry=registry, uploads=["a", "b"], stages=["uploading", "thinking"])
    async def work(context: Context, _payload: Any) -> list[str | None]:
        return [context.upload(name).filename for name in ("a", "b")]

    runner = await open_runner(clock)
    job_id = await submit(runner, uploads=(Upload("a"), Upload("b")))
    whole = [Upload(name, f"{name}.csv", "text/csv", size=1, received=1, stored=name) for name in ("a", "b")]
    await runner.show_upload(job_id, Upload("b", received=5))
    assert [upload.received for upload in (await runner.get(job_id)).job.uploads] == [0, 5]
    job_ = (await runner.receive(job_id, whole[1])).job
    assert [job_.hold, job_.stages[0].status] == [Hold.UPLOAD, "processing"]
    await runner.receive(job_id, whole[0])
    job_ = await ended(runner, job_id)
    assert [job_.status, job_.stages[0].status] == ["completed", "completed"]


async def test_a_bulk_is_taken_in_piece_by_piece_and_all_or_nothing_where_that_is_asked_for(
    open_runner: OpenRunner, registry: Registry
) -> None:
    @job("work", registry=registry)
    async def work(_context: Context, _payload: Any) -> None:
        """Do nothing."""

    runner = await open_runner()
    news = [runner.intake.prepare(Submission(type="work"), runner.clock.now()) for _ in range(600)]
    bad = runner.intake.prepare(Submission(type="work", metadata={"no": float("nan")}), runner.clock.now())
    made = await runner.submit_each([*news, bad])
    assert [isinstance(each, ValueError) for each in made] == [False] * 500 + [True] * 101
    with pytest.raises(ValueError, match="JSON"):
        await runner.submit_all([runner.intake.prepare(Submission(type="work"), runner.clock.now()), bad])
    await asyncio.gather(*(ended(runner, image.job.id) for image in made if not isinstance(image, Exception)))
    assert rows(runner, "SELECT count(*) FROM jobs") == [(500,)]
    assert [runner.pool.taken, len(runner.table)] == [0, 0]
