"""Jobs over HTTP: submit, look, list, cancel, retry, and what happened in their attempts and logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from jobrunner.engine.intake import Submission
from jobrunner.engine.runner import Runner
from jobrunner.errors import Invalid, NotRetryable, UnknownJob
from jobrunner.model.filter import Filter
from jobrunner.model.identity import is_id
from jobrunner.model.state import Status
from jobrunner.model.subject import Subject
from jobrunner.storage.image import Image
from jobrunner.storage.unit import Answer
from jobrunner.web import prefer, show, tokens
from jobrunner.web.acceptance import Accepted, accept
from jobrunner.web.body import read_json
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.multipart import read_multipart
from jobrunner.web.query import FILTERS, Query, job_id_of
from jobrunner.web.reply import JSON, reply
from jobrunner.web.rules import recheck
from jobrunner.web.submission import key_of, submission_of

VALIDATED = {"Cache-Control": "private, no-cache", "Vary": "Accept, Prefer"}


async def submit(request: web.Request) -> web.Response:
    """Accept a job as JSON, or as multipart with the part `job` first and then its files."""
    Query.of(request)
    return await submit_as(request, lambda told: told)


async def submit_as(request: web.Request, document_of: Callable[[Any], Any], *, empty: Any = None) -> web.Response:
    """Accept a job, however a route is told of it: `document_of` makes a submission of what is sent there.

    `empty` is what no body at all stands for. A repeat has to send the same, with the same query.
    """
    runner = runner_of(request)
    if request.content_type == "multipart/form-data":
        submission, told = await read_multipart(request, document_of)
    else:
        told = await read_json(request, runner.settings.server.max_body, empty=empty)
        submission = submission_of(document_of(told), runner.clock.now(), subject_of(request))
    said = [told, sorted(request.query.items())] if request.query else told
    return await _answer(request, await accept(request, submission, said))


async def _answer(request: web.Request, accepted: Accepted) -> web.Response:
    """Answer a submission: 202 with its monitor, or 200 for a known result or an end within `Prefer: wait`."""
    runner, wait_s, image = runner_of(request), prefer.wait_of(request), accepted.image
    if wait_s is not None:
        image = await _until_ended(runner, image, wait_s)
    status = 200 if accepted.known or (wait_s is not None and image.job.status.ended) else 202
    headers = {**_monitor(runner, image), **tokens.for_job(request, image.job)}
    response = reply(await show.whole(runner, image, new=True), status, headers)
    prefer.applied(response, wait_s)
    return response


async def get(request: web.Request) -> web.Response:
    """Return a job; with `Prefer: wait` and a validator held until it differs, without one until the job ends."""
    Query.of(request)
    runner, job_id, wait_s = runner_of(request), job_id_of(request), prefer.wait_of(request)
    image = await runner.get(job_id)
    if wait_s is not None:
        image = await _held(request, image, wait_s)
        recheck(request)
    response = _validated(request, await show.shown(runner, image))
    prefer.applied(response, wait_s)
    pause = show.retry_after(runner, image)
    if pause is not None:
        response.headers["Retry-After"] = pause
    return response


async def list_jobs(request: web.Request) -> web.Response:
    """Return a page of jobs, by cursor or by number."""
    query = Query.of(request, *FILTERS, "sort", "include", "limit", "cursor", "page", "page_size")
    runner, wanted = runner_of(request), subject_of(request).narrow(query.filter())
    ascending = query.choice("sort", "-created_at", ("created_at", "-created_at")) == "created_at"
    include = query.words("include", ("payload", "result"))
    if "page" in query or "page_size" in query:
        return await _numbered(runner, query, wanted, include, ascending=ascending)
    limit, after = query.whole("limit", 50, 1, 500), query.one("cursor")
    if after is not None and not is_id(after):
        raise Invalid("Bad query parameter.", pointers=[("cursor", "not one that this list has given out")])
    images = await runner.reader.page([wanted], limit=limit + 1, after=after, ascending=ascending)
    page, more = images[:limit], len(images) > limit
    jobs = await show.several(runner, page, include)
    return reply(show.joined(jobs, next_cursor=page[-1].job.id if more else None))


async def cancel(request: web.Request) -> web.Response:
    """Cancel a job: 200 when it is cancelled, 202 when it was asked to stop."""
    Query.of(request)
    runner = runner_of(request)
    image = await runner.cancel(job_id_of(request), by=subject_of(request).name)
    status = 200 if image.job.status is Status.CANCELLED else 202
    return reply(await show.whole(runner, image), status)


async def retry(request: web.Request) -> web.Response:
    """Queue a failed or cancelled job again as it is, or submit it anew with another payload or priority."""
    Query.of(request)
    runner, subject, job_id = runner_of(request), subject_of(request), job_id_of(request)
    changes = await read_json(request, runner.settings.server.max_body, empty={})
    if not isinstance(changes, dict) or not changes.keys() <= {"payload", "priority"}:
        raise Invalid(
            "The request is not valid.", pointers=[("", 'an object with "payload" and "priority", or nothing')]
        )
    key = key_of(request, changes)
    if changes:
        image = (await accept(request, await _again(runner, subject, job_id, changes), changes)).image
    elif key is None:
        image = await runner.retry(job_id, by=subject.name)
    else:
        await runner.idempotency.once(key, lambda answer: _retry(runner, subject, job_id, answer))
        image = await runner.get(job_id)
    return reply(await show.whole(runner, image), 201 if changes else 202, _monitor(runner, image))


async def retry_part(request: web.Request) -> web.Response:
    """Queue a failed or cancelled job again for one of its parts."""
    Query.of(request)
    runner, subject, job_id = runner_of(request), subject_of(request), job_id_of(request)
    part = request.match_info["key"]
    key = key_of(request, {})

    async def do(answer: Callable[[str], Answer] | None) -> str:
        text = json.dumps({"job_id": job_id})
        await runner.retry(job_id, None if answer is None else answer(text), by=subject.name, part=part)
        return text

    await (do(None) if key is None else runner.idempotency.once(key, do))
    image = await runner.get(job_id)
    return reply(await show.whole(runner, image), 202, _monitor(runner, image))


async def _retry(runner: Runner, subject: Subject, job_id: str, answer: Callable[[str], Answer]) -> str:
    text = json.dumps({"job_id": job_id})
    await runner.retry(job_id, answer(text), by=subject.name)
    return text


def _monitor(runner: Runner, image: Image) -> dict[str, str]:
    headers = {"Location": f"{runner.settings.server.base_path}/api/v1/jobs/{image.job.id}"}
    pause = show.retry_after(runner, image)
    return headers if pause is None else {**headers, "Retry-After": pause}


async def _held(request: web.Request, image: Image, wait_s: int) -> Image:
    runner, known = runner_of(request), request.headers.get("If-None-Match")
    if known is None:
        return await _until_ended(runner, image, wait_s)

    async def differs() -> Image | None:
        newest = await runner.get(image.job.id)
        return None if _matches(known, (await show.shown(runner, newest)).tag) else newest

    wanted = (Filter(job_ids=frozenset({image.job.id})),)
    return await prefer.hold(runner.changes, wanted, wait_s, differs) or await runner.get(image.job.id)


async def _until_ended(runner: Runner, image: Image, wait_s: int) -> Image:
    async def ended() -> Image | None:
        newest = await runner.get(image.job.id)
        return newest if newest.job.status.ended else None

    wanted = (Filter(job_ids=frozenset({image.job.id})),)
    return await prefer.hold(runner.changes, wanted, wait_s, ended) or await runner.get(image.job.id)


async def _numbered(
    runner: Runner, query: Query, wanted: Filter, include: frozenset[str], *, ascending: bool
) -> web.Response:
    if "limit" in query or "cursor" in query:
        raise Invalid("Bad query.", pointers=[("page", "not together with limit or cursor")])
    page, size = query.whole("page", 1, 1, 1_000_000), query.whole("page_size", 20, 1, 500)
    images = await runner.reader.page([wanted], limit=size, offset=(page - 1) * size, ascending=ascending)
    total = await runner.reader.count(wanted)
    jobs = await show.several(runner, images, include)
    return reply(show.joined(jobs, page=page, page_size=size, total=total))


async def _again(runner: Runner, subject: Subject, job_id: str, changes: dict[str, Any]) -> Submission:
    """Return the submission that repeats an ended job with changes; its files are shared, not sent again."""
    image = await runner.get(job_id)
    job = image.job
    if not job.status.ended:
        raise NotRetryable(f"The job is {job.status}; only a job that has ended can be submitted anew.")
    payload, _result = await runner.recent.texts(image)
    if payload is None:
        raise UnknownJob(job_id)
    document = {"type": job.type, "payload": json.loads(payload), "priority": job.priority, **changes}
    sent = submission_of(document, runner.clock.now(), subject)
    new_id = runner.intake.new_id(runner.clock.now())
    uploads = tuple([await runner.share(upload, new_id) for upload in job.uploads])
    return Submission(
        type=job.type, payload=sent.payload, priority=sent.priority, title=job.title, queue=job.queue,
        user_id=job.user_id, tags=job.tags, metadata=job.metadata, max_attempts=job.max_attempts,
        timeout_ms=job.timeout_ms, uploads=uploads, job_id=new_id, retried_from=job.id, submitted_by=subject.name,
    )  # fmt: skip


def _validated(request: web.Request, shown: show.Shown) -> web.Response:
    headers = {**VALIDATED, "ETag": f"W/{shown.tag}"}
    if _matches(request.headers.get("If-None-Match", ""), shown.tag):
        return web.Response(status=304, headers=headers)
    return web.Response(body=shown.body, content_type=JSON, headers=headers)


def _matches(header: str, tag: str) -> bool:
    known = [each.strip().removeprefix("W/") for each in header.split(",")]
    return tag in known or "*" in known
