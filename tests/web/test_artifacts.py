"""Files of a job over HTTP: whole or in ranges, under any name, and without any power."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.api import Answer, Api
from tests.web.handlers import HOSTILE_NAMES, files_in

TEXT = b"<b>a.txt</b>"


@pytest.fixture
async def url(api: Api) -> str:
    """The address of a file."""
    return str((await api.run("make", ["a.txt"]))["artifacts"][0]["download_url"])


async def test_a_file_is_sent_to_be_saved_with_its_type_and_a_validator(api: Api, url: str) -> None:
    answer = await api("GET", url)
    assert (answer.status, answer.content) == (200, TEXT)
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Accept-Ranges"] == "bytes"
    again = await api("GET", url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.content) == (304, b"")


async def test_a_file_is_saved_under_the_name_that_is_asked_for(api: Api, url: str) -> None:
    answer = await api("GET", url, params={"filename": 'Tür, "auf"\r\nX: y.txt'})
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"T_r, _auf___X: y.txt\"; filename*=UTF-8''T%C3%BCr%2C%20%22auf%22%0D%0AX%3A%20y.txt"
    )
    assert "X" not in answer.headers
    assert (await api("GET", f"{url}?filename=a&filename=b")).status == 422


async def test_a_file_that_is_shown_has_no_power(api: Api, url: str) -> None:
    answer = await api("GET", f"{url}?inline=1")
    assert answer.headers["Content-Disposition"].startswith("inline;")
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "sandbox"
    assert "default-src 'none'" in policy
    assert not [rule for rule in policy if rule.startswith("script-src") or "allow-" in rule]
    assert (await api("GET", f"{url}?inline=yes")).status == 422


@pytest.mark.parametrize(
    ("range_", "content", "content_range"),
    [
        ("bytes=0-2", TEXT[:3], "bytes 0-2/12"),
        ("bytes=3-", TEXT[3:], "bytes 3-11/12"),
        ("bytes=-4", TEXT[-4:], "bytes 8-11/12"),
        ("bytes=10-999", TEXT[10:], "bytes 10-11/12"),
    ],
)
async def test_a_range_is_answered_206(api: Api, url: str, range_: str, content: bytes, content_range: str) -> None:
    answer = await api("GET", url, headers={"Range": range_})
    assert (answer.status, answer.content, answer.headers["Content-Range"]) == (206, content, content_range)


@pytest.mark.parametrize("range_", ["bytes=12-", "bytes=99-100", "bytes=5-2", "bytes=a-b"])
async def test_a_range_outside_of_the_file_is_answered_416(api: Api, url: str, range_: str) -> None:
    answer = await api("GET", url, headers={"Range": range_})
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */12")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json["status"], answer.json["code"]) == (416, "bad-range")


async def test_a_range_of_another_version_is_answered_with_the_whole_file(api: Api, url: str) -> None:
    tag = (await api("GET", url)).headers["ETag"]
    same = await api("GET", url, headers={"Range": "bytes=3-", "If-Range": tag})
    other = await api("GET", url, headers={"Range": "bytes=3-", "If-Range": '"other"'})
    beyond = await api("GET", url, headers={"Range": "bytes=99-", "If-Range": '"other"'})
    assert (same.status, same.content) == (206, TEXT[3:])
    assert (other.status, other.content, beyond.status, beyond.content) == (200, TEXT, 200, TEXT)


async def test_a_head_request_tells_size_and_type(api: Api, url: str) -> None:
    answer = await api("HEAD", url)
    assert (answer.status, answer.headers["Content-Length"], answer.content) == (200, "12", b"")


async def test_files_under_any_name_are_served_from_nowhere_but_the_data_directory(api: Api, tmp_path: Path) -> None:
    job = await api.run("make", HOSTILE_NAMES)
    assert job["status"] == "completed"
    assert [artifact["name"] for artifact in job["artifacts"]] == HOSTILE_NAMES
    for artifact in job["artifacts"]:
        answer = await api("GET", artifact["download_url"])
        assert (answer.status, answer.content) == (200, f"<b>{artifact['name']}</b>".encode())
        check_disposition(answer)
    assert all(path.is_relative_to(tmp_path / "data" / "files") for path in files_in(tmp_path / "data"))


def check_disposition(answer: Answer) -> None:
    header: Any = answer.headers["Content-Disposition"]
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "path", ["artifacts/other", "artifacts/..%2Fa.txt", "uploads/a.txt", "artifacts/%00", "artifacts/%FF"]
)
async def test_what_the_job_does_not_have_is_answered_404(api: Api, url: str, path: str) -> None:
    job_url = url.rpartition("/artifacts/")[0]
    answer = await api("GET", f"{job_url}/{path}")
    assert (answer.status, answer.json["code"]) == (404, "unknown-file")
    unknown = await api("GET", "jobs/00000000-0000-7000-8000-000000000000/artifacts/a.txt")
    assert (unknown.status, unknown.json["code"]) == (404, "unknown-job")


async def test_a_file_that_is_gone_from_the_disk_is_answered_404(api: Api, url: str, tmp_path: Path) -> None:
    for path in files_in(tmp_path / "data"):
        path.unlink()
    answer = await api("GET", url)
    assert (answer.status, answer.json["code"]) == (404, "unknown-file")
