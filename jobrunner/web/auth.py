"""Who asks: from what a request carries to a subject.

A bearer credential, a link to one file, or the cookie of an operator's browser. A request without any is that of
whoever sits at this machine while there is no `[auth]`, and else of nobody. The token of an attempt counts only where
attempts may ask.
"""

from __future__ import annotations

from aiohttp import hdrs, web

from jobrunner.access.keys import KEY_PREFIX
from jobrunner.engine.attempt_tokens import is_attempt_token
from jobrunner.errors import Forbidden, Unauthorized
from jobrunner.model.subject import ANYBODY, LOCAL, NOBODY, Action, Kind, Subject
from jobrunner.web.cors import Relation, is_navigation, relation_of
from jobrunner.web.keys import ATTEMPT, VIA, authority_of, runner_of
from jobrunner.web.query import job_id_of

COOKIE = "jobrunner_session"
LINK = "link"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BY_HAND = "X-Requested-With"


async def subject_behind(request: web.Request, *, by_link: bool, by_attempt: bool = False) -> Subject:
    """Return who asks; raise Unauthorized for a credential that is not good, Forbidden for a cookie that is misused.

    The token of an attempt that is forged, or of another job, is a job that is not known: raises UnknownJob.
    """
    text = _bearer(request)
    if by_attempt and text is not None and is_attempt_token(text):
        return _working(request, text)
    if text is not None:
        subject = await authority_of(request).bearer(text)
        request[VIA] = "key" if text.startswith(KEY_PREFIX) else "token"
        return subject
    if by_link and LINK in request.query:
        request[VIA] = "link"
        return _linked(request)
    return _signed_in(request) or _anonymous(request)


def _bearer(request: web.Request) -> str | None:
    """Return the credential of RFC 6750; other schemes are between the client and a proxy before us."""
    given = request.headers.getall(hdrs.AUTHORIZATION, [""])
    if len(given) > 1:
        raise Unauthorized("There is more than one Authorization header.")
    scheme, _, text = given[0].partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def _working(request: web.Request, text: str) -> Subject:
    job_id = job_id_of(request)
    attempt = request[ATTEMPT] = runner_of(request).callbacks.attempt(job_id, text)
    request[VIA] = "attempt"
    return Subject(Kind.ATTEMPT, f"attempt:{job_id}/{attempt}", frozenset({Action.READ}), job_ids=frozenset({job_id}))


def _linked(request: web.Request) -> Subject:
    if not authority_of(request).opens(request.path.rstrip("/"), request.query[LINK]):
        return NOBODY
    job_id = request.match_info["job_id"]
    return Subject(Kind.USER, f"link:{job_id}", frozenset({Action.READ}), job_ids=frozenset({job_id.lower()}))


def _signed_in(request: web.Request) -> Subject | None:
    cookie = request.cookies.get(COOKIE)
    if cookie is None or not is_own_page(request):
        return None
    subject = authority_of(request).session(cookie)
    if subject is not None:
        request[VIA] = "session"
        if request.method not in SAFE and BY_HAND not in request.headers:
            raise Forbidden(f"With the cookie of a session this needs the header {BY_HAND}, which no form can send.")
    return subject


def _anonymous(request: web.Request) -> Subject:
    request[VIA] = "none"
    server = runner_of(request).settings.server
    if authority_of(request).secured or not (is_own_page(request) or relation_of(request) is Relation.LISTED):
        return NOBODY
    return ANYBODY if server.insecure else LOCAL


def is_own_page(request: web.Request) -> bool:
    """Tell whether no page but ours asks, so that a cookie counts."""
    return relation_of(request) is Relation.OURS or is_navigation(request)
