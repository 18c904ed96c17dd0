"""Files that come with a job: in the same multipart request, or one by one into a job that waits for them."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import BodyPartReader, web

from jobrunner.engine.report import clean
from jobrunner.engine.runner import Runner
from jobrunner.errors import (
    IllegalTransition,
    Invalid,
    Malformed,
    TooLarge,
    UnknownFile,
    UploadConflict,
    WrongMediaType,
)
from jobrunner.model.job import Hold, Job, Upload
from jobrunner.storage.files import Stored
from jobrunner.storage.image import Image
from jobrunner.web import show
from jobrunner.web.acceptance import accept
from jobrunner.web.body import check_encoding, chunks, in_time, parse, part_chunks
from jobrunner.web.jobs import answer, submit
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.query import Query, job_id_of
from jobrunner.web.quotas import metered
from jobrunner.web.reply import reply
from jobrunner.web.submission import submission_of

MOST_FILES = 32
LONGEST_LABEL = 255
SHOWN_EVERY_S = 0.1
Told = Callable[[int], Awaitable[None]]
RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)")


async def submit_any(request: web.Request) -> web.Response:
    """Accept a job as JSON, or as multipart with the part `job` first and then its files."""
    Query.of(request)
    if request.content_type == "multipart/form-data":
        return await _submit_multipart(request)
    return await submit(request)


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
        meant = replace(known, filename=filename, content_type=_label(request.headers.get("Content-Type")))
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


async def _submit_multipart(request: web.Request) -> web.Response:
    check_encoding(request)
    runner = runner_of(request)
    job_id = runner.intake.new_id(runner.clock.now())
    try:
        reader = await request.multipart()
        document = await _job_part(request, await in_time(request, reader.next()))
        submission = submission_of(document, runner.clock.now(), subject_of(request))
        files = await _file_parts(request, reader, job_id, submission.user_id)
    except (ValueError, AssertionError) as error:
        await runner.files.run(runner.files.forget, [job_id])
        raise Malformed(f"The multipart body cannot be read: {error}.") from None
    except BaseException:
        await runner.files.run(runner.files.forget, [job_id])
        raise
    awaited = tuple(upload for upload in submission.uploads if upload.name not in files)
    uploads = (*awaited, *(upload for upload, _digest in files.values()))
    told = [document, [[upload.name, upload.filename, digest] for upload, digest in files.values()]]
    accepted = await accept(request, replace(submission, job_id=job_id, uploads=uploads), told)
    return await answer(request, accepted)


async def _job_part(request: web.Request, part: Any) -> Any:
    if not isinstance(part, BodyPartReader) or part.name != "job":
        raise Invalid("The multipart body is not valid.", pointers=[("job", "the first part has to be `job`")])
    limit, data = runner_of(request).settings.server.max_body, b""
    async for chunk in part_chunks(request, part):
        data += chunk
        if len(data) > limit:
            raise TooLarge(f"The part `job` has more than the {limit} bytes that are allowed.")
    return parse(data)


async def _file_parts(
    request: web.Request, reader: Any, job_id: str, user_id: str | None
) -> dict[str, tuple[Upload, str]]:
    """Return the files by name, each with its digest."""
    runner, files = runner_of(request), dict[str, tuple[Upload, str]]()
    left = runner.settings.server.max_upload
    while (part := await in_time(request, reader.next())) is not None:
        name = _label(part.name) if isinstance(part, BodyPartReader) else None
        if not isinstance(part, BodyPartReader) or not name or name in files or len(files) >= MOST_FILES:
            fault = f"each file needs a name of its own, at most {MOST_FILES} of them"
            raise Invalid("The multipart body is not valid.", pointers=[("/uploads", fault)])
        if "Content-Encoding" in part.headers:
            raise WrongMediaType("Send files as they are, without Content-Encoding.")
        stored = await _keep(request, metered(request, user_id, part_chunks(request, part)), job_id, left)
        left -= stored.size
        kind = _label(part.headers.get("Content-Type"))
        upload = Upload(name, _label(part.filename), kind, stored.size, stored.size, stored.path)
        files[name] = upload, stored.sha256
    return files


async def _keep(request: web.Request, arriving: AsyncIterator[bytes], job_id: str, limit: int) -> Stored:
    runner = runner_of(request)
    try:
        return await runner.files.receive(job_id, arriving, limit=limit)
    except OverflowError:
        most = runner.settings.server.max_upload
        raise TooLarge(f"The files have more than the {most} bytes that are allowed.") from None


def _filename(request: web.Request, query: Query) -> str | None:
    given = query.one("filename")
    if given is None:
        header = request.headers.get("Content-Disposition", "")
        found = re.search(r'filename="([^"]*)"', header)
        given = found[1] if found else None
    return _label(given)


def _label(text: str | None) -> str | None:
    """Return text of a header as every reader can take it: of bounded length, without NUL and lone surrogates."""
    return clean(text, LONGEST_LABEL) if text else None
