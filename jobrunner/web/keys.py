"""What handlers find in the application."""

from __future__ import annotations

from aiohttp import web

from jobrunner.engine.runner import Runner

RUNNER = web.AppKey("runner", Runner)


def runner_of(request: web.Request) -> Runner:
    """Return the engine that a request is for."""
    return request.app[RUNNER]
