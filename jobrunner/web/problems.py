"""Errors as problem+json (RFC 9457): the one border where they become answers, so that no route has a `try`.

Every `type` is a URN whose last part is the error's code; they are listed in the documentation.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from jobrunner.errors import (
    BadRange,
    Malformed,
    RateLimited,
    Refused,
    RequestError,
    TooLarge,
    TryLater,
    Unauthorized,
    UnknownRoute,
    WrongMethod,
)
from jobrunner.web.keys import QUOTAS

log = structlog.get_logger("jobrunner.web")

MEDIA_TYPE = "application/problem+json"
URN = "urn:jobrunner:problem:"


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whatever a handler raises as a problem; an answer that has begun already is cut off instead."""
    try:
        return await handler(request)
    except ConnectionError:
        raise  # the client is gone
    except Exception as error:
        answer = _answer(request, error)
        if request.writer.output_size:
            raise ConnectionResetError("the answer had begun") from error
        return answer


def _answer(request: web.Request, error: Exception) -> web.Response:
    match error:
        case RequestError():
            return refuse(request, error)
        case web.HTTPException() if error.status < HTTPStatus.BAD_REQUEST:
            raise error
        case web.HTTPException():
            return refuse(request, _translate(request, error))
    log.error("request.broke", method=request.method, route=route_of(request), exc_info=error)
    return _problem(500, "internal", "Internal error", "This is a fault of jobrunner; its log says more.")


def refuse(request: web.Request, error: RequestError) -> web.Response:
    """Answer an error, and log it: with its code, never with what was sent."""
    if not isinstance(error, Unauthorized):  # of those anybody may send as many as he likes: they are counted instead
        log.info(
            "request.refused", method=request.method, route=route_of(request), status=error.status, code=error.code
        )
    response = _problem(error.status, error.code, error.title, error.detail, error.pointers)
    if isinstance(error, TryLater | Refused) and error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, RateLimited):
        request[QUOTAS] = error.quotas
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = 'Bearer realm="jobrunner"'
    if isinstance(error, WrongMethod):
        response.headers["Allow"] = ", ".join(error.allowed)
    if isinstance(error, BadRange):
        response.headers["Content-Range"] = f"bytes */{error.size}"
    return response


def route_of(request: web.Request) -> str:
    """Return the route of a request without what stands in its place holders."""
    resource = request.match_info.route.resource
    return "-" if resource is None else resource.canonical


def problem_body(
    code: str, title: str, detail: str, status: int, pointers: Sequence[tuple[str, str]] = ()
) -> dict[str, object]:
    """Return the members of a problem."""
    body: dict[str, object] = {"type": URN + code, "title": title, "status": status, "detail": detail, "code": code}
    if pointers:
        body["errors"] = [{"pointer": pointer, "detail": fault} for pointer, fault in pointers]
    return body


def _problem(status: int, code: str, title: str, detail: str, pointers: Sequence[tuple[str, str]] = ()) -> web.Response:
    body = problem_body(code, title, detail, status, pointers)
    headers = {"Cache-Control": "no-store", "Content-Type": MEDIA_TYPE}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)


def _translate(request: web.Request, error: web.HTTPException) -> RequestError:
    """Return aiohttp's own refusals as ours."""
    match error:
        case web.HTTPNotFound():
            return UnknownRoute("There is nothing at this address.")
        case web.HTTPMethodNotAllowed():
            return WrongMethod(request.method, sorted(error.allowed_methods))
        case web.HTTPRequestEntityTooLarge():
            return TooLarge("The request is larger than is allowed.")
        case _:
            return Malformed(error.reason)
