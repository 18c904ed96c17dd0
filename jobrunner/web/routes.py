"""Every route there is, with who may use it, in one table. A trailing slash is accepted everywhere."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import HttpVersion11, hdrs, web

from jobrunner.engine.job_type import JobType
from jobrunner.web import (
    api_keys,
    artifacts,
    bulk,
    callbacks,
    events,
    explain,
    history,
    jobs,
    logs,
    operations,
    pages,
    queues,
    selection,
    sessions,
    statistics,
    templates,
    tokens,
    uploads,
)
from jobrunner.web.rules import (
    ATTEMPTS,
    CANCEL,
    FILE,
    GIVEN_FILE,
    ISSUERS,
    OPEN,
    OPERATORS,
    PAGE,
    READ,
    RETRY,
    SIGNED_IN,
    STATISTICS,
    SUBMIT,
    UPLOAD,
    Route,
    ruled,
)
from jobrunner.web.type_routes import routes_of

API = "/api/v1"
JOB = f"{API}/jobs/{{job_id}}"
TEMPLATE = f"{API}/templates/{{id}}"


ROUTES = (
    Route("POST", f"{API}/jobs", SUBMIT, jobs.submit),
    Route("POST", f"{API}/jobs/bulk", SUBMIT, bulk.submit_bulk),
    Route("GET", f"{API}/jobs", READ, jobs.list_jobs),
    Route("GET", f"{API}/jobs/health", SIGNED_IN, operations.health),
    Route("GET", f"{API}/jobs/stats/counts", READ, operations.counts),
    Route("GET", f"{API}/jobs/stats", STATISTICS, statistics.stats),
    Route("GET", f"{API}/jobs/failures", STATISTICS, statistics.failures),
    Route("POST", f"{API}/jobs/cancel", CANCEL, selection.cancel_many),
    Route("POST", f"{API}/jobs/retry", RETRY, selection.retry_many),
    Route("GET", JOB, READ, jobs.get),
    Route("DELETE", JOB, CANCEL, jobs.cancel),
    Route("POST", f"{JOB}/retry", RETRY, jobs.retry),
    Route("POST", f"{JOB}/parts/{{key}}/retry", RETRY, jobs.retry_part),
    Route("GET", f"{JOB}/events", READ, events.job_events),
    Route("GET", f"{JOB}/logs", READ, logs.get_logs),
    Route("GET", f"{JOB}/attempts", READ, history.attempts),
    Route("GET", f"{JOB}/history", READ, history.history),
    Route("GET", f"{JOB}/explain", READ, explain.explain),
    Route("GET", f"{JOB}/artifacts/{{name}}", FILE, artifacts.get_artifact),
    Route("PUT", f"{JOB}/artifacts/{{name}}", ATTEMPTS, callbacks.put_artifact),
    Route("POST", f"{JOB}/artifacts/{{name}}/link", READ, artifacts.link_artifact),
    Route("GET", f"{JOB}/uploads/{{name}}", GIVEN_FILE, artifacts.get_upload),
    Route("POST", f"{JOB}/uploads/{{name}}/link", READ, artifacts.link_upload),
    Route("PUT", f"{JOB}/uploads/{{name}}", UPLOAD, uploads.put_upload),
    Route("POST", f"{JOB}/callback", ATTEMPTS, callbacks.report),
    Route("GET", f"{API}/events", READ, events.all_events),
    Route("POST", f"{API}/events", READ, events.union_events),
    Route("GET", f"{API}/types", SIGNED_IN, operations.types),
    Route("GET", f"{API}/templates", SUBMIT, templates.list_templates),
    Route("POST", f"{API}/templates", SUBMIT, templates.create),
    Route("GET", TEMPLATE, SUBMIT, templates.get),
    Route("PUT", TEMPLATE, SUBMIT, templates.replace),
    Route("DELETE", TEMPLATE, SUBMIT, templates.delete),
    Route("POST", f"{TEMPLATE}/jobs", SUBMIT, templates.submit),
    Route("GET", f"{API}/queues", STATISTICS, queues.list_queues),
    Route("POST", f"{API}/queues/{{queue}}/pause", OPERATORS, queues.pause),
    Route("POST", f"{API}/queues/{{queue}}/resume", OPERATORS, queues.resume),
    Route("POST", f"{API}/tokens", ISSUERS, tokens.issue),
    Route("GET", f"{API}/session", SIGNED_IN, sessions.who_am_i),
    Route("POST", f"{API}/session", OPEN, sessions.sign_in),
    Route("DELETE", f"{API}/session", OPEN, sessions.sign_out),
    Route("GET", f"{API}/sessions", OPERATORS, sessions.list_sessions),
    Route("DELETE", f"{API}/sessions/{{id}}", OPERATORS, sessions.close_session),
    Route("GET", f"{API}/keys", OPERATORS, api_keys.list_keys),
    Route("POST", f"{API}/keys", OPERATORS, api_keys.create_key),
    Route("DELETE", f"{API}/keys/{{id}}", OPERATORS, api_keys.revoke_key),
    Route("GET", "/livez", OPEN, operations.livez),
    Route("GET", "/readyz", OPEN, operations.readyz),
    Route("GET", "/assets/{name}", OPEN, pages.asset),
    Route("GET", "/assets/{folder}/{name}", OPEN, pages.asset),
    Route("GET", "/login", OPEN, pages.login),
    Route("GET", "/", PAGE, pages.index),
    Route("GET", "/jobs", PAGE, pages.index),
    Route("GET", "/jobs/{id}", PAGE, pages.index),
    Route("GET", "/new", PAGE, pages.index),
    Route("GET", "/stats", PAGE, pages.index),
)


def routes_for(types: Iterable[JobType]) -> tuple[Route, ...]:
    """Return all routes, those of types last; raise ConfigError where one of these is the same as another."""
    return (*ROUTES, *routes_of(types, ROUTES))


def add_routes(app: web.Application, base: str, types: Iterable[JobType]) -> None:
    """Serve the routes below a base path, each behind its rule."""
    for method, path, rule, handler in routes_for(types):
        checked = ruled(rule, handler)
        spellings = {path, f"{path}/"} if path != "/" else {"/"}
        for spelling in sorted(spellings):
            for each in (method, "HEAD") if method == "GET" else (method,):
                app.router.add_route(each, f"{base}{spelling}", checked, expect_handler=_go_on)


async def _go_on(request: web.Request) -> None:
    """Ask for the body that waits for this; any other expectation is ignored (RFC 9110, section 10.1.1).

    Aiohttp would refuse it before the guard and without a problem.
    """
    if request.version == HttpVersion11 and request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer has not begun
