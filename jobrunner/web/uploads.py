"""Files that are sent one by one, into a job that waits for them."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from aiohttp import web

from jobrunner.engine.runner import Runner
from jobrunner.errors import (
    IllegalTransition,
    Malformed,
    TooLarge,
    UnknownFile,
    UploadConflict,
)
from jobrunner.model.job import Hold, Job, Upload
from jobrunner.storage.image import Image
from jobrunner.web import show
from jobrunner.web.body import check_encoding, chunks
from jobrunner.web.keys import runner_of
from jobrunner.web.multipart import label
from jobrunner.web.query import Query, job_id_of
from jobrunner.web.quotas import metered
from jobrunner.web.reply import reply

SHOWN_EVERY_S = 0.1
Told = Callable[[int], Awaitable[None]]
RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")


async def put_upload(request: web.Request) -> web.Response:
    """Receive an awaited file, or the next bytes of it; the job becomes ready with its last file."""
    query, runner, job_id = Query.of(request, "filename"), runner_of(request), job_id_of(request)
    check_encoding(request)
    name = request.match_info["name"]
    with _alone(job_id, name):
        job = (await runner.get(job_id)).job
        known = _awaited(job, name)
        span = _span(request, await runner.files.run(runner.files.arrived, job_id, name))
        filename = _filename(request, query) or known.filename
        meant = replace(known, filename=filename, content_type=label(request.headers.get("Content-Type")))
        image = await _receive(request, runner, job, meant, span)
    done = all(upload.whole for upload in image.job.uploads if upload.name == name)
    return reply(await show.whole(runner, image), 200 if done else 202)


_arriving: set[tuple[str, str]] = set()  # files that a request is sending at the moment


@contextmanager
def _alone(job_id: str, name: str) -> Iterator[None]:
    """Let one request at a time look at a file and send it."""
    if (job_id, name) in _arriving:
        raise UploadConflict("Another request is sending this file.")
    _arriving.add((job_id, name))
    try:
        yield
    finally:
        _arriving.discard((job_id, name))


@dataclass(frozen=True, slots=True)
class Span:
    """Where the bytes of a request belong; `end` is None when the end of the request is the end of the file."""

    offset: int
    end: int | None = None
    total: int | None = None

    def check(self, arrived: int) -> None:
        """Raise Malformed when the bytes were not as many as was said."""
        if self.end not in {None, arrived}:
            raise Malformed(f"Content-Range promised bytes up to {self.end}, the body ended at {arrived}.")

    def whole(self, arrived: int) -> bool:
        """Tell whether these were the last bytes of the file."""
        return self.end is None or arrived == self.total


async def _receive(request: web.Request, runner: Runner, job: Job, upload: Upload, span: Span) -> Image:
    shown, job_id = 0.0, job.id
    arrived = span.offset

    async def told(received: int) -> None:
        nonlocal shown, arrived
        arrived = received
        if time.monotonic() - shown >= SHOWN_EVERY_S:
            shown = time.monotonic()
            await runner.show_upload(job_id, replace(upload, received=received))

    try:
        await _append(request, runner, job, upload.name, span.offset, told)
        span.check(arrived)
    except BaseException:
        await _note(runner, job_id, replace(upload, received=arrived))  # so that the client can go on from there
        raise
    if not span.whole(arrived):
        return await _note(runner, job_id, replace(upload, received=arrived))
    stored = await runner.files.finish(job_id, upload.name)
    return await _note(runner, job_id, replace(upload, received=stored.size, size=stored.size, stored=stored.path))


async def _append(request: web.Request, runner: Runner, job: Job, name: str, offset: int, told: Told) -> None:
    limit = runner.settings.server.max_upload
    arriving = metered(request, job.user_id, chunks(request, limit))
    try:
        await runner.files.append(job.id, name, arriving, offset=offset, limit=limit, told=told)
    except OverflowError:
        raise TooLarge(f"The file has more than the {limit} bytes that are allowed.") from None


async def _note(runner: Runner, job_id: str, upload: Upload) -> Image:
    """Take note of what has arrived; raise UploadConflict for a job that was cancelled or has expired meanwhile."""
    try:
        return await runner.receive(job_id, upload)
    except IllegalTransition:
        raise UploadConflict("The job no longer waits for files.") from None


def _awaited(job: Job, name: str) -> Upload:
    for upload in job.uploads:
        if upload.name == name:
            if upload.whole or job.hold is not Hold.UPLOAD:
                raise UploadConflict("The file is there already, or the job no longer waits for it.")
            return upload
    raise UnknownFile(f"The job awaits no file named {name[:100]!r}.")


def _span(request: web.Request, arrived: int) -> Span:
    header = request.headers.get("Content-Range")
    if header is None:
        return Span(0)
    found = RANGE.fullmatch(header.strip())
    if found is None or int(found[2]) < int(found[1]):
        raise Malformed("The Content-Range has to be like `bytes 0-1023/4096`.")
    offset, end = int(found[1]), int(found[2]) + 1
    total = None if found[3] == "*" else int(found[3])
    if total is not None and end > total:
        raise Malformed("The Content-Range ends behind the total that it states.")
    if offset > arrived:
        raise UploadConflict(f"{arrived} bytes have arrived; go on from there.")
    return Span(offset, end, total)


def _filename(request: web.Request, query: Query) -> str | None:
    given = query.one("filename")
    if given is None:
        header = request.headers.get("Content-Disposition", "")
        found = re.search(r'filename="([^"]*)"', header)
        given = found[1] if found else None
    return label(given)
