"""Pages of other origins: those that are configured may ask with a token, never with a cookie (WHATWG Fetch, CORS)."""

from __future__ import annotations

from enum import Enum
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from jobrunner.web.keys import runner_of
from jobrunner.web.proxy import host_of

ANY = "*"
ALLOWED_METHODS = "GET, HEAD, POST, PUT, DELETE"
ALLOWED_HEADERS = (
    "Authorization, Cache-Control, Content-Type, Content-Range, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer, "
    "traceparent"
)
EXPOSED_HEADERS = "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, Preference-Applied, Jobrunner-Token"
ELSEWHERE = {"cross-site", "same-site"}  # same-site: another port of this machine, or another name of our domain
MAX_AGE_S = 7_200  # the most that Chromium keeps


class Relation(Enum):
    """What the page that asks is to us. OURS is also who is no page: a program, or the address bar."""

    OURS = "ours"
    LISTED = "listed"  # configured by its name
    ADMITTED = "admitted"  # configured by "*"
    FOREIGN = "foreign"


def relation_of(request: web.Request) -> Relation:
    """Return from what sort of page a request comes."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return Relation.FOREIGN if request.headers.get("Sec-Fetch-Site") in ELSEWHERE else Relation.OURS
    if _place(origin) == host_of(request):
        return Relation.OURS
    known = runner_of(request).settings.server.cors_origins
    if origin in known:
        return Relation.LISTED
    return Relation.ADMITTED if ANY in known else Relation.FOREIGN


def is_navigation(request: web.Request) -> bool:
    """Tell whether somebody follows a link to us, of which the page that has it sees nothing."""
    asked = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
    return request.method in {hdrs.METH_GET, hdrs.METH_HEAD} and asked == ("navigate", "document")


def preflight(request: web.Request) -> web.Response | None:
    """Answer the question that a browser asks before a request of another origin; None for any other request."""
    if request.method != hdrs.METH_OPTIONS or hdrs.ACCESS_CONTROL_REQUEST_METHOD not in request.headers:
        return None
    if relation_of(request) not in {Relation.LISTED, Relation.ADMITTED}:
        return None
    headers = {
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: ALLOWED_METHODS,
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: ALLOWED_HEADERS,
        hdrs.ACCESS_CONTROL_MAX_AGE: str(MAX_AGE_S),
    }
    return web.Response(status=204, headers=headers)


def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Let pages of configured origins read an answer, an error too; never with their cookies."""
    known = runner_of(request).settings.server.cors_origins
    if not known:
        return
    if ANY in known:
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = ANY
    else:
        add_vary(response, hdrs.ORIGIN)
        if relation_of(request) is not Relation.LISTED:
            return
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = request.headers[hdrs.ORIGIN]
    response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = EXPOSED_HEADERS


def _place(origin: str) -> str | None:
    """Return host and port of an origin, None for one that has none, such as `null`."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def add_vary(response: web.StreamResponse, *names: str) -> None:
    """Say that an answer depends on more headers of the request."""
    known = [each.strip() for each in response.headers.get(hdrs.VARY, "").split(",") if each.strip()]
    response.headers[hdrs.VARY] = ", ".join(dict.fromkeys([*known, *names]))
