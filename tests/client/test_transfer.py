"""Files go on where a connection broke, in both directions, and are whole or not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from jobrunner.client import Client
from jobrunner.client.download import own_name
from jobrunner.errors import Problem, Unreachable
from tests.client.conftest import Naps
from tests.client.faulty import ID, JOB, Answer, Faulty, broken, cut, job, refuse, reply

UPLOAD = f"PUT {JOB}/uploads/file"
ARTIFACT = f"GET {JOB}/artifacts/story.html"
CONTENT = bytes(range(256)) * 4000


class Receiver:
    """Takes an upload as the API says, and loses the connection after so many bytes of each try."""

    def __init__(self, *lost_after: int | None) -> None:
        self.got = bytearray()
        self.ranges: list[str | None] = []
        self._lost_after = list(lost_after)

    async def put(self, request: web.Request) -> web.StreamResponse:
        self.ranges.append(request.headers.get("Content-Range"))
        lost_after = self._lost_after.pop(0)
        if lost_after is not None:
            self.got += await request.content.readexactly(lost_after)
            return broken(request)
        self.got += await request.read()
        return web.json_response(self.job())

    async def get(self, _: web.Request) -> web.Response:
        return web.json_response(self.job())

    def job(self) -> dict[str, Any]:
        size = len(self.got) if len(self.got) == len(CONTENT) else None
        upload = {"name": "file", "filename": None, "content_type": None, "size": size, "received": len(self.got)}
        return dict(job("queued", uploads=[upload]))


async def test_an_upload_goes_on_where_the_connection_broke(client: Client, server: Faulty, tmp_path: Path) -> None:
    (path := tmp_path / "größe.csv").write_bytes(CONTENT)
    receiver = Receiver(100_000, 50_000, None)
    server.on(UPLOAD, receiver.put)
    server.on(f"GET {JOB}", receiver.get)

    assert (await client.upload(ID, "file", path))["uploads"][0]["size"] == len(CONTENT)
    assert receiver.got == CONTENT
    assert receiver.ranges == [None, "bytes 100000-1023999/1024000", "bytes 150000-1023999/1024000"]
    assert {asked.query["filename"] for asked in server.to(UPLOAD)} == {"größe.csv"}
    assert {asked.headers["Content-Type"] for asked in server.to(UPLOAD)} == {"text/csv"}


async def test_an_upload_that_gets_on_survives_any_number_of_cuts(client: Client, server: Faulty) -> None:
    receiver = Receiver(*[100_000] * 10, None)
    server.on(UPLOAD, receiver.put)
    server.on(f"GET {JOB}", receiver.get)
    await client.upload(ID, "file", CONTENT)

    assert receiver.got == CONTENT


async def test_an_upload_that_does_not_get_on_is_given_up(client: Client, server: Faulty, naps: Naps) -> None:
    receiver = Receiver(100_000, 0, 0, 0, 0)
    server.on(UPLOAD, receiver.put)
    server.on(f"GET {JOB}", receiver.get)

    with pytest.raises(Unreachable):
        await client.upload(ID, "file", CONTENT)
    assert len(naps.taken) == 4


async def test_an_upload_whose_answer_was_lost_is_not_sent_again(client: Client, server: Faulty) -> None:
    receiver = Receiver(len(CONTENT))
    server.on(UPLOAD, receiver.put)
    server.on(f"GET {JOB}", receiver.get)

    assert (await client.upload(ID, "file", CONTENT))["uploads"][0]["size"] == len(CONTENT)
    assert len(receiver.ranges) == 1


async def test_a_conflict_with_a_connection_that_the_server_still_reads_passes(client: Client, server: Faulty) -> None:
    receiver = Receiver(100_000, None)
    server.on(UPLOAD, receiver.put, refuse(409, "upload-conflict"), receiver.put)
    server.on(f"GET {JOB}", receiver.get)
    await client.upload(ID, "file", CONTENT)

    assert receiver.got == CONTENT


async def test_a_file_that_was_there_before_is_a_problem_at_once(client: Client, server: Faulty) -> None:
    server.on(UPLOAD, refuse(409, "upload-conflict"))

    with pytest.raises(Problem, match="upload-conflict"):
        await client.upload(ID, "file", CONTENT)
    assert len(server.asked) == 1


async def test_an_empty_file_is_a_file(client: Client, server: Faulty) -> None:
    server.on(UPLOAD, reply(job("queued")))
    await client.upload(ID, "file", b"")

    assert server.asked[0].headers["Content-Length"] == "0"


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def sent(start: int, *, until: int | None = None, status: int = 206, etag: str = '"1"') -> Answer:
    """Send the content from `start` on and break off at `until`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        headers = {"Content-Length": str(len(CONTENT) - start), "ETag": etag, "Content-Type": "text/html"}
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        await response.write(CONTENT[start:until])
        return broken(request) if until else response

    return answer


async def test_a_download_goes_on_where_the_connection_broke(client: Client, server: Faulty, tmp_path: Path) -> None:
    server.on(ARTIFACT, sent(0, until=100_000, status=200), sent(100_000))

    assert (await client.artifact(ID, "story.html", tmp_path / "mine.html")).read_bytes() == CONTENT
    assert [asked.headers.get("Range") for asked in server.asked] == [None, "bytes=100000-"]
    assert server.asked[1].headers["If-Range"] == '"1"'
    assert contents(tmp_path).keys() == {"mine.html"}


async def test_a_download_begins_anew_when_the_file_has_changed(client: Client, server: Faulty, tmp_path: Path) -> None:
    server.on(ARTIFACT, sent(0, until=100_000, status=200), sent(0, status=200, etag='"2"'))

    assert (await client.artifact(ID, "story.html", tmp_path)) == tmp_path / "story.html"
    assert (tmp_path / "story.html").read_bytes() == CONTENT


async def test_two_versions_of_a_file_are_never_mixed(client: Client, server: Faulty, tmp_path: Path) -> None:
    server.on(ARTIFACT, sent(0, until=100_000, status=200), sent(100_000, etag='"2"'), sent(0, status=200, etag='"2"'))
    await client.artifact(ID, "story.html", tmp_path)

    assert (tmp_path / "story.html").read_bytes() == CONTENT
    assert [asked.headers.get("Range") for asked in server.asked] == [None, "bytes=100000-", None]


async def test_a_download_that_fails_leaves_what_was_there(client: Client, server: Faulty, tmp_path: Path) -> None:
    (path := tmp_path / "story.html").write_text("old")
    server.on(ARTIFACT, sent(0, until=10, status=200), cut())

    with pytest.raises(Unreachable):
        await client.artifact(ID, "story.html", path)
    assert contents(tmp_path) == {"story.html": b"old"}


async def test_a_file_that_does_not_exist_is_a_problem(client: Client, server: Faulty, tmp_path: Path) -> None:
    server.on(ARTIFACT, refuse(404, "unknown-file"))

    with pytest.raises(Problem, match="unknown-file"):
        await client.artifact(ID, "story.html", tmp_path)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("charts/a.svg", "a.svg"),
        ("../../etc/passwd", "passwd"),
        ("..", "artifact"),
        (".bashrc", "bashrc"),
        ("a\\b", "b"),
    ],
)
def test_a_name_that_a_job_chose_leads_out_of_no_directory(name: str, own: str) -> None:
    assert own_name(name) == own


def test_the_address_of_an_artifact_holds_any_name() -> None:
    address = Client("http://host/base").artifact_url(ID, "a b/ü?.html")

    assert address == f"http://host/base/api/v1/jobs/{ID}/artifacts/a%20b%2F%C3%BC%3F.html"
