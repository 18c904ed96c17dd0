"""Who may use which route: every route is tried as everybody who may come, against a table that stands here by itself.

The table is not made from the rules of the server: a rule that is taken away or loosened fails here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.web.people import Headers, People, bearer, signed, user
from tests.web.test_routes import API, FILM, JOB, REMIX, ROUTES, SAMPLES, TEMPLATE

UNKNOWN = "00000000-0000-7000-8000-000000000000"

# Everybody who may come. Of a route about a job the job is anna's, who is the owner.
WHO = (
    "nobody", "wrong key", "garbage", "expired", "foreign audience", "no scheme", "other", "other named her", "reader",
    "owner", "narrow", "narrow elsewhere", "reading app", "application", "operator", "attempt", "attempt elsewhere",
)  # fmt: skip
KNOWN = WHO[6:-2]
LOCKED_OUT = dict.fromkeys(set(WHO) - set(KNOWN), 401)


def table(**others: int) -> dict[str, int]:
    """Return the status for each of WHO: named ones as told with `_` for a space, all that prove nothing 401."""
    return LOCKED_OUT | {who.replace("_", " "): status for who, status in others.items()}


def of_job(own: int, *, reader: int, reading_app: int, narrow: int | None = None) -> dict[str, int]:
    """Return the table of a route about anna's job, which for other users does not exist."""
    return table(
        other=404, other_named_her=404, reader=reader, owner=own, narrow=own if narrow is None else narrow,
        narrow_elsewhere=404, reading_app=reading_app, application=own, operator=own,
    )  # fmt: skip


def of_users(status: int, *, narrow: int | None = None, **others: int) -> dict[str, int]:
    """Return the table of a route that everybody with the right may use."""
    narrow = status if narrow is None else narrow
    everybody = dict.fromkeys(KNOWN, status) | {"narrow": narrow, "narrow elsewhere": narrow}
    return LOCKED_OUT | everybody | {who.replace("_", " "): each for who, each in others.items()}


def of_submitters(status: int) -> dict[str, int]:
    """Return the table of a route that is for whoever may make new jobs."""
    return of_users(status, narrow=403, other_named_her=403, reader=403, reading_app=403)


def of_operators(status: int) -> dict[str, int]:
    return LOCKED_OUT | dict.fromkeys(KNOWN, 403) | {"operator": status}


def of_attempts() -> dict[str, int]:
    """Return the table of a route that is for whoever works on an attempt; the one of anna's job is over."""
    return LOCKED_OUT | dict.fromkeys(KNOWN, 403) | LATE


def of_applications(status: int) -> dict[str, int]:
    """Return the table of a route that is for whoever may read the jobs of all users."""
    return of_operators(status) | {"reading app": status, "application": status}


LATE = {"attempt": 409, "attempt elsewhere": 404}
READING = of_job(200, reader=200, reading_app=200)
OPEN = dict.fromkeys(WHO, 200)
PAGE = of_operators(200) | {"nobody": 303, "no scheme": 303}
SUBMITTING = of_submitters(202)

