"""Create, then upload: the job is there before its file, shows how much has arrived, and starts with the last byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jobrunner import Jobrunner
from tests.web.api import Api, Event, jobs_of
from tests.web.conftest import OpenApi
from tests.web.handlers import files_in

LIMIT = 300_000


async def awaiting(api: Api, *names: str) -> str:
    """Return the path of a new job that waits for files."""
    job = await api.submit("digest", uploads=[*names] or ["file"])
    assert (job["status"], job["waiting_for"], job["stages"][0]["status"]) == ("queued", "upload", "processing")
    return f"jobs/{job['job_id']}"


def ranged(first: int, last: int, total: int | str) -> dict[str, str]:
    return {"Content-Range": f"bytes {first}-{last}/{total}"}


class Slow:
    """A body that is sent in two pieces, or never finished."""

    def __init__(self, first: bytes, second: bytes | None = None) -> None:
        self.first, self.second = first, second
        self.began = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.first
        self.began.set()
        await self.go_on.wait()
        yield self.second or b""


def received(event: Event) -> int:
    return max((upload["received"] for job in jobs_of(event) for upload in job["uploads"]), default=0)


async def arrived(api: Api, path: str, size: int) -> None:
    """Wait until a stream says that so many bytes are there."""
    async with api.stream(f"{path}/events") as events:
        async for event in events:
            if received(event) >= size:
                return


async def test_a_job_is_seen_before_its_file_and_starts_with_it(api: Api) -> None:
    path = await awaiting(api)
    before = (await api("GET", path)).json
    assert before["uploads"] == [{"name": "file", "filename": None, "content_type": None, "size": None, "received": 0}]
    headers = {"Content-Type": "text/csv", "Content-Disposition": 'attachment; filename="sales.csv"'}
    put = await api("PUT", f"{path}/uploads/file", data=b"a;b\n1;2\n", headers=headers)
    assert put.status == 200
    assert put.json["uploads"] == [
        {"name": "file", "filename": "sales.csv", "content_type": "text/csv", "size": 8, "received": 8}
    ]
    job = await api.ended(put.json["job_id"])
    assert (job["status"], job["result_data"]["size"]) == ("completed", 8)
    assert [stage["status"] for stage in job["stages"]] == ["completed", "skipped"]


async def test_a_job_starts_when_the_last_of_its_files_is_there(api: Api) -> None:
    path = await awaiting(api, "file", "other")
    first = await api("PUT", f"{path}/uploads/other?filename=o.txt", data=b"1")
    assert (first.status, first.json["waiting_for"]) == (200, "upload")
    second = await api("PUT", f"{path}/uploads/file", data=b"2")
    assert second.json["waiting_for"] != "upload"
    assert (await api.ended(second.json["job_id"]))["uploads"][1]["filename"] == "o.txt"


async def test_a_file_comes_in_ranges(api: Api) -> None:
    path = await awaiting(api)
    first = await api("PUT", f"{path}/uploads/file", data=b"0123", headers=ranged(0, 3, 10))
    assert (first.status, first.json["uploads"][0]["received"], first.json["uploads"][0]["size"]) == (202, 4, None)
    last = await api("PUT", f"{path}/uploads/file", data=b"456789", headers=ranged(4, 9, 10))
    assert last.status == 200
    assert (await api.ended(last.json["job_id"]))["result_data"]["head"] == "0123456789"


async def test_bytes_that_were_sent_before_may_be_sent_again(api: Api) -> None:
    path = await awaiting(api)
    await api("PUT", f"{path}/uploads/file", data=b"01XX", headers=ranged(0, 3, 6))
    last = await api("PUT", f"{path}/uploads/file", data=b"2345", headers=ranged(2, 5, 6))
    assert (await api.ended(last.json["job_id"]))["result_data"]["head"] == "012345"


async def test_a_hole_is_refused_and_says_how_many_bytes_are_there(api: Api) -> None:
    path = await awaiting(api)
    await api("PUT", f"{path}/uploads/file", data=b"0123", headers=ranged(0, 3, 10))
    hole = await api("PUT", f"{path}/uploads/file", data=b"789", headers=ranged(7, 9, 10))
    assert (hole.status, hole.json["code"]) == (409, "upload-conflict")
    assert "4 bytes have arrived" in hole.json["detail"]
    assert (await api("GET", path)).json["uploads"][0]["received"] == 4


async def test_an_unknown_total_does_not_end_a_file(api: Api) -> None:
    path = await awaiting(api)
    first = await api("PUT", f"{path}/uploads/file", data=b"0123", headers=ranged(0, 3, "*"))
    assert (first.status, first.json["waiting_for"]) == (202, "upload")
    last = await api("PUT", f"{path}/uploads/file", data=b"45", headers=ranged(4, 5, 6))
    assert (await api.ended(last.json["job_id"]))["result_data"]["head"] == "012345"


async def test_a_cut_connection_loses_nothing_that_had_arrived(api: Api, data_dir: Path) -> None:
    path, half = await awaiting(api), b"x" * 400_000
    sending = asyncio.create_task(
        api("PUT", f"{path}/uploads/file", data=Slow(half), headers=ranged(0, 499_999, 500_000))
    )
    await arrived(api, path, 262_144)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    job_id = path.removeprefix("jobs/")
    refused = await api("PUT", f"{path}/uploads/file", data=b"y", headers=ranged(499_999, 499_999, 500_000))
    while "Another request" in refused.json["detail"]:  # until the server has noticed that the first one is gone
        refused = await api("PUT", f"{path}/uploads/file", data=b"y", headers=ranged(499_999, 499_999, 500_000))
    there = int(refused.json["detail"].split()[0])
    assert 262_144 <= there <= 400_000
    rest = (half + b"y" * 100_000)[there:]
    last = await api("PUT", f"{path}/uploads/file", data=rest, headers=ranged(there, 499_999, 500_000))
    assert last.status == 200
    assert (await api.ended(job_id))["status"] == "completed"
    assert [each.read_bytes() for each in files_in(data_dir)] == [half + b"y" * 100_000]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def test_two_requests_cannot_send_one_file_at_once(api: Api) -> None:
    path, body = await awaiting(api), Slow(b"x" * 300_000, b"end")
    sending = asyncio.create_task(api("PUT", f"{path}/uploads/file", data=body))
    await arrived(api, path, 1)
    second = await api("PUT", f"{path}/uploads/file", data=b"other")
    assert (second.status, second.json["code"]) == (409, "upload-conflict")
    body.go_on.set()
    first = await sending
    assert (first.status, first.json["uploads"][0]["size"]) == (200, 300_003)


async def test_a_stream_shows_what_has_arrived_before_all_of_it_has(api: Api) -> None:
    path, body = await awaiting(api), Slow(b"x" * 300_000, b"end")
    sending = asyncio.create_task(api("PUT", f"{path}/uploads/file", data=body))
    async with api.stream(f"{path}/events") as events:
        async for event in events:
            if received(event):
                break
    assert not sending.done()
    assert event.name == "snapshot" or event.id is None, "what is not on disk has no number"
    body.go_on.set()
    assert (await sending).status == 200


async def test_a_file_that_is_there_is_not_replaced(api: Api) -> None:
    path = await awaiting(api, "file", "other")
    await api("PUT", f"{path}/uploads/file", data=b"1")
    again = await api("PUT", f"{path}/uploads/file", data=b"2")
    assert (again.status, again.json["code"]) == (409, "upload-conflict")
    assert (await api("GET", f"{path}/uploads/file")).content == b"1"


async def test_many_who_send_one_file_at_once_make_one_file(api: Api, data_dir: Path) -> None:
    for _ in range(10):
        path = await awaiting(api)
        puts = [api("PUT", f"{path}/uploads/file", data=f"{n}".encode()) for n in range(8)]
        statuses = sorted(answer.status for answer in await asyncio.gather(*puts))
        assert statuses == [200] + [409] * 7
        assert (await api.ended(path.removeprefix("jobs/")))["status"] == "completed"
    assert len(files_in(data_dir)) == 10


async def test_a_job_that_is_cancelled_while_its_file_arrives_stays_cancelled(api: Api) -> None:
    path, body = await awaiting(api), Slow(b"x" * 300_000, b"end")
    sending = asyncio.create_task(api("PUT", f"{path}/uploads/file", data=body))
    await arrived(api, path, 1)
    assert (await api("DELETE", path)).status == 200
    body.go_on.set()
    answer = await sending
    assert (answer.status, answer.json["code"]) == (409, "upload-conflict")
    assert (await api("GET", path)).json["status"] == "cancelled"


async def test_files_that_nobody_awaits_are_refused(api: Api) -> None:
    path = await awaiting(api)
    assert (await api("PUT", f"{path}/uploads/wrong", data=b"1")).status == 404
    assert (await api("GET", f"{path}/uploads/file")).status == 404
    unknown = "jobs/00000000-0000-7000-8000-000000000000"
    assert (await api("PUT", f"{unknown}/uploads/file", data=b"1")).status == 404
    await api("DELETE", path)
    late = await api("PUT", f"{path}/uploads/file", data=b"1")
    assert (late.status, late.json["code"]) == (409, "upload-conflict")


@pytest.mark.parametrize(
    "header", ["bytes 4-3/10", "bytes 0-3/3", "items 0-3/4", "bytes=0-3", "bytes 0-99999999999999999/*"]
)
async def test_a_bad_content_range_is_refused(api: Api, header: str) -> None:
    path = await awaiting(api)
    answer = await api("PUT", f"{path}/uploads/file", data=b"0123", headers={"Content-Range": header})
    assert (answer.status, answer.json["code"]) == (400, "malformed")


@pytest.mark.parametrize("body", [b"01", b"012345678"])
async def test_a_body_that_is_not_as_long_as_its_range_ends_no_file(api: Api, body: bytes) -> None:
    path = await awaiting(api)
    answer = await api("PUT", f"{path}/uploads/file", data=body, headers=ranged(0, 3, 4))
    assert answer.status == 400
    job = (await api("GET", path)).json
    assert (job["waiting_for"], job["uploads"][0]["size"]) == ("upload", None)
    whole = await api("PUT", f"{path}/uploads/file", data=b"0123", headers=ranged(0, 3, 4))
    assert (await api.ended(whole.json["job_id"]))["result_data"]["head"] == "0123"


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_file_above_the_limit_is_refused_and_may_be_sent_smaller(open_api: OpenApi, *, chunked: bool) -> None:
    api = await open_api(**{"server.max_upload": LIMIT})
    path, large = await awaiting(api), Slow(bytes(LIMIT), b"1")
    large.go_on.set()
    answer = await api("PUT", f"{path}/uploads/file", data=large if chunked else bytes(LIMIT + 1))
    assert (answer.status, answer.json["code"]) == (413, "too-large")
    assert (await api("GET", path)).json["waiting_for"] == "upload"
    assert (await api("PUT", f"{path}/uploads/file", data=bytes(LIMIT))).status == 200


async def test_what_has_arrived_is_still_there_after_a_restart(open_api: OpenApi, runner: Jobrunner) -> None:
    api = await open_api(runner)
    path = await awaiting(api)
    await api("PUT", f"{path}/uploads/file", data=b"0123", headers=ranged(0, 3, 6))
    await runner.stop(0)
    again = await open_api()
    assert (await again("GET", path)).json["uploads"][0]["received"] == 4
    last = await again("PUT", f"{path}/uploads/file", data=b"45", headers=ranged(4, 5, 6))
    assert (await again.ended(last.json["job_id"]))["result_data"]["head"] == "012345"


async def test_a_stream_that_begins_in_the_middle_of_an_upload_shows_how_much_has_arrived(api: Api) -> None:
    path, slow = await awaiting(api), Slow(b"x" * 300_000, b"end")
    sending = asyncio.create_task(api("PUT", f"{path}/uploads/file", data=slow))
    await arrived(api, path, 1)
    for where in (f"{path}/events", f"events?job_id={path.removeprefix('jobs/')}"):
        async with api.stream(where) as events:
            assert received(await events.next("snapshot")) > 0
    slow.go_on.set()
    assert (await sending).status == 200
