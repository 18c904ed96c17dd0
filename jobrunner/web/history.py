"""What has happened to a job: its attempts, and what people and programs did to it."""

from __future__ import annotations

import json
from collections.abc import Container

from aiohttp import web

from jobrunner.model.act import Act
from jobrunner.model.state import Status
from jobrunner.model.subject import ADMIN, Kind, Subject
from jobrunner.web.keys import authority_of, runner_of, subject_of
from jobrunner.web.moment import certain
from jobrunner.web.query import Query, job_id_of
from jobrunner.web.reply import reply
from jobrunner.web.views import attempt_view, running_attempt_view
from jobrunner.wire import ActData


async def attempts(request: web.Request) -> web.Response:
    """Return the attempts of a job, to an operator with their tracebacks: these tell of the server's inside."""
    Query.of(request)
    runner, job_id = runner_of(request), job_id_of(request)
    image = await runner.get(job_id)
    operates = subject_of(request).operates
    views = []
    for record in await runner.reader.attempts(job_id):
        view = attempt_view(record, traces=operates)
        view["result_data"] = None if record.result is None else json.loads(record.result)
        views.append(view)
    if image.job.status is Status.PROCESSING:
        views.append(running_attempt_view(image.job, traces=operates))
    elif views and image.job.status is Status.COMPLETED:
        _payload, result = await runner.recent.texts(image)
        views[-1]["result_data"] = None if result is None else json.loads(result)
    return reply({"attempts": views})


async def history(request: web.Request) -> web.Response:
    """Return who submitted a job, and who cancelled or retried it."""
    Query.of(request)
    runner, subject, job_id = runner_of(request), subject_of(request), job_id_of(request)
    job = (await runner.get(job_id)).job
    acts = [Act(job.created_at, "submitted", job.submitted_by), *await runner.reader.history(job_id)]
    admins = admins_of(request)
    views: list[ActData] = [
        {"at": certain(act.at), "action": act.action, "by": named(act.by, subject, admins)} for act in acts
    ]
    return reply({"history": views})


def admins_of(request: web.Request) -> set[str]:
    """Return the names of the keys of operators."""
    return {f"key:{key.id}" for key in authority_of(request).keys.all() if ADMIN in key.scopes}


def named(name: str | None, subject: Subject, admins: Container[str]) -> str | None:
    """Name who did something: to a user without the names of keys, which are not the user's business."""
    if name is None or subject.kind is not Kind.USER:
        return name
    if name in {subject.name, f"user:{subject.user_id}"}:
        return "you"
    kind = "admin" if name in admins else name.partition(":")[0]
    return {"key": "application", "user": "user", "job": "user"}.get(kind, "operator")
