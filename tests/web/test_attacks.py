"""Requests that no client of ours sends: none of them gets in, none breaks anything."""

from __future__ import annotations

import asyncio

import pytest

from tests.web.api import Api
from tests.web.conftest import OpenPeople
from tests.web.people import People, signed, user
from tests.web.raw import connection, raw, status_of
from tests.web.test_sessions import signed_in

ECHO = b'{"type": "echo"}'
JSON = ["Content-Type: application/json", f"Content-Length: {len(ECHO)}"]


def line(headers: dict[str, str] | object) -> str:
    assert isinstance(headers, dict)
    return f"Authorization: {headers['Authorization']}"


async def total(people: People) -> int:
    return int((await people(people.operator, "GET", "jobs/stats/counts")).json["total"])


async def test_a_problem_is_the_answer_to_what_nobody_serves(people: People) -> None:
    for first in (
        "GET //api/v1/keys", "GET /api//v1/keys", "GET /api/v1//keys", "GET /api/v1/keys%2F", "GET /API/V1/keys",
        "GET /api/v1/%6beys", "GET /api/v1/./keys", "GET /api/v1/jobs/../keys", "GET /x/%2e%2e/api/v1/keys",
        "GET /api/v1/keys;x=1", "GET /api/v1/keys?", "GET /api/v1/keys//", "get /api/v1/keys", "TRACE /api/v1/keys",
        "GET http://localhost/api/v1/keys", "GET /assets/..%2f..%2fconfig.toml", "GET /assets/%2e%2e%2fapp.py",
        "GET /assets/../api/v1/keys", "GET /api/v1/keys%00", "GET /api/v1/keys\\", "OPTIONS *", "CONNECT localhost:80",
    ):  # fmt: skip
        for who in ([], [line(user("anna"))]):
            answer = await raw(people.api, first, *who)
            assert status_of(answer) in {400, 401, 403, 404, 405, 422}, first
            assert '"keys":' not in answer


async def test_a_method_is_the_one_in_the_request_line(people: People) -> None:
    job = await people.submit(people.application, delay=3_600, user_id="anna")
    reader = line(user("anna", allow=["read"]))
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"):
        answer = await raw(people.api, f"GET /api/v1/jobs/{job['job_id']}?_method=DELETE", reader, f"{name}: DELETE")
        assert status_of(answer) == 422
        assert status_of(await raw(people.api, f"GET /api/v1/jobs/{job['job_id']}", reader, f"{name}: DELETE")) == 200
    assert (await people(people.operator, "GET", f"jobs/{job['job_id']}")).json["status"] == "queued"


async def test_the_id_of_a_job_has_many_spellings_and_one_owner(people: People) -> None:
    job = (await people.submit(people.application, delay=3_600, user_id="anna"))["job_id"]
    for spelled in (job.upper(), job.title(), f"{job[:-1]}%{ord(job[-1]):02x}", f"%{ord(job[0]):02X}{job[1:]}"):
        assert status_of(await raw(people.api, f"GET /api/v1/jobs/{spelled}", line(user("anna")))) == 200
        for who in (user("bob"), user("anna", job_ids=["00000000-0000-7000-8000-000000000000"])):
            for method, more in (("GET", ""), ("DELETE", ""), ("GET", "/logs"), ("POST", "/retry"), ("GET", "/events")):
                answer = await raw(people.api, f"{method} /api/v1/jobs/{spelled}{more}", line(who))
                assert status_of(answer) == 404
    for spelled in (f"{{{job}}}", f"urn:uuid:{job}", job.replace("-", ""), f"{job}%00", f" {job}", f"{job}%20"):
        answer = await raw(people.api, f"GET /api/v1/jobs/{spelled.replace(' ', '%20')}", line(user("bob")))
        assert status_of(answer) in {400, 404, 422}
    narrow = user("anna", job_ids=[job.upper()])
    assert (await people(narrow, "GET", f"jobs/{job}")).status == 200


async def test_of_two_credentials_no_wrong_one_is_overlooked(people: People) -> None:
    good, bad = line(people.operator), "Authorization: Bearer wrong"
    for both in ([bad, good], [good, bad]):
        assert status_of(await raw(people.api, "GET /api/v1/keys", *both)) in {400, 401}


async def test_without_auth_no_wrong_credential_is_overlooked(api: Api) -> None:
    basic, bad = "Authorization: Basic YTpi", "Authorization: Bearer wrong"
    for lines in ([bad], [bad, bad], [basic, bad], [bad, basic]):
        assert status_of(await raw(api, "GET /api/v1/keys", *lines)) in {400, 401}, lines


@pytest.mark.parametrize(
    "scheme",
    ["Bearer ", "Bearer", "bearer  ", "Bearer\t", "Bearer , ", "Bearer, ", "Token ", "", "Bearer:", "Negotiate "],
)
async def test_a_scheme_that_is_not_bearer_lets_nobody_in(people: People, scheme: str) -> None:
    text = people.key
    spelled = f"Authorization: {scheme}{text}"
    status = status_of(await raw(people.api, "GET /api/v1/keys", spelled))
    assert status in ({200} if scheme.lower().strip() == "bearer" and scheme[-1:] == " " else {400, 401})


