"""Submitting with files in one request: the part `job` first, then the files; what is refused leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData, MultipartWriter

from jobrunner import Jobrunner
from jobrunner.model.filter import Filter
from tests.web.api import Answer, Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate, files_in

LIMIT = 200_000


@pytest.fixture
async def small(open_api: OpenApi) -> Api:
    """A server that takes small files only."""
    return await open_api(**{"server.max_upload": LIMIT, "server.max_body": 10_000})


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def form(*files: tuple[str, bytes], job: Any = None, **members: Any) -> FormData:
    """Return a body: the part `job`, then files by name."""
    body = FormData(quote_fields=False)
    document = {"type": "digest", **members} if job is None else job
    body.add_field("job", json.dumps(document), content_type="application/json")
    for name, content in files:
        body.add_field(name, content, filename=f"{name}.csv", content_type="text/csv")
    return body


def raw(*parts: str, end: str = "--b--\r\n") -> dict[str, Any]:
    """Return a body as it is written here."""
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + end
    return {"data": body.encode(), "headers": {"Content-Type": "multipart/form-data; boundary=b"}}


JOB_PART = 'Content-Disposition: form-data; name="job"\r\n\r\n{"type": "digest"}'
FILE_PART = 'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na;b'


async def refused(api: Api, data_dir: Path, status: int, **request: Any) -> Answer:
    """Return a refusal that has left nothing behind, by a server that goes on."""
    answer = await api("POST", "jobs", **request)
    assert answer.status == answer.json["status"] == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert files_in(data_dir) == []
    assert (await api("GET", "jobs/stats/counts")).json["total"] == 0
    return answer


async def test_a_job_comes_with_its_file(api: Api, data_dir: Path) -> None:
    answer = await api("POST", "jobs", data=form(("file", b"a;b\n1;2\n")), headers={"Prefer": "wait=20"})
    job = answer.json
    assert answer.status == 200, job
    assert job["result_data"] == {"size": 8, "head": "a;b\n1;2\n", "filename": "file.csv"}
    assert job["uploads"] == [
        {"name": "file", "filename": "file.csv", "content_type": "text/csv", "size": 8, "received": 8}
    ]
    assert job["stages"][0]["status"] == "completed"
    assert (await api("GET", f"jobs/{job['job_id']}/uploads/file")).content == b"a;b\n1;2\n"
    assert [path.read_bytes() for path in files_in(data_dir)] == [b"a;b\n1;2\n"]


async def test_an_empty_file_is_a_file(api: Api) -> None:
    answer = await api("POST", "jobs", data=form(("file", b"")), headers={"Prefer": "wait=20"})
    assert answer.json["result_data"]["size"] == 0


async def test_files_that_are_named_but_not_sent_are_awaited(api: Api) -> None:
    job = (await api("POST", "jobs", data=form(("file", b"1"), uploads=["file", "other"]))).json
    assert (job["status"], job["waiting_for"]) == ("queued", "upload")
    assert {upload["name"]: upload["size"] for upload in job["uploads"]} == {"file": 1, "other": None}
    await api("PUT", f"jobs/{job['job_id']}/uploads/other", data=b"2")
    assert (await api.ended(job["job_id"]))["status"] == "completed"


async def test_a_filename_with_any_characters_is_kept_as_a_label(api: Api, data_dir: Path) -> None:
    name = "../../größe €\u202e.csv"
    body = MultipartWriter("form-data")
    body.append('{"type": "digest"}', {"Content-Type": "application/json"}).set_content_disposition(
        "form-data", name="job"
    )
    body.append(b"x").set_content_disposition("form-data", quote_fields=False, name="file", filename=name)
    job = (await api("POST", "jobs", data=body)).json
    assert job["uploads"][0]["filename"].endswith("größe €\u202e.csv")
    assert len(files_in(data_dir)) == 1


async def test_a_missing_file_is_refused(small: Api, data_dir: Path) -> None:
    answer = await refused(small, data_dir, 422, data=form(("wrong", b"1")))
    assert answer.json["errors"] == [{"pointer": "/uploads", "detail": "the file 'file' is missing"}]


async def test_the_part_job_has_to_be_first(small: Api, data_dir: Path) -> None:
    answer = await refused(small, data_dir, 422, **raw(FILE_PART, JOB_PART))
    assert answer.json["errors"][0]["pointer"] == "job"


@pytest.mark.parametrize("files", [[("file", bytes(LIMIT + 1))], [("file", bytes(LIMIT)), ("b", b"1")]])
async def test_files_above_the_limit_are_refused_together(
    small: Api, data_dir: Path, files: list[tuple[str, bytes]]
) -> None:
    answer = await refused(small, data_dir, 413, data=form(*files))
    assert answer.json["code"] == "too-large"


async def test_files_of_exactly_the_limit_are_taken(small: Api) -> None:
    assert (await small("POST", "jobs", data=form(("file", bytes(LIMIT))))).status == 202


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (400, raw(JOB_PART, FILE_PART, end="")),
        (400, raw(JOB_PART, FILE_PART, end="--b\r\nContent-Disp")),
        (400, raw(JOB_PART, "no header\r\n\r\nx")),
        (400, {"data": b"nothing", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}),
        (400, {"data": b"nothing", "headers": {"Content-Type": "multipart/form-data"}}),
        (400, raw('Content-Disposition: form-data; name="job"\r\n\r\n{"type": ')),
        (413, raw(f'Content-Disposition: form-data; name="job"\r\n\r\n{"1" * 10_001}')),
        (415, raw(JOB_PART, FILE_PART.replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n"))),
        (422, raw()),
        (422, raw(JOB_PART, FILE_PART, FILE_PART)),
        (422, raw(JOB_PART, FILE_PART, "Content-Disposition: form-data\r\n\r\nx")),
        (422, raw(JOB_PART, FILE_PART, "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--")),
        (422, raw(JOB_PART.replace("digest", "unknown"), FILE_PART)),
        (422, raw(JOB_PART, FILE_PART, *(FILE_PART.replace('"file"', f'"f{n}"') for n in range(32)))),
    ],
)
async def test_a_bad_body_is_refused_and_leaves_nothing(
    small: Api, data_dir: Path, status: int, request_: dict[str, Any]
) -> None:
    await refused(small, data_dir, status, **request_)


async def test_a_bad_key_or_preference_refuses_the_files_too(small: Api, data_dir: Path) -> None:
    await refused(small, data_dir, 400, data=form(("file", b"1")), headers={"Idempotency-Key": "unquoted"})
    await refused(small, data_dir, 422, data=form(("file", b"1")), headers={"Prefer": "wait=soon"})


async def test_a_caller_that_goes_away_while_it_waits_does_not_take_its_files_along(
    api: Api, runner: Jobrunner, gate: Gate, data_dir: Path
) -> None:
    body = form(("file", b"abc"), job={"type": "gated"})
    sending = asyncio.create_task(api("POST", "jobs", data=body, headers={"Prefer": "wait=30"}))
    await gate.reached.wait()
    while not len(runner.changes):
        await asyncio.sleep(0)  # until the caller is held
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    (job,) = (await api("GET", "jobs")).json["jobs"]
    while len(runner.changes):
        await asyncio.sleep(0)  # until the server has noticed that the caller is gone
    await runner.files.run(lambda: None)
    assert (await api("GET", f"jobs/{job['job_id']}/uploads/file")).content == b"abc"
    assert len(files_in(data_dir)) == 1


async def test_a_caller_that_goes_away_during_the_commit_does_not_take_its_files_along(
    api: Api, runner: Jobrunner, data_dir: Path
) -> None:
    go_on = threading.Event()
    busy = asyncio.create_task(runner.database.writing._execute(go_on.wait))  # type: ignore[no-untyped-call]
    sending = asyncio.create_task(api("POST", "jobs", data=form(("file", b"abc"))))
    while not len(runner.table):
        await asyncio.sleep(0)  # until the job is with the writer
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    for _ in range(5):
        await api("GET", "/livez")  # by then the server has noticed
    watcher = runner.changes.watch(Filter())
    go_on.set()
    await busy
    await watcher.wait()
    runner.changes.leave(watcher)
    (job,) = (await api("GET", "jobs")).json["jobs"]
    assert (await api.ended(job["job_id"]))["result_data"]["head"] == "abc"
    assert len(files_in(data_dir)) == 1


async def test_a_caller_that_goes_away_in_the_middle_of_its_files_leaves_nothing(
    api: Api, runner: Jobrunner, data_dir: Path
) -> None:
    head, begun = b"x" * 300_000, asyncio.Event()

    async def slow() -> Any:
        yield f"--b\r\n{JOB_PART}\r\n--b\r\n{FILE_PART}".encode() + head
        begun.set()
        await asyncio.Event().wait()

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    sending = asyncio.create_task(api("POST", "jobs", data=slow(), headers=headers))
    await begun.wait()
    while not files_in(data_dir):
        await asyncio.sleep(0)  # until the first bytes have arrived
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    while files_in(data_dir):
        await asyncio.sleep(0)  # until the server has noticed; the test hangs if it never does
    assert (await runner.reader.counts()) == {}
