"""Who may use a route. Each route has one rule; it is asked before the handler runs, and nowhere else.

Beside its rule, every route with a job in its path is about a job that exists for who asks: one of somebody else is
the same 404, found out in the same way, as one that nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from jobrunner.errors import Forbidden, Unauthorized, UnknownJob
from jobrunner.model.subject import NOBODY, Action, Kind, Subject
from jobrunner.web.auth import subject_behind
from jobrunner.web.keys import SUBJECT, authority_of, runner_of, subject_of
from jobrunner.web.query import job_id_of


@dataclass(frozen=True, slots=True)
class Rule:
    """Of whom a route takes requests.

    `kinds` may ask at all, and of those who have `action` among their rights; `by_link` lets a link to this one file
    stand for them, `by_attempt` the token of an attempt of this job; `is_page` sends who is not signed in to the login
    page. What is sent to a route of a `job_type` is submitted as that type.
    """

    kinds: frozenset[Kind]
    action: Action | None = None
    job_type: str | None = None
    by_link: bool = False
    by_attempt: bool = False
    is_page: bool = False

    def check(self, subject: Subject) -> None:
        """Raise Unauthorized or Forbidden for somebody who may not."""
        if subject.kind in self.kinds and self._allows(subject):
            return
        if subject.kind is Kind.NOBODY:
            raise Unauthorized("Send `Authorization: Bearer` with an API key or a token.")
        if subject.kind not in self.kinds:
            raise Forbidden(f"This is not for {subject.kind}s; it takes one of: {', '.join(sorted(self.kinds))}.")
        rights = ", ".join(sorted(subject.allow)) or "none"
        right = self.action if self.job_type is None else f"{self.action}:{self.job_type}"
        raise Forbidden(f"This needs the right to {right}; there are: {rights}.")

    def _allows(self, subject: Subject) -> bool:
        if self.job_type is not None:
            return subject.may_submit(self.job_type)
        return self.action is None or subject.may(self.action)


class Route(NamedTuple):
    """What is asked, of whom it is taken, and who answers."""

    method: str
    path: str
    rule: Rule
    handler: Handler


ENDED = "What you were let in with has ended meanwhile."
KNOWN = frozenset({Kind.OPERATOR, Kind.APPLICATION, Kind.USER})
OPEN = Rule(KNOWN | {Kind.NOBODY})
SIGNED_IN = Rule(KNOWN)
ISSUERS = Rule(frozenset({Kind.OPERATOR, Kind.APPLICATION}))
OPERATORS = Rule(frozenset({Kind.OPERATOR}))
PAGE = Rule(frozenset({Kind.OPERATOR}), is_page=True)
READ, SUBMIT, UPLOAD, CANCEL, RETRY = (
    Rule(KNOWN, action) for action in (Action.READ, Action.SUBMIT, Action.UPLOAD, Action.CANCEL, Action.RETRY)
)
FILE = Rule(KNOWN, Action.READ, by_link=True)
GIVEN_FILE = Rule(KNOWN | {Kind.ATTEMPT}, Action.READ, by_link=True, by_attempt=True)
ATTEMPTS = Rule(frozenset({Kind.ATTEMPT}), by_attempt=True)
STATISTICS = Rule(frozenset({Kind.OPERATOR, Kind.APPLICATION}), Action.READ)


def ruled(rule: Rule, handler: Handler) -> Handler:
    """Return the handler behind its rule."""

    async def checked(request: web.Request) -> web.StreamResponse:
        subject = request[SUBJECT] = await subject_behind(request, by_link=rule.by_link, by_attempt=rule.by_attempt)
        if rule.is_page and subject.kind is Kind.NOBODY:
            raise web.HTTPSeeOther(_login(request))
        rule.check(subject)
        if rule.job_type is None and "job_id" in request.match_info:  # else it is a member of a payload
            await _check_job(request, subject)
        return await handler(request)

    return checked if rule is not OPEN else handler


def _login(request: web.Request) -> URL:
    """Return the address of the login page, which leads back to the one that was wanted."""
    base = runner_of(request).settings.server.base_path
    wanted = request.path_qs
    return URL(f"{base}/login").with_query({} if wanted == f"{base}/" else {"next": wanted})


async def _check_job(request: web.Request, subject: Subject) -> None:
    job_id = job_id_of(request)
    if not subject.names(job_id):
        raise UnknownJob(job_id)
    if subject.user_id is not None:
        await runner_of(request).get(job_id, owner=subject.user_id)


def recheck(request: web.Request) -> None:
    """Raise Unauthorized when the right to ask has ended while the request was held, or its body arrived."""
    if not authority_of(request).alive(request.get(SUBJECT, NOBODY)):
        raise Unauthorized(ENDED)


def check_arriving(request: web.Request) -> None:
    """Raise Unauthorized when the key or session is revoked while a file arrives; its time may end meanwhile."""
    if authority_of(request).revoked(subject_of(request)):
        raise Unauthorized(ENDED)
