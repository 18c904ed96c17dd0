"""What whoever works on an attempt elsewhere says over HTTP, with the token of that attempt: reports, and files."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from jobrunner.engine.report import LONGEST_TEXT, clean
from jobrunner.engine.running import Running
from jobrunner.errors import RequestError, TooLarge
from jobrunner.model.job import Artifact
from jobrunner.storage.files import Stored
from jobrunner.web.body import check_encoding, chunks, read_json
from jobrunner.web.keys import ATTEMPT, runner_of
from jobrunner.web.multipart import label
from jobrunner.web.query import Query, job_id_of
from jobrunner.web.reply import reply

OTHERS = 65_536  # bytes of a report, beside the largest result


async def report(request: web.Request) -> web.Response:
    """Take a report; answer whether the attempt is asked to stop, of one that ends it when that is on disk."""
    Query.of(request)
    runner, job_id = runner_of(request), job_id_of(request)
    document = await read_json(request, await _limit(request))
    stopping = await runner.callbacks.hear(job_id, request[ATTEMPT], document)
    return reply({"cancel_requested": stopping})


async def put_artifact(request: web.Request) -> web.Response:
    """Receive a file that the attempt has made; one of the same name is replaced."""
    Query.of(request)
    runner, job_id, attempt = runner_of(request), job_id_of(request), request[ATTEMPT]
    check_encoding(request)
    live = await runner.callbacks.check(job_id, attempt)
    name = clean(request.match_info["name"], LONGEST_TEXT)
    kind = label(request.headers.get("Content-Type")) or "application/octet-stream"
    stored = await _receive(request, job_id, attempt, live.running)
    artifact = Artifact(name, kind, stored.size, stored.sha256, stored.path)
    try:
        replaced = await runner.callbacks.keep(job_id, attempt, artifact)
    except RequestError:  # and nothing else: once it is told, the file belongs to the job
        await runner.files.run(runner.files.path(stored.path).unlink, missing_ok=True)
        raise
    told = {"name": name, "content_type": kind, "size": stored.size, "sha256": stored.sha256}
    return reply(told, 200 if replaced else 201)


async def _limit(request: web.Request) -> int:
    """Return how many bytes a report may have: as any body, but more where the type may have a larger result."""
    runner = runner_of(request)
    job_type = runner.registry.get((await runner.get(job_id_of(request))).job.type)
    largest = 0 if job_type is None else job_type.max_result + OTHERS
    return max(runner.settings.server.max_body, largest)


async def _receive(request: web.Request, job_id: str, attempt: int, running: Running | None) -> Stored:
    runner = runner_of(request)
    limit = runner.settings.server.max_upload

    async def arriving() -> AsyncIterator[bytes]:
        async for chunk in chunks(request, limit):
            if running is not None:
                running.heard()
            yield chunk

    try:
        return await runner.files.receive(job_id, arriving(), limit=limit, folder=str(attempt))
    except OverflowError:
        raise TooLarge(f"The file has more than the {limit} bytes that are allowed.") from None
