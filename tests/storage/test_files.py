"""Uploads and artifacts as files."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.storage.files import CHUNK, Files, Stored
from tests.model.jobs import NOW, a_job

JOB, OTHER = a_job().id, a_job().id
HOSTILE = ["../../etc/passwd", "/etc/passwd", "..", ".", "", "a/b", "a\\b", "\0", "\ud800", "x" * 10_000, "CON", "é"]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    one = Files(tmp_path / "data")
    yield one
    one.close()


async def pieces(*data: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    for each in data:
        yield each
    if error is not None:
        raise error


def on_disk(files: Files) -> list[str]:
    """Return the files there are, wherever they are."""
    root = files.directory.parent
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def check(files: Files, stored: Stored, data: bytes) -> None:
    assert files.path(stored.path).read_bytes() == data
    assert (stored.size, stored.sha256) == (len(data), hashlib.sha256(data).hexdigest())


async def nothing(_received: int) -> None:
    pass


async def append(files: Files, data: bytes, offset: int = 0, name: str = "file", limit: int = 10**9) -> int:
    return await files.append(JOB, name, pieces(data), offset=offset, limit=limit, told=nothing)


async def test_what_is_received_is_a_file_of_its_job(files: Files) -> None:
    stored = await files.receive(JOB, pieces(b"abc", b"", b"def"), limit=6)
    check(files, stored, b"abcdef")
    assert on_disk(files) == [f"data/{stored.path}"]
    assert stored.path.split("/")[:4] == ["files", JOB[-2:], JOB, "uploads"]


async def test_an_empty_file_is_a_file(files: Files) -> None:
    check(files, await files.receive(JOB, pieces(), limit=0), b"")


@pytest.mark.parametrize("error", [OverflowError, ConnectionResetError, asyncio.CancelledError])
async def test_nothing_is_left_of_what_was_not_received_whole(files: Files, error: type[BaseException]) -> None:
    chunks = pieces(b"abc", b"def", error=None if error is OverflowError else error())  # type: ignore[arg-type]
    with pytest.raises(error):
        await files.receive(JOB, chunks, limit=5 if error is OverflowError else 10)
    assert on_disk(files) == []


async def test_an_upload_goes_on_where_it_was_cut_off(files: Files) -> None:
    told: list[int] = []

    async def tell(received: int) -> None:
        told.append(received)

    cut = pieces(b"abc", b"def", error=ConnectionResetError())
    with pytest.raises(ConnectionResetError):
        await files.append(JOB, "file", cut, offset=0, limit=99, told=tell)
    assert (told, files.arrived(JOB, "file")) == ([3, 6], 6)
    assert await append(files, b"ghi", offset=6) == 9
    check(files, await files.finish(JOB, "file"), b"abcdefghi")
    assert files.arrived(JOB, "file") == 0


async def test_an_upload_that_is_sent_again_from_an_earlier_place_replaces_what_followed(files: Files) -> None:
    await append(files, b"abcdef")
    assert await append(files, b"XY", offset=2) == 4
    assert await append(files, b"Z", offset=4) == 5
    check(files, await files.finish(JOB, "file"), b"abXYZ")


@given(st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=20)), max_size=6))
def test_an_upload_in_pieces_is_what_they_make_up(
    tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[int, bytes]]
) -> None:
    async def run(files: Files) -> None:
        whole = b""
        for place, data in sent:
            offset = min(place, len(whole))
            whole = whole[:offset] + data
            assert await append(files, data, offset=offset) == len(whole) == files.arrived(JOB, "file")

    files = Files(tmp_path_factory.mktemp("files"))
    asyncio.run(run(files))
    files.close()


async def test_an_upload_beyond_its_limit_raises_and_keeps_no_byte_beyond_it(files: Files) -> None:
    with pytest.raises(OverflowError):
        await files.append(JOB, "file", pieces(b"abc", b"def"), offset=0, limit=5, told=nothing)
    assert files.arrived(JOB, "file") == 3


async def test_uploads_of_two_names_or_jobs_are_two_files(files: Files) -> None:
    await append(files, b"a", name="a")
    await append(files, b"bb", name="b")
    assert (files.arrived(JOB, "a"), files.arrived(JOB, "b"), files.arrived(OTHER, "a")) == (1, 2, 0)


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_name_is_a_label_and_never_a_path(files: Files, name: str) -> None:
    await append(files, b"abc", name=name)
    (path,) = on_disk(files)
    assert path.startswith(f"data/files/{JOB[-2:]}/{JOB}/unfinished/")
    assert path.rsplit("/", 1)[1].isalnum()
    assert files.arrived(JOB, name) == 3
    stored = await files.finish(JOB, name)
    check(files, stored, b"abc")
    assert name not in stored.path.split("/")


async def test_bytes_and_copies_of_files_are_kept_below_their_attempt(files: Files, tmp_path: Path) -> None:
    large = os.urandom(CHUNK + 1)
    (tmp_path / "made").write_bytes(large)
    copy, given_ = files.keep(JOB, 2, tmp_path / "made"), files.keep(JOB, 3, b"abc")
    check(files, copy, large)
    check(files, given_, b"abc")
    assert (tmp_path / "made").exists()
    assert [each.path.split("/")[3] for each in (copy, given_)] == ["2", "3"]


def test_nothing_is_left_of_an_artifact_that_is_not_there(files: Files, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.keep(JOB, 1, tmp_path / "none")
    assert on_disk(files) == []


async def test_a_shared_file_outlives_the_job_that_it_came_from(files: Files) -> None:
    stored = await files.receive(JOB, pieces(b"abc"), limit=9)
    shared = files.share(stored.path, OTHER)
    assert shared.split("/")[2] == OTHER
    files.forget([JOB])
    assert on_disk(files) == [f"data/{shared}"]
    assert files.path(shared).read_bytes() == b"abc"


async def test_all_files_of_a_job_are_forgotten_and_no_others(files: Files) -> None:
    await files.receive(JOB, pieces(b"a"), limit=9)
    await append(files, b"b")
    files.keep(JOB, 1, b"c")
    other = files.keep(OTHER, 1, b"d")
    files.forget([JOB, a_job().id])
    assert on_disk(files) == [f"data/{other.path}"]


async def test_what_a_dead_process_left_half_written_is_thrown_away_but_uploads_can_go_on(files: Files) -> None:
    await append(files, b"abc")
    kept = files.keep(JOB, 1, b"d")
    (files.directory / "files" / "incoming" / "half").write_bytes(b"x")
    again = Files(files.directory)
    assert again.arrived(JOB, "file") == 3
    assert f"data/{kept.path}" in on_disk(again)
    assert not [path for path in on_disk(again) if "incoming" in path]
    again.close()


async def test_artifacts_of_one_attempt_are_kept_at_once_from_many_threads(files: Files) -> None:
    kept = await asyncio.gather(*(files.run(files.keep, JOB, 1, str(n).encode()) for n in range(40)))
    assert [files.path(each.path).read_bytes() for each in kept] == [str(n).encode() for n in range(40)]
    assert len(on_disk(files)) == 40


def test_the_free_bytes_of_the_disk_are_known(files: Files) -> None:
    assert 0 < files.free() < NOW * 10**6
