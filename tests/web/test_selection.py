"""Cancelling and retrying by a filter: each job as if it was asked for alone, and all of it accounted for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jobrunner import Jobrunner
from jobrunner.engine import selection
from tests.conftest import OpenRunner
from tests.engine.engines import kill
from tests.web.api import Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate
from tests.web.people import People, user

KEY = {"Idempotency-Key": '"all-of-them"'}


async def post(api: Api, deed: str, given: Any, status: int = 200, **members: Any) -> Any:
    headers = members.pop("headers", {})
    answer = await api("POST", f"jobs/{deed}", json={"filter": given, **members}, headers=headers)
    assert answer.status == status, answer.content
    return answer.json


async def statuses(api: Api, query: str = "sort=created_at") -> list[str]:
    return [each["status"] for each in (await api("GET", f"jobs?limit=500&{query}")).json["jobs"]]


def tally(matched: int, changed: int, *, dry_run: bool = False, more: bool = False) -> dict[str, Any]:
    return {"dry_run": dry_run, "matched": matched, "changed": changed, "refused": [], "more": more}


async def test_what_matches_is_cancelled_and_nothing_else(api: Api, gate: Gate) -> None:
    for n in range(60):
        await api.submit("echo", delay=3600, tags=["even" if n % 2 == 0 else "odd"])
    running = await api.submit("gated", tags=["even"])
    await gate.reached.wait()
    assert await post(api, "cancel", {"tag": "even"}) == tally(31, 31)
    await api.ended(running["job_id"])
    assert await statuses(api, "tag=even") == ["cancelled"] * 31
    assert await statuses(api, "tag=odd") == ["queued"] * 30
    assert await post(api, "cancel", {"tag": "even"}) == tally(0, 0)


async def test_failed_jobs_are_retried_and_cancelled_ones_only_where_that_is_said(api: Api) -> None:
    failed = await api.run("fail")
    cancelled = await api.submit("echo", delay=3600)
    await api("DELETE", f"jobs/{cancelled['job_id']}")
    assert await post(api, "retry", {"type": ["fail", "echo"]}) == tally(1, 1)
    assert (await api.ended(failed["job_id"]))["retry_count"] == 1
    assert await post(api, "retry", {"code": "NO_LUCK"}) == tally(1, 1)
    assert await post(api, "retry", {"status": "cancelled"}) == tally(1, 1)
    assert (await api.ended(cancelled["job_id"]))["status"] == "completed"


async def test_what_is_refused_is_told_with_the_reason_that_it_would_have_alone(api: Api, gate: Gate) -> None:
    done, failed, over = await api.run("echo"), await api.run("fail"), await api.run("fail")
    for _ in range(2):
        await api("POST", f"jobs/{over['job_id']}/retry")
        await api.ended(over["job_id"])
    for deed in ("cancel", "retry"):
        for dry_run in (True, False):
            found = await post(api, deed, {"status": "all"}, dry_run=dry_run)
            told = {each["job_id"]: each["reason"] for each in found["refused"]}
            alone = {}
            for job in (done, over) if deed == "retry" else (done, failed, over):
                method, path = ("DELETE", "") if deed == "cancel" else ("POST", "/retry")
                alone[job["job_id"]] = (await api(method, f"jobs/{job['job_id']}{path}")).json["detail"]
            assert told == alone
            assert (found["matched"], found["changed"]) == (3, 3 - len(alone))
    assert (await api.ended(failed["job_id"]))["retry_count"] == 1


async def test_a_job_that_is_already_on_its_way_is_refused_and_the_count_adds_up(api: Api, gate: Gate) -> None:
    stubborn, gone = await api.submit("stubborn"), await api.submit("echo", delay=3600)
    await gate.reached.wait()
    for job in (stubborn, gone):
        await api("DELETE", f"jobs/{job['job_id']}")
    found = await post(api, "cancel", {"job_id": [stubborn["job_id"], gone["job_id"]]})
    assert {each["job_id"]: each["reason"] for each in found["refused"]} == {
        stubborn["job_id"]: "The job was asked to stop before.", gone["job_id"]: "The job was cancelled before.",
    }  # fmt: skip
    assert (found["matched"], found["changed"]) == (2, 0)
    gate.may_stop.set()


async def test_a_dry_run_changes_nothing(api: Api, runner: Jobrunner) -> None:
    for _ in range(3):
        await api.submit("echo", delay=3600)
    head = runner.writer.head
    assert await post(api, "cancel", {"type": "echo"}, dry_run=True, headers=KEY) == tally(3, 3, dry_run=True)
    assert runner.writer.head == head
    assert await statuses(api) == ["queued"] * 3
    assert await post(api, "cancel", {"type": "echo"}, headers=KEY) == tally(3, 3)


@pytest.mark.parametrize("given", [{}, {"q": ""}, {"status": ""}, {"status": ","}, {"q": "", "status": []}])
async def test_a_filter_that_names_nothing_is_refused(api: Api, given: Any) -> None:
    await api.submit("echo", delay=3600)
    assert (await post(api, "cancel", given, 422))["errors"][0]["pointer"].startswith("/filter")
    assert await statuses(api) == ["queued"]
    assert (await post(api, "cancel", {"status": "all"}))["changed"] == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/filter"), ({"filter": []}, "/filter"), ({"filter": {"type": "a"}, "dry_run": 1}, "/dry_run"),
        ({"filter": {"tpye": "echo"}}, "/filter/tpye"), ({"filter": {"job_id": "x"}}, "/filter/job_id"),
        ({"filter": {"created_after": "soon"}}, "/filter/created_after"), ({"filter": {"type": "a"}, "x": 1}, "/x"),
        ({"filter": {"status": "gone"}}, "/filter/status"), ({"filter": {"limit": "1"}}, "/filter/limit"),
    ],
)  # fmt: skip
async def test_a_request_with_a_fault_is_refused_whole_and_points_at_it(api: Api, body: Any, pointer: str) -> None:
    for deed in ("cancel", "retry"):
        answer = await api("POST", f"jobs/{deed}", json=body)
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)


async def test_no_more_than_the_most_are_changed_and_a_repeat_goes_on(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MOST_JOBS", 50)
    for _ in range(70):
        await api.submit("echo", delay=3600)
    assert await post(api, "cancel", {"type": "echo"}) == tally(50, 50, more=True)
    assert await post(api, "cancel", {"type": "echo"}) == tally(20, 20)


async def test_a_hundred_refusals_are_told_and_all_are_counted(api: Api) -> None:
    jobs = [{"type": "echo", "delay": 3600} for _ in range(130)]
    await api("POST", "jobs/bulk", json={"jobs": jobs})
    await post(api, "cancel", {"type": "echo"})
    found = await post(api, "cancel", {"status": "cancelled"})
    assert (found["matched"], found["changed"], len(found["refused"])) == (130, 0, 100)


async def test_a_user_changes_only_own_jobs_and_is_told_of_no_others(people: People) -> None:
    for name in ("anna", "bob"):
        await people.submit(people.application, delay=3600, user_id=name)
    own = await people.submit(people.application, delay=3600, user_id="anna")

    async def cancel(headers: Any, given: Any) -> Any:
        return (await people(headers, "POST", "jobs/cancel", json={"filter": given})).json

    assert await cancel(user("anna"), {"user_id": "bob"}) == tally(0, 0)
    assert await cancel(user("anna", job_ids=[own["job_id"]]), {"status": "all"}) == tally(1, 1)
    assert await cancel(user("anna"), {"type": "echo"}) == tally(1, 1)
    left = (await people(people.application, "GET", "jobs?status=queued")).json["jobs"]
    assert [each["user_id"] for each in left] == ["bob"]
    assert await cancel(people.application, {"user_id": ["anna", "bob"]}) == tally(1, 1)


async def test_the_history_of_each_job_says_who_did_it(people: People) -> None:
    job = await people.submit(people.application, delay=3600, user_id="anna")
    for deed, given in (("cancel", {"type": "echo"}), ("retry", {"status": "cancelled"})):
        assert (await people(user("anna"), "POST", f"jobs/{deed}", json={"filter": given})).json["changed"] == 1
    acts = (await people(people.operator, "GET", f"jobs/{job['job_id']}/history")).json["history"]
    assert [(act["action"], act["by"]) for act in acts[1:]] == [("cancelled", "user:anna"), ("retried", "user:anna")]


async def test_a_repeat_with_its_key_gets_the_first_answer_also_after_a_restart(
    open_runner: OpenRunner, open_api: OpenApi
) -> None:
    runner = await open_runner()
    api = await open_api(runner)
    await api.submit("echo", delay=3600)
    first = await post(api, "cancel", {"type": "echo"}, headers=KEY)
    await api.submit("echo", delay=3600)
    assert await post(api, "cancel", {"type": "echo"}, headers=KEY) == first == tally(1, 1)
    assert (await post(api, "cancel", {"type": "fail"}, 422, headers=KEY))["code"] == "idempotency-key-reused"
    await kill(runner)
    api = await open_api(await open_runner())
    assert await post(api, "cancel", {"type": "echo"}, headers=KEY) == first
    assert await statuses(api) == ["cancelled", "queued"]


@pytest.mark.parametrize("headers", [{}, KEY])
async def test_a_caller_who_goes_away_does_not_stop_it_half_way(
    api: Api, runner: Jobrunner, headers: dict[str, str]
) -> None:
    await api("POST", "jobs/bulk", json={"jobs": [{"type": "echo", "delay": 3600}] * 300})
    head = runner.writer.head
    asked = asyncio.ensure_future(post(api, "cancel", {"type": "echo"}, headers=headers))
    await runner.writer.reached(head + 1)
    asked.cancel()
    await asyncio.wait([asked])
    async with asyncio.timeout(20):
        await runner.writer.reached(head + 300)
    assert await statuses(api) == ["cancelled"] * 300


async def test_a_server_that_stops_meanwhile_says_how_far_it_came(api: Api, runner: Jobrunner) -> None:
    await api("POST", "jobs/bulk", json={"jobs": [{"type": "echo", "delay": 3600}] * 300})
    head = runner.writer.head
    asked = asyncio.ensure_future(post(api, "cancel", {"type": "echo"}))
    await runner.writer.reached(head + 1)
    runner.gate.close()
    found = await asked
    assert 0 < found["changed"] < 300
    assert found["more"]
    assert await statuses(api, "status=cancelled") == ["cancelled"] * found["changed"]
    assert (await post(api, "cancel", {"type": "echo"}, 503))["code"] == "shutting-down"


async def test_others_are_answered_while_thousands_are_cancelled(api: Api, runner: Jobrunner) -> None:
    """Each group is a commit of its own: a submission waits for one of them, not for all."""
    await api("POST", "jobs/bulk", json={"jobs": [{"type": "echo", "delay": 3600}] * 2_000})
    asked, answered = asyncio.ensure_future(post(api, "cancel", {"type": "echo"})), 0
    while not asked.done():
        await api.submit("order", {"rows": 1})
        answered += 1
    assert (await asked)["changed"] == 2_000
    assert answered >= 10
