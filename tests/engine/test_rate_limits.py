"""How much a user, or an application, may ask for: counted before it is done, exactly, and across restarts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any

import pytest

from jobrunner import Context, Jobrunner, Registry, Submission, job
from jobrunner.engine.limits import NOTHING, Admission, Limits
from jobrunner.errors import RateLimited
from jobrunner.model.job import Upload
from jobrunner.storage.usage import Use
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import settled

ANNA = "user:anna"
MINUTE, HOUR = "limits.submissions_per_minute", "limits.submissions_per_hour"


@pytest.fixture(autouse=True)
def _types(registry: Registry) -> None:
    async def work(_context: Context, _payload: Any) -> None:
        """Do nothing."""

    for name in ("work", "other"):
        job(name, registry=registry)(work)


async def admit(limits: Limits, times: int = 1, bearer: str = ANNA, type_: str = "work") -> Admission:
    """Ask for jobs one by one; return what the last one got."""
    got = NOTHING
    for _ in range(times):
        got = await limits.admit({(bearer, type_): 1})
    return got


async def refusal(limits: Limits, jobs: int = 1, bearer: str = ANNA, type_: str = "work") -> RateLimited:
    with pytest.raises(RateLimited) as refused:
        await limits.admit({(bearer, type_): jobs})
    return refused.value


async def submit(runner: Jobrunner, times: int = 1, type_: str = "work", **more: Any) -> None:
    for _ in range(times):
        await runner.submit(Submission(type=type_, **more))


async def test_without_limits_nothing_waits_and_nothing_is_kept(open_runner: OpenRunner, clock: ManualClock) -> None:
    limits = (await open_runner(clock)).limits
    for asking in (limits.admit({(ANNA, "work"): 10_000}), limits.admit_bytes(ANNA, 10**15)):
        with pytest.raises(StopIteration) as at_once:
            asking.send(None)
        assert at_once.value.value is NOTHING
    with contextlib.ExitStack() as streams:
        for _ in range(1_000):
            streams.enter_context(limits.stream(ANNA))
        assert [len(limits._submissions), len(limits._bytes), len(limits._streams)] == [0, 0, 0]


async def test_a_minute_slides_exactly(open_runner: OpenRunner, clock: ManualClock) -> None:
    limits = (await open_runner(clock, **{MINUTE: 3})).limits
    await admit(limits)
    clock.advance(20)
    await admit(limits, 2)
    clock.advance(28.001)
    error = await refusal(limits)
    assert error.detail == "3 submissions a minute are allowed for user anna; try again in 12 s."
    assert error.retry_after_s == 12
    clock.advance(11.998)
    assert (await refusal(limits)).retry_after_s == 1
    clock.advance(0.001)
    await admit(limits)
    assert (await refusal(limits)).retry_after_s == 20


async def test_retry_after_is_when_there_is_room_for_all_that_was_asked_for(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    limits = (await open_runner(clock, **{MINUTE: 3, HOUR: 4})).limits
    for _ in range(3):
        await admit(limits)
        clock.advance(10)
    error = await refusal(limits, 2)
    assert [error.retry_after_s, error.detail] == [
        3_570, "4 submissions an hour are allowed for user anna; try again in 3570 s."
    ]  # fmt: skip
    clock.advance(error.retry_after_s)
    await limits.admit({(ANNA, "work"): 2})


async def test_more_at_once_than_the_limit_can_never_pass_and_that_is_said(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    limits = (await open_runner(clock, **{MINUTE: 1, "limits.upload_per_day": "1MB"})).limits
    error = await refusal(limits, 2)
    assert [error.retry_after_s, error.detail] == [
        60, "1 submission a minute is allowed for user anna; 2 at once can never pass."
    ]  # fmt: skip
    with pytest.raises(RateLimited, match="1000000 bytes of uploads a day are allowed for user anna; 1000001 at once"):
        await limits.admit_bytes(ANNA, 1_000_001)


async def test_many_at_once_are_all_counted_or_none(open_runner: OpenRunner, clock: ManualClock) -> None:
    limits = (
        await open_runner(clock, **{MINUTE: 5, "types.work.limits.submissions_per_hour": 3})
    ).limits  # fmt: skip
    await admit(limits, 1, "user:bob", "other")
    wanted = {(ANNA, "work"): 3, (ANNA, "other"): 2, ("user:bob", "other"): 5}
    with pytest.raises(RateLimited, match="for user bob"):
        await limits.admit(wanted)
    admission = await limits.admit({**wanted, ("user:bob", "other"): 4})
    assert admission.quotas == ()
    for bearer in (ANNA, "user:bob"):
        await refusal(limits, 1, bearer, "other")
    admission.give_back()
    await limits.admit({**wanted, ("user:bob", "other"): 4})


async def test_a_type_has_limits_of_its_own_for_each_user_beside_the_users(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    limits = (await open_runner(clock, **{MINUTE: 3, "types.work.limits.submissions_per_minute": 2})).limits
    admission = await admit(limits, 2)
    assert [(each.name, each.quota, each.remaining, each.window_s, each.reset_s) for each in admission.quotas] == [
        ("submissions-minute", 3, 1, 60, 60), ("work-minute", 2, 0, 60, 60)
    ]  # fmt: skip
    error = await refusal(limits)
    assert "2 submissions of work a minute are allowed for user anna" in error.detail
    assert [(each.name, each.remaining) for each in error.quotas] == [("submissions-minute", 1), ("work-minute", 0)]
    await admit(limits, 2, "user:bob")
    await admit(limits, 1, ANNA, "other")
    assert "3 submissions a minute" in (await refusal(limits, 1, ANNA, "other")).detail


async def test_a_user_may_have_more_or_less_than_everybody(open_runner: OpenRunner, clock: ManualClock) -> None:
    own = {"limits.users.anna.submissions_per_minute": 4, "limits.users.bob.open_streams": 1}
    limits = (await open_runner(clock, **{MINUTE: 2, **own})).limits
    await admit(limits, 4)
    await refusal(limits)
    for bearer in ("user:bob", "key:anna"):
        await admit(limits, 2, bearer)
        await refusal(limits, 1, bearer)
    with limits.stream("user:bob"), limits.stream(ANNA), limits.stream(ANNA), pytest.raises(RateLimited):
        limits.stream("user:bob").__enter__()


async def test_whoever_asks_at_the_same_time_cannot_get_beyond_a_limit_together(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    runner = await open_runner(clock, **{HOUR: 10})
    await submit(runner, 4, user_id="anna")
    answers = await asyncio.gather(*(admit(runner.limits) for _ in range(30)), return_exceptions=True)
    assert [isinstance(answer, RateLimited) for answer in answers].count(False) == 6


async def test_what_was_not_done_is_given_back(open_runner: OpenRunner, clock: ManualClock) -> None:
    limits = (await open_runner(clock, **{MINUTE: 2, HOUR: 2})).limits
    first, second = await admit(limits), await admit(limits)
    first.give_back()
    await admit(limits)
    await refusal(limits)
    clock.advance(60)
    second.give_back()  # it has ended in one window, and not in the other
    await admit(limits)
    assert (await refusal(limits)).retry_after_s == 3_540


async def test_a_restart_forgets_nothing_of_the_hour(open_runner: OpenRunner, clock: ManualClock) -> None:
    settings = {HOUR: 4, MINUTE: 3, "types.other.limits.submissions_per_hour": 1}
    runner = await open_runner(clock, **settings)
    await submit(runner, 1, "other", user_id="anna")
    clock.advance(600)
    await submit(runner, 2, user_id="anna")
    await submit(runner, 4, submitted_by="key:4k2m")
    await submit(runner, 9, user_id="bob", submitted_by="key:4k2m")
    await settled(runner)
    await runner.stop(0)
    clock.advance(1_200)
    limits = (await open_runner(clock, **settings)).limits
    assert (await refusal(limits, 1, ANNA, "other")).retry_after_s == 1_800
    assert (await admit(limits)).quotas[1].remaining == 0
    assert (await refusal(limits)).retry_after_s == 1_800
    assert (await refusal(limits, 1, "key:4k2m")).retry_after_s == 2_400
    clock.advance(1_800)
    await admit(limits, 1, ANNA, "other")
    await refusal(limits)


async def test_two_first_looks_at_the_same_time_are_one_look(open_runner: OpenRunner, clock: ManualClock) -> None:
    runner = await open_runner(clock, **{HOUR: 10})
    await submit(runner, 5, user_id="anna")
    asked: list[list[str]] = []
    read = runner.reader.jobs_used

    async def noting(bearers: Iterable[str], since: int, until: int) -> list[Use]:
        asked.append(list(bearers))
        return await read(asked[-1], since, until)

    runner.limits._submissions._read = noting
    going = asyncio.create_task(admit(runner.limits))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(admit(runner.limits)) for _ in range(4)]
    both = asyncio.create_task(runner.limits.admit({(ANNA, "work"): 1, ("user:bob", "work"): 1}))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.gather(*waiting, both)
    assert asked == [[ANNA], ["user:bob"]]
    await refusal(runner.limits)
    await admit(runner.limits, 9, "user:bob")


async def test_a_first_look_that_fails_is_told_to_all_who_wait_and_tried_again(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    runner = await open_runner(clock, **{HOUR: 1})
    await runner.submit(Submission(type="work", user_id="anna"))
    read = runner.reader.jobs_used

    async def broken(_bearers: Iterable[str], _since: int, _until: int) -> list[Use]:
        raise OSError

    runner.limits._submissions._read = broken
    failed = await asyncio.gather(*(admit(runner.limits) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in failed] == [OSError] * 3
    runner.limits._submissions._read = read
    await refusal(runner.limits)


async def test_a_clock_that_is_set_back_or_forward_changes_no_window(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    runner = await open_runner(clock, **{HOUR: 2})
    await admit(runner.limits, 2)
    for jump_s in (-86_400, 2 * 86_400):
        clock.jump(jump_s)
        assert (await refusal(runner.limits)).retry_after_s == 3_600
    await submit(runner, 2, user_id="bob")
    await settled(runner)
    await runner.stop(0)
    clock.jump(-1_800)
    limits = (await open_runner(clock, **{HOUR: 2})).limits
    assert (await refusal(limits, 1, "user:bob")).retry_after_s == 3_600


async def test_memory_is_given_up_when_nothing_counts_any_more(open_runner: OpenRunner, clock: ManualClock) -> None:
    limits = (await open_runner(clock, **{MINUTE: 3})).limits
    clock.advance(60)  # from here on the disk is not asked any more: all that counts was submitted since the start
    for number in range(500):
        await admit(limits, 1, f"user:{number}")
    assert len(limits._submissions) == 500
    clock.advance(59.999)
    await admit(limits)
    assert len(limits._submissions) == 501
    clock.advance(0.001)
    await admit(limits)
    assert len(limits._submissions) == 1
    for number in range(3):  # who asks all the time does not keep those who came later
        clock.advance(30)
        await admit(limits, 1, f"user:{number}")
        await admit(limits)
    assert len(limits._submissions) == 3


async def test_bytes_of_uploads_count_for_a_day_across_a_restart_and_shared_files_once(
    open_runner: OpenRunner, clock: ManualClock
) -> None:
    settings = {"limits.upload_per_day": 1_000}
    runner = await open_runner(clock, **settings)
    whole, half = Upload("a", size=300, received=300), Upload("b", received=200)
    await submit(runner, 1, user_id="anna", uploads=(whole, half))
    await submit(runner, 1, user_id="anna", uploads=(whole,), retried_from="x")
    await submit(runner, 1, user_id="bob", uploads=(whole,))
    await submit(runner, 1, submitted_by="key:4k2m", uploads=(whole, whole))
    await settled(runner)
    await runner.stop(0)
    clock.advance(80_000)
    limits = (await open_runner(clock, **settings)).limits
    admission = await limits.admit_bytes(ANNA, 500)
    (quota,) = admission.quotas
    assert [quota.name, quota.remaining, quota.unit, quota.window_s] == ["upload-day", 0, "content-bytes", 86_400]
    with pytest.raises(RateLimited) as refused:
        await limits.admit_bytes("key:4k2m", 401)
    assert refused.value.retry_after_s in range(6_400, 6_410)
    await limits.admit_bytes("key:4k2m", 400)
    admission.give_back()
    await limits.admit_bytes(ANNA, 500)


async def test_a_stream_counts_as_long_as_it_is_open(open_runner: OpenRunner, clock: ManualClock) -> None:
    limits = (await open_runner(clock, **{"limits.open_streams": 2})).limits
    with limits.stream(ANNA):
        with limits.stream(ANNA), limits.stream("key:4k2m"):
            with pytest.raises(RateLimited) as refused, limits.stream(ANNA):
                pytest.fail("it was opened")
            assert refused.value.detail == "2 streams may be open at once for user anna; close one first."
            assert [(each.name, each.quota, each.remaining) for each in refused.value.quotas] == [("streams", 2, 0)]
        with limits.stream(ANNA):
            pass
    assert not limits._streams
