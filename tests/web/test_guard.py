"""Without `[auth]` only this machine is served, and no web page but our own may send anything."""

from __future__ import annotations

from typing import Any

import pytest

from jobrunner.web.proxy import is_loopback, name_of
from tests.web.api import Api
from tests.web.conftest import OpenApi

FORWARDING = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"]
JOB = {"type": "echo", "delay": 3600}


def port(api: Api) -> str:
    return api.root.rpartition(":")[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "app.localhost", "[::1]", "127.8.9.1"])
async def test_names_of_this_machine_are_served(api: Api, host: str) -> None:
    assert (await api("GET", "jobs", headers={"Host": f"{host}:{port(api)}"})).status == 200
    assert (await api("GET", "jobs", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "[",
        "2130706433",
    ],
)
async def test_any_other_name_is_refused_everywhere(api: Api, host: str) -> None:
    for path in ("jobs", "/", "/livez", "/nothing"):
        answer = await api("GET", path, headers={"Host": host})
        assert (answer.status, answer.json["code"]) == (403, "forbidden")
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", FORWARDING)
async def test_what_came_through_a_proxy_is_refused(api: Api, name: str) -> None:
    answer = await api("GET", "jobs", headers={name: "127.0.0.1"})
    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    assert name in answer.json["detail"]
    assert "--insecure" in answer.json["detail"]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost", ""])
async def test_another_site_may_not_send_anything(api: Api, origin: str) -> None:
    requests: list[tuple[str, str, Any]] = [
        ("POST", "jobs", JOB),
        ("POST", "jobs/bulk", {"jobs": [JOB]}),
        ("POST", "events", {"any": [{}]}),
        ("DELETE", "jobs/00000000-0000-7000-8000-000000000000", None),
        ("PUT", "jobs/00000000-0000-7000-8000-000000000000/uploads/f", None),
    ]
    for method, path, body in requests:
        answer = await api(method, path, json=body, headers={"Origin": origin})
        assert (answer.status, answer.json["code"]) == (403, "forbidden")
    assert (await api("GET", "jobs/stats/counts")).json["total"] == 0


async def test_our_own_page_may_send_and_others_may_not_read(api: Api) -> None:
    assert (await api("POST", "jobs", json=JOB, headers={"Origin": api.root})).status == 202
    foreign = await api("GET", "jobs", headers={"Origin": "http://evil.example"})
    assert not [name for name in foreign.headers if name.lower().startswith("access-control")]


async def test_insecure_serves_any_host_and_what_came_through_a_proxy(open_api: OpenApi) -> None:
    api = await open_api(**{"server.insecure": "true"})
    headers = {"Host": "app.example", "X-Forwarded-For": "10.1.2.3"}
    assert (await api("POST", "jobs", json=JOB, headers=headers)).status == 202
    assert (await api("POST", "jobs", json=JOB, headers={"Origin": "http://evil.example"})).status == 403


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("127.0.0.1", True), ("::1", True), ("127.255.255.254", True), ("::1%lo", True), ("::ffff:127.0.0.1", None),
        ("10.0.0.1", False), ("192.168.1.1", False), ("::", False), ("", False), ("localhost.", False),
    ],
)  # fmt: skip
def test_an_address_is_that_of_this_machine_or_not(host: str, inside: bool | None) -> None:  # noqa: FBT001
    assert is_loopback(host) is inside or inside is None


def test_a_host_header_is_read_without_its_port() -> None:
    assert [name_of(text) for text in ("a:80", "[::1]:80", "a", "", "[", "u@b:1")] == ["a", "::1", "a", "", "", "b"]
