"""Claim before effect, and who is next: users in turns, priority as a head start, never more than there are slots."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from jobrunner import Context, Jobrunner, Registry, Submission, job
from jobrunner.errors import UnknownJob
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import WITHIN_S, ended, kill, rows, run, settled, submit


async def test_the_first_line_of_a_handler_sees_its_own_attempt_on_disk(
    open_runner: OpenRunner, registry: Registry
) -> None:
    seen: list[tuple[Any, ...]] = []

    @job("work", registry=registry, max_attempts=3)
    async def work(context: Context, payload: Any) -> None:
        seen.extend(rows(runner, "SELECT status, attempt FROM jobs WHERE id = ?", context.job_id))

    @job("in_thread", registry=registry)
    def in_thread(context: Context, payload: Any) -> None:
        seen.extend(rows(runner, "SELECT status, attempt FROM jobs WHERE id = ?", context.job_id))

    runner = await open_runner(**{"workers.concurrency": 1})
    ids = [await submit(runner) for _ in range(5)]
    for job_id in ids:
        await ended(runner, job_id)
    await run(runner, "in_thread")
    assert seen == [("processing", 1)] * 6


async def test_a_job_for_which_a_worker_is_free_is_accepted_running_and_others_wait(
    open_runner: OpenRunner, registry: Registry
) -> None:
    go = asyncio.Event()

    @job("work", registry=registry)
    async def work(context: Context, payload: Any) -> None:
        await go.wait()

    runner = await open_runner(**{"workers.concurrency": 2})
    await settled(runner)
    states = [(await runner.get(await submit(runner))).job.status for _ in range(3)]
    assert states == [Status.PROCESSING, Status.PROCESSING, Status.QUEUED]
    assert rows(runner, "SELECT DISTINCT status FROM jobs WHERE number <= 2") == [("processing",)]
    go.set()


@pytest.mark.parametrize("where", ["global", "queue"])
async def test_slots_of_a_queue_and_of_all_are_never_exceeded(
    open_runner: OpenRunner, registry: Registry, where: str
) -> None:
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()

    def work(queue: str) -> None:
        @job(f"work_{queue}", registry=registry, queue=queue)
        async def work(context: Context, payload: Any) -> None:
            for name in (queue, "all"):
                now[name] += 1
                most[name] = max(most[name], now[name])
            await asyncio.sleep(0)
            for name in (queue, "all"):
                now[name] -= 1

    for queue in ("a", "b"):
        work(queue)
    limits = {"workers.concurrency": 3} if where == "global" else {"workers.concurrency": 9}
    runner = await open_runner(**limits, **{"queues.a.concurrency": 2, "queues.b.concurrency": 4})
    ids = await asyncio.gather(*(submit(runner, f"work_{'ab'[n % 2]}", user_id=f"u{n % 5}") for n in range(80)))
    for job_id in ids:
        await ended(runner, job_id)
    assert most["a"] <= 2
    assert most["b"] <= 4
    assert most["all"] == (3 if where == "global" else 6)
    assert runner.pool.taken == 0


async def test_a_user_with_many_jobs_does_not_keep_another_from_a_turn(
    open_runner: OpenRunner, registry: Registry
) -> None:
    order, go = record_order(registry)
    runner = await open_runner(**{"workers.concurrency": 1})
    ids = [await submit(runner, payload="first")]
    ids += [await submit(runner, user_id="many", priority=9) for _ in range(30)]
    ids += [await submit(runner, user_id=user, priority=0) for user in ("few", "other", None) for _ in range(2)]
    go.set()
    for job_id in ids:
        await ended(runner, job_id)
    assert Counter(order[1:9]) == {"many": 2, "few": 2, "other": 2, None: 2}


async def test_users_take_turns_from_the_first_slot_on_when_a_backlog_is_opened(
    open_runner: OpenRunner, registry: Registry
) -> None:
    order, go = record_order(registry)
    runner = await open_runner(**{"workers.concurrency": 1})
    for user in ("a", "b", "c"):
        for _ in range(20):
            await submit(runner, user_id=user)
    await kill(runner)
    order.clear()
    runner = await open_runner(ManualClock(), **{"workers.concurrency": 6})
    await settled(runner)
    assert Counter(image.job.user_id for live in runner.table if (image := live.image) and live.running) == {
        "a": 2,
        "b": 2,
        "c": 2,
    }
    go.set()


async def test_priority_is_a_head_start_within_a_users_own_jobs(open_runner: OpenRunner, registry: Registry) -> None:
    order, go = record_order(registry)
    clock = ManualClock()
    runner = await open_runner(clock, **{"workers.concurrency": 1})
    ids = [await submit(runner, payload="blocker")]
    ids.append(await submit(runner, payload="low, early", priority=0))
    clock.advance(61)
    ids.append(await submit(runner, payload="one step higher, 61 s later", priority=1))
    ids.append(await submit(runner, payload="two steps higher, 61 s later", priority=2))
    go.set()
    for job_id in ids:
        await ended(runner, job_id)
    assert order.payloads == ["blocker", "two steps higher, 61 s later", "low, early", "one step higher, 61 s later"]


async def test_with_strict_priority_no_wait_makes_up_for_it(open_runner: OpenRunner, registry: Registry) -> None:
    order, go = record_order(registry)
    clock = ManualClock()
    runner = await open_runner(clock, **{"workers.concurrency": 1, "queues.default.strict_priority": True})
    ids = [await submit(runner, payload="blocker"), await submit(runner, payload="low", priority=4)]
    clock.advance(100_000)
    ids.append(await submit(runner, payload="high", priority=5))
    go.set()
    for job_id in ids:
        await ended(runner, job_id)
    assert order.payloads == ["blocker", "high", "low"]


async def test_where_a_queue_is_not_fair_the_first_come_is_the_first_served(
    open_runner: OpenRunner, registry: Registry
) -> None:
    order, go = record_order(registry)
    runner = await open_runner(**{"workers.concurrency": 1, "queues.default.fair": False})
    ids = [await submit(runner, payload="blocker")]
    for user in ("b", "b", "b", "a"):
        ids.append(await submit(runner, user_id=user))
        await asyncio.sleep(0.002)  # ranks are in milliseconds
    go.set()
    for job_id in ids:
        await ended(runner, job_id)
    assert order[1:] == ["b", "b", "b", "a"]


async def test_waiting_jobs_move_into_other_lanes_when_fairness_is_configured_anew(
    open_runner: OpenRunner, registry: Registry
) -> None:
    _order, go = record_order(registry)
    runner = await open_runner(**{"workers.concurrency": 1})
    ids = [await submit(runner, user_id=user) for user in ("a", "a", "b")]
    await runner.stop(0)
    runner = await open_runner(**{"queues.default.fair": False, "workers.concurrency": 1})
    assert rows(runner, "SELECT DISTINCT lane FROM jobs WHERE status = 'queued'") == [("*",)]
    go.set()
    for job_id in ids:
        assert (await ended(runner, job_id)).status is Status.COMPLETED


async def test_jobs_of_a_type_that_nobody_serves_fail_and_leave_their_slots_to_the_others(
    open_runner: OpenRunner, registry: Registry
) -> None:
    _order, go = record_order(registry)
    job("gone", registry=registry)(_never)
    runner = await open_runner(**{"workers.concurrency": 1})
    gone = [await submit(runner, "gone") for _ in range(5)]
    served = await submit(runner)
    await kill(runner)
    del registry._types["gone"]
    go.set()
    runner = await open_runner(**{"workers.concurrency": 1, "queues.default.fair": False})
    assert (await ended(runner, served)).status is Status.COMPLETED
    errors = [(await ended(runner, job_id)).error for job_id in gone[1:]]
    assert {error.code for error in errors if error} == {"NO_HANDLER"}


async def test_a_submission_that_cannot_be_written_leaves_its_slot_to_those_that_wait(
    open_runner: OpenRunner, registry: Registry
) -> None:
    _order, go = record_order(registry)
    go.set()
    runner = await open_runner(**{"workers.concurrency": 1})
    await settled(runner)
    new = runner.intake.prepare(Submission(type="work", metadata={"not": float("nan")}), runner.clock.now())
    bad = asyncio.create_task(runner.submit_each([new]))  # written after the others of its batch
    await asyncio.sleep(0)
    good = await submit(runner)
    assert [type(error) for error in await bad] == [ValueError]
    assert (await ended(runner, good)).status is Status.COMPLETED
    assert runner.release.queued.total() == 0


async def test_a_cancel_of_a_submission_that_is_then_refused_hears_that_there_is_no_such_job(
    runner: Jobrunner, registry: Registry
) -> None:
    record_order(registry)
    job_id = runner.intake.new_id(runner.clock.now())
    bad = asyncio.create_task(submit(runner, metadata={"not": float("nan")}, job_id=job_id))
    await asyncio.sleep(0)
    cancel = asyncio.create_task(runner.cancel(job_id))
    with pytest.raises(ValueError, match="JSON"):
        await bad
    with pytest.raises(UnknownJob):
        await asyncio.wait_for(cancel, WITHIN_S)
    assert not len(runner.table)


async def _never(context: Context, payload: Any) -> None:
    await asyncio.Event().wait()


class Order(list[str | None]):
    """The users whose jobs ran, and beside them the payloads."""

    payloads: list[Any]


def record_order(registry: Registry) -> tuple[Order, asyncio.Event]:
    """Serve `work`, which takes note of who runs and then waits for the event."""
    order, go = Order(), asyncio.Event()
    order.payloads = []

    @job("work", registry=registry)
    async def work(context: Context, payload: Any) -> None:
        order.append(context.user_id)
        order.payloads.append(payload)
        await go.wait()

    return order, go
