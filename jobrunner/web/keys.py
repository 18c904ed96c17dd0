"""What handlers find in the application and in a request."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from jobrunner.access.authority import Authority
from jobrunner.engine.runner import Runner
from jobrunner.errors import Quota
from jobrunner.model.subject import Subject

RUNNER = web.AppKey("runner", Runner)
AUTHORITY = web.AppKey("authority", Authority)
SUBJECT = web.RequestKey("subject", Subject)
VIA = web.RequestKey("via", str)
ATTEMPT = web.RequestKey("attempt", int)  # of a request that shows the token of one
QUOTAS: web.RequestKey[Sequence[Quota]] = web.RequestKey("quotas", Sequence)


def runner_of(request: web.Request) -> Runner:
    """Return the engine that a request is for."""
    return request.app[RUNNER]


def authority_of(request: web.Request) -> Authority:
    """Return whose word counts."""
    return request.app[AUTHORITY]


def subject_of(request: web.Request) -> Subject:
    """Return who asks; every route has made sure of that before its handler runs."""
    return request[SUBJECT]
