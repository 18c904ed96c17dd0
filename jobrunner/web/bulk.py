"""Many jobs in one request: each accepted or refused by itself, or all of them together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from jobrunner.engine.new import New
from jobrunner.engine.runner import Runner
from jobrunner.errors import Invalid, RequestError, StorageUnavailable
from jobrunner.model.subject import Subject
from jobrunner.storage.image import Image
from jobrunner.storage.unit import Answer
from jobrunner.web import show
from jobrunner.web.acceptance import asks_anew
from jobrunner.web.body import read_json
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.problems import problem_body
from jobrunner.web.query import Query
from jobrunner.web.quotas import admitted
from jobrunner.web.reply import reply
from jobrunner.web.submission import key_of, submission_of

MOST_JOBS = 10_000
AT_ONCE = 100  # prepared before the event loop may do something else

Prepared = Sequence[New | Image | RequestError]  # an image: a result that serves as well


async def submit_bulk(request: web.Request) -> web.Response:
    """Accept up to 10,000 jobs."""
    Query.of(request)
    runner = runner_of(request)
    document = await read_json(request, runner.settings.server.max_bulk_body)
    submissions, atomic = _checked(document)
    key = key_of(request, document)
    if key is None:
        prepared = await _prepare(request, submissions)
        # To the end, also when the caller goes away: what is committed has to stay counted.
        text = await asyncio.shield(asyncio.create_task(_submit(request, prepared, None, None, atomic=atomic)))
    else:

        async def do(answer: Any) -> str:
            return await _submit(request, await _prepare(request, submissions), key.key, answer, atomic=atomic)

        text, _repeated = await runner.idempotency.once(key, do)
    return reply(text.encode(), 202)


def _checked(document: Any) -> tuple[list[Any], bool]:
    if not isinstance(document, dict) or not document.keys() <= {"jobs", "atomic"}:
        raise Invalid("The request is not valid.", pointers=[("", 'an object with "jobs" and perhaps "atomic"')])
    jobs, atomic = document.get("jobs"), document.get("atomic", False)
    if not isinstance(jobs, list) or not 1 <= len(jobs) <= MOST_JOBS:
        raise Invalid("The request is not valid.", pointers=[("/jobs", f"a list of 1 to {MOST_JOBS} submissions")])
    if not isinstance(atomic, bool):
        raise Invalid("The request is not valid.", pointers=[("/atomic", "true or false")])
    return jobs, atomic


async def _prepare(request: web.Request, submissions: list[Any]) -> Prepared:
    runner, subject = runner_of(request), subject_of(request)
    prepared: list[New | RequestError] = []
    for index, document in enumerate(submissions):
        if index % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
        prepared.append(await _new(runner, subject, document, f"/jobs/{index}"))
    return prepared


async def _new(runner: Runner, subject: Subject, document: Any, pointer: str) -> New | RequestError:
    now = runner.clock.now()
    try:
        new = runner.intake.prepare(submission_of(document, now, subject), now)
        if new.job.depends_on:
            await runner.dependencies.check(new.job, runner.get)
    except RequestError as error:
        error.pointers = tuple((pointer + where, fault) for where, fault in error.pointers)
        return error
    return new


async def _submit(request: web.Request, prepared: Prepared, key: str | None, answer: Any, *, atomic: bool) -> str:
    runner = runner_of(request)
    _check_any(prepared, atomic=atomic)
    if not asks_anew(request):
        known = await runner.cache.find(_news(prepared))
        prepared = [known.get(each.job.id, each) if isinstance(each, New) else each for each in prepared]
    async with admitted(request, [(new.job.type, new.job.user_id) for new in _news(prepared)]):
        prepared = await _admit(runner, prepared, key, atomic=atomic)
        return await _accept(runner, prepared, answer, atomic=atomic)


def _news(prepared: Prepared) -> list[New]:
    return [each for each in prepared if isinstance(each, New)]


def _check_any(prepared: Prepared, *, atomic: bool) -> None:
    """Raise Invalid when none is left that can be accepted, or not all where all have to be."""
    faults = [each for each in prepared if isinstance(each, RequestError)]
    if len(faults) == len(prepared) or (atomic and faults):
        pointers = [pointer for fault in faults[:20] for pointer in fault.pointers]
        raise Invalid(f"{len(faults)} of {len(prepared)} jobs cannot be accepted; none was.", pointers=pointers)


async def _admit(runner: Runner, prepared: Prepared, key: str | None, *, atomic: bool) -> Prepared:
    """Return the jobs, those refused that the application does not want; raise its first refusal if all are needed."""
    news = _news(prepared)
    refused = await runner.admit(news, key)
    if not refused:
        return prepared
    left = [refused.get(each.job.id, each) if isinstance(each, New) else each for each in prepared]
    for index, each in enumerate(left):
        if isinstance(each, RequestError) and not each.pointers:
            each.pointers = ((f"/jobs/{index}", each.detail),)
    if atomic:
        first = next(iter(refused.values()))
        runner.admissions.withdraw(_news(left), key, first)
        raise first
    _check_any(left, atomic=False)
    return left


async def _accept(runner: Runner, prepared: Prepared, answer: Any, *, atomic: bool) -> str:
    news = _news(prepared)
    if atomic or answer is not None or not news:
        # With a key the answer and the jobs have to be one commit, so that a repeat cannot find half of them.
        text = _answer(prepared, {new.job.id: None for new in news})
        made: Answer | None = answer(text) if answer is not None else None
        await runner.submit_all(news, made)
        return text
    done = await runner.submit_each(news)
    if all(isinstance(each, Exception) for each in done):
        raise next(each for each in done if isinstance(each, Exception))
    return _answer(prepared, {new.job.id: each for new, each in zip(news, done, strict=True)})


def _answer(prepared: Prepared, done: dict[str, Image | Exception | None]) -> str:
    rows = [_row(index, each, done) for index, each in enumerate(prepared)]
    return show.encode({"accepted": sum("job_id" in row for row in rows), "jobs": rows}).decode()


def _row(index: int, each: New | Image | RequestError, done: dict[str, Image | Exception | None]) -> dict[str, Any]:
    outcome = (done[each.job.id] or each) if isinstance(each, New) else each
    if isinstance(outcome, Exception):
        fault = outcome if isinstance(outcome, RequestError) else StorageUnavailable(str(outcome))
        return {
            "index": index,
            "problem": problem_body(fault.code, fault.title, fault.detail, fault.status, fault.pointers),
        }
    return {"index": index, "job_id": outcome.job.id, "status": outcome.job.status}
