"""The headers of every answer: what a browser may do with it, and what is left of a limit."""

from __future__ import annotations

from aiohttp import hdrs, web

from jobrunner.errors import Quota
from jobrunner.web import cors
from jobrunner.web.keys import QUOTAS

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add what an answer does not say itself."""
    response.headers[hdrs.SERVER] = "jobrunner"  # and not which versions of what it is made from
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    if "no-store" not in response.headers.get(hdrs.CACHE_CONTROL, "no-store"):
        cors.add_vary(response, hdrs.AUTHORIZATION, hdrs.COOKIE)
    cors.add_headers(request, response)
    add_quotas(response, request.get(QUOTAS, ()))


def add_quotas(response: web.StreamResponse, quotas: tuple[Quota, ...] | list[Quota]) -> None:
    """Say how much of each limit is left (IETF draft-ietf-httpapi-ratelimit-headers)."""
    if quotas:
        response.headers["RateLimit-Policy"] = ", ".join(_policy(quota) for quota in quotas)
        response.headers["RateLimit"] = ", ".join(_left(quota) for quota in quotas)


def _policy(quota: Quota) -> str:
    window = "" if quota.window_s is None else f";w={quota.window_s}"
    unit = "" if quota.unit == "requests" else f';qu="{quota.unit}"'
    return f'"{quota.name}";q={quota.quota}{window}{unit}'


def _left(quota: Quota) -> str:
    reset = "" if quota.reset_s is None else f";t={quota.reset_s}"
    return f'"{quota.name}";r={quota.remaining}{reset}'
