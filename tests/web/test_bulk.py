"""Many jobs in one request: each by itself, or all of them together."""

from __future__ import annotations

from typing import Any

import pytest

from jobrunner import Jobrunner
from jobrunner.model.filter import Filter
from tests.web.api import Answer, Api
from tests.web.conftest import OpenApi

GOOD = {"type": "echo", "payload": 1}
BAD = {"type": "order", "payload": {"rows": "many"}}


async def bulk(api: Api, *jobs: Any, **members: Any) -> Answer:
    return await api("POST", "jobs/bulk", json={"jobs": jobs, **members})


async def total(api: Api) -> int:
    return int((await api("GET", "jobs/stats/counts")).json["total"])


async def test_each_job_is_accepted_or_refused_by_itself(api: Api) -> None:
    answer = await bulk(api, GOOD, BAD, {**GOOD, "priority": 10}, GOOD, "no object")
    assert answer.status == 202
    assert answer.json["accepted"] == 2
    rows = answer.json["jobs"]
    assert [row["index"] for row in rows] == [0, 1, 2, 3, 4]
    assert [set(row) for row in rows[:2]] == [{"index", "job_id", "status"}, {"index", "problem"}]
    assert [row["problem"]["status"] for row in rows if "problem" in row] == [422, 422, 422]
    pointers = [error["pointer"] for row in rows if "problem" in row for error in row["problem"]["errors"]]
    assert pointers == ["/jobs/1/payload/rows", "/jobs/2/priority", "/jobs/4"]
    for row in (rows[0], rows[3]):
        assert (await api.ended(row["job_id"]))["result_data"] == 1
    assert await total(api) == 2


async def test_an_atomic_bulk_with_one_fault_is_refused_as_a_whole(api: Api) -> None:
    answer = await bulk(api, GOOD, BAD, GOOD, atomic=True)
    assert (answer.status, answer.json["code"]) == (422, "invalid")
    assert answer.json["errors"][0]["pointer"] == "/jobs/1/payload/rows"
    assert await total(api) == 0


async def test_an_atomic_bulk_is_accepted_as_a_whole(api: Api) -> None:
    answer = await bulk(api, *[GOOD] * 600, atomic=True)
    assert (answer.status, answer.json["accepted"]) == (202, 600)
    assert await total(api) == 600


async def test_a_bulk_of_which_nothing_can_be_accepted_is_refused(api: Api) -> None:
    answer = await bulk(api, BAD, {"type": "unknown"})
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json["errors"]] == ["/jobs/0/payload/rows", "/jobs/1/type"]
    assert await total(api) == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({}, "/jobs"),
        ({"jobs": []}, "/jobs"),
        ({"jobs": {}}, "/jobs"),
        ({"jobs": [GOOD] * 10_001}, "/jobs"),
        ({"jobs": [GOOD], "atomic": 1}, "/atomic"),
        ({"jobs": [GOOD], "more": 1}, ""),
    ],
)
async def test_a_bulk_of_another_form_is_refused(api: Api, body: Any, pointer: str) -> None:
    answer = await api("POST", "jobs/bulk", json=body)
    assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (422, [pointer])
    assert await total(api) == 0


async def test_a_bulk_above_its_limit_is_refused(open_api: OpenApi) -> None:
    api = await open_api(**{"server.max_bulk_body": 1_000})
    assert (await bulk(api, *[GOOD] * 100)).status == 413
    assert (await bulk(api, *[GOOD] * 10)).status == 202


async def test_a_bulk_that_the_queue_has_no_room_for_is_refused(open_api: OpenApi) -> None:
    api = await open_api(**{"queues.default.max_queued": 5})
    answer = await bulk(api, *[{**GOOD, "delay": 3600}] * 6)
    assert (answer.status, answer.json["code"]) == (429, "overloaded")
    assert await total(api) == 0


@pytest.mark.slow
async def test_ten_thousand_jobs_are_accepted_at_once_and_all_of_them_run(api: Api, runner: Jobrunner) -> None:
    answer = await bulk(api, *[GOOD] * 10_000)
    assert (answer.status, answer.json["accepted"]) == (202, 10_000)
    assert len({row["job_id"] for row in answer.json["jobs"]}) == 10_000
    watcher = runner.changes.watch(Filter())
    while (await runner.reader.counts()).get("completed") != 10_000:
        await watcher.wait()
        watcher.take()
    runner.changes.leave(watcher)
