"""What is not even looked at.

While there is no `[auth]`, all that comes from elsewhere; and always, what another site makes a browser send. A request
with forwarding headers has come through a proxy, and one whose Host is no loopback name perhaps through DNS rebinding:
neither may open the service by accident.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from jobrunner.errors import Forbidden
from jobrunner.web import cors
from jobrunner.web.auth import SAFE
from jobrunner.web.keys import authority_of, runner_of
from jobrunner.web.problems import refuse
from jobrunner.web.proxy import FORWARDING, is_loopback, name_of

HOW = "To serve others, set up [auth] in config.toml, or start with --insecure to serve them without any check."


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what does not come from this machine, and what another site makes a browser send."""
    closed = not (authority_of(request).secured or runner_of(request).settings.server.insecure)
    fault = (_not_from_here(request) if closed else None) or _from_another_site(request)
    if fault:
        return refuse(request, Forbidden(fault))
    return cors.preflight(request) or await handler(request)


def _not_from_here(request: web.Request) -> str | None:
    if not is_loopback(request.remote or ""):
        return f"Only this machine is served. {HOW}"
    for name in FORWARDING:
        if name in request.headers:
            return f"A request with the header {name} came through a proxy; only this machine is served. {HOW}"
    if not is_loopback(name_of(request.headers.get("Host", ""))):
        return f"The Host header names no loopback address; use http://127.0.0.1 or http://localhost. {HOW}"
    return None


def _from_another_site(request: web.Request) -> str | None:
    if request.method in SAFE or cors.relation_of(request) is not cors.Relation.FOREIGN:
        return None
    return "Another site may not send this; server.cors_origins says which may."
