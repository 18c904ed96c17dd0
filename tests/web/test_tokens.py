"""What an application hands to a browser: tokens with no more rights than its own, good for what they name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import FormData

from tests.clock import START, ManualClock
from tests.web.api import Answer
from tests.web.conftest import OpenPeople
from tests.web.people import Headers, People, bearer, user
from tests.web.test_sessions import signed_in

JOB_ID = "00000000-0000-7000-8000-000000000000"
FOR_ANNA = {"user_id": "anna", "allow": ["read"]}


async def ask(people: People, who: Headers, **wish: Any) -> Answer:
    return await people(who, "POST", "tokens", json=wish)


@pytest.mark.parametrize(
    ("scopes", "allow", "status"),
    [
        (["read"], ["read"], 201),
        (["read"], ["read", "cancel"], 403),
        (["read"], ["submit:echo"], 403),
        (["submit:echo"], ["submit:echo", "upload"], 201),
        (["submit:echo"], ["submit:order"], 403),
        (["submit:echo"], ["submit"], 403),
        (["submit"], ["submit:echo", "submit"], 201),
        (["submit"], ["retry"], 403),
        (["admin"], ["read", "submit", "cancel", "retry", "upload"], 201),
        (["admin"], ["admin"], 422),
        (["read"], ["admin"], 422),
    ],
)
async def test_a_key_hands_on_only_what_it_may_do_itself_and_never_admin(
    people: People, scopes: list[str], allow: list[str], status: int
) -> None:
    key = await people.key_of(*scopes)
    answer = await ask(people, bearer(key["key"]), user_id="anna", allow=allow)
    assert answer.status == status, answer.content
    if status == 403:
        assert allow[-1] in answer.json["detail"]


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"allow": ["read"]}, "/user_id"),
        ({"user_id": None, "allow": ["read"]}, "/user_id"),
        ({"user_id": "", "allow": ["read"]}, "/user_id"),
        ({"user_id": "a" * 201, "allow": ["read"]}, "/user_id"),
        ({"user_id": 1, "allow": ["read"]}, "/user_id"),
        ({"user_id": "anna"}, "/allow"),
        ({"user_id": "anna", "allow": []}, "/allow"),
        ({"user_id": "anna", "allow": ["fly"]}, "/allow/0"),
        ({"user_id": "anna", "allow": ["read", "Read"]}, "/allow/1"),
        ({"user_id": "anna", "allow": ["submit:"]}, "/allow/0"),
        ({"user_id": "anna", "allow": ["submit"], "job_ids": [JOB_ID]}, "/allow"),
        ({"allow": ["submit:echo"], "job_ids": [JOB_ID]}, "/allow"),
        ({"allow": ["read"], "job_ids": []}, "/job_ids"),
        ({"allow": ["read"], "job_ids": ["x"]}, "/job_ids"),
        ({"allow": ["read"], "job_ids": [JOB_ID] * 1_001}, "/job_ids"),
        ({**FOR_ANNA, "expires_in": 0}, "/expires_in"),
        ({**FOR_ANNA, "expires_in": -1}, "/expires_in"),
        ({**FOR_ANNA, "expires_in": 1.5}, "/expires_in"),
        ({**FOR_ANNA, "expires_in": 86_401}, "/expires_in"),
        ({**FOR_ANNA, "expires_in": 10**30}, None),
        ({**FOR_ANNA, "kind": "operator"}, "/kind"),
    ],
)
async def test_a_wish_that_cannot_be_met_is_refused_with_where_it_is_wrong(
    people: People, wish: Any, pointer: str | None
) -> None:
    for who in (people.application, people.operator):
        answer = await ask(people, who, **wish)
        assert answer.status == (400 if pointer is None else 422), answer.content
        assert b'token":' not in answer.content
        if pointer is not None:
            assert answer.json["errors"][0]["pointer"] == pointer


async def test_a_token_works_until_it_ends_and_not_longer(open_people: OpenPeople, clock: ManualClock) -> None:
    people = await open_people(clock=clock)
    answer = await ask(people, people.application, **FOR_ANNA, expires_in=60)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json.keys() == {"token", "expires_at"}
    anna = bearer(answer.json["token"])
    told = (await people(anna, "GET", "session")).json
    assert (told["kind"], told["user_id"], told["allow"], told["job_ids"]) == ("user", "anna", ["read"], None)
    assert (told["expires_at"], told["via"], told["secured"]) == (answer.json["expires_at"], "token", True)
    clock.advance(59.9)
    assert (await people(anna, "GET", "jobs")).status == 200
    clock.advance(0.1)
    ended = await people(anna, "GET", "jobs")
    assert (ended.status, ended.json["code"]) == (401, "unauthorized")


async def test_a_token_lives_an_hour_unless_told_and_never_longer_than_is_configured(
    open_people: OpenPeople, clock: ManualClock
) -> None:
    people = await open_people(clock=clock, **{"auth.token_ttl": "2h"})
    anna = await people.token(people.application, **FOR_ANNA)
    clock.advance(3_599)
    assert (await people(anna, "GET", "jobs")).status == 200
    clock.advance(1)
    assert (await people(anna, "GET", "jobs")).status == 401
    assert (await ask(people, people.operator, **FOR_ANNA, expires_in=7_201)).status == 422
    assert (await ask(people, people.operator, **FOR_ANNA, expires_in=7_200)).status == 201
    accepted = await people(people.application, "POST", "jobs", json={"type": "echo"})
    told = (await people(bearer(accepted.headers["Jobrunner-Token"]), "GET", "session")).json
    assert told["expires_at"] == "2026-09-21T17:13:20.000Z", "two hours, not the usual day"
    assert clock.now() == START + 3_600_000


async def test_a_token_dies_with_the_key_that_made_it_also_by_way_of_a_session(people: People) -> None:
    made = await people.key_of("admin")
    page = await signed_in(people, made["key"])
    tokens = [await people.token(who, **FOR_ANNA) for who in (bearer(made["key"]), page)]
    kept = [await people.token(people.operator, **FOR_ANNA), user("anna", via=f"key:{made['id']}")]
    assert [(await people(who, "GET", "jobs")).status for who in (*tokens, *kept)] == [200] * 4
    await people(people.operator, "DELETE", f"keys/{made['id']}")
    for who in tokens:
        ended = await people(who, "GET", "jobs")
        assert (ended.status, ended.json["code"]) == (401, "unauthorized")
    assert [(await people(who, "GET", "jobs")).status for who in kept] == [200, 200]


async def test_a_token_ends_no_later_than_the_key_that_made_it(open_people: OpenPeople, clock: ManualClock) -> None:
    people = await open_people(clock=clock)
    made = await people.key_of("read", "submit", expires_in=60)
    answer = await ask(people, bearer(made["key"]), **FOR_ANNA)
    assert answer.json["expires_at"] == made["expires_at"]
    accepted = await people(bearer(made["key"]), "POST", "jobs", json={"type": "echo"})
    told = (await people(bearer(accepted.headers["Jobrunner-Token"]), "GET", "session")).json
    assert told["expires_at"] == made["expires_at"]


async def test_a_token_without_a_user_is_good_for_the_jobs_it_names(people: People) -> None:
    one, other = await people.submit(people.application, user_id="bob"), await people.submit(people.application)
    token = await people.token(people.application, allow=["read"], job_ids=[one["job_id"].upper()])
    assert (await people(token, "GET", f"jobs/{one['job_id']}")).json["user_id"] == "bob"
    assert (await people(token, "GET", f"jobs/{other['job_id']}")).status == 404
    assert (await people(token, "POST", "jobs", json={"type": "echo"})).status == 403
    assert (await people(token, "DELETE", f"jobs/{one['job_id']}")).status == 403


async def test_users_and_those_without_rights_get_no_tokens(people: People) -> None:
    for who in (user("anna"), await people.token(people.operator, **FOR_ANNA)):
        assert (await ask(people, who, **FOR_ANNA)).status == 403
    assert (await ask(people, {}, **FOR_ANNA)).status == 401


@pytest.mark.parametrize("user_id", ["anna", None])
async def test_a_submission_by_an_application_brings_a_token_for_that_job(people: People, user_id: str | None) -> None:
    about = {} if user_id is None else {"user_id": user_id}
    sent = {"type": "digest", "uploads": ["file"], **about}
    accepted = await people(people.application, "POST", "jobs", json=sent)
    job, token = accepted.json["job_id"], bearer(accepted.headers["Jobrunner-Token"])
    other = (await people.submit(people.application, "echo", **about))["job_id"]
    told = (await people(token, "GET", "session")).json
    assert (told["user_id"], told["job_ids"]) == (user_id, [job])
    assert told["allow"] == ["cancel", "read", "retry", "upload"]
    assert (await people(token, "PUT", f"jobs/{job}/uploads/file", data=b"in")).status == 200
    ended = await people(token, "GET", f"jobs/{job}", headers={"Prefer": "wait=30"})
    assert ended.json["result_data"]["size"] == 2
    assert (await people(token, "GET", f"jobs/{job}/uploads/file")).content == b"in"
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/retry"), ("PUT", "/uploads/file"), ("GET", "/logs")):
        assert (await people(token, method, f"jobs/{other}{path}")).status == 404
    assert (await people(token, "POST", "jobs", json={"type": "echo"})).status == 403
    assert (await people(token, "POST", f"jobs/{job}/retry", json={"payload": 1})).status == 403
    assert (await people(token, "POST", "tokens", json=FOR_ANNA)).status == 403
    assert [each["job_id"] for each in (await people(token, "GET", "jobs")).json["jobs"]] == [job]


async def test_the_token_of_a_submission_cancels_the_job_and_retries_it(people: People) -> None:
    accepted = await people(people.application, "POST", "jobs", json={"type": "echo", "delay": 3_600})
    token, path = bearer(accepted.headers["Jobrunner-Token"]), f"jobs/{accepted.json['job_id']}"
    assert (await people(token, "DELETE", path)).json["status"] == "cancelled"
    assert (await people(token, "POST", f"{path}/retry")).status == 202


async def test_every_way_of_submitting_one_job_brings_a_token_and_nothing_else_does(people: People) -> None:
    app, echo = people.application, {"type": "echo"}
    form = FormData({"job": json.dumps({"type": "digest"})})
    form.add_field("file", b"x", filename="a.txt")
    with_token = [
        await people(app, "POST", "jobs", json=echo, headers={"Prefer": "wait=30"}),
        await people(app, "POST", "jobs", json=echo, headers={"Idempotency-Key": '"a"'}),
        await people(app, "POST", "jobs", json=echo, headers={"Idempotency-Key": '"a"'}),
        await people(app, "POST", "jobs", data=form),
    ]
    for answer in with_token:
        told = (await people(bearer(answer.headers["Jobrunner-Token"]), "GET", "session")).json
        assert told["job_ids"] == [answer.json["job_id"]]
    assert [answer.status for answer in with_token] == [200, 202, 202, 202]
    job = with_token[0].json["job_id"]
    without = [
        await people(people.operator, "POST", "jobs", json=echo),
        await people(user("anna"), "POST", "jobs", json=echo),
        await people(app, "POST", "jobs/bulk", json={"jobs": [echo]}),
        await people(app, "POST", f"jobs/{job}/retry", json={"payload": 1}),
        await people(app, "GET", f"jobs/{job}"),
        await people(app, "POST", "jobs", json={"type": "nothing"}),
        await people(app, "POST", "jobs", json={"type": "echo", "priority": 10}),
    ]
    assert [answer.status for answer in without] == [202, 202, 202, 201, 200, 422, 422]
    assert not any("Jobrunner-Token" in answer.headers for answer in without)


async def test_the_token_of_a_submission_allows_no_more_than_the_key(people: People) -> None:
    key = await people.key_of("submit:echo")
    accepted = await people(bearer(key["key"]), "POST", "jobs", json={"type": "echo", "delay": 3_600})
    token, path = bearer(accepted.headers["Jobrunner-Token"]), f"jobs/{accepted.json['job_id']}"
    assert (await people(token, "GET", "session")).json["allow"] == ["upload"]
    assert [(await people(token, method, path)).status for method in ("GET", "DELETE")] == [403, 403]
