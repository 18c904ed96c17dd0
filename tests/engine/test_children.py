"""Jobs that a handler begins: they belong to its job and its user, are begun once a key, and cancelled with it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jobrunner import Context, Registry, SyncContext, job
from jobrunner.model.filter import Filter
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import ended, kill, run, settled, submit


@pytest.fixture
def never(registry: Registry) -> asyncio.Event:
    """Return what the type `child` waits for when its payload is "wait"."""
    event = asyncio.Event()

    @job("child", registry=registry)
    async def child(context: Context, payload: Any) -> Any:
        if payload == "wait":
            await event.wait()
        return {"child": payload}

    return event


async def test_a_child_has_its_parent_and_the_parents_user_and_its_result_is_read_by_who_depends_on_it(
    open_runner: OpenRunner, registry: Registry, never: asyncio.Event
) -> None:
    @job("gather", registry=registry)
    async def gather(context: Context, payload: list[str]) -> list[Any]:
        return [await context.result_of(each) for each in payload]

    @job("parent", registry=registry)
    async def parent(context: Context, payload: Any) -> list[str]:
        children = [await context.spawn("child", n) for n in range(3)]
        return [*children, await context.spawn("gather", children, depends_on=children)]

    runner = await open_runner(**{"workers.concurrency": 1})
    parent_job = await run(runner, "parent", None, user_id="ada", tags=("p:1",))
    (*children, gathered) = await runner.reader.page(
        [Filter(parents=frozenset({parent_job.id}))], limit=10, ascending=True
    )
    assert {(image.job.user_id, image.job.tags) for image in children} == {("ada", ("p:1",))}
    assert (await ended(runner, gathered.job.id)).status is Status.COMPLETED
    assert (await runner.reader.texts(gathered.job.id))[1] == '[{"child":0},{"child":1},{"child":2}]'


async def test_a_handler_in_a_thread_spawns_too(
    open_runner: OpenRunner, registry: Registry, never: asyncio.Event
) -> None:
    @job("parent", registry=registry)
    def parent(context: SyncContext, payload: Any) -> str:
        return context.spawn("child", 1)

    runner = await open_runner()
    child = (await runner.recent.texts(await runner.get((await run(runner, "parent")).id)))[1]
    assert child is not None
    assert (await ended(runner, child.strip('"'))).status is Status.COMPLETED


async def test_children_and_their_children_are_cancelled_with_the_parent(
    open_runner: OpenRunner, registry: Registry, never: asyncio.Event
) -> None:
    ids: list[str] = []

    @job("middle", registry=registry)
    async def middle(context: Context, payload: Any) -> None:
        ids.append(await context.spawn("child", "wait"))
        await never.wait()

    @job("parent", registry=registry)
    async def parent(context: Context, payload: Any) -> None:
        ids.append(await context.spawn("middle"))
        ids.append(await context.spawn("child", 1, depends_on=[ids[0]]))
        await never.wait()

    runner = await open_runner()
    parent_id = await submit(runner, "parent")
    while len(ids) < 3:
        await asyncio.sleep(0)
    other = await submit(runner, "child", "wait")
    await runner.cancel(parent_id, by="user:ada")
    assert [(await ended(runner, job_id)).status for job_id in ids] == [Status.CANCELLED] * 3
    assert (await runner.get(other)).job.status is Status.PROCESSING
    assert (await runner.reader.history(ids[0]))[0].by == f"job:{parent_id}"


async def test_a_child_that_is_accepted_while_its_parent_is_cancelled_is_cancelled_too(
    open_runner: OpenRunner, registry: Registry, never: asyncio.Event
) -> None:
    spawning = asyncio.Event()
    ids: list[str] = []

    @job("parent", registry=registry)
    async def parent(context: Context, payload: Any) -> None:
        spawn = asyncio.create_task(context.spawn("child", "wait"))
        await asyncio.sleep(0)
        spawning.set()
        try:
            await never.wait()
        finally:
            ids.append(await spawn)

    runner = await open_runner()
    parent_id = await submit(runner, "parent")
    await spawning.wait()
    await runner.cancel(parent_id)
    await ended(runner, parent_id)
    assert (await ended(runner, ids[0])).status is Status.CANCELLED


async def test_with_a_key_a_later_attempt_gets_the_child_that_is_there(
    open_runner: OpenRunner, registry: Registry, never: asyncio.Event
) -> None:
    spawned: list[str] = []
    clock = ManualClock()

    @job("parent", registry=registry)
    async def parent(context: Context, payload: Any) -> None:
        spawned.append(await context.spawn("child", 1, key="one"))
        if context.attempt == 1:
            await never.wait()

    runner = await open_runner(clock)
    parent_id = await submit(runner, "parent")
    while not spawned:
        await asyncio.sleep(0)
    await kill(runner)
    again = await open_runner(clock)
    await settled(again)
    clock.advance(60)
    await ended(again, parent_id)
    assert len(spawned) == 2
    assert len(set(spawned)) == 1


async def test_what_cannot_be_spawned_fails_the_attempt_and_says_why(
    open_runner: OpenRunner, registry: Registry, never: asyncio.Event
) -> None:
    @job("parent", registry=registry)
    async def parent(context: Context, payload: str) -> Any:
        return await (context.result_of(context.job_id) if payload == "result" else context.spawn(payload))

    runner = await open_runner()
    failed = await run(runner, "parent", "nobody")
    assert failed.error is not None
    assert [failed.error.code, failed.error.retryable] == ["SPAWN_REFUSED", False]
    assert "not served" in failed.error.message
    other = await run(runner, "parent", "result")
    assert other.error is not None
    assert other.error.code == "NOT_COMPLETED"


async def test_children_of_a_cancelled_parent_are_cancelled_after_a_crash_but_not_one_that_was_retried_since(
    open_runner: OpenRunner, registry: Registry, never: asyncio.Event
) -> None:
    ids: list[str] = []
    clock = ManualClock()

    @job("parent", registry=registry)
    async def parent(context: Context, payload: Any) -> None:
        ids.extend([await context.spawn("child", "wait"), await context.spawn("child", "wait")])
        await never.wait()

    runner = await open_runner(clock)
    parent_id = await submit(runner, "parent")
    while len(ids) < 2:
        await asyncio.sleep(0)
    runner.children.stopped = lambda _parent: None  # type: ignore[method-assign,assignment]  # it dies before it can look
    await runner.cancel(parent_id)
    await ended(runner, parent_id)
    await runner.cancel(ids[0])
    await ended(runner, ids[0])
    await runner.retry(ids[0])
    await settled(runner)
    await kill(runner)
    again = await open_runner(clock)
    await settled(again)
    assert (await ended(again, ids[1])).status is Status.CANCELLED
    await settled(again)
    assert not (await again.get(ids[0])).job.status.ended
