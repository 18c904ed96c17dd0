"""Bad input is refused with the right problem; nothing of it is kept, and the server goes on."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest

from jobrunner import Jobrunner
from tests.web.api import Answer, Api
from tests.web.conftest import OpenApi

UNKNOWN = "00000000-0000-7000-8000-000000000000"
JSON = {"Content-Type": "application/json"}
PLAIN = {"type": "echo", "delay": 3600}


async def refused(api: Api, status: int, method: str, path: str, **request: Any) -> Any:
    """Return the problem that was answered, by a server that has kept nothing and goes on."""
    answer = await api(method, path, **request)
    assert answer.status == status, answer.content
    assert_problem(answer)
    assert (await api("GET", "jobs/stats/counts")).json["total"] == 0
    assert (await api("POST", "jobs", json=PLAIN)).status == 202
    return answer.json


def assert_problem(answer: Answer) -> None:
    problem = answer.json
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert problem["status"] == answer.status
    assert problem["type"] == f"urn:jobrunner:problem:{problem['code']}"
    for error in problem.get("errors", ()):
        assert error.keys() == {"pointer", "detail"}


def payload(text: str) -> bytes:
    return b'{"type": "echo", "payload": ' + text.encode() + b"}"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"{'type': 'echo'}", b"null null", b"\xff\xfe", b"\xef\xbb\xbf{}",
        payload('"\xff"').replace(b"\xc3", b""), payload('{"a":' * 70 + "1" + "}" * 70),
        payload("NaN"), payload("Infinity"), payload("-Infinity"), payload("1e999"), payload(str(2**63)),
        payload("9" * 5_000), payload('{"a": 1, "a": 2}'), payload("[" * 65 + "]" * 65), payload('"\x00"'),
        payload(f"-{2**63 + 1}"), payload('"\\ud800"'), payload('{"\\udfff": 1}'), payload('"\\u0000"'),
        payload('[{"b": {"a": 1, "c": 2, "a": 1}}]'), payload("[" * 100_000 + "]" * 100_000),
        b'{"type": "echo", "type": "echo"}',
    ],
)  # fmt: skip
async def test_a_body_that_cannot_be_read_is_answered_400(api: Api, body: bytes) -> None:
    problem = await refused(api, 400, "POST", "jobs", data=body, headers=JSON)
    assert problem["code"] == "malformed"


async def test_a_fault_deep_in_a_body_is_pointed_to(api: Api) -> None:
    problem = await refused(api, 400, "POST", "jobs", data=payload('{"a/b": [1, {"~": "\\u0000"}]}'), headers=JSON)
    assert problem["errors"] == [{"pointer": "/payload/a~1b/1/~0", "detail": "NUL"}]


@pytest.mark.parametrize(
    "text", [str(2**63 - 1), str(-(2**63)), "1.5e300", "[" * 62 + "]" * 62, '"\\ud83d\\ude00"', "-0.0"]
)
async def test_what_is_just_allowed_is_taken_and_comes_back_as_it_was(api: Api, text: str) -> None:
    answer = await api("POST", "jobs", data=payload(text), headers={**JSON, "Prefer": "wait=20"})
    assert (answer.status, answer.json["result_data"], answer.json["payload"]) == (
        200,
        json.loads(text),
        json.loads(text),
    )


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ([], [""]),
        ("echo", [""]),
        ({}, ["/type"]),
        ({"type": "unknown"}, ["/type"]),
        ({"type": ""}, ["/type"]),
        ({"type": 1}, ["/type"]),
        ({**PLAIN, "color": "red"}, ["/color"]),
        ({**PLAIN, "priority": 10, "user_id": ""}, ["/priority", "/user_id"]),
        ({**PLAIN, "priority": -1}, ["/priority"]),
        ({**PLAIN, "priority": "5"}, ["/priority"]),
        ({**PLAIN, "priority": 5.5}, ["/priority"]),
        ({**PLAIN, "priority": True}, ["/priority"]),
        ({**PLAIN, "title": "x" * 501}, ["/title"]),
        ({**PLAIN, "tags": ["a", ""]}, ["/tags/1"]),
        ({**PLAIN, "tags": "a"}, ["/tags"]),
        ({**PLAIN, "tags": [str(n) for n in range(33)]}, ["/tags"]),
        ({**PLAIN, "metadata": []}, ["/metadata"]),
        ({**PLAIN, "metadata": {"a": "x" * 17_000}}, ["/metadata"]),
        ({**PLAIN, "queue": "no such"}, ["/queue"]),
        ({"type": "echo", "run_at": "1970-01-01T00:00:00Z"}, ["/run_at"]),
        ({"type": "echo", "run_at": 0}, ["/run_at"]),
        ({"type": "echo", "run_at": "tomorrow"}, ["/run_at"]),
        ({"type": "echo", "run_at": "9999-12-31T23:59:59-10:00"}, ["/run_at"]),
        ({"type": "echo", "run_at": 1e300}, ["/run_at"]),
        ({**PLAIN, "run_at": "2099-01-01T00:00:00Z"}, ["/delay"]),
        ({"type": "echo", "delay": -1}, ["/delay"]),
        ({"type": "echo", "delay": 1e300}, ["/delay"]),
        ({"type": "echo", "deadline": "2001-01-01T00:00:00Z"}, ["/deadline"]),
        ({"type": "echo", "delay": 60, "deadline": "1969-12-31T23:59:59Z"}, ["/deadline"]),
        ({**PLAIN, "max_attempts": 0}, ["/max_attempts"]),
        ({**PLAIN, "timeout": 0}, ["/timeout"]),
        ({**PLAIN, "uploads": ["a", "a"]}, ["/uploads"]),
        ({**PLAIN, "uploads": [""]}, ["/uploads/0"]),
        ({"type": "digest"}, ["/uploads"]),
        ({"type": "order", "payload": {"rows": "x"}}, ["/payload/rows"]),
        ({"type": "order", "payload": None}, ["/payload"]),
        ({"type": "order"}, ["/payload/rows"]),
    ],
)
async def test_a_submission_that_is_not_valid_is_answered_422_with_pointers(
    api: Api, document: Any, pointers: list[str]
) -> None:
    problem = await refused(api, 422, "POST", "jobs", json=document)
    assert [error["pointer"] for error in problem["errors"]] == pointers


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("jobs?limit=0", "limit"), ("jobs?limit=501", "limit"), ("jobs?limit=-1", "limit"), ("jobs?limit=1e2", "limit"),
        ("jobs?limit=%D9%A3", "limit"), ("jobs?limit=", "limit"), ("jobs?limit=" + "9" * 30, "limit"),
        ("jobs?limit=5&limit=6", "limit"), ("jobs?page=0", "page"), ("jobs?page_size=501", "page_size"),
        ("jobs?page=1&limit=5", "page"), ("jobs?page=1&cursor=x", "page"), ("jobs?cursor=x", "cursor"),
        ("jobs?status=done", "status"), ("jobs?status=queued,done", "status"), ("jobs?sort=title", "sort"),
        ("jobs?include=all", "include"), ("jobs?created_after=yesterday", "created_after"), ("jobs?job_id=1", "job_id"),
        ("jobs?created_before=2026-13-01", "created_before"), ("jobs?color=red", "color"), ("jobs?q=%00", "q"),
        ("jobs?q=" + "x" * 1_001, "q"), ("jobs?user_id=%00", "user_id"), ("jobs/1", "job_id"), ("jobs/1?x=1", "job_id"),
        (f"jobs/{UNKNOWN}x", "job_id"), ("jobs/%00", "job_id"), (f"jobs/{UNKNOWN}?x=1", "x"), ("events?x=1", "x"),
        (f"jobs/{UNKNOWN}/attempts?x=1", "x"), ("jobs/1/attempts", "job_id"), (f"jobs/{UNKNOWN}/events?x=1", "x"),
        ("events?status=queued", "status"), ("events?job_id=x", "job_id"), ("events?after=a&after=b", "after"),
        ("jobs/stats/counts?tag=a", "tag"), ("types?x=1", "x"), ("jobs/1/logs", "job_id"),
    ],
)  # fmt: skip
async def test_a_bad_query_or_path_is_answered_422_with_its_parameter(api: Api, path: str, pointer: str) -> None:
    problem = await refused(api, 422, "GET", path)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], "/any"), ({}, "/any"), ({"any": {}}, "/any"), ({"any": []}, "/any"), ({"any": [{}] * 101}, "/any"),
        ({"any": [1]}, "/any/0"), ({"any": [{}, {"user_id": 1}]}, "/any/1/user_id"), ({"any": [{}], "x": 1}, "/any"),
        ({"any": [{"job_id": []}]}, "/any/0/job_id"), ({"any": [{"tag": ["a"] * 1_001}]}, "/any/0/tag"),
        ({"any": [{"tag": ["a", None]}]}, "/any/0/tag"), ({"any": [{}], "after": 1}, "/any"),
    ],
)  # fmt: skip
async def test_a_bad_union_is_answered_422(api: Api, body: Any, pointer: str) -> None:
    problem = await refused(api, 422, "POST", "events", json=body)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "jobs/1"), ("POST", "jobs/1/retry"), ("PUT", "jobs/1/uploads/f")]
)
async def test_an_id_that_is_no_uuid_is_answered_422_whatever_is_asked_for(api: Api, method: str, path: str) -> None:
    problem = await refused(api, 422, method, path)
    assert problem["errors"][0]["pointer"] == "job_id"


@pytest.mark.parametrize("prefer", ["wait", "wait=soon", "wait=-1", "wait=1.5", "wait="])
async def test_a_bad_preference_is_answered_422_before_anything_is_kept(api: Api, prefer: str) -> None:
    problem = await refused(api, 422, "POST", "jobs", json=PLAIN, headers={"Prefer": prefer})
    assert problem["errors"][0]["pointer"] == "Prefer"


async def test_a_compressed_body_is_answered_415(api: Api) -> None:
    data = gzip.compress(json.dumps(PLAIN).encode())
    for encoding in ("gzip", "br", "identity, gzip"):
        problem = await refused_once(api, 415, data=data, headers={**JSON, "Content-Encoding": encoding})
        assert problem["code"] == "wrong-media-type"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense", ""])
async def test_a_body_of_another_type_is_answered_415(api: Api, kind: str) -> None:
    problem = await refused(api, 415, "POST", "jobs", data=json.dumps(PLAIN), headers={"Content-Type": kind})
    assert problem["code"] == "wrong-media-type"


async def refused_once(api: Api, status: int, **request: Any) -> Any:
    answer = await api("POST", "jobs", **request)
    assert answer.status == status, answer.content
    assert_problem(answer)
    return answer.json


async def test_a_body_above_its_limit_is_answered_413_with_and_without_a_length(open_api: OpenApi) -> None:
    api = await open_api(**{"server.max_body": 1_000})

    async def endless() -> Any:
        while True:
            yield b" " * 10_000

    large = payload('"' + "x" * 1_000 + '"')
    for body in (large, endless()):
        assert (await refused_once(api, 413, data=body, headers=JSON))["code"] == "too-large"
    fitting = payload('"' + "x" * (1_000 - len(payload('""'))) + '"')
    assert (await api("POST", "jobs", data=fitting, headers=JSON)).status == 202


async def test_many_names_of_which_one_is_double_hold_nobody_up(api: Api) -> None:
    names = ",".join(f'"{n}":0' for n in range(80_000))
    async with asyncio.timeout(10):
        problem = await refused(api, 400, "POST", "jobs", data=payload(f'{{{names},"79999":0}}'), headers=JSON)
    assert "'79999' twice" in problem["detail"]


async def raw(api: Api, *lines: bytes, body: bytes = b"") -> tuple[int, bytes]:
    """Return status and answer of a request that is sent as it is."""
    host, port = api.root.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = [lines[0], b"Host: 127.0.0.1", b"Connection: close", *lines[1:]]
    writer.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("bad", [b"\xff", b"%ff", b"\xed\xa0\x80", b"%ED%A0%80"])
async def test_bytes_that_are_no_utf_8_are_no_fault_of_the_server(api: Api, bad: bytes) -> None:
    for target in (
        b"jobs?user_id=" + bad,
        b"jobs?q=" + bad,
        b"events?tag=" + bad,
        b"jobs/" + bad,
        b"jobs/stats/counts?type=" + bad,
    ):
        status, _answer = await raw(api, b"GET /api/v1/" + target + b" HTTP/1.1")
        assert status in {200, 400, 422}
    status, _answer = await raw(api, b"GET /assets/" + bad + b".js HTTP/1.1")
    assert status in {400, 404}


async def test_labels_of_a_file_are_cleaned(api: Api) -> None:
    job = await api.submit("digest", uploads=["file"])
    target = f"PUT /api/v1/jobs/{job['job_id']}/uploads/file HTTP/1.1".encode()
    status, _answer = await raw(
        api,
        target,
        b"Content-Length: 1",
        b"Content-Type: text/\xff",
        b'Content-Disposition: x; filename="\xff.csv"',
        body=b"x",
    )
    assert status == 200
    upload = (await api.ended(job["job_id"]))["uploads"][0]
    assert (upload["content_type"], upload["filename"]) == ("text/?", "?.csv")
    assert (await api("GET", f"jobs/{job['job_id']}/uploads/file")).content == b"x"


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ([b"NONSENSE"], b""),
        ([b"GET / HTTP/9.9"], b""),
        ([b"GET /" + b"x" * 20_000 + b" HTTP/1.1"], b""),
        ([b"GET / HTTP/1.1", b"X: " + b"x" * 20_000], b""),
        ([b"GET / HTTP/1.1", b"no colon"], b""),
        ([b"POST /api/v1/jobs HTTP/1.1", b"Content-Length: ten"], b""),
        (
            [b"POST /api/v1/jobs HTTP/1.1", b"Content-Type: application/json", b"Transfer-Encoding: chunked"],
            b"zz\r\n{}\r\n0\r\n\r\n",
        ),
    ],
)
async def test_what_is_no_http_is_answered_400_as_a_problem(api: Api, lines: list[bytes], body: bytes) -> None:
    status, answer = await raw(api, *lines, body=body)
    assert (status, json.loads(answer)["status"], json.loads(answer)["code"]) == (400, 400, "malformed")
    assert (await api("GET", "/livez")).status == 200


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1", "/api/v2/jobs", f"/api/v1/jobs/{UNKNOWN}/nothing", "//", "/assets/"]
)
async def test_an_unknown_route_is_answered_404(api: Api, path: str) -> None:
    answer = await api("GET", path)
    assert (answer.status, answer.json["code"]) == (404, "unknown-route")
    assert_problem(answer)


async def test_a_fault_of_ours_is_a_problem_without_its_innards(api: Api, runner: Jobrunner) -> None:
    for connection in runner.database.reading:
        await connection.close()
    answer = await api("GET", "jobs")
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert_problem(answer)
    assert "Traceback" not in answer.content.decode()
