"""Tokens: what an application hands to the browser of one of its users, good for little and not for long."""

from __future__ import annotations

import math
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from jobrunner.errors import Forbidden, Invalid
from jobrunner.model.job import Job
from jobrunner.model.subject import Action, Kind, Subject
from jobrunner.web.body import checked, read_json
from jobrunner.web.keys import authority_of, runner_of, subject_of
from jobrunner.web.moment import certain
from jobrunner.web.query import Query, check_ids
from jobrunner.web.reply import reply
from jobrunner.wire import TokenData

HEADER = "Jobrunner-Token"
DEFAULT_S = 3_600
OF_A_JOB_S = 86_400
OF_A_JOB = (Action.READ, Action.CANCEL, Action.RETRY, Action.UPLOAD)
Word = Annotated[str, StringConstraints(pattern=r"^(read|cancel|retry|upload|submit|submit:.{1,200})$")]


class Wish(BaseModel):
    """What a token is asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    user_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    allow: Annotated[list[Word], Field(min_length=1, max_length=100)]
    job_ids: Annotated[list[str], Field(min_length=1, max_length=1_000)] | None = None
    expires_in: Annotated[int, Field(ge=1)] = DEFAULT_S


async def issue(request: web.Request) -> web.Response:
    """Sign a token for a user, or for certain jobs, with no more rights than who asks has."""
    Query.of(request)
    wish = _checked(await read_json(request, runner_of(request).settings.server.max_body))
    subject, authority = subject_of(request), authority_of(request)
    beyond = sorted(word for word in wish.allow if not _may_hand_on(subject, word))
    if beyond:
        raise Forbidden(f"A key hands on only what it may do itself, which is not: {', '.join(beyond)}.")
    longest_s = math.floor(authority.longest_token.total_seconds())
    if wish.expires_in > longest_s:
        raise _refused("/expires_in", f"at most {longest_s} seconds (auth.token_ttl)")
    text, expires_at = authority.issue(
        subject, user_id=wish.user_id, allow=wish.allow, job_ids=wish.job_ids, expires_in_s=wish.expires_in
    )
    answer: TokenData = {"token": text, "expires_at": certain(expires_at)}
    return reply(answer, 201)


def for_job(request: web.Request, job: Job) -> dict[str, str]:
    """Return the header by which an application gets a token for a job that it has just submitted; others get none."""
    subject, authority = subject_of(request), authority_of(request)
    if subject.kind is not Kind.APPLICATION:
        return {}
    allow = [action for action in OF_A_JOB if subject.may(action)]
    expires_in_s = min(OF_A_JOB_S, math.floor(authority.longest_token.total_seconds()))
    text, _expires_at = authority.issue(
        subject, user_id=job.user_id, allow=allow, job_ids=[job.id], expires_in_s=expires_in_s
    )
    return {HEADER: text}


def _checked(document: Any) -> Wish:
    wish = checked(Wish, document, "The request is not valid.")
    if wish.user_id is None and wish.job_ids is None:
        raise _refused("/user_id", "name a user, or job_ids, or both")
    job_ids = check_ids("/job_ids", wish.job_ids or ())
    submits = [word for word in wish.allow if word.startswith(Action.SUBMIT)]
    if wish.job_ids is not None and submits:
        raise _refused("/allow", "a token for certain jobs makes no new ones; leave out submit")
    return wish.model_copy(update={"job_ids": sorted(job_ids) or None})


def _may_hand_on(subject: Subject, word: str) -> bool:
    action, _, job_type = word.partition(":")
    if job_type:
        return subject.may_submit(job_type)
    if action == Action.SUBMIT:
        return subject.operates or Action.SUBMIT in subject.allow
    return subject.may(Action(action))


def _refused(pointer: str, fault: str) -> Invalid:
    return Invalid("The request is not valid.", pointers=[(pointer, fault)])
