"""Submitting as JSON: what is answered, and when."""

from __future__ import annotations

import asyncio

import pytest

from jobrunner import Jobrunner
from tests.web.api import Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate


async def test_a_job_is_accepted_with_its_monitor_in_header_and_body(api: Api) -> None:
    answer = await api("POST", "jobs", json={"type": "echo", "payload": {"a": 1}, "delay": 3600})
    job = answer.json
    assert answer.status == 202
    assert answer.headers["Location"] == f"/api/v1/jobs/{job['job_id']}"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (job["status"], job["payload"]) == ("queued", {"a": 1})
    assert (await api("GET", answer.headers["Location"])).json == job


async def test_retry_after_is_the_advice_of_the_type_and_gone_when_the_job_has_ended(api: Api) -> None:
    accepted = await api("POST", "jobs", json={"type": "echo", "delay": 3600})
    ended = await api("POST", "jobs", json={"type": "echo"}, headers={"Prefer": "wait=20"})
    assert accepted.headers["Retry-After"] == "7"
    assert "Retry-After" not in ended.headers
    assert "Retry-After" not in (await api("GET", ended.headers["Location"])).headers


async def test_a_job_for_which_a_worker_is_free_is_accepted_running(api: Api, gate: Gate) -> None:
    assert (await api.submit("gated"))["status"] == "processing"
    await gate.reached.wait()


async def test_an_accepted_job_is_on_disk(api: Api, runner: Jobrunner) -> None:
    job = await api.submit("echo", {"kept": True}, delay=3600)
    image = await runner.reader.job(job["job_id"])
    assert image is not None
    assert await runner.reader.texts(job["job_id"]) == ('{"kept":true}', None)


async def test_a_caller_that_goes_away_changes_nothing(api: Api, runner: Jobrunner) -> None:
    sending = asyncio.create_task(api("POST", "jobs", json={"type": "gated"}, headers={"Prefer": "wait=30"}))
    async with api.stream("events") as events:
        async for event in events:
            jobs = [event.data] if event.name == "job" else event.data.get("jobs", [])
            if any(job["status"] == "processing" for job in jobs):
                break
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert (await runner.reader.counts()).get("processing") == 1


async def test_too_many_waiting_jobs_are_refused_before_acceptance(open_api: OpenApi) -> None:
    api = await open_api(**{"queues.default.max_queued": 2})
    for _ in range(2):
        await api.submit("echo", delay=3600)
    refused = await api("POST", "jobs", json={"type": "echo", "delay": 3600})
    assert (refused.status, refused.json["code"]) == (429, "overloaded")
    assert int(refused.headers["Retry-After"]) > 0
    assert (await api("GET", "jobs/stats/counts")).json["total"] == 2


async def test_a_full_disk_refuses_before_acceptance(open_api: OpenApi) -> None:
    api = await open_api(**{"storage.min_free": 10**15})
    refused = await api("POST", "jobs", json={"type": "echo"})
    assert (refused.status, refused.json["code"]) == (503, "storage-unavailable")
    assert (await api("GET", "jobs/health")).json["status"] == "degraded"


@pytest.mark.parametrize(("method", "path"), [("POST", "jobs"), ("POST", "jobs/bulk")])
async def test_a_server_that_stops_takes_nothing_in(api: Api, runner: Jobrunner, method: str, path: str) -> None:
    runner.close_intake()
    body = {"type": "echo"} if path == "jobs" else {"jobs": [{"type": "echo"}]}
    refused = await api(method, path, json=body)
    assert (refused.status, refused.json["code"]) == (503, "shutting-down")
    assert "Retry-After" in refused.headers
    assert (await api("GET", "/readyz")).status == 503
    assert (await api("GET", "/livez")).status == 200
