"""Every route there is, with who may use it, in one table. A trailing slash is accepted everywhere."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.typedefs import Handler

from jobrunner.web import (
    api_keys,
    artifacts,
    bulk,
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
    tokens,
    uploads,
)
from jobrunner.web.rules import (
    CANCEL,
    FILE,
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
    Rule,
    ruled,
)

API = "/api/v1"
JOB = f"{API}/jobs/{{job_id}}"


class Route(NamedTuple):
    """What is asked, of whom it is taken, and who answers."""

    method: str
    path: str
    rule: Rule
    handler: Handler


ROUTES = (
    Route("POST", f"{API}/jobs", SUBMIT, uploads.submit_any),
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
    Route("GET", f"{JOB}/events", READ, events.job_events),
    Route("GET", f"{JOB}/logs", READ, logs.get_logs),
    Route("GET", f"{JOB}/attempts", READ, history.attempts),
    Route("GET", f"{JOB}/history", READ, history.history),
    Route("GET", f"{JOB}/explain", READ, explain.explain),
    Route("GET", f"{JOB}/artifacts/{{name}}", FILE, artifacts.get_artifact),
    Route("POST", f"{JOB}/artifacts/{{name}}/link", READ, artifacts.link_artifact),
    Route("GET", f"{JOB}/uploads/{{name}}", FILE, artifacts.get_upload),
    Route("POST", f"{JOB}/uploads/{{name}}/link", READ, artifacts.link_upload),
    Route("PUT", f"{JOB}/uploads/{{name}}", UPLOAD, uploads.put_upload),
    Route("GET", f"{API}/events", READ, events.all_events),
    Route("POST", f"{API}/events", READ, events.union_events),
    Route("GET", f"{API}/types", SIGNED_IN, operations.types),
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


def add_routes(app: web.Application, base: str) -> None:
    """Serve the routes below a base path, each behind its rule."""
    for method, path, rule, handler in ROUTES:
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