EXPECTED: dict[tuple[str, str], Mapping[str, int]] = {
    ("POST", f"{API}/jobs"): SUBMITTING,
    ("POST", f"{API}/jobs/bulk"): SUBMITTING,
    ("GET", f"{API}/jobs"): of_users(200),
    ("GET", f"{API}/jobs/health"): of_users(200),
    ("GET", f"{API}/jobs/stats/counts"): of_users(200),
    ("GET", f"{API}/jobs/stats"): of_applications(200),
    ("GET", f"{API}/jobs/failures"): of_applications(200),
    ("POST", f"{API}/jobs/cancel"): of_users(200, reader=403, reading_app=403),
    ("POST", f"{API}/jobs/retry"): of_users(200, reader=403, reading_app=403),
    ("GET", JOB): READING,
    ("DELETE", JOB): of_job(409, reader=403, reading_app=403),
    ("POST", f"{JOB}/retry"): of_job(409, reader=403, reading_app=403),
    ("POST", f"{JOB}/parts/{{key}}/retry"): of_job(409, reader=403, reading_app=403),
    ("GET", f"{JOB}/events"): READING,
    ("GET", f"{JOB}/logs"): READING,
    ("GET", f"{JOB}/attempts"): READING,
    ("GET", f"{JOB}/history"): READING,
    ("GET", f"{JOB}/explain"): READING,
    ("GET", f"{JOB}/artifacts/{{name}}"): READING,
    ("PUT", f"{JOB}/artifacts/{{name}}"): of_attempts(),
    ("POST", f"{JOB}/artifacts/{{name}}/link"): of_job(201, reader=201, reading_app=201),
    ("GET", f"{JOB}/uploads/{{name}}"): READING | LATE,
    ("POST", f"{JOB}/uploads/{{name}}/link"): of_job(201, reader=201, reading_app=201),
    ("PUT", f"{JOB}/uploads/{{name}}"): of_job(409, reader=403, reading_app=403),
    ("POST", f"{JOB}/callback"): of_attempts(),
    ("GET", f"{API}/events"): of_users(200),
    ("POST", f"{API}/events"): of_users(200),
    ("GET", f"{API}/types"): of_users(200),
    ("GET", f"{API}/templates"): of_submitters(200),
    ("POST", f"{API}/templates"): of_submitters(422),
    ("GET", TEMPLATE): of_submitters(404),
    ("PUT", TEMPLATE): of_submitters(404),
    ("DELETE", TEMPLATE): of_submitters(404),
    ("POST", f"{TEMPLATE}/jobs"): of_submitters(404),
    ("GET", f"{API}/queues"): of_applications(200),
    ("POST", f"{API}/queues/{{queue}}/pause"): of_operators(200),
    ("POST", f"{API}/queues/{{queue}}/resume"): of_operators(200),
    ("POST", f"{API}/tokens"): LOCKED_OUT
    | dict.fromkeys(WHO[6:12], 403)
    | {"reading app": 201, "application": 201, "operator": 201},
    ("GET", f"{API}/session"): of_users(200),
    ("POST", f"{API}/session"): dict.fromkeys(WHO, 401),
    ("DELETE", f"{API}/session"): dict.fromkeys(WHO, 204),
    ("GET", f"{API}/sessions"): of_operators(200),
    ("DELETE", f"{API}/sessions/{{id}}"): of_operators(404),
    ("GET", f"{API}/keys"): of_operators(200),
    ("POST", f"{API}/keys"): of_operators(201),
    ("DELETE", f"{API}/keys/{{id}}"): of_operators(404),
    ("GET", "/livez"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/assets/{name}"): OPEN,
    ("GET", "/assets/{folder}/{name}"): OPEN,
    ("GET", "/login"): OPEN,
    ("GET", "/"): PAGE,
    ("GET", "/jobs"): PAGE,
    ("GET", "/jobs/{id}"): PAGE,
    ("GET", "/new"): PAGE,
    ("GET", "/stats"): PAGE,
    ("POST", REMIX): SUBMITTING,
    ("POST", FILM): SUBMITTING,
}


@dataclass
class Scene:
    """A job of anna's with a file in and a file out, and everybody's headers."""

    people: People
    job: Any
    everybody: Mapping[str, Headers]

    def address(self, path: str) -> str:
        files = {"/artifacts/": "a.txt", "/uploads/": "file", "{folder}": "main.js"}
        name = next((name for part, name in files.items() if part in path), "index.html")
        places = {"id": "abcdefgh", "folder": "dashboard", "queue": "default", "key": "a", "conversation_id": 7}
        return path.format(job_id=self.job["job_id"], name=name, **places)


@pytest.fixture
async def scene(people: People) -> Scene:
    job = await people.submit(people.application, "make", ["a.txt"], user_id="anna", uploads=["file"])
    put = await people(people.application, "PUT", f"jobs/{job['job_id']}/uploads/file", data=b"in")
    assert put.status == 200
    await people(people.application, "GET", f"jobs/{job['job_id']}", headers={"Prefer": "wait=30"})
    everybody = {
        "nobody": {},
        "wrong key": bearer(people.key[:-4] + ("AAAA" if people.key[-4:] != "AAAA" else "BBBB")),
        "garbage": bearer("garbage"),
        "expired": user("anna", lives_s=-60),
        "foreign audience": user("anna", aud="another service"),
        "no scheme": {"Authorization": people.key},
        "other": user("bob"),
        "other named her": user("bob", job_ids=[job["job_id"]]),
        "reader": user("anna", allow=["read"]),
        "owner": user("anna"),
        "narrow": user("anna", job_ids=[job["job_id"]]),
        "narrow elsewhere": user("anna", job_ids=[UNKNOWN]),
        "reading app": people.reading,
        "application": people.application,
        "operator": people.operator,
        "attempt": bearer(people.runner.means.tokens.make(job["job_id"], 1)),
        "attempt elsewhere": bearer(people.runner.means.tokens.make("00000000-0000-7000-8000-000000000001", 1)),
    }
    return Scene(people, job, everybody)


def test_the_table_has_every_route_and_everybody() -> None:
    assert EXPECTED.keys() == {(route.method, route.path) for route in ROUTES}
    assert {who for row in EXPECTED.values() for who in row} == set(WHO)


@pytest.mark.parametrize(("method", "path"), EXPECTED)
async def test_a_route_takes_requests_of_those_who_may(scene: Scene, method: str, path: str) -> None:
    expected, body, found = EXPECTED[method, path], SAMPLES[method, path].body, {}
    if method == "POST" and path.endswith("/tokens"):
        body = {"user_id": "anna", "allow": ["read"]}  # the least that every application may hand on
    for who in WHO:
        options = {"json": body} if body is not None else {}
        answer = await scene.people(scene.everybody[who], method, scene.address(path), allow_redirects=False, **options)
        found[who] = answer.status
        if answer.status == 401 and path != f"{API}/session":
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert found == dict(expected)


@pytest.mark.parametrize(("method", "path"), [place for place in EXPECTED if "{job_id}" in place[1]])
async def test_a_job_of_somebody_else_is_the_same_as_one_that_nobody_has(scene: Scene, method: str, path: str) -> None:
    body = SAMPLES[method, path].body
    options = {"json": body} if body is not None else {}
    foreign, unknown = scene.address(path), scene.address(path).replace(scene.job["job_id"], UNKNOWN)
    for who in ("other", "other named her", "narrow elsewhere", "attempt elsewhere"):
        headers, expected = scene.everybody[who], EXPECTED[method, path][who]
        one = await scene.people(headers, method, foreign, **options)
        none = await scene.people(headers, method, unknown, **options)
        assert (one.status, none.status) == (expected, expected)
        assert one.content.replace(scene.job["job_id"].encode(), UNKNOWN.encode()) == none.content
        volatile = {"Date"}
        assert {name: text for name, text in one.headers.items() if name not in volatile} == {
            name: text for name, text in none.headers.items() if name not in volatile
        }


async def test_a_job_of_somebody_else_takes_as_long_as_one_that_nobody_has(scene: Scene) -> None:
    """By medians of paired requests, in both orders; finding out by a cache took a tenth of the time of looking."""
    headers = scene.everybody["other"]
    took: dict[str, list[float]] = {scene.job["job_id"]: [], UNKNOWN: []}
    for turn in range(400):
        for job_id in took if turn % 2 else reversed(took):
            begun = time.perf_counter()
            assert (await scene.people(headers, "GET", f"jobs/{job_id}")).status == 404
            took[job_id].append(time.perf_counter() - begun)
    foreign, unknown = (sorted(times)[len(times) // 2] for times in took.values())
    assert 0.8 < foreign / unknown < 1.25


async def test_a_submission_of_a_user_is_the_users(scene: Scene) -> None:
    owner = scene.everybody["owner"]
    assert (await scene.people.submit(owner))["user_id"] == "anna"
    assert (await scene.people.submit(owner, user_id="anna"))["user_id"] == "anna"
    refused = await scene.people(owner, "POST", "jobs", json={"type": "echo", "user_id": "bob"})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (403, "/user_id")


async def test_a_right_to_one_type_submits_that_type_only(scene: Scene) -> None:
    people, narrow = scene.people, user("anna", allow=["submit:echo"])
    assert (await people(narrow, "POST", "jobs", json={"type": "echo"})).status == 202
    for refused in ("order", "nothing", "echo2"):
        answer = await people(narrow, "POST", "jobs", json={"type": refused})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (403, "/type")
    bulk = await people(narrow, "POST", "jobs/bulk", json={"jobs": [{"type": "order"}, {"type": "echo"}]})
    assert (bulk.status, bulk.json["accepted"], bulk.json["jobs"][0]["problem"]["status"]) == (202, 1, 403)
    assert [each["type"] for each in (await people(narrow, "GET", "types")).json["types"]] == ["echo"]


async def test_a_new_payload_for_an_old_job_needs_the_right_to_submit_it(scene: Scene) -> None:
    path = f"jobs/{scene.job['job_id']}/retry"
    for headers in (user("anna", allow=["retry"]), user("anna", allow=["retry", "submit:echo"])):
        assert (await scene.people(headers, "POST", path, json={"payload": []})).status == 403
    again = await scene.people(user("anna", allow=["retry", "submit:make"]), "POST", path, json={"payload": []})
    assert (again.status, again.json["user_id"]) == (201, "anna")


async def test_lists_counts_and_changes_show_a_user_nothing_of_others(scene: Scene) -> None:
    people, mine = scene.people, scene.job["job_id"]
    theirs = (await people.run(scene.everybody["other"]))["job_id"]
    await people.run(people.application)
    asked = ["", "?user_id=bob", f"?job_id={theirs}", "?user_id=bob&user_id=anna", "?type=echo", "?status=all"]
    for query in asked:
        found = {job["job_id"] for job in (await people(user("anna"), "GET", f"jobs{query}")).json["jobs"]}
        assert found <= {mine}
    assert (await people(user("anna"), "GET", "jobs")).json["jobs"][0]["job_id"] == mine
    assert (await people(user("anna"), "GET", "jobs/stats/counts")).json["total"] == 1
    assert (await people(user("anna"), "GET", "jobs/stats/counts?user_id=bob")).json["total"] == 0
    numbered = (await people(user("anna"), "GET", "jobs?page=1&user_id=bob")).json
    assert (numbered["total"], numbered["jobs"]) == (0, [])
    unions: list[list[dict[str, str]]] = [
        [{}],
        [{"user_id": "bob"}],
        [{"job_id": theirs}],
        [{"type": "echo"}, {"user_id": "bob"}],
    ]
    for any_ in unions:
        told = (await people(user("anna"), "POST", "events", json={"any": any_})).json
        assert not {job["job_id"] for job in told["jobs"]} - {mine}
    named = (await people(user("anna"), "GET", f"events?job_id={theirs}&job_id={UNKNOWN}")).json
    assert named["missing"] == sorted([theirs, UNKNOWN])


async def test_a_stream_shows_a_user_nothing_of_others(scene: Scene) -> None:
    people = scene.people
    for query in ("", "?user_id=bob", "?type=echo"):
        headers = {**user("anna"), "Accept": "text/event-stream"}
        async with people.api.session.get(people.api.url(f"events{query}"), headers=headers, timeout=None) as response:
            await response.content.readuntil(b"event: snapshot")
            await people.run(scene.everybody["other"])
            mine = await people.submit(user("anna"), "echo")
            shown = b""
            if query != "?user_id=bob":
                async with asyncio.timeout(20):
                    while mine["job_id"].encode() not in shown:
                        shown += await response.content.readany()
            assert b"bob" not in shown


async def test_a_token_for_one_job_is_good_for_nothing_else(scene: Scene) -> None:
    people, other = scene.people, (await scene.people.run(user("anna")))["job_id"]
    narrow = user("anna", job_ids=[scene.job["job_id"]])
    assert [job["job_id"] for job in (await people(narrow, "GET", "jobs")).json["jobs"]] == [scene.job["job_id"]]
    assert (await people(narrow, "GET", "jobs/stats/counts")).json["total"] == 1
    assert (await people(narrow, "GET", f"jobs/{other}")).status == 404
    changes = (await people(narrow, "GET", "events")).json
    assert [job["job_id"] for job in changes["jobs"]] == [scene.job["job_id"]]


async def test_an_idempotency_key_of_another_is_another_key(scene: Scene) -> None:
    people, sent = scene.people, {"json": {"type": "echo"}, "headers": {"Idempotency-Key": '"once"'}}
    whose = {"anna": user("anna"), "bob": user("bob"), "application": people.application}
    first = {name: (await people(who, "POST", "jobs", **sent)).json["job_id"] for name, who in whose.items()}
    again = {name: (await people(who, "POST", "jobs", **sent)).json["job_id"] for name, who in whose.items()}
    assert again == first
    assert len(set(first.values())) == 3
    assert (await people(user("anna", allow=["submit"]), "POST", "jobs", **sent)).json["job_id"] == first["anna"]


async def test_a_users_token_is_no_operator_whatever_it_says(scene: Scene) -> None:
    boasting: dict[str, Any] = {"operator": True, "admin": True, "role": "admin", "scope": "admin", "kind": "operator"}
    for claims in (boasting, {"allow": ["admin"]}, {"allow": ["admin", "read"]}):
        headers = bearer(signed("anna", **claims))
        assert (await scene.people(headers, "GET", "keys")).status == 403
        assert (await scene.people(headers, "GET", "/", allow_redirects=False)).status == 403
