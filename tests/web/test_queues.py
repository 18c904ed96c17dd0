"""Queues over HTTP: how full they are, paused and resumed, and what a job of a paused one says of itself."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from jobrunner import Jobrunner
from jobrunner.web import show
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.web.api import Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate
from tests.web.people import People


async def queue(api: Api, name: str = "default") -> Any:
    answer = await api("GET", "queues")
    assert answer.status == 200
    return next(each for each in answer.json["queues"] if each["queue"] == name)


async def test_a_queue_tells_its_limits_how_full_it_is_and_how_long_somebody_has_waited(
    open_runner: OpenRunner, open_api: OpenApi, clock: ManualClock, gate: Gate
) -> None:
    runner = await open_runner(clock, **{"queues.default.concurrency": 1, "queues.gpu.fair": False})
    api = await open_api(runner)
    assert await queue(api, "gpu") == {
        "queue": "gpu", "paused": False, "paused_at": None, "paused_by": None, "queued": 0, "processing": 0,
        "concurrency": 8, "fair": False, "max_queued": 100_000, "oldest_wait": None,
    }  # fmt: skip
    await api.submit("gated")
    await gate.reached.wait()
    await api.submit("echo", priority=0)
    clock.advance(60)
    await api.submit("echo", priority=0)
    await api.submit("echo", delay=3600)
    found = await queue(api)
    assert (found["queued"], found["processing"], found["concurrency"]) == (3, 1, 1)
    assert found["oldest_wait"] == 60


async def test_a_pause_is_shown_with_who_and_since_when_and_a_repeat_says_the_same(people: People) -> None:
    async def post(name: str) -> Any:
        answer = await people(people.operator, "POST", f"queues/default/{name}")
        assert answer.status == 200
        return answer.json

    paused = await post("pause")
    assert paused["paused"]
    assert paused["paused_at"]
    assert paused["paused_by"] == (await people(people.operator, "GET", "session")).json["name"]
    assert await post("pause") == paused
    listed = await people(people.application, "GET", "queues")
    assert [each for each in listed.json["queues"] if each["paused"]] == [paused]
    resumed = await post("resume")
    assert resumed == await post("resume") == {**paused, "paused": False, "paused_at": None, "paused_by": None}


async def test_a_queue_that_nobody_has_cannot_be_paused(api: Api) -> None:
    for deed in ("pause", "resume"):
        answer = await api("POST", f"queues/nobodys/{deed}")
        assert (answer.status, answer.json["code"]) == (404, "unknown-queue")
    assert [each["queue"] for each in (await api("GET", "queues")).json["queues"]] == ["default"]


async def test_a_waiting_job_says_that_its_queue_is_paused_wherever_it_is_shown(api: Api) -> None:
    await api("POST", "queues/default/pause")
    ready, later = await api.submit("echo"), await api.submit("echo", delay=3600)
    assert ready["waiting_for"] == (await api("GET", f"jobs/{ready['job_id']}")).json["waiting_for"] == "paused_queue"
    listed = (await api("GET", "jobs?sort=created_at")).json["jobs"]
    async with api.stream("events?after=0-0") as events:
        streamed = (await events.next("reset")).data["jobs"]
    for jobs in (listed, streamed):
        shown = {each["job_id"]: each["waiting_for"] for each in jobs}
        assert shown == {ready["job_id"]: "paused_queue", later["job_id"]: "time"}
    await api("POST", "queues/default/resume")
    assert (await api.ended(ready["job_id"]))["waiting_for"] is None


async def test_the_same_state_of_a_job_is_shown_anew_when_its_queue_is_paused_and_resumed(
    open_api: OpenApi, gate: Gate
) -> None:
    api = await open_api(**{"workers.concurrency": 1})
    await api.submit("gated")
    await gate.reached.wait()
    job = await api.submit("echo")
    path, known = f"jobs/{job['job_id']}", dict[str, str]()
    for deed, expected in (("pause", "paused_queue"), ("resume", "worker"), ("pause", "paused_queue")):
        await api("POST", f"queues/default/{deed}")
        listed, one = await api("GET", "jobs?limit=1"), await api("GET", path)
        assert listed.json["jobs"][0]["waiting_for"] == one.json["waiting_for"] == expected
        assert one.headers["ETag"] not in {tag for each, tag in known.items() if each != expected}
        repeat = await api("GET", path, headers={"If-None-Match": one.headers["ETag"]})
        assert repeat.status == 304
        known[expected] = one.headers["ETag"]
        assert one.json["cursor"] == job["cursor"]


async def test_the_bytes_of_a_state_that_was_shown_before_are_made_anew_when_its_queue_is_paused(
    api: Api, runner: Jobrunner
) -> None:
    await runner.pauses.pause("default")
    jobs = [await api.submit("echo"), await api.submit("echo", delay=3600)]
    ready, later = [await runner.get(job["job_id"]) for job in jobs]
    shown = [show.streamed(runner, each) for each in (ready, later)]
    runner.close_intake()  # nothing begins any more, so that the states stay
    await runner.pauses.resume("default")
    assert json.loads(shown[0])["waiting_for"] == "paused_queue"
    assert json.loads(show.streamed(runner, ready))["waiting_for"] == "worker"
    assert show.streamed(runner, later) is shown[1], "what does not change is not made again"
    assert show.streamed(runner, ready) is show.streamed(runner, ready)


async def test_a_caller_who_goes_away_while_a_queue_is_paused_leaves_it_paused(api: Api, runner: Jobrunner) -> None:
    asked = asyncio.ensure_future(api("POST", "queues/default/pause"))
    while not runner.dispatcher.is_paused("default"):
        await asyncio.sleep(0)
    asked.cancel()
    await asyncio.wait([asked])
    again = await api("POST", "queues/default/pause")
    assert (again.status, again.json["paused"]) == (200, True)
