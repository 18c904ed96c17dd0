"""What watchers are told: only what they watch, of each job the newest state, and too much at once not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jobrunner import Context, Registry, job
from jobrunner.engine.changes import MOST_WAITING, Changes
from jobrunner.model.filter import EVERYTHING, Filter
from jobrunner.model.job import Job
from jobrunner.storage.image import Image
from tests.conftest import OpenRunner
from tests.engine.engines import run

WANTED = {
    "everything": EVERYTHING,
    "by id": Filter(job_ids=frozenset({"j1"})),
    "by user": Filter(user_ids=frozenset({"a"})),
    "by type": Filter(types=frozenset({"t"})),
    "by queue": Filter(queues=frozenset({"q"})),
    "by tag": Filter(tags=frozenset({"x", "y"})),
    "by all": Filter(
        job_ids=frozenset({"j1", "j2"}),
        user_ids=frozenset({"a"}),
        types=frozenset({"t"}),
        queues=frozenset({"q"}),
        tags=frozenset({"x"}),
    ),
}


def image(number: int, job_id: str = "j1", **more: Any) -> Image:
    given: dict[str, Any] = {"type": "t", "queue": "q", "user_id": "a", "tags": ("x",), **more}
    return Image(Job(id=job_id, title="", created_at=0, **given), number)


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_a_watcher_is_told_what_it_watches_and_nothing_else(wanted: Filter) -> None:
    changes = Changes()
    watcher = changes.watch(wanted)
    changes.tell(image(1))
    assert [told.image.number for told in watcher.take()] == [1]
    strange = image(2, "j9", type="s", queue="p", user_id="b", tags=())
    changes.tell(strange)
    assert bool(watcher.take()) is (wanted is EVERYTHING)
    changes.leave(watcher)
    changes.tell(image(3))
    assert [watcher.take(), len(changes), changes._watchers] == [[], 0, {}]


def test_a_watcher_of_two_filters_hears_of_either_once() -> None:
    changes = Changes()
    watcher = changes.watch(WANTED["by user"], WANTED["by type"])
    changes.tell(image(1))
    changes.tell(image(2, "j2", user_id="b"))
    changes.tell(image(3, "j3", type="s"))
    changes.tell(image(4, "j4", type="s", user_id="b"))
    assert [told.image.number for told in watcher.take()] == [1, 2, 3]
    assert len(changes) == 1


def test_of_a_job_only_the_newest_state_waits_and_it_waits_last() -> None:
    changes = Changes()
    watcher = changes.watch(EVERYTHING)
    for number, job_id in enumerate(["j1", "j2", "j1", "j3", "j2"], 1):
        changes.tell(image(number, job_id))
    assert [(told.image.job.id, told.image.number) for told in watcher.take()] == [("j1", 3), ("j3", 4), ("j2", 5)]


def test_what_a_commit_tells_out_of_order_is_read_by_rising_number() -> None:
    changes = Changes()
    watcher = changes.watch(EVERYTHING)
    changes.tell(image(2, "j2"))
    changes.tell(image(1, "j1"))  # it changed twice, and is told again
    assert [told.image.number for told in watcher.take()] == [1, 2]


def test_progress_after_a_committed_state_that_nobody_has_read_leaves_it_committed() -> None:
    changes = Changes()
    watcher = changes.watch(EVERYTHING)
    changes.tell(image(1))
    changes.tell(image(1), committed=False)
    assert [told.committed for told in watcher.take()] == [True]
    changes.tell(image(1), committed=False)
    assert [told.committed for told in watcher.take()] == [False]


def test_more_than_256_waiting_states_are_all_dropped_and_that_is_said() -> None:
    changes = Changes()
    watcher = changes.watch(EVERYTHING)
    for number in range(MOST_WAITING):
        changes.tell(image(number, f"j{number}"))
    assert [watcher.overrun, len(watcher.take())] == [False, MOST_WAITING]
    for number in range(MOST_WAITING + 1):
        changes.tell(image(number, f"j{number}"))
    assert [watcher.overrun, watcher.take()] == [True, []]


async def test_waiting_ends_with_news_new_lines_and_the_end() -> None:
    changes = Changes()
    watcher = changes.watch(WANTED["by id"])
    happenings: list[Callable[[], None]] = [
        lambda: changes.tell(image(1)),
        lambda: changes.tell_lines(image(1)),
        changes.close,
    ]
    for happen in happenings:
        waiting = asyncio.create_task(watcher.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        happen()
        await asyncio.wait_for(waiting, 5)
        watcher.take()
    assert [watcher.new_lines, watcher.closed] == [True, True]


async def test_numbers_rise_for_a_watcher_also_when_a_commit_changes_a_job_twice(
    open_runner: OpenRunner, registry: Registry
) -> None:
    @job("work", registry=registry)
    async def work(context: Context, _payload: Any) -> None:
        with context.stage("one"):
            await asyncio.sleep(0)

    runner = await open_runner()
    watcher = runner.changes.watch(EVERYTHING)
    number = 0

    async def read() -> None:
        nonlocal number
        while True:
            await watcher.wait()
            for told in watcher.take():
                if told.committed:
                    assert told.image.number > number
                    number = told.image.number

    reading = asyncio.create_task(read())
    await asyncio.gather(*(run(runner) for _ in range(100)))
    assert not reading.done()
    assert number == runner.writer.head
    reading.cancel()
