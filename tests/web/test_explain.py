"""Why a job is where it is: a plain sentence for each situation, and the limit that holds it."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from jobrunner import Jobrunner
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.web.api import Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate
from tests.web.people import People, user


async def explained(api: Api, job: Any) -> Any:
    answer = await api("GET", f"jobs/{job['job_id']}/explain")
    assert answer.status == 200, answer.content
    found = answer.json
    assert (found["job_id"], found["status"]) == (job["job_id"], found["status"])
    return found


async def sentence(api: Api, job: Any) -> str:
    return str((await explained(api, job))["sentence"])


async def test_a_job_that_ended_says_how(api: Api, gate: Gate) -> None:
    assert (await sentence(api, await api.run("echo"))).startswith("It has completed: attempt 1 ran for ")
    assert await sentence(api, await api.run("fail")) == "It failed with NO_LUCK: It was not to be."
    cancelled = await api.submit("echo", delay=3600)
    await api("DELETE", f"jobs/{cancelled['job_id']}")
    assert await sentence(api, cancelled) == "It was cancelled by local."


async def test_a_running_job_says_so_and_that_it_was_asked_to_stop(
    open_runner: OpenRunner, open_api: OpenApi, clock: ManualClock, gate: Gate
) -> None:
    api = await open_api(await open_runner(clock))
    job = await api.submit("stubborn")
    await gate.reached.wait()
    clock.advance(125)
    assert await sentence(api, job) == "It is running: attempt 1, for 2 minutes."
    await api("DELETE", f"jobs/{job['job_id']}")
    clock.advance(1)
    assert await sentence(api, job) == "It was asked to stop 1 second ago and has not stopped yet."
    gate.may_stop.set()


async def test_a_job_that_is_not_ready_says_what_it_waits_for(
    open_runner: OpenRunner, open_api: OpenApi, clock: ManualClock
) -> None:
    api = await open_api(await open_runner(clock))
    later = await api.submit("echo", delay=7200)
    assert re.fullmatch(r"It waits for its time: it is due at \S+Z, in 2 hours\.", await sentence(api, later))
    file = await api.submit("digest", uploads=["file"])
    assert await sentence(api, file) == "It waits for its files to be uploaded; missing: file."
    found = await explained(api, later)
    assert (found["waiting_for"], found["queue_position"], found["ahead"], found["limit"]) == ("time", None, None, None)


async def test_a_job_that_backs_off_names_the_error_and_when_it_is_tried_again(
    open_runner: OpenRunner, open_api: OpenApi, clock: ManualClock
) -> None:
    api = await open_api(await open_runner(clock))
    job = await api.submit("flaky")
    waiting = await api.seen(job["job_id"], "queued")
    told = await sentence(api, waiting)
    assert re.fullmatch(
        r"Attempt 1 failed with UNEXPECTED_ERROR; the next is due at \S+Z, in less than a second\.", told
    )


async def test_a_ready_job_says_how_many_come_before_it_and_which_limit_holds_it(open_api: OpenApi, gate: Gate) -> None:
    api = await open_api(**{"workers.concurrency": 2, "queues.default.concurrency": 1, "queues.second.concurrency": 5})
    await api.submit("gated")
    await gate.reached.wait()
    first, second = await api.submit("echo"), await api.submit("echo")
    held = "It waits for a worker: 1 job of its queue may run at once, and as many do."
    assert await sentence(api, first) == f"{held} It is the next one of the queue default."
    found = await explained(api, second)
    assert found["sentence"] == f"{held} 1 job comes before it in the queue default, whose users take turns."
    assert found["limit"] == {"name": "queues.default.concurrency", "limit": 1, "used": 1}
    assert (found["waiting_for"], found["queue_position"], found["ahead"]) == ("worker", 2, 1)
    await api.submit("gated", queue="second")
    third = await explained(api, await api.submit("gated", queue="second"))
    assert third["limit"] == {"name": "workers.concurrency", "limit": 2, "used": 2}
    assert third["sentence"].startswith("It waits for a worker: 2 of 2 are taken. It is the next one")


async def test_a_job_of_a_paused_queue_says_who_paused_it_to_a_user_without_the_name(people: People) -> None:
    name = (await people(people.operator, "POST", "queues/default/pause")).json["paused_by"]
    job = await people.submit(people.application, user_id="anna")
    path = f"jobs/{job['job_id']}/explain"
    told = {who: (await people(headers, "GET", path)).json for who, headers in (
        ("application", people.application), ("user", user("anna")),
    )}  # fmt: skip
    begin = "The queue default was paused by {} less than a second ago; nothing of it begins before it is resumed."
    next_one = "It is the next one of the queue default."
    assert re.sub(r"\d seconds?", "less than a second", told["application"]["sentence"]) == (
        f"{begin.format(name)} {next_one}"
    )
    assert re.sub(r"\d seconds?", "less than a second", told["user"]["sentence"]) == (
        f"{begin.format('an operator')} {next_one}"
    )
    assert {each["waiting_for"] for each in told.values()} == {"paused_queue"}
    assert {each["estimated_start"] for each in told.values()} == {None}


async def test_trouble_of_the_server_is_named(open_api: OpenApi, open_runner: OpenRunner, gate: Gate) -> None:
    runner = await open_runner(**{"workers.concurrency": 1})
    api = await open_api(runner)
    await api.submit("gated")
    await gate.reached.wait()
    job = await api.submit("echo")
    runner.writer.well = False
    assert (await sentence(api, job)).startswith("The disk cannot be written at the moment, so nothing begins.")
    runner.writer.well = True
    runner.close_intake()
    assert (await sentence(api, job)).startswith("The server is stopping and begins nothing more")


async def test_a_suspect_says_that_it_runs_alone_and_the_others_that_they_wait_for_it(
    open_runner: OpenRunner, open_api: OpenApi, gate: Gate
) -> None:
    runner = await open_runner()
    api = await open_api(runner)
    await api("POST", "queues/default/pause")
    suspect = await api.submit("gated")
    await runner.stop(0)
    _accuse(runner, suspect["job_id"])
    api = await open_api(await open_runner())
    other = await api.submit("echo")
    await api("POST", "queues/default/resume")
    await gate.reached.wait()
    assert (await sentence(api, suspect)).startswith("It runs alone, because the server died before while it ran")
    assert (await sentence(api, other)).startswith(
        "Nothing begins while a job is run alone under which the server died"
    )


def _accuse(runner: Jobrunner, job_id: str) -> None:
    connection = sqlite3.connect(runner.database.path / "jobs.db")
    with connection:
        connection.execute("UPDATE jobs SET crashes = 2 WHERE id = ?", (job_id,))
    connection.close()
