"""Many jobs at once, by a filter: cancelled or retried, each as if it had been asked for alone.

The effects are many commits, so the answer of a request with an Idempotency-Key is kept after the last of them: a
repeat joins it while it goes on, and gets its answer afterwards; after a crash in between it does what is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from jobrunner.engine.runner import Runner
from jobrunner.engine.selection import Deed, Done, cancelling, do_to_all, retrying
from jobrunner.errors import Invalid
from jobrunner.model.filter import EVERYTHING, Filter
from jobrunner.storage.unit import Answer
from jobrunner.web import show
from jobrunner.web.body import checked, read_json
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.query import FILTERS, Query, filter_of
from jobrunner.web.reply import reply
from jobrunner.web.submission import key_of
from jobrunner.wire.queues import SelectionData

# What is looked at where neither statuses nor ids are named: a cancelled job is retried only by somebody who says so.
TO_CANCEL, TO_RETRY = ("queued", "processing"), ("failed",)


class Wish(BaseModel):
    """Which jobs, and whether only to tell what would be done."""

    model_config = ConfigDict(extra="forbid", strict=True)

    filter: dict[str, Any]
    dry_run: bool = False


async def cancel_many(request: web.Request) -> web.Response:
    """Cancel the jobs of a filter."""
    return await _do(request, cancelling, TO_CANCEL)


async def retry_many(request: web.Request) -> web.Response:
    """Queue the failed or cancelled jobs of a filter again."""
    return await _do(request, retrying, TO_RETRY)


async def _do(request: web.Request, deed_of: Callable[[Runner, str], Deed], usual: tuple[str, ...]) -> web.Response:
    Query.of(request)
    runner, subject = runner_of(request), subject_of(request)
    document = await read_json(request, runner.settings.server.max_body)
    wish = checked(Wish, document, "The request is not valid.")
    wanted, deed = subject.narrow(_wanted(wish.filter, usual)), deed_of(runner, subject.name)

    async def do(answer: Callable[[str], Answer] | None) -> str:
        done = await do_to_all(runner, wanted, deed, subject.name, dry_run=wish.dry_run)
        text = show.encode(_view(done, dry_run=wish.dry_run)).decode()
        if answer is not None:
            await runner.idempotency.keep(answer(text))
        return text

    key = key_of(request, document)
    if key is None or wish.dry_run:
        # To the end, also when the caller goes away: nobody could tell how far it had come.
        text = await asyncio.shield(asyncio.create_task(do(None)))
    else:
        text, _repeated = await runner.idempotency.once(key, do)
    return reply(text.encode())


def _wanted(given: dict[str, Any], usual: tuple[str, ...]) -> Filter:
    """Return the filter of a request; raise Invalid for one that names nothing, which is more likely a mistake."""
    wanted = filter_of(given, "/filter", FILTERS)
    if wanted == EVERYTHING and not _says_all(given):
        fault = 'name something to go by; {"status": "all"} means all jobs'
        raise Invalid("The filter is empty.", pointers=[("/filter", fault)])
    if "status" in given or "job_id" in given:
        return wanted
    return filter_of({**given, "status": list(usual)}, "/filter", FILTERS)


def _says_all(given: dict[str, Any]) -> bool:
    """Tell whether all jobs are asked for in so many words; what is no filter was refused before."""
    status = given.get("status", "")
    texts = status if isinstance(status, list) else [status]
    return "all" in ",".join(texts).split(",")


def _view(done: Done, *, dry_run: bool) -> SelectionData:
    return {
        "dry_run": dry_run,
        "matched": done.matched,
        "changed": done.changed,
        "refused": [{"job_id": job_id, "reason": reason} for job_id, reason in done.refused],
        "more": done.more,
    }
