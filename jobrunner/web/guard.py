"""Who is let in while there is no `[auth]`: this machine only, and no web page but our own.

A request with forwarding headers has come through a proxy, and one whose Host is no loopback name perhaps through DNS
rebinding: neither may open the service by accident.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from jobrunner.errors import Forbidden
from jobrunner.web.keys import runner_of
from jobrunner.web.problems import refuse

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORWARDING = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what does not come from this machine, and what another site makes a browser send."""
    fault = None if runner_of(request).settings.server.insecure else _not_from_here(request)
    fault = fault or _from_another_site(request)
    return refuse(request, Forbidden(fault)) if fault else await handler(request)


def _not_from_here(request: web.Request) -> str | None:
    if not is_loopback(request.remote or ""):
        return "Only this machine is served. Start with --insecure to serve others without any check."
    for name in FORWARDING:
        if name in request.headers:
            return f"A request with the header {name} came through a proxy. Start with --insecure to allow that."
    if not is_loopback(host_of(request.headers.get("Host", ""))):
        return "The Host header names no loopback address; use http://127.0.0.1 or http://localhost."
    return None


def _from_another_site(request: web.Request) -> str | None:
    origin = request.headers.get("Origin")
    if request.method in SAFE or origin is None or urlsplit(origin).netloc == request.headers.get("Host"):
        return None
    return "Another site may not send this."


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is that of this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str:
    """Return the name in a Host header, without its port."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
