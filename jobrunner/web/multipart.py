"""A submission with its files in one request (RFC 7578): the part `job` first, then a part for each file.

What has arrived of a request that is refused is deleted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from aiohttp import BodyPartReader, web

from jobrunner.engine.intake import Submission
from jobrunner.engine.report import clean
from jobrunner.errors import Invalid, Malformed, TooLarge, WrongMediaType
from jobrunner.model.job import Upload
from jobrunner.storage.files import Stored
from jobrunner.web.body import check_encoding, in_time, parse, part_chunks
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.quotas import metered
from jobrunner.web.submission import submission_of

MOST_FILES = 32
LONGEST_LABEL = 255


async def read_multipart(request: web.Request, document_of: Callable[[Any], Any]) -> tuple[Submission, Any]:
    """Return what is submitted, its files kept already, and what a repeat has to tell again.

    `document_of` makes the submission of what the part `job` says.
    """
    check_encoding(request)
    runner = runner_of(request)
    job_id = runner.intake.new_id(runner.clock.now())
    try:
        reader = await request.multipart()
        told = await _job_part(request, await in_time(request, reader.next()))
        submission = submission_of(document_of(told), runner.clock.now(), subject_of(request))
        files = await _file_parts(request, reader, job_id, submission.user_id)
    except (ValueError, AssertionError) as error:
        await runner.files.run(runner.files.forget, [job_id])
        raise Malformed(f"The multipart body cannot be read: {error}.") from None
    except BaseException:
        await runner.files.run(runner.files.forget, [job_id])
        raise
    awaited = tuple(upload for upload in submission.uploads if upload.name not in files)
    uploads = (*awaited, *(upload for upload, _digest in files.values()))
    sent = [told, [[upload.name, upload.filename, digest] for upload, digest in files.values()]]
    return replace(submission, job_id=job_id, uploads=uploads), sent


def label(text: str | None) -> str | None:
    """Return text of a header as every reader can take it: of bounded length, without NUL and lone surrogates."""
    return clean(text, LONGEST_LABEL) if text else None


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
        name = label(part.name) if isinstance(part, BodyPartReader) else None
        if not isinstance(part, BodyPartReader) or not name or name in files or len(files) >= MOST_FILES:
            fault = f"each file needs a name of its own, at most {MOST_FILES} of them"
            raise Invalid("The multipart body is not valid.", pointers=[("/uploads", fault)])
        if "Content-Encoding" in part.headers:
            raise WrongMediaType("Send files as they are, without Content-Encoding.")
        stored = await _keep(request, metered(request, user_id, part_chunks(request, part)), job_id, left)
        left -= stored.size
        kind = label(part.headers.get("Content-Type"))
        upload = Upload(name, label(part.filename), kind, stored.size, stored.size, stored.path)
        files[name] = upload, stored.sha256
    return files


async def _keep(request: web.Request, arriving: AsyncIterator[bytes], job_id: str, limit: int) -> Stored:
    runner = runner_of(request)
    try:
        return await runner.files.receive(job_id, arriving, limit=limit)
    except OverflowError:
        most = runner.settings.server.max_upload
        raise TooLarge(f"The files have more than the {most} bytes that are allowed.") from None
