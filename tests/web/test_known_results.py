"""A result is given again to the same user for the same payload, for as long as the type says, and to nobody else."""

from __future__ import annotations

from typing import Any

from tests.web.api import Answer, Api
from tests.web.conftest import OpenPeople
from tests.web.handlers import Gate
from tests.web.people import user


async def send(api: Api, payload: Any = 1, *, headers: dict[str, str] | None = None, **members: Any) -> Answer:
    return await api("POST", "jobs", json={"type": "dear", "payload": payload, **members}, headers=headers or {})


async def done(api: Api, payload: Any = 1, **members: Any) -> str:
    return str((await api.ended((await send(api, payload, **members)).json["job_id"]))["job_id"])


async def test_a_known_result_is_answered_at_once_with_its_job(api: Api, gate: Gate) -> None:
    first = await done(api, {"a": 1, "b": [2]})
    again = await send(api, {"b": [2], "a": 1}, title="again", priority=9)
    assert (again.status, again.json["job_id"], again.json["status"]) == (200, first, "completed")
    assert again.headers["Location"] == f"/api/v1/jobs/{first}"
    assert "Retry-After" not in again.headers
    assert (gate.runs, (await api("GET", "jobs/stats/counts")).json["total"]) == (1, 1)


async def test_other_payloads_users_files_and_times_make_new_jobs(api: Api) -> None:
    first = await done(api)
    others: list[dict[str, Any]] = [
        {"payload": 2}, {"payload": None}, {"user_id": "anna"}, {"uploads": ["file"]}, {"delay": 60}
    ]  # fmt: skip
    for other in others:
        answer = await send(api, **{"payload": 1, **other})
        assert (answer.status, answer.json["job_id"] == first) == (202, False), other
    plain = await api.run("echo")
    assert (await api("POST", "jobs", json={"type": "echo", "payload": None})).json["job_id"] != plain["job_id"]


async def test_who_wants_a_new_one_gets_a_new_one(api: Api) -> None:
    first = await done(api)
    fresh = await send(api, headers={"Cache-Control": "max-age=0, no-cache"})
    again = await api("POST", f"jobs/{first}/retry", json={"payload": 1})
    assert (fresh.status, again.status) == (202, 201)
    assert len({first, fresh.json["job_id"], again.json["job_id"]}) == 3


async def test_users_never_see_results_of_others(open_people: OpenPeople) -> None:
    people = await open_people()
    first = await people.run(user("anna"), "dear", 1)
    for who in (user("bob"), people.application):
        answer = await people(who, "POST", "jobs", json={"type": "dear", "payload": 1})
        assert (answer.status, answer.json["job_id"] == first["job_id"]) == (202, False)
    mine = await people(people.application, "POST", "jobs", json={"type": "dear", "payload": 1, "user_id": "anna"})
    assert (mine.status, mine.json["job_id"]) == (200, first["job_id"])


async def test_a_repeat_gets_what_was_answered_first(api: Api, gate: Gate) -> None:
    key, other = {"Idempotency-Key": '"once"'}, {"Idempotency-Key": '"twice"'}
    first = await send(api, headers=key)
    await api.ended(first.json["job_id"])
    known = await send(api, headers=other)
    assert (known.status, known.json["job_id"]) == (200, first.json["job_id"])
    assert [(await send(api, headers=each)).status for each in (key, other)] == [202, 200]
    assert (await send(api, 2, headers=other)).json["code"] == "idempotency-key-reused"
    assert gate.runs == 1


async def test_a_bulk_gets_known_results_among_new_jobs(api: Api) -> None:
    first = await done(api)
    jobs = [{"type": "dear", "payload": payload} for payload in (1, 2, 1)]
    for more in ({}, {"atomic": True}):
        answer = (
            await api("POST", "jobs/bulk", json={"jobs": jobs, **more}, headers={"Cache-Control": "max-age=9"})
        ).json
        assert answer["accepted"] == 3
        assert [row["job_id"] == first for row in answer["jobs"]] == [True, False, True]
        assert answer["jobs"][0]["status"] == "completed"
    fresh = await api("POST", "jobs/bulk", json={"jobs": jobs}, headers={"Cache-Control": "no-cache"})
    assert first not in {row["job_id"] for row in fresh.json["jobs"]}


async def test_a_known_result_is_not_counted_by_limits(open_people: OpenPeople) -> None:
    people = await open_people(**{"limits.submissions_per_minute": 1})
    first = await people.run(user("anna"), "dear", 1)
    for _ in range(3):
        assert (await people(user("anna"), "POST", "jobs", json={"type": "dear", "payload": 1})).status == 200
    assert (await people(user("anna"), "POST", "jobs", json={"type": "dear", "payload": 2})).status == 429
    assert first["status"] == "completed"
