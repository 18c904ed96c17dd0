"""Statistics, failures by their error, and estimates, over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from jobrunner import Jobrunner
from jobrunner.web.statistics import STEPS, Window
from jobrunner.wire.statistics import FailureGroupData, Statistics
from tests.clock import START, ManualClock
from tests.conftest import OpenRunner
from tests.web.api import Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate
from tests.web.shape import faults

HOUR = 3_600_000


def total(series: Sequence[Any], name: str) -> int:
    return sum(point[name] for point in series)


async def test_what_came_and_ended_is_told_over_time_and_by_type(api: Api) -> None:
    for _ in range(3):
        await api.run("echo")
    await api.run("fail")
    cancelled = await api.submit("echo", delay=3600)
    await api("DELETE", f"jobs/{cancelled['job_id']}")
    await api.submit("order", {"rows": 1}, delay=3600)
    found = (await api("GET", "jobs/stats")).json
    assert faults(found, Statistics) == []
    assert (found["range"], found["step"], len(found["series"])) == ("24h", 900, 96)
    assert [total(found["series"], name) for name in ("submitted", "completed", "failed", "cancelled")] == [6, 3, 1, 1]
    assert found["series"][-1]["queued"] == 1
    by_type = {each["type"]: each for each in found["types"]}
    assert list(by_type) == ["echo", "fail", "order"]
    assert by_type["echo"]["failure_rate"] == 0.0
    assert by_type["fail"]["failure_rate"] == 1.0
    assert by_type["order"]["failure_rate"] is None
    assert by_type["order"]["run"] == {"p50": None, "p95": None}
    assert found["totals"]["submitted"] == 6
    assert found["totals"]["failure_rate"] == 0.25
    assert 0 <= found["totals"]["run"]["p50"] <= found["totals"]["run"]["p95"] < 5
    only = (await api("GET", "jobs/stats?type=fail&type=order&queue=default")).json
    assert [each["type"] for each in only["types"]] == ["fail", "order"]
    assert (await api("GET", "jobs/stats?queue=other")).json["totals"]["submitted"] == 0


@pytest.mark.parametrize("hours", [*range(1, 32), 48, 120, 121, 719, 720])
def test_a_graph_has_at_most_120_points_that_begin_at_round_times_of_utc(hours: int) -> None:
    window = Window.of(hours, START + 12_345)
    assert len(window.moments) <= 120
    assert window.since % (window.step_s * 1000) == 0
    assert window.until - window.step_s * 1000 <= START + 12_345 < window.until
    assert window.until - window.since >= hours * HOUR
    assert window.step_s in {step for _, step in STEPS}


@pytest.mark.parametrize(
    ("hours", "step"), [(2, 60), (10, 300), (24, 900), (30, 900), (31, 3_600), (120, 3_600), (720, 21_600)]
)
def test_the_steps_grow_with_the_range(hours: int, step: int) -> None:
    assert Window.of(hours, START).step_s == step


@pytest.mark.parametrize("bad", ["", "24", "0h", "31d", "721h", "1m", "-1h", "1.5h", "٣h", "24h ", "9999999d"])
async def test_a_bad_range_is_refused(api: Api, bad: str) -> None:
    answer = await api("GET", "jobs/stats", params={"range": bad})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "range")


async def test_the_past_is_told_as_it_was_by_hours_and_by_days(
    open_runner: OpenRunner, open_api: OpenApi, clock: ManualClock
) -> None:
    runner = await open_runner(clock)
    api = await open_api(runner)
    await api.run("echo")
    clock.advance(26 * 3_600)
    for asked, expected in (("1h", 0), ("24h", 0), ("30h", 1), ("7d", 1), ("30d", 1)):
        found = (await api("GET", f"jobs/stats?range={asked}")).json
        assert total(found["series"], "completed") == found["totals"]["completed"] == expected, asked
        assert datetime.fromisoformat(found["to"]).timestamp() * 1000 > clock.now()


async def test_failures_are_grouped_by_type_and_code_the_newest_first(api: Api) -> None:
    await api.run("flaky", max_attempts=1)
    last = await api.run("fail", 1, user_id="anna")
    first = await api.run("fail", 2)
    await api("POST", f"jobs/{last['job_id']}/retry")
    last = await api.ended(last["job_id"])
    found = (await api("GET", "jobs/failures")).json["groups"]
    assert faults(found, list[FailureGroupData]) == []
    assert [(each["type"], each["code"], each["count"]) for each in found] == [
        ("fail", "NO_LUCK", 2), ("flaky", "UNEXPECTED_ERROR", 1),
    ]  # fmt: skip
    newest = found[0]
    assert (newest["job_id"], newest["message"]) == (last["job_id"], "It was not to be.")
    assert (newest["first_at"], newest["last_at"]) == (first["completed_at"], last["completed_at"])
    for query, count in (("user_id=anna", 1), ("type=flaky", 0), ("queue=other", 0), ("created_after=2099-01-01", 0)):
        groups = (await api("GET", f"jobs/failures?{query}")).json["groups"]
        assert sum(each["count"] for each in groups if each["code"] == "NO_LUCK") == count, query


async def test_a_failure_that_was_retried_with_success_is_none_any_more(api: Api, gate: Gate) -> None:
    job = await api.run("flaky", max_attempts=1)
    assert [each["count"] for each in (await api("GET", "jobs/failures")).json["groups"]] == [1]
    await api("POST", f"jobs/{job['job_id']}/retry")
    assert (await api.ended(job["job_id"]))["status"] == "completed"
    assert (await api("GET", "jobs/failures")).json["groups"] == []


async def test_a_list_is_narrowed_to_an_error_code(api: Api) -> None:
    failed, flaky = await api.run("fail"), await api.run("flaky", max_attempts=1)
    for query, expected in (
        ("code=NO_LUCK", [failed]), ("code=NO_LUCK&code=UNEXPECTED_ERROR&status=failed", [flaky, failed]),
        ("code=OTHER", []), ("code=NO_LUCK&type=flaky", []),
    ):  # fmt: skip
        jobs = (await api("GET", f"jobs?{query}")).json["jobs"]
        assert [job["job_id"] for job in jobs] == [job["job_id"] for job in expected], query


async def test_a_job_tells_its_estimates_and_they_move_no_validator(
    open_runner: OpenRunner, open_api: OpenApi, clock: ManualClock, gate: Gate
) -> None:
    runner = await open_runner(clock)
    api = await open_api(runner)
    runner.estimates.remember([("gated", ms) for ms in (9_000, 10_000, 11_000, 12_000, 60_000)])
    job = await api.submit("gated")
    await gate.reached.wait()
    await api.seen(job["job_id"], "processing")
    path = f"jobs/{job['job_id']}"
    first = await api("GET", path)
    assert (first.json["estimated_duration"], first.json["estimated_start"]) == (11.0, None)
    assert first.json["estimated_completion"] is not None
    runner.estimates.remember([("gated", 500_000)] * 9)
    clock.advance(0.5)
    second = await api("GET", path)
    assert second.json["estimated_completion"] > first.json["estimated_completion"]
    assert first.headers["ETag"].startswith("W/")
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.json["cursor"] == first.json["cursor"]
    assert (await api("GET", path, headers={"If-None-Match": first.headers["ETag"]})).status == 304
    gate.opened.set()
    ended = await api.ended(job["job_id"])
    assert [ended[name] for name in ("estimated_start", "estimated_completion", "estimated_duration")] == [None] * 3


async def test_a_waiting_job_tells_when_it_starts_alone_and_on_its_stream(
    api: Api, runner: Jobrunner, gate: Gate
) -> None:
    runner.estimates.remember([("gated", 60_000)] * 5)
    await api("POST", "jobs/bulk", json={"jobs": [{"type": "gated"}] * 20})
    last = await api.submit("gated")
    job = (await api("GET", f"jobs/{last['job_id']}")).json
    assert job["queue_position"] == 13
    assert job["created_at"] < job["estimated_start"] < job["estimated_completion"]
    async with api.stream(f"jobs/{last['job_id']}/events") as events:
        told = (await events.next("position")).data
    assert told["estimated_start"] > job["created_at"]
