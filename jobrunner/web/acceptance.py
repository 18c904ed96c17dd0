"""How a submission becomes a job: once for each Idempotency-Key, and to the end, be its caller gone or not.

Files that came with what is not accepted are deleted; those of an accepted job never are.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from aiohttp import web

from jobrunner.engine.idempotency import Key
from jobrunner.engine.intake import Submission
from jobrunner.storage.image import Image
from jobrunner.storage.unit import Answer
from jobrunner.web import prefer
from jobrunner.web.keys import runner_of
from jobrunner.web.quotas import admitted
from jobrunner.web.submission import key_of, traceparent_of


class Accepted(NamedTuple):
    """A job, and whether it was known already, with a result that serves as well as that of a new one."""

    image: Image
    known: bool


async def accept(request: web.Request, submission: Submission, told: Any) -> Accepted:
    """Return the job as accepted, now or earlier with the same key; `told` is what a repeat has to tell again."""
    return await asyncio.shield(asyncio.create_task(_accept(request, submission, told)))


async def _accept(request: web.Request, submission: Submission, told: Any) -> Accepted:
    runner = runner_of(request)
    job_id = submission.job_id or runner.intake.new_id(runner.clock.now())
    prepared = replace(submission, job_id=job_id, traceparent=traceparent_of(request))
    kept = None
    try:
        prefer.wait_of(request)  # a bad preference is refused before anything is kept
        kept = await _once(request, prepared, key_of(request, told))
        return kept
    finally:
        if prepared.uploads and (kept is None or kept.image.job.id != job_id):
            await runner.files.run(runner.files.forget, [job_id])


async def _once(request: web.Request, submission: Submission, key: Key | None) -> Accepted:
    runner = runner_of(request)
    if key is None:
        return await _known_or_new(request, submission)

    async def do(answer: Callable[[str], Answer]) -> str:
        done = await _known_or_new(request, submission, lambda: answer(_text(submission.job_id)))
        if not done.known:
            return _text(submission.job_id)
        text = _text(done.image.job.id, known=True)
        await runner.idempotency.keep(answer(text))
        return text

    text, _repeated = await runner.idempotency.once(key, do)
    told = json.loads(text)
    return Accepted(await runner.get(told["job_id"]), told.get("known", False))


async def _known_or_new(
    request: web.Request, submission: Submission, answer: Callable[[], Answer] | None = None
) -> Accepted:
    """Find a result that serves as well, unless a new one is asked for (RFC 9111, section 5.2.1.4), or submit."""
    runner = runner_of(request)
    known = None if asks_anew(request) else await runner.cached(submission)
    if known is not None:
        return Accepted(known, known=True)
    async with admitted(request, [(submission.type, submission.user_id)]):
        return Accepted(await runner.submit(submission, None if answer is None else answer()), known=False)


def asks_anew(request: web.Request) -> bool:
    """Tell whether no earlier result is wanted."""
    words = ",".join(request.headers.getall("Cache-Control", [])).split(",")
    return "no-cache" in {word.strip().lower() for word in words}


def _text(job_id: str | None, *, known: bool = False) -> str:
    return json.dumps({"job_id": job_id, "known": True} if known else {"job_id": job_id})