async def test_hostile_credentials_are_refused_and_nothing_breaks(people: People) -> None:
    texts = [
        "\xff\xfe", "a.b.c", "...", "jr_", "jr_" + "x" * 3_000, "." * 3_000, "eyJhbGciOiJub25lIn0.e30.", "\x7f", "%00",
        signed("anna", secret="x" * 32), signed("anna") + "x", signed("anna").upper(), signed("") + ".", "null",
    ]  # fmt: skip
    for text in texts:
        assert status_of(await raw(people.api, "GET /api/v1/jobs", f"Authorization: Bearer {text}")) in {400, 401}
        assert status_of(await raw(people.api, "GET /api/v1/jobs", f"Cookie: jobrunner_session={text}")) in {400, 401}
    huge = [["Authorization: Bearer " + "x" * 9_000], [f"Cookie: a{n}=" + "x" * 7_000 for n in range(9)]]
    for lines in huge:
        assert status_of(await raw(people.api, "GET /api/v1/jobs", *lines)) in {400, 401, 431}
    assert (await people(people.operator, "GET", "jobs")).status == 200


async def test_of_several_cookies_none_that_is_wrong_lets_anybody_in(people: People) -> None:
    page = await signed_in(people)
    good = page["Cookie"].partition("=")[2]
    for cookie in (
        f"jobrunner_session=wrong.{good}", f"Jobrunner_Session={good}", f'jobrunner_session="{good}x"',
        f"x=jobrunner_session={good}", f"jobrunner_session%20={good}", f"jobrunner_session={good},",
    ):  # fmt: skip
        assert status_of(await raw(people.api, "GET /api/v1/keys", f"Cookie: {cookie}")) in {400, 401}, cookie


async def test_expectations_and_upgrades_change_nothing(people: People) -> None:
    anna = line(user("anna"))
    told = await raw(people.api, "POST /api/v1/jobs", anna, *JSON, "Expect: 100-continue", body=ECHO)
    assert told.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202")
    for expectation in ("200-ok", "100-continue, x", "x" * 2_000):
        odd = await raw(people.api, "POST /api/v1/jobs", anna, *JSON, f"Expect: {expectation}", body=ECHO)
        assert status_of(odd) == 202
    refused = await raw(people.api, "POST /api/v1/jobs", *JSON, "Expect: 100-continue", body=ECHO)
    assert "HTTP/1.1 401" in refused
    assert "application/problem+json" in refused
    foreign = await raw(
        people.api, "POST /api/v1/jobs", anna, "Origin: http://evil.example", *JSON, "Expect: x", body=ECHO
    )
    assert status_of(foreign) == 403
    upgrade = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    for lines in (upgrade, ["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"]):
        assert status_of(await raw(people.api, "GET /api/v1/events", *lines)) == 401
    assert await total(people) == 4


async def test_requests_on_one_connection_have_nothing_in_common(people: People) -> None:
    one = f"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\n{line(people.operator)}\r\n\r\n"
    other = "GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    async with connection(people.api) as (reader, writer):
        writer.write((one + other).encode())
        answered = (await asyncio.wait_for(reader.read(), 20)).decode()
    assert [each[:3] for each in answered.split("HTTP/1.1 ")[1:]] == ["200", "401"]


async def test_nothing_is_smuggled_into_a_connection(people: People) -> None:
    hidden = f"DELETE /api/v1/keys/{people.key[3:11]} HTTP/1.1\r\nHost: localhost\r\n{line(people.operator)}\r\n\r\n"
    for lines in (
        ["Content-Length: 0", f"Content-Length: {len(hidden)}"], ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Transfer-Encoding: xchunked", f"Content-Length: {len(hidden)}"], ["Transfer-Encoding: identity, chunked"],
        ["Content-Length: +5"], ["Content-Length: 0x5"], ["Content-Length : 5"], ["Transfer-Encoding : chunked"],
    ):  # fmt: skip
        answer = await raw(people.api, "POST /api/v1/session", *lines, body=b"0\r\n\r\n" + b"x" * 5)
        assert status_of(answer) in {400, 401, 415, 422}
        assert answer.count("HTTP/1.1 2") == 0
    assert (await people(people.operator, "GET", "keys")).status == 200


async def test_a_link_opens_no_other_route_whatever_is_added(people: People) -> None:
    job = (await people.run(people.application, "make", ["a.txt"], user_id="anna"))["job_id"]
    path = f"/api/v1/jobs/{job}/artifacts/a.txt"
    signed_link = (await people(user("anna"), "POST", f"{path}/link")).json["url"].partition("?")[2]
    for first in (
        f"GET {path}/../../logs?{signed_link}", f"GET {path}%2f..%2f..?{signed_link}", f"GET {path}//?{signed_link}",
        f"GET {path};?{signed_link}", f"GET {path}%3F?{signed_link}", f"POST {path}/link?{signed_link}",
        f"GET {path}?LINK={signed_link[5:]}", f"GET {path}#?{signed_link}", f"DELETE /api/v1/jobs/{job}?{signed_link}",
    ):  # fmt: skip
        assert status_of(await raw(people.api, first)) in {400, 401, 404, 405}, first
    assert status_of(await raw(people.api, f"GET {path}?{signed_link}", "Range: bytes=0-2")) == 206


async def test_a_host_or_an_origin_of_no_use_lets_nobody_be_us(open_people: OpenPeople) -> None:
    people = await open_people()
    page = await signed_in(people)
    for host, origin in (
        ("", "http://"), ("", "null"), ("localhost", "http://localhost@evil.example"), ("localhost", "http://localhost:80"),
        ("evil.example, localhost", "http://localhost"), ("localhost", "LOCALHOST"), ("localhost", "localhost"),
        ("localhost", "http://localhost.evil.example"), ("localhost", "http://[localhost"),
    ):  # fmt: skip
        answer = await raw(
            people.api, "POST /api/v1/jobs", f"Host: {host}", f"Origin: {origin}", f"Cookie: {page['Cookie']}",
            "X-Requested-With: x", *JSON, body=ECHO,
        )  # fmt: skip
        assert status_of(answer) in {400, 401, 403}, (host, origin)
    assert await total(people) == 0
