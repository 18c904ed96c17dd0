"""How a submission becomes a job: once for each Idempotency-Key, and to the end, be its caller gone or not.

Files that came with what is not accepted are deleted; those of an accepted job never are.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from jobrunner.engine.idempotency import Key
from jobrunner.engine.intake import Submission
from jobrunner.storage.image import Image
from jobrunner.storage.unit import Answer
from jobrunner.web import prefer
from jobrunner.web.keys import runner_of
from jobrunner.web.quotas import admitted
from jobrunner.web.submission import key_of, traceparent_of


async def accept(request: web.Request, submission: Submission, told: Any) -> Image:
    """Return the job as accepted, now or earlier with the same key; `told` is what a repeat has to tell again."""
    return await asyncio.shield(asyncio.create_task(_accept(request, submission, told)))


async def _accept(request: web.Request, submission: Submission, told: Any) -> Image:
    runner = runner_of(request)
    job_id = submission.job_id or runner.intake.new_id(runner.clock.now())
    prepared = replace(submission, job_id=job_id, traceparent=traceparent_of(request))
    kept = None
    try:
        prefer.wait_of(request)  # a bad preference is refused before anything is kept
        kept = await _once(request, prepared, key_of(request, told))
        return kept
    finally:
        if prepared.uploads and (kept is None or kept.job.id != job_id):
            await runner.files.run(runner.files.forget, [job_id])


async def _once(request: web.Request, submission: Submission, key: Key | None) -> Image:
    runner, counted = runner_of(request), [(submission.type, submission.user_id)]
    if key is None:
        async with admitted(request, counted):
            return await runner.submit(submission)

    async def do(answer: Callable[[str], Answer]) -> str:
        text = json.dumps({"job_id": submission.job_id})
        async with admitted(request, counted):
            await runner.submit(submission, answer(text))
        return text

    text, _repeated = await runner.idempotency.once(key, do)
    return await runner.get(json.loads(text)["job_id"])
