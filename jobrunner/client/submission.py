"""A submission as it goes over HTTP: JSON, or multipart with the part `job` first and then its files.

Every try opens its files anew, so that a submission can be repeated. Must never read a file into memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict

from aiohttp import MultipartWriter

from jobrunner.client.call import API, Call, Params, idempotency, on_the_wire, post
from jobrunner.client.file import File, Source, file_from


class Envelope(TypedDict, total=False):
    """What may be said about a job beside its type and payload. A time has a zone; a bare duration is in seconds."""

    title: str | None
    priority: int | None
    queue: str | None
    user_id: str | None
    tags: Sequence[str] | None
    metadata: Mapping[str, Any] | None
    run_at: datetime | str | None
    delay: timedelta | float | None
    deadline: datetime | timedelta | float | str | None
    max_attempts: int | None
    timeout: timedelta | float | None
    uploads: Sequence[str] | None
    depends_on: Sequence[str] | None


class Submission(Envelope):
    """One job of `submit_many`."""

    type: str
    payload: NotRequired[Any]


class BulkEntry(TypedDict):
    """What became of one submission: a job, or a problem."""

    index: int
    job_id: NotRequired[str]
    status: NotRequired[str]
    problem: NotRequired[dict[str, Any]]


class BulkAnswer(TypedDict):
    """What became of many submissions, each under its index."""

    accepted: int
    jobs: list[BulkEntry]


def submission(job_type: str, payload: object, envelope: Mapping[str, object]) -> dict[str, object]:
    """Write one submission; what is None is left out, except the payload's own nulls."""
    return {"type": job_type} | ({} if payload is None else {"payload": payload}) | envelope_of(envelope)


def envelope_of(said: Mapping[str, object]) -> dict[str, object]:
    """Write members of a submission; what is None is left out."""
    return {name: on_the_wire(value) for name, value in said.items() if value is not None}


def bulk(submissions: Iterable[Submission], key: str, *, atomic: bool) -> Call:
    """Ask for many jobs at once."""
    jobs = [envelope_of(one) for one in submissions]
    return post("/jobs/bulk", {"jobs": jobs, "atomic": atomic}, key=key)


def submit(
    content: object,
    files: Mapping[str, Source],
    key: str,
    path: str = "/jobs",
    params: Params = (),
    below: str = API,
) -> Call:
    """Ask for a job; raises FileNotFoundError, before anything is sent, for a file that is not there."""
    if not files:
        return post(path, content, key=key, params=params, below=below)
    sent = {name: file_from(source) for name, source in files.items()}
    for file in sent.values():
        _ = file.size

    def body() -> AbstractContextManager[MultipartWriter]:
        return _multipart(content, sent)

    return Call("POST", path, params, idempotency(key), body, below)


@contextmanager
def _multipart(content: object, files: Mapping[str, File]) -> Iterator[MultipartWriter]:
    """Write RFC 7578. File names go as UTF-8, as browsers send them."""
    writer = MultipartWriter("form-data")
    job = writer.append(json.dumps(content, allow_nan=False), {"Content-Type": "application/json"})
    job.set_content_disposition("form-data", name="job")
    with ExitStack() as stack:
        for name, file in files.items():
            part = writer.append(stack.enter_context(file.opened()), {"Content-Type": file.media_type()})
            part.set_content_disposition("form-data", quote_fields=False, name=name, filename=file.name(name))
        yield writer
