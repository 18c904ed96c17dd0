"""Every route there is answers, with and without a slash at its end, to HEAD where to GET, and to no other method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from jobrunner import Registry
from jobrunner.web.routes import routes_for
from tests.web.api import Api
from tests.web.handlers import register

TYPES = Registry()
register(TYPES)
ROUTES = routes_for(TYPES)
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
API = "/api/v1"
JOB = f"{API}/jobs/{{job_id}}"
TEMPLATE = f"{API}/templates/{{id}}"
REMIX, FILM = f"{API}/ads/conversations/{{conversation_id}}/remix", f"{API}/films/film-job"


@dataclass(frozen=True)
class Sample:
    """A request that a route answers."""

    status: int
    body: Any = None


SAMPLES: dict[tuple[str, str], Sample] = {
    ("POST", f"{API}/jobs"): Sample(202, {"type": "echo"}),
    ("POST", f"{API}/jobs/bulk"): Sample(202, {"jobs": [{"type": "echo"}]}),
    ("GET", f"{API}/jobs"): Sample(200),
    ("GET", f"{API}/jobs/health"): Sample(200),
    ("GET", f"{API}/jobs/stats/counts"): Sample(200),
    ("GET", f"{API}/jobs/stats"): Sample(200),
    ("GET", f"{API}/jobs/failures"): Sample(200),
    ("POST", f"{API}/jobs/cancel"): Sample(200, {"filter": {"type": "make"}}),
    ("POST", f"{API}/jobs/retry"): Sample(200, {"filter": {"type": "make"}}),
    ("GET", JOB): Sample(200),
    ("DELETE", JOB): Sample(409),
    ("POST", f"{JOB}/retry"): Sample(409),
    ("POST", f"{JOB}/parts/{{key}}/retry"): Sample(409),
    ("GET", f"{JOB}/events"): Sample(200),
    ("GET", f"{JOB}/logs"): Sample(200),
    ("GET", f"{JOB}/attempts"): Sample(200),
    ("GET", f"{JOB}/history"): Sample(200),
    ("GET", f"{JOB}/explain"): Sample(200),
    ("GET", f"{JOB}/artifacts/{{name}}"): Sample(200),
    ("PUT", f"{JOB}/artifacts/{{name}}"): Sample(403),
    ("POST", f"{JOB}/artifacts/{{name}}/link"): Sample(201),
    ("GET", f"{JOB}/uploads/{{name}}"): Sample(404),
    ("POST", f"{JOB}/uploads/{{name}}/link"): Sample(404),
    ("PUT", f"{JOB}/uploads/{{name}}"): Sample(404),
    ("POST", f"{JOB}/callback"): Sample(403, {"log": "done"}),
    ("GET", f"{API}/events"): Sample(200),
    ("POST", f"{API}/events"): Sample(200, {"any": [{}]}),
    ("GET", f"{API}/types"): Sample(200),
    ("GET", f"{API}/templates"): Sample(200),
    ("POST", f"{API}/templates"): Sample(422, {"name": "every day", "submission": {"type": "nothing"}}),
    ("GET", TEMPLATE): Sample(404),
    ("PUT", TEMPLATE): Sample(404, {"name": "every day", "submission": {"type": "echo"}}),
    ("DELETE", TEMPLATE): Sample(404),
    ("POST", f"{TEMPLATE}/jobs"): Sample(404),
    ("GET", f"{API}/queues"): Sample(200),
    ("POST", f"{API}/queues/{{queue}}/pause"): Sample(200),
    ("POST", f"{API}/queues/{{queue}}/resume"): Sample(200),
    ("POST", f"{API}/tokens"): Sample(201, {"user_id": "anna", "allow": ["read"]}),
    ("GET", f"{API}/session"): Sample(200),
    ("POST", f"{API}/session"): Sample(401, {"key": "jr_nobody"}),
    ("DELETE", f"{API}/session"): Sample(204),
    ("GET", f"{API}/sessions"): Sample(200),
    ("DELETE", f"{API}/sessions/{{id}}"): Sample(404),
    ("GET", f"{API}/keys"): Sample(200),
    ("POST", f"{API}/keys"): Sample(201, {"name": "backend", "scopes": ["submit", "read"]}),
    ("DELETE", f"{API}/keys/{{id}}"): Sample(404),
    ("GET", "/livez"): Sample(200),
    ("GET", "/readyz"): Sample(200),
    ("GET", "/assets/{name}"): Sample(200),
    ("GET", "/assets/{folder}/{name}"): Sample(200),
    ("GET", "/login"): Sample(200),
    ("GET", "/"): Sample(200),
    ("GET", "/jobs"): Sample(200),
    ("GET", "/jobs/{id}"): Sample(200),
    ("GET", "/new"): Sample(200),
    ("GET", "/stats"): Sample(200),
    ("POST", REMIX): Sample(202, {"style": "loud"}),
    ("POST", FILM): Sample(202, {"film_request": {"length": 3}, "uploads": ["script"]}),
}


def test_every_route_has_a_sample_and_no_sample_is_of_a_route_that_is_gone() -> None:
    assert {(route.method, route.path) for route in ROUTES} == SAMPLES.keys()


async def filled(api: Api, path: str) -> str:
    """Return a path with a job and a file of it in its places."""
    if "{" not in path:
        return path
    name = {"/assets/{name}": "index.html", "/assets/{folder}/{name}": "main.js"}.get(path, "a.txt")
    job = await api.run("make", ["a.txt"])
    places = {"id": "abcdefgh", "folder": "dashboard", "queue": "default", "key": "a", "conversation_id": 7}
    return path.format(job_id=job["job_id"], name=name, **places)


@pytest.mark.parametrize(("method", "path"), SAMPLES)
async def test_a_route_answers_with_and_without_a_slash_at_its_end(api: Api, method: str, path: str) -> None:
    sample, address = SAMPLES[method, path], await filled(api, path)
    for spelling in {address, f"{address.rstrip('/')}/"}:
        answer = await api(method, spelling, json=sample.body)
        assert answer.status == sample.status, answer.content
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", [path for method, path in SAMPLES if method == "GET"])
async def test_head_is_answered_as_get_without_a_body(api: Api, path: str) -> None:
    address = await filled(api, path)
    get, head = await api("GET", address), await api("HEAD", address)
    assert (head.status, head.content) == (get.status, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize("path", [f"{API}/events", f"{JOB}/events", f"{JOB}/logs"])
async def test_head_of_a_stream_is_answered_at_once(api: Api, path: str) -> None:
    job = await api.submit("echo", delay=3600)
    answer = await api("HEAD", path.format(**job), headers={"Accept": "text/event-stream"})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")


@pytest.mark.parametrize("path", sorted({path for _, path in SAMPLES}))
async def test_a_wrong_method_is_answered_405_with_those_that_are_allowed(api: Api, path: str) -> None:
    address, known = await filled(api, path), {method for method, each in SAMPLES if each == path}
    allowed = known | ({"HEAD"} if "GET" in known else set())
    if path in {f"{API}/jobs/{word}" for word in ("bulk", "health", "stats", "failures", "cancel", "retry")}:
        allowed |= {"GET", "HEAD", "DELETE"}  # the word stands where an id may stand
    for method in sorted(set(METHODS) - allowed):
        answer = await api(method, address)
        assert answer.status == 405
        if method != "HEAD":
            assert answer.json["code"] == "wrong-method"
        assert set(answer.headers["Allow"].split(", ")) >= known
