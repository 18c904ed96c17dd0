"""A job of somebody else is like one that does not exist: asked for, listed, counted, and in every stream."""

from __future__ import annotations

from typing import Any

import pytest

from jobrunner import Jobrunner, Registry
from jobrunner.engine.changes import Changes
from jobrunner.errors import UnknownJob
from jobrunner.model.filter import Filter
from tests.conftest import OpenRunner
from tests.engine.engines import run, settled, submit
from tests.engine.stubborn import Stubborn
from tests.engine.test_changes import image

UNKNOWN = "01990000-0000-7000-8000-000000000000"


@pytest.fixture
def asked(runner: Jobrunner, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Note what the reader asks the disk."""
    statements: list[tuple[Any, ...]] = []
    fetch = runner.reader._rows

    async def noting(*question: Any) -> list[Any]:
        statements.append(question)
        return await fetch(*question)

    monkeypatch.setattr(runner.reader, "_rows", noting)
    return statements


async def refused(runner: Jobrunner, job_id: str, owner: str) -> str:
    with pytest.raises(UnknownJob) as error:
        await runner.get(job_id, owner)
    return str(error.value).replace(job_id, "ID")


@pytest.mark.parametrize("where", ["running", "waiting", "ended", "forgotten"])
async def test_a_foreign_job_is_looked_for_exactly_as_one_that_does_not_exist(
    runner: Jobrunner, registry: Registry, asked: list[tuple[Any, ...]], where: str
) -> None:
    stubborn = Stubborn(registry, "coroutine")
    if where in {"ended", "forgotten"}:
        stubborn.let_go(1, None)
        job_id = (await run(runner, user_id="anna")).id
    else:
        job_id = await submit(runner, user_id="anna", run_at=None if where == "running" else 4_000_000_000_000)
    await settled(runner)
    if where == "forgotten":
        runner.recent.drop([job_id])
    for _ in range(2):
        asked.clear()
        assert await refused(runner, job_id, "bob") == await refused(runner, UNKNOWN, "bob")
        (foreign, *known), (unknown, *not_known) = asked
        assert [foreign, known, not_known] == [unknown, [job_id, "bob"], [UNKNOWN, "bob"]]
        assert (await runner.get(job_id, "anna")).job.user_id == "anna"
    asked.clear()
    assert (await runner.get(job_id, "anna")).job.id == (await runner.get(job_id)).job.id == job_id
    assert asked == []


async def test_a_job_of_nobody_belongs_to_no_user(runner: Jobrunner, registry: Registry) -> None:
    Stubborn(registry, "coroutine")
    job_id = await submit(runner)
    for owner in ("", "anna", "None"):
        await refused(runner, job_id, owner)


@pytest.mark.parametrize(
    ("mine", "told"),
    [
        (Filter(owner="a"), ["j1", "j3"]),
        (Filter(owner="a", types=frozenset({"t"})), ["j1"]),
        (Filter(owner="a", user_ids=frozenset({"a", "b"})), ["j1", "j3"]),
        (Filter(owner="a", user_ids=frozenset({"b"})), []),
        (Filter(owner="a", job_ids=frozenset({"j1", "j2"})), ["j1"]),
        (Filter(only=frozenset({"j2", "j3"})), ["j2", "j3"]),
        (Filter(owner="a", only=frozenset({"j2", "j3"})), ["j3"]),
        (Filter(only=frozenset({"j2", "j3"}), job_ids=frozenset({"j1", "j3"})), ["j3"]),
        (Filter(only=frozenset()), []),
        (Filter(owner="a", only=frozenset(), job_ids=frozenset({"j1"})), []),
    ],
)
def test_a_watcher_is_told_of_own_jobs_only_and_always_of_the_end(mine: Filter, told: list[str]) -> None:
    changes = Changes()
    watcher = changes.watch(mine)
    jobs = [("j1", "a", "t"), ("j2", "b", "t"), ("j3", "a", "s"), ("j4", None, "t")]
    for number, (job_id, user_id, type_) in enumerate(jobs, 1):
        changes.tell(image(number, job_id, user_id=user_id, type=type_))
    assert [each.image.job.id for each in watcher.take()] == told
    assert len(changes) == 1
    changes.close()
    assert watcher.closed
    changes.leave(watcher)
    assert changes._watchers == {}


def test_the_jobs_of_others_do_not_even_reach_the_watchers_of_a_user() -> None:
    changes = Changes()
    for number in range(100):
        changes.watch(Filter(owner=f"u{number}"))
    mine = changes.watch(Filter(owner="a", types=frozenset({"t"})))
    assert list(changes._watchers["user", "a"]) == [mine]
    assert max(len(watchers) for watchers in changes._watchers.values()) == 1


async def test_a_live_stream_of_an_owner_never_hears_of_others(open_runner: OpenRunner, registry: Registry) -> None:
    Stubborn(registry, "coroutine")
    runner = await open_runner(**{"workers.concurrency": 1})
    watcher = runner.changes.watch(Filter(owner="anna"))
    ids = {user: [await submit(runner, user_id=user) for _ in range(3)] for user in ("anna", "bob", None)}
    for job_id in ids["anna"][1:] + ids["bob"]:
        await runner.cancel(job_id)
    assert {told.image.job.id for told in watcher.take()} == set(ids["anna"])
    since = await runner.reader.changes(0, [Filter(owner="anna")], 100)
    snapshot = await runner.reader.page([Filter(owner="anna")], limit=100)
    assert {each.job.id for each in since.images} == {each.job.id for each in snapshot} == set(ids["anna"])
