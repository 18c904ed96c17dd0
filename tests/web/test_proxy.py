"""What a proxy says of a client is believed only of those that are configured, and never opens a closed server."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest

from jobrunner.web.proxy import is_loopback, is_within
from tests.web.api import Api
from tests.web.conftest import OpenApi, OpenPeople
from tests.web.people import People, user
from tests.web.test_guard import FORWARDING

ECHO = {"type": "echo"}


async def seen_from(people: People, headers: dict[str, str] | list[tuple[str, str]]) -> str:
    """Return the address that a sign-in is said to come from."""
    answer = await people.api("POST", "session", json={"key": people.key}, headers=headers)
    session_id = SimpleCookie(answer.headers["Set-Cookie"])["jobrunner_session"].value.partition(".")[0]
    sessions = (await people(people.operator, "GET", "sessions")).json["sessions"]
    return next(str(session["address"]) for session in sessions if session["id"] == session_id)


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("6.6.6.6,203.0.113.7,::ffff:10.1.2.3,127.0.0.1", "203.0.113.7"),
        ("2001:db8::1, 10.0.0.1", "2001:db8::1"),
        ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("6.6.6.6, unknown", "unknown"),
        ("", "127.0.0.1"),
        (", ,", "127.0.0.1"),
        ("6.6.6.6, <script>", "<script>"),
    ],
)
async def test_a_trusted_proxy_tells_where_a_client_is_and_the_client_cannot(
    open_people: OpenPeople, chain: str, address: str
) -> None:
    people = await open_people(**{"server.trusted_proxies": ["127.0.0.1", "10.0.0.0/8"]})
    assert await seen_from(people, {"X-Forwarded-For": chain}) == address


async def test_a_chain_in_several_headers_is_one_chain(open_people: OpenPeople) -> None:
    people = await open_people(**{"server.trusted_proxies": ["127.0.0.1"]})
    chain = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "203.0.113.7")]
    assert await seen_from(people, chain) == "203.0.113.7"


@pytest.mark.parametrize("proxies", [[], ["10.0.0.0/8"], ["127.0.0.2", "::1"]])
async def test_nobody_else_is_believed(open_people: OpenPeople, proxies: list[str]) -> None:
    people = await open_people(**{"server.trusted_proxies": proxies})
    assert await seen_from(people, {"X-Forwarded-For": "6.6.6.6"}) == "127.0.0.1"
    told = {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example", **user("anna")}
    assert (await people.api("POST", "jobs", headers=told, json=ECHO)).status == 403


async def test_our_page_is_that_of_the_host_the_proxy_was_asked_for(open_people: OpenPeople) -> None:
    people = await open_people(**{"server.trusted_proxies": ["127.0.0.1"]})
    behind = {**user("anna"), "X-Forwarded-Host": "jobs.example", "X-Forwarded-Proto": "https"}
    expected: list[tuple[dict[str, str], int]] = [
        ({"Origin": "https://jobs.example"}, 202),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": people.api.root}, 403),
        ({"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example, jobs.example"}, 403),
        ({"Origin": "https://jobs.example", "X-Forwarded-Host": "evil.example, jobs.example"}, 202),
        ({"Origin": "null", "X-Forwarded-Host": ""}, 403),
        ({"Origin": people.api.root, "X-Forwarded-Host": ""}, 202),
    ]
    for headers, status in expected:
        assert (await people.api("POST", "jobs", headers={**behind, **headers}, json=ECHO)).status == status, headers


@pytest.mark.parametrize("name", FORWARDING)
async def test_without_auth_a_forwarded_request_stays_refused_also_of_a_trusted_proxy(
    open_api: OpenApi, name: str
) -> None:
    api: Api = await open_api(**{"server.trusted_proxies": ["127.0.0.1", "::1"]})
    for value in ("127.0.0.1", "localhost", ""):
        answer = await api("GET", "jobs", headers={name: value})
        assert (answer.status, name in answer.json["detail"]) == (403, True)
    spelled: Any = {name.lower(): "127.0.0.1"}
    assert (await api("GET", "jobs", headers=spelled)).status == 403


async def test_with_auth_nobody_is_let_in_for_where_they_come_from(open_people: OpenPeople) -> None:
    people = await open_people(**{"server.trusted_proxies": ["127.0.0.1"]})
    for headers in ({}, {"X-Forwarded-For": "127.0.0.1"}, {"Host": "localhost"}, {"X-Forwarded-Host": "localhost"}):
        assert (await people.api("GET", "jobs", headers=headers)).status == 401
    assert (await people(user("anna"), "GET", "jobs", headers={"Host": "jobs.example"})).status == 200


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("::FFFF:0a01:0203", True), ("fd00::1", True),
        ("fd00::1%eth0", True), ("11.1.2.3", False), ("::ffff:11.1.2.3", False), ("fe80::1", False), ("", False),
        ("10.1.2.3:80", False), ("10.1.2", False), ("010.1.2.3", False), ("10.1.2.3, 10.1.2.3", False),
    ],
)  # fmt: skip
def test_an_address_lies_in_a_network_however_it_is_written(address: str, inside: bool) -> None:  # noqa: FBT001
    assert is_within(address, ("10.0.0.0/8", "fd00::/8")) is inside


def test_an_address_of_this_machine_is_one_as_ipv6_writes_it_too() -> None:
    assert is_loopback("::ffff:127.0.0.1")
    assert not is_loopback("::ffff:10.0.0.1")
    assert not is_within("::ffff:127.0.0.1", ("::1/128",))
