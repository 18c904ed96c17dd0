"""Addresses that types have for themselves: what is sent there is a submission like any, told in another way."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import FormData

from jobrunner import Registry, job
from jobrunner.errors import ConfigError
from jobrunner.web.routes import routes_for
from tests.web.api import Api
from tests.web.conftest import OpenApi, OpenPeople
from tests.web.people import user

REMIX, FILM = "ads/conversations/7/remix", "films/film-job"


async def test_the_body_is_the_payload_with_the_steps_of_the_address(api: Api) -> None:
    query = {"priority": "8", "user_id": "anna", "title": "Louder", "tags": "ad"}
    answer = await api("POST", REMIX, json={"style": "loud"}, params=[*query.items(), ("tags", "new")])
    found = answer.json
    assert (answer.status, answer.headers["Location"]) == (202, f"/api/v1/jobs/{found['job_id']}")
    assert (found["type"], found["payload"]) == ("remix", {"style": "loud", "conversation_id": "7"})
    assert [found[name] for name in ("priority", "user_id", "title", "tags")] == [8, "anna", "Louder", ["ad", "new"]]
    assert (await api.ended(found["job_id"]))["result_data"] == {"conversation_id": 7, "style": "loud"}
    for same in ({}, {"conversation_id": 7}, None):
        assert (await api("POST", REMIX, **({} if same is None else {"json": same}))).status == 202


async def test_in_an_envelope_the_payload_has_a_name_and_the_rest_stands_beside_it(api: Api) -> None:
    around = {"priority": 9, "metadata": {"a": 1}, "uploads": ["script"]}
    answer = await api("POST", FILM, json={"film_request": {"length": 3}, **around})
    assert (answer.status, answer.json["payload"], answer.json["priority"]) == (202, {"length": 3}, 9)
    assert answer.json["waiting_for"] == "upload"
    data = FormData()
    data.add_field("job", '{"film_request": {"length": 4}}', content_type="application/json")
    data.add_field("script", b"once upon a time", filename="script.txt")
    done = await api("POST", FILM, data=data, headers={"Prefer": "wait=20"})
    assert (done.status, done.json["result_data"], done.json["uploads"][0]["size"]) == (200, {"length": 4}, 16)


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        (REMIX, {"conversation_id": 8}, ["/conversation_id"]),
        (REMIX, {"style": 8}, ["/style"]),
        (REMIX, [1], [""]),
        (f"{REMIX}?priority=10", {}, ["priority"]),
        (f"{REMIX}?user_id=", {}, ["user_id"]),
        (f"{REMIX}?delay=5", {}, ["delay"]),
        (FILM, {"film_request": {"length": "long"}, "uploads": ["script"]}, ["/film_request/length"]),
        (FILM, {"film_request": {}, "priority": 10}, ["/priority"]),
        (FILM, {"film_request": {}, "type": "echo"}, ["/type"]),
        (f"{FILM}?priority=1", {"film_request": {}, "priority": 2}, ["priority"]),
        (FILM, [1], [""]),
    ],
)
async def test_a_fault_is_shown_where_it_was_said(api: Api, path: str, body: Any, pointers: list[str]) -> None:
    answer = await api("POST", path, json=body)
    assert (answer.status, [fault["pointer"] for fault in answer.json["errors"]]) == (422, pointers)


async def test_a_repeat_is_one_job_and_another_address_or_query_another_request(api: Api) -> None:
    key = {"Idempotency-Key": '"once"'}
    first, again, slashed = [await api("POST", path, json={}, headers=key) for path in (REMIX, REMIX, f"{REMIX}/")]
    assert first.json["job_id"] == again.json["job_id"] == slashed.json["job_id"]
    assert (await api("POST", f"{REMIX}?priority=1", json={}, headers=key)).status == 422
    assert (await api("POST", REMIX.replace("7", "8"), json={}, headers=key)).json["job_id"] != first.json["job_id"]


async def test_it_needs_the_right_to_submit_this_type(open_people: OpenPeople) -> None:
    people = await open_people()
    answers = {
        word: (await people(user("anna", allow=[word]), "POST", REMIX, json={})).status
        for word in ("submit", "submit:remix", "submit:echo", "read")
    }
    assert answers == {"submit": 202, "submit:remix": 202, "submit:echo": 403, "read": 403}
    unread = await people(user("anna", allow=["submit:echo"]), "POST", REMIX, data=b"garbage")
    assert (unread.status, "submit:remix" in unread.json["detail"]) == (403, True)
    foreign = await people(user("anna"), "POST", f"{REMIX}?user_id=bob", json={})
    assert (foreign.status, foreign.json["errors"][0]["pointer"]) == (403, "user_id")


async def test_a_step_named_as_a_job_is_a_member_of_the_payload(registry: Registry, open_api: OpenApi) -> None:
    @job("again", registry=registry, routes=["/shop/{job_id}/again"])
    async def _again(_context: Any, payload: dict[str, str]) -> None: ...

    api = await open_api(**{"server.base_path": "/jobrunner"})
    answer = await api("POST", "/jobrunner/shop/blue/again")
    assert (answer.status, answer.json["payload"]) == (202, {"job_id": "blue"})
    assert (await api("GET", "/jobrunner/shop/blue/again")).headers["Allow"] == "POST"
    listed = {each["type"]: each["routes"] for each in (await api("GET", "/jobrunner/api/v1/types")).json["types"]}
    assert (listed["again"], listed["echo"]) == (["/shop/{job_id}/again"], [])


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/api/v1/jobs", "the server's /api/v1/jobs"),
        ("/api/v1/jobs/make-job", "the server's /api/v1/jobs/{job_id}"),
        ("/api/v1/{any}", "the server's /api/v1/jobs"),
        ("/jobs/new", "the server's /jobs/{id}"),
        ("/ads/{id}", "/ads/new of first"),
    ],
)
def test_an_address_that_means_something_else_is_refused_at_the_start(path: str, other: str) -> None:
    registry = Registry()
    job("first", registry=registry, routes=["/ads/new"])(_nothing)
    job("second", registry=registry, routes=[path])(_nothing)
    with pytest.raises(ConfigError, match=r"types\.second\.routes") as raised:
        routes_for(registry)
    assert raised.value.detail == f"{path} of second is the same address as {other}"


@pytest.mark.parametrize("path", ["ads", "/ads/", "/", "/{a}/ads", "/ads/{a}/{a}", "/ads/../jobs", "/a b", "/ads/{A-}"])
def test_what_is_no_address_is_refused_at_once(path: str) -> None:
    with pytest.raises(ConfigError, match=r"types\.first\.routes"):
        job("first", registry=Registry(), routes=[path])(_nothing)


async def _nothing(_context: Any, _payload: Any) -> None: ...
