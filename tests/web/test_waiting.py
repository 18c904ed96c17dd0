"""`Prefer: wait` and validators: a poller that asks well is answered when there is something to say."""

from __future__ import annotations

import asyncio
import time

from jobrunner import Jobrunner
from tests.web.api import Api
from tests.web.handlers import Gate


async def test_a_submit_that_waits_is_answered_200_when_the_job_ended_in_time(api: Api) -> None:
    answer = await api("POST", "jobs", json={"type": "echo", "payload": 7}, headers={"Prefer": "wait=20"})
    assert (answer.status, answer.json["status"], answer.json["result_data"]) == (200, "completed", 7)
    assert answer.headers["Preference-Applied"] == "wait=20"
    assert answer.headers["Location"] == f"/api/v1/jobs/{answer.json['job_id']}"


async def test_a_submit_that_waits_in_vain_is_answered_202(api: Api, gate: Gate) -> None:
    answer = await api("POST", "jobs", json={"type": "gated"}, headers={"Prefer": "wait=0"})
    assert (answer.status, answer.json["status"]) == (202, "processing")
    assert answer.headers["Preference-Applied"] == "wait=0"
    assert not gate.opened.is_set()


async def test_a_wait_is_at_most_50_seconds_and_may_stand_among_other_preferences(api: Api) -> None:
    headers = {"Prefer": 'respond-async, Wait="999999999"; foo=bar'}
    answer = await api("POST", "jobs", json={"type": "echo"}, headers=headers)
    assert answer.headers["Preference-Applied"] == "wait=50"


async def test_without_a_validator_a_get_waits_for_the_end(api: Api, gate: Gate) -> None:
    job = await api.submit("gated")
    await gate.reached.wait()
    waiting = asyncio.create_task(api("GET", f"jobs/{job['job_id']}", headers={"Prefer": "wait=30"}))
    await api.seen(job["job_id"], "processing")
    assert not waiting.done()
    gate.opened.set()
    answer = await waiting
    assert (answer.status, answer.json["status"], answer.json["result_data"]) == (200, "completed", "passed")
    assert answer.headers["Preference-Applied"] == "wait=30"


async def test_without_a_validator_a_wait_that_is_over_answers_200_with_the_job_as_it_is(api: Api, gate: Gate) -> None:
    job = await api.submit("gated")
    answer = await api("GET", f"jobs/{job['job_id']}", headers={"Prefer": "wait=0"})
    assert (answer.status, answer.json["status"]) == (200, "processing")
    assert not gate.opened.is_set()


async def test_with_a_validator_a_get_is_held_until_the_body_differs(api: Api, gate: Gate) -> None:
    job = await api.submit("gated")
    await gate.reached.wait()
    before = await settled(api, job["job_id"])
    held = asyncio.create_task(
        api("GET", f"jobs/{job['job_id']}", headers={"Prefer": "wait=30", "If-None-Match": before})
    )
    await api.seen(job["job_id"], "processing")
    assert not held.done()
    await api("DELETE", f"jobs/{job['job_id']}")
    answer = await held
    assert answer.status == 200
    assert answer.json["cancel_requested_at"] is not None
    assert answer.headers["ETag"] != before


async def settled(api: Api, job_id: str) -> str:
    """Return the validator of a running job that no longer changes by itself."""
    tag, known = "", None
    while tag != known:
        headers = {"Prefer": "wait=1", **({"If-None-Match": tag} if tag else {})}
        known = tag or None
        answer = await api("GET", f"jobs/{job_id}", headers=headers if tag else {})
        tag = answer.headers["ETag"]
    return tag


async def test_with_a_validator_a_wait_that_is_over_answers_304(api: Api) -> None:
    job = await api.submit("echo", delay=3600)
    first = await api("GET", f"jobs/{job['job_id']}")
    begun = time.monotonic()
    headers = {"Prefer": "wait=1", "If-None-Match": first.headers["ETag"]}
    answer = await api("GET", f"jobs/{job['job_id']}", headers=headers)
    assert (answer.status, answer.content) == (304, b"")
    assert answer.headers["Preference-Applied"] == "wait=1"
    assert time.monotonic() - begun >= 0.9


async def test_a_validator_is_answered_304_as_long_as_the_body_is_the_same(api: Api) -> None:
    job = await api.submit("echo", delay=3600)
    path = f"jobs/{job['job_id']}"
    tag = (await api("GET", path)).headers["ETag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        answer = await api("GET", path, headers={"If-None-Match": known})
        assert (answer.status, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert (await api("GET", path, headers={"If-None-Match": '"other"'})).status == 200
    await api("DELETE", path)
    changed = await api("GET", path, headers={"If-None-Match": tag})
    assert (changed.status, changed.json["status"]) == (200, "cancelled")
    assert changed.headers["Vary"] == "Accept, Prefer, Authorization, Cookie"


async def test_polling_an_ended_job_does_not_touch_the_database(api: Api, runner: Jobrunner) -> None:
    job = await api.run("echo", {"a": 1})
    path = f"jobs/{job['job_id']}"
    tag = (await api("GET", path)).headers["ETag"]
    statements: list[str] = []
    for connection in runner.database.reading:
        await connection.set_trace_callback(statements.append)
    statuses = [(await api("GET", path, headers={"If-None-Match": tag})).status for _ in range(5)]
    statuses.append((await api("GET", path, headers={"Prefer": "wait=5"})).status)
    assert statuses == [304] * 5 + [200]
    assert statements == []
    await api("GET", "jobs")
    assert statements, "the trace sees a query when there is one"


async def test_many_who_wait_for_one_job_are_all_answered(api: Api, gate: Gate) -> None:
    job = await api.submit("gated")
    waits = [asyncio.create_task(api.ended(job["job_id"])) for _ in range(30)]
    await gate.reached.wait()
    gate.opened.set()
    assert {each["status"] for each in await asyncio.gather(*waits)} == {"completed"}
