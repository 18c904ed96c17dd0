"""Cancelling and retrying over HTTP, and what is told about the attempts."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobrunner import Jobrunner
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.web.api import Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate, files_in

UNKNOWN = "jobs/00000000-0000-7000-8000-000000000000"


async def test_a_waiting_job_is_cancelled_at_once_and_a_repeat_says_the_same(api: Api) -> None:
    job = await api.submit("echo", delay=3600)
    path = f"jobs/{job['job_id']}"
    first, second = await api("DELETE", path), await api("DELETE", path)
    assert (first.status, first.json["status"]) == (200, "cancelled")
    assert (second.status, second.json) == (200, first.json)
    assert first.json["completed_at"] is not None
    assert (first.json["can_cancel"], first.json["can_retry"]) == (False, True)


async def test_a_running_job_is_asked_to_stop_and_a_repeat_says_the_same(api: Api, gate: Gate) -> None:
    job = await api.submit("stubborn")
    await gate.reached.wait()
    path = f"jobs/{job['job_id']}"
    first, second = await api("DELETE", path), await api("DELETE", path)
    assert (first.status, first.json["status"], first.json["can_cancel"]) == (202, "processing", False)
    assert first.json["cancel_requested_at"] == second.json["cancel_requested_at"] is not None
    assert second.status == 202
    gate.may_stop.set()
    assert (await api.ended(job["job_id"]))["status"] == "cancelled"
    assert (await api("DELETE", path)).status == 200


@pytest.mark.parametrize("type_", ["echo", "fail"])
async def test_an_ended_job_cannot_be_cancelled(api: Api, type_: str) -> None:
    job = await api.run(type_)
    answer = await api("DELETE", f"jobs/{job['job_id']}")
    assert (answer.status, answer.json["code"]) == (409, "not-cancellable")
    assert (await api("GET", f"jobs/{job['job_id']}")).json == job


@pytest.mark.parametrize(("method", "path"), [("DELETE", UNKNOWN), ("POST", f"{UNKNOWN}/retry"), ("GET", UNKNOWN)])
async def test_an_unknown_job_is_answered_404(api: Api, method: str, path: str) -> None:
    answer = await api(method, path)
    assert (answer.status, answer.json["code"]) == (404, "unknown-job")


async def test_a_failed_job_is_retried_as_it_is(api: Api) -> None:
    job = await api.run("fail", {"a": 1})
    answer = await api("POST", f"jobs/{job['job_id']}/retry")
    assert (answer.status, answer.json["job_id"]) == (202, job["job_id"])
    assert answer.headers["Location"] == f"/api/v1/jobs/{job['job_id']}"
    again = await api.ended(job["job_id"])
    assert (again["attempt"], again["retry_count"], again["payload"]) == (2, 1, {"a": 1})
    assert (await api("POST", f"jobs/{job['job_id']}/retry", json={})).status == 202
    assert (await api.ended(job["job_id"]))["can_retry"] is False
    refused = await api("POST", f"jobs/{job['job_id']}/retry")
    assert (refused.status, refused.json["code"]) == (409, "not-retryable")


async def test_a_cancelled_job_is_retried(api: Api) -> None:
    job = await api.submit("echo", 5, delay=3600)
    await api("DELETE", f"jobs/{job['job_id']}")
    assert (await api("POST", f"jobs/{job['job_id']}/retry")).status == 202
    assert (await api.ended(job["job_id"]))["result_data"] == 5


async def test_what_completed_or_goes_on_cannot_be_retried(api: Api, gate: Gate) -> None:
    done, running = await api.run("echo"), await api.submit("gated")
    await gate.reached.wait()
    for job, body in ((done, None), (running, None), (running, {"payload": 1})):
        answer = await api("POST", f"jobs/{job['job_id']}/retry", json=body or {})
        assert (answer.status, answer.json["code"]) == (409, "not-retryable")


async def test_a_retry_with_another_payload_is_a_new_job_that_names_the_old_one(api: Api) -> None:
    old = await api.run("echo", 1, title="T", user_id="u", tags=["a"], metadata={"k": 1}, priority=2)
    answer = await api("POST", f"jobs/{old['job_id']}/retry", json={"payload": 2, "priority": 7})
    assert answer.status == 201
    new = await api.ended(answer.json["job_id"])
    assert answer.headers["Location"] == f"/api/v1/jobs/{new['job_id']}"
    assert (new["retried_from"], new["payload"], new["priority"]) == (old["job_id"], 2, 7)
    assert [new[name] for name in ("title", "user_id", "tags", "metadata")] == ["T", "u", ["a"], {"k": 1}]
    assert (await api("GET", f"jobs/{old['job_id']}")).json == old


async def test_a_retry_with_another_priority_keeps_the_payload(api: Api) -> None:
    old = await api.run("echo", {"a": 1})
    new = (await api("POST", f"jobs/{old['job_id']}/retry", json={"priority": 9})).json
    assert (new["payload"], new["priority"]) == ({"a": 1}, 9)


@pytest.mark.parametrize("body", [[], {"payload": 1, "title": "x"}, {"priority": 10}, {"payload": {"rows": "x"}}])
async def test_a_bad_retry_is_refused_and_makes_nothing(api: Api, body: object) -> None:
    old = await api.run("order", {"rows": 1})
    answer = await api("POST", f"jobs/{old['job_id']}/retry", json=body)
    assert (answer.status, answer.json["code"]) == (422, "invalid")
    assert (await api("GET", "jobs/stats/counts")).json["total"] == 1


async def test_the_files_of_a_refused_retry_are_not_kept(api: Api, tmp_path: Path) -> None:
    old = await api.submit("digest", uploads=["file"])
    await api("PUT", f"jobs/{old['job_id']}/uploads/file", data=b"abc")
    await api.ended(old["job_id"])
    before = files_in(tmp_path / "data")
    refused = await api("POST", f"jobs/{old['job_id']}/retry", json={"priority": 1}, headers={"Prefer": "wait=x"})
    assert (refused.status, files_in(tmp_path / "data")) == (422, before)


async def test_files_are_shared_and_stay_when_those_of_the_old_job_are_deleted(
    open_runner: OpenRunner, open_api: OpenApi, tmp_path: Path
) -> None:
    clock = ManualClock()
    runner = await open_runner(clock, **{"storage.retention.completed": "1h", "storage.retention.failed": "1h"})
    api = await open_api(runner)
    old = await api.submit("digest", uploads=["file"])
    await api("PUT", f"jobs/{old['job_id']}/uploads/file", data=b"abc")
    await api.ended(old["job_id"])
    clock.advance(3590)
    new = (await api("POST", f"jobs/{old['job_id']}/retry", json={"payload": "again"})).json
    assert new["uploads"] == (await api("GET", f"jobs/{old['job_id']}")).json["uploads"]
    assert (await api.ended(new["job_id"]))["result_data"]["head"] == "abc"
    clock.advance(120)
    await deleted(runner, old["job_id"])
    assert (await api("GET", f"jobs/{old['job_id']}")).status == 404
    assert (await api("GET", f"jobs/{new['job_id']}/uploads/file")).content == b"abc"
    assert len(files_in(tmp_path / "data")) == 1


async def deleted(runner: Jobrunner, job_id: str) -> None:
    """Wait until retention has deleted a job and its files."""
    while await runner.reader.job(job_id) is not None:
        pass
    await runner.retention.stop()


async def test_attempts_are_told_with_what_came_of_them(api: Api, gate: Gate) -> None:
    flaky = await api.run("flaky")
    attempts = (await api("GET", f"jobs/{flaky['job_id']}/attempts")).json["attempts"]
    assert [(each["attempt"], each["outcome"], each["result_data"]) for each in attempts] == [
        (1, "failed", None),
        (2, "completed", {"attempt": 2}),
    ]
    assert attempts[0]["error_data"]["message"] == "ValueError: not yet"
    assert attempts[0]["ended_at"] <= attempts[1]["started_at"]
    gated = await api.submit("gated")
    await gate.reached.wait()
    (running,) = (await api("GET", f"jobs/{gated['job_id']}/attempts")).json["attempts"]
    assert (running["attempt"], running["ended_at"], running["outcome"]) == (1, None, None)
    assert (attempts[1]["traceback"], running["traceback"]) == (None, None)
    assert attempts[0]["traceback"].endswith("ValueError: not yet\n")
    waiting = await api.submit("echo", delay=3600)
    assert (await api("GET", f"jobs/{waiting['job_id']}/attempts")).json == {"attempts": []}
