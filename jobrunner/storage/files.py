"""Uploads and artifacts as files: written under a temporary name, synced, renamed, and only then told to the database.

Names that users give are labels only: no path is ever made from them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import threading
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ParamSpec, TypeVar
from uuid import uuid4

P = ParamSpec("P")
T = TypeVar("T")

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is safely on disk; `path` is below the data directory."""

    path: str
    size: int
    sha256: str


class Files:
    """Own the folder of files, with threads of their own: disks are slow, and the loop must not be."""

    def __init__(self, directory: Path, incoming: Path | None = None) -> None:
        """Use `directory`, and throw away what a dead process left half written.

        Who is not the owner of the directory throws nothing away, and names another place on the same disk for what is
        half written.
        """
        self.directory = directory
        self._incoming = incoming or directory / "files" / "incoming"
        if incoming is None:
            shutil.rmtree(self._incoming, ignore_errors=True)
            self._incoming.mkdir(parents=True)
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="files")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function on the threads for files."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: function(*args, **kwargs))

    def path(self, stored: str) -> Path:
        """Return where a file lies."""
        return self.directory / stored

    def free(self) -> int:
        """Return the bytes that are free on the disk."""
        return shutil.disk_usage(self.directory).free

    async def receive(
        self, job_id: str, chunks: AsyncIterable[bytes], *, limit: int, folder: str = "uploads"
    ) -> Stored:
        """Keep what arrives as a file of a job; raise OverflowError beyond `limit` bytes.

        Nothing is left behind on failure.
        """
        temporary = self._incoming / uuid4().hex
        try:
            size, digest = await self._fill(temporary, chunks, limit)
            return await self.run(self._settle, temporary, self._home(job_id, folder), size, digest)
        finally:
            await self.run(temporary.unlink, missing_ok=True)

    async def append(
        self,
        job_id: str,
        name: str,
        chunks: AsyncIterable[bytes],
        *,
        offset: int,
        limit: int,
        told: Callable[[int], Awaitable[None]],
    ) -> int:
        """Write what arrives at `offset` of an unfinished upload and return where it ends.

        `told` hears how many bytes are there; raises OverflowError beyond `limit` bytes.
        """
        path = self._unfinished(job_id, name)
        await self.run(path.parent.mkdir, parents=True, exist_ok=True)
        with await self._opened(_open_to_append, path) as file:
            await self.run(_truncate, file.fileno(), offset)
            async for chunk in chunks:
                offset += len(chunk)
                if offset > limit:
                    raise OverflowError(limit)
                await self.run(file.write, chunk)
                await told(offset)
        return offset

    async def finish(self, job_id: str, name: str) -> Stored:
        """Make an unfinished upload a file of its job."""
        return await self.run(self._finish, self._unfinished(job_id, name), self._home(job_id, "uploads"))

    def keep(self, job_id: str, attempt: int, data: bytes | Path) -> Stored:
        """Keep bytes, or a copy of a file, as an artifact of an attempt. Blocks."""
        temporary = self._incoming / f"{uuid4().hex}-{threading.get_ident()}"
        self._incoming.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                size, digest = _write(file.write, _pieces(data))
            return self._settle(temporary, self._home(job_id, str(attempt)), size, digest)
        finally:
            temporary.unlink(missing_ok=True)

    def share(self, stored: str, job_id: str) -> str:
        """Give a file to another job as well, which is deleted with either of them for itself. Blocks."""
        home = self._home(job_id, "uploads")
        home.parent.mkdir(parents=True, exist_ok=True)
        home.hardlink_to(self.path(stored))
        _sync(home.parent)
        return str(home.relative_to(self.directory))

    def arrived(self, job_id: str, name: str) -> int:
        """Return the bytes of an unfinished upload. Blocks."""
        path = self._unfinished(job_id, name)
        return path.stat().st_size if path.exists() else 0

    def forget(self, job_ids: Iterable[str]) -> None:
        """Delete all files of jobs. Blocks."""
        for job_id in job_ids:
            shutil.rmtree(self._job(job_id), ignore_errors=True)

    def close(self) -> None:
        """Wait for the threads."""
        self._threads.shutdown()

    def _job(self, job_id: str) -> Path:
        return self.directory / "files" / job_id[-2:] / job_id

    def _home(self, job_id: str, folder: str) -> Path:
        return self._job(job_id) / folder / uuid4().hex

    def _unfinished(self, job_id: str, name: str) -> Path:
        label = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return self._job(job_id) / "unfinished" / label

    async def _opened(self, open_: Callable[P, IO[bytes]], *args: P.args, **kwargs: P.kwargs) -> IO[bytes]:
        """Open a file on the threads; one that nobody waits for any more is closed again."""
        opening = asyncio.ensure_future(self.run(open_, *args, **kwargs))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close)
            raise

    async def _fill(self, path: Path, chunks: AsyncIterable[bytes], limit: int) -> tuple[int, str]:
        size, digest = 0, hashlib.sha256()
        with await self._opened(Path.open, path, "wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise OverflowError(limit)
                digest.update(chunk)
                await self.run(file.write, chunk)
        return size, digest.hexdigest()

    def _finish(self, unfinished: Path, home: Path) -> Stored:
        with unfinished.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return self._settle(unfinished, home, unfinished.stat().st_size, digest)

    def _settle(self, temporary: Path, home: Path, size: int, digest: str) -> Stored:
        home.parent.mkdir(parents=True, exist_ok=True)
        _sync(temporary)
        temporary.rename(home)
        _sync(home.parent)
        return Stored(str(home.relative_to(self.directory)), size, digest)


def _pieces(data: bytes | Path) -> Iterable[bytes]:
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _write(write: Callable[[bytes], int], pieces: Iterable[bytes]) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        digest.update(piece)
        write(piece)
    return size, digest.hexdigest()


def _open_to_append(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")


def _close(opening: asyncio.Future[IO[bytes]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _truncate(fd: int, offset: int) -> None:
    os.ftruncate(fd, offset)
    os.lseek(fd, offset, os.SEEK_SET)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
