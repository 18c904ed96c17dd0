"""Pages of configured origins may ask with a token and read every answer; others may not, and none with a cookie."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.api import Answer, Api
from tests.web.conftest import OpenApi, OpenPeople
from tests.web.people import People, bearer, user
from tests.web.raw import raw
from tests.web.test_routes import SAMPLES

LISTED, OTHER = "https://app.example", "http://localhost:3000"
FOREIGN = ["https://evil.example", "null", "https://app.example.evil", "http://app.example", "https://app.example:444"]
JOB_ID = "00000000-0000-7000-8000-000000000000"
ALLOWED = {
    "authorization", "cache-control", "content-type", "content-range", "idempotency-key", "if-none-match",
    "last-event-id", "prefer", "traceparent",
}  # fmt: skip
EXPOSED = {
    "etag", "location", "retry-after", "ratelimit", "ratelimit-policy", "preference-applied", "jobrunner-token",
}  # fmt: skip


@pytest.fixture
async def people(open_people: OpenPeople) -> People:
    return await open_people(**{"server.cors_origins": [LISTED, OTHER]})


def words(text: str) -> set[str]:
    return {word.strip().lower() for word in text.split(",")}


def cors_of(answer: Answer) -> dict[str, str]:
    return {name.lower(): text for name, text in answer.headers.items() if name.lower().startswith("access-control")}


def readable_by(answer: Answer, origin: str) -> bool:
    """Tell whether a browser would show the answer to a page, all of whose headers it has to name."""
    assert "Origin" in answer.headers["Vary"].split(", ")
    found = cors_of(answer)
    assert "access-control-allow-credentials" not in found
    return (
        found.get("access-control-allow-origin") == origin
        and words(found.get("access-control-expose-headers", "")) == EXPOSED
    )


async def ask_first(api: Api, path: str, method: str, origin: str = LISTED) -> Answer:
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return await api("OPTIONS", path, headers={**headers, "Access-Control-Request-Headers": "authorization"})


@pytest.mark.parametrize(("method", "path"), SAMPLES)
async def test_every_route_may_be_asked_for_by_a_page_that_is_listed(people: People, method: str, path: str) -> None:
    answer = await ask_first(people.api, re.sub(r"\{\w+\}", JOB_ID, path), method)
    assert (answer.status, answer.content) == (204, b"")
    found = cors_of(answer)
    assert method in found["access-control-allow-methods"].split(", ")
    assert words(found["access-control-allow-headers"]) == ALLOWED
    assert 600 <= int(found["access-control-max-age"]) <= 86_400
    assert readable_by(answer, LISTED)


@pytest.mark.parametrize("origin", FOREIGN)
async def test_other_pages_get_no_leave_to_ask_and_none_to_read(people: People, origin: str) -> None:
    asked = await ask_first(people.api, "jobs", "POST", origin)
    assert (asked.status, cors_of(asked)) == (405, {})
    read = await people(user("anna"), "GET", "jobs", headers={"Origin": origin})
    assert (read.status, cors_of(read)) == (200, {})
    assert "Origin" in read.headers["Vary"], "or a cache would show to one page what was answered to another"
    sent = await people(user("anna"), "POST", "jobs", headers={"Origin": origin}, json={"type": "echo"})
    assert (sent.status, cors_of(sent)) == (403, {})


async def test_errors_are_readable_too(open_people: OpenPeople) -> None:
    people = await open_people(**{"server.cors_origins": [LISTED], "limits.submissions_per_minute": 1})
    page, anna = {"Origin": LISTED}, {**user("anna"), "Origin": LISTED}
    asked: list[tuple[Any, str, str, Any, int]] = [
        (page, "GET", "jobs", None, 401),
        ({**page, **bearer("wrong")}, "GET", "jobs", None, 401),
        (anna, "GET", "keys", None, 403),
        (anna, "GET", f"jobs/{JOB_ID}", None, 404),
        (anna, "GET", "/nothing", None, 404),
        (anna, "PUT", "jobs", None, 405),
        (anna, "POST", "jobs", {"type": "echo", "priority": 10}, 422),
        (anna, "POST", "jobs", {"type": "echo"}, 202),
        (anna, "POST", "jobs", {"type": "echo"}, 429),
        (anna, "GET", "jobs?limit=x", None, 422),
    ]
    for who, method, path, body, status in asked:
        answer = await people.api(method, path, headers=who, json=body)
        assert (answer.status, readable_by(answer, LISTED)) == (status, True)
    limited = await people.api("POST", "jobs", headers=anna, json={"type": "echo"})
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(limited.headers)


async def test_streams_files_and_modules_are_readable(people: People) -> None:
    job, anna = await people.run(user("anna"), "make", ["a.txt"]), {**user("anna"), "Origin": OTHER}
    path = f"jobs/{job['job_id']}"
    for each in ("events", f"{path}/events", f"{path}/logs"):
        async with people.api.stream(each, headers=anna) as events:
            shown = Answer(events.response.status, events.response.headers, b"")
            assert (shown.status, readable_by(shown, OTHER)) == (200, True)
    for each in (f"{path}/artifacts/a.txt", path):
        first = await people.api("GET", each, headers=anna)
        again = await people.api("GET", each, headers={**anna, "If-None-Match": first.headers["ETag"]})
        assert (first.status, readable_by(first, OTHER)) == (200, True)
        assert (again.status, readable_by(again, OTHER)) == (304, True)
    module = await people.api("GET", "/assets/jobrunner.js", headers={"Origin": OTHER})
    assert (module.status, readable_by(module, OTHER)) == (200, True)
    assert module.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_a_listed_page_is_nobody_without_a_credential_and_is_who_its_token_says(people: People) -> None:
    page = {"Origin": LISTED}
    assert (await people.api("GET", "session", headers=page)).status == 401
    assert (await people(user("anna"), "GET", "session", headers=page)).json["user_id"] == "anna"
    accepted = await people(people.application, "POST", "jobs", headers=page, json={"type": "echo"})
    assert accepted.headers["Jobrunner-Token"]
    assert (await people.api("GET", "jobs", headers={"Origin": people.api.root})).status == 401


async def test_a_star_admits_any_page_with_a_token_and_never_with_credentials(open_people: OpenPeople) -> None:
    people = await open_people(**{"server.cors_origins": ["*"]})
    signed = await people.api("POST", "session", json={"key": people.key})
    cookie = {"Cookie": signed.headers["Set-Cookie"].partition(";")[0], "X-Requested-With": "jobrunner"}
    for origin in FOREIGN:
        page = {"Origin": origin}
        answers = [
            await people(user("anna"), "GET", "jobs", headers=page),
            await people.api("GET", "jobs", headers={**page, **cookie}),
            await people.api("POST", "jobs", headers={**page, **cookie}, json={"type": "echo"}),
            await people(user("anna"), "POST", "jobs", headers=page, json={"type": "echo"}),
            await ask_first(people.api, "jobs", "POST", origin),
        ]
        assert [answer.status for answer in answers] == [200, 401, 401, 202, 204]
        for answer in answers:
            found = cors_of(answer)
            assert found["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in found
            assert words(found["access-control-expose-headers"]) == EXPOSED


@pytest.mark.parametrize("settings", [{}, {"server.insecure": "true"}])
async def test_a_foreign_page_is_not_who_sits_at_this_machine(open_api: OpenApi, settings: dict[str, str]) -> None:
    api = await open_api(**settings, **{"server.cors_origins": [LISTED]})
    pages = [{"Origin": origin} for origin in (*FOREIGN, OTHER)]
    pages += [{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"} for site in ("cross-site", "same-site")]
    for page in pages:
        answer = await api("GET", "session", headers=page)
        assert (answer.status, cors_of(answer)) == (401, {})
    for page in ({"Origin": LISTED}, {"Origin": api.root}, {}):
        assert (await api("GET", "session", headers=page)).json["kind"] == "operator"


@pytest.mark.parametrize("settings", [{}, {"server.insecure": "true"}])
async def test_with_a_star_no_page_but_ours_is_who_sits_at_this_machine(
    open_api: OpenApi, settings: dict[str, str]
) -> None:
    api = await open_api(**settings, **{"server.cors_origins": ["*"]})
    for page in ({"Origin": origin} for origin in (*FOREIGN, OTHER)):
        assert (await api("GET", "session", headers=page)).status == 401
        assert (await api("GET", "jobs", headers=page)).status == 401
        assert (await api("POST", "jobs", headers=page, json={"type": "echo"})).status == 401
    assert (await api("GET", "jobs/stats/counts")).json["total"] == 0


async def test_without_origins_that_are_configured_nobody_is_asked_to_come(api: Api) -> None:
    answer = await ask_first(api, "jobs", "POST", LISTED)
    assert (answer.status, answer.json["code"], cors_of(answer)) == (405, "wrong-method", {})
    assert cors_of(await api("GET", "jobs", headers={"Origin": api.root})) == {}
    assert (await api("OPTIONS", "jobs")).status == 405


async def test_an_origin_that_comes_twice_or_with_something_added_is_not_listed(people: People) -> None:
    for lines in (
        ["Origin: https://evil.example", f"Origin: {LISTED}"], [f"Origin: {LISTED}", "Origin: https://evil.example"],
        [f"Origin: {LISTED}, https://evil.example"], [f"Origin: {LISTED}/"], [f"Origin: {LISTED.upper()}"],
        [f"Origin: {LISTED}\tx"], [f"Origin: {LISTED} https://evil.example"],
    ):  # fmt: skip
        answer = await raw(people.api, "GET /api/v1/jobs", *lines)
        told = [line for line in answer.split("\r\n") if line.lower().startswith("access-control-allow-origin")]
        assert told in ([], [f"Access-Control-Allow-Origin: {LISTED}"])
        assert "evil" not in "".join(told)
