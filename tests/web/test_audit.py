"""Who did what to a job is in its history and in the log; a user is not told the names of keys."""

from __future__ import annotations

from typing import Any

from structlog.testing import capture_logs

from tests.conftest import OpenRunner
from tests.web.conftest import OpenApi
from tests.web.people import Headers, People, bearer, user
from tests.web.test_sessions import signed_in


async def history(people: People, who: Headers, job_id: str) -> list[tuple[str, str | None]]:
    answer = await people(who, "GET", f"jobs/{job_id}/history")
    return [(act["action"], act["by"]) for act in answer.json["history"]]


def name_of(who: Headers) -> str:
    return "key:" + who["Authorization"].removeprefix("Bearer jr_")[:8]


async def test_the_history_names_who_submitted_cancelled_and_retried(people: People) -> None:
    accepted = await people(people.application, "POST", "jobs", json={"type": "gated", "user_id": "anna"})
    path, token = f"jobs/{accepted.json['job_id']}", bearer(accepted.headers["Jobrunner-Token"])
    page = await signed_in(people)
    for who, method, where in (
        (user("anna"), "DELETE", path), (people.application, "POST", f"{path}/retry"), (token, "DELETE", path),
        (page, "POST", f"{path}/retry"), (people.operator, "DELETE", path), (user("anna"), "DELETE", path),
    ):  # fmt: skip
        assert (await people(who, method, where)).status in {200, 202}
        if method == "DELETE":
            await people(people.reading, "GET", path, headers={"Prefer": "wait=30"})
    job_id, app, operator = accepted.json["job_id"], name_of(people.application), name_of(people.operator)
    actions = ["submitted", "cancelled", "retried", "cancelled", "retried", "cancelled"]
    full = list(zip(actions, [app, "user:anna", app, "user:anna", operator, operator], strict=True))
    told = list(zip(actions, ["application", "you", "application", "you", "operator", "operator"], strict=True))
    assert await history(people, people.operator, job_id) == full
    assert await history(people, people.application, job_id) == full
    assert await history(people, user("anna"), job_id) == told
    assert await history(people, token, job_id) == told
    assert (await people(user("bob"), "GET", f"{path}/history")).status == 404


async def test_a_user_is_told_you_for_what_the_user_did(people: People) -> None:
    job = await people.run(user("anna"))
    assert await history(people, user("anna"), job["job_id"]) == [("submitted", "you")]
    assert await history(people, people.reading, job["job_id"]) == [("submitted", "user:anna")]
    again = await people(user("anna"), "POST", f"jobs/{job['job_id']}/retry", json={"payload": 2})
    assert (again.status, await history(people, user("anna"), again.json["job_id"])) == (201, [("submitted", "you")])
    anonymous = await people(people.application, "POST", "jobs", json={"type": "echo", "delay": 3_600})
    token, job_id = bearer(anonymous.headers["Jobrunner-Token"]), anonymous.json["job_id"]
    await people(token, "DELETE", f"jobs/{job_id}")
    assert await history(people, token, job_id) == [("submitted", "application"), ("cancelled", "you")]
    assert (await history(people, people.operator, job_id))[1] == ("cancelled", f"job:{job_id}")


async def test_a_traceback_is_for_operators_and_no_member_for_anybody_else(people: People) -> None:
    accepted = await people(people.application, "POST", "jobs", json={"type": "flaky", "user_id": "anna"})
    path, token = f"jobs/{accepted.json['job_id']}", bearer(accepted.headers["Jobrunner-Token"])
    await people(people.operator, "GET", path, headers={"Prefer": "wait=30"})
    for who in (people.application, people.reading, user("anna"), token):
        answer = await people(who, "GET", f"{path}/attempts")
        assert answer.json["attempts"][0]["error_data"]["message"] == "ValueError: not yet"
        assert b"traceback" not in answer.content.lower()
    for who in (people.operator, await signed_in(people)):
        first, second = (await people(who, "GET", f"{path}/attempts")).json["attempts"]
        assert "handlers.py" in first["traceback"]
        assert (first["traceback"][-20:], second["traceback"]) == ("ValueError: not yet\n", None)


async def test_who_submits_is_on_no_job_that_goes_over_the_wire(people: People) -> None:
    job = await people.run(people.application, user_id="anna")
    shown = (await people(user("anna"), "GET", f"jobs/{job['job_id']}")).content
    assert name_of(people.application).encode() not in shown
    assert b"submitted_by" not in shown


async def test_the_log_names_who_did_what_and_never_by_what_secret(people: People) -> None:
    with capture_logs() as logs:
        made = await people.key_of("read", "submit")
        job = await people.submit(bearer(made["key"]), delay=3_600, user_id="anna")
        path = f"jobs/{job['job_id']}"
        for who, method, where in (
            (user("anna"), "DELETE", path), (people.operator, "POST", f"{path}/retry"),
            (people.operator, "DELETE", f"keys/{made['id']}"),
        ):  # fmt: skip
            assert (await people(who, method, where)).status in {200, 202}
        page = await signed_in(people)
        await people.api("DELETE", "session", headers=page)
    said: dict[str, Any] = {entry["event"]: entry for entry in logs}
    operator = name_of(people.operator)
    expected = {
        "key.created": operator, "job.accepted": f"key:{made['id']}", "job.cancelled": "user:anna",
        "job.retried": operator, "key.revoked": operator, "session.closed": operator,
    }  # fmt: skip
    assert {event: said[event]["by"] for event in expected} == expected
    assert said["session.opened"]["address"] == "127.0.0.1"
    secrets = [made["key"][-43:], people.key[-43:], page["Cookie"].partition(".")[2], user("anna")["Authorization"]]
    assert not [secret for secret in secrets if secret[-20:] in repr(logs)]


async def test_without_auth_it_was_whoever_sits_at_this_machine(open_runner: OpenRunner, open_api: OpenApi) -> None:
    api = await open_api(await open_runner())
    job = await api.submit("echo", delay=3_600)
    await api("DELETE", f"jobs/{job['job_id']}")
    told = (await api("GET", f"jobs/{job['job_id']}/history")).json["history"]
    assert [(act["action"], act["by"]) for act in told] == [("submitted", "local"), ("cancelled", "local")]
