"""Every route there is, in one table. A trailing slash is accepted everywhere."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from jobrunner.web import artifacts, bulk, events, jobs, logs, operations, pages, uploads

API = "/api/v1"
JOB = f"{API}/jobs/{{job_id}}"

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", f"{API}/jobs", uploads.submit_any),
    ("POST", f"{API}/jobs/bulk", bulk.submit_bulk),
    ("GET", f"{API}/jobs", jobs.list_jobs),
    ("GET", f"{API}/jobs/health", operations.health),
    ("GET", f"{API}/jobs/stats/counts", operations.counts),
    ("GET", JOB, jobs.get),
    ("DELETE", JOB, jobs.cancel),
    ("POST", f"{JOB}/retry", jobs.retry),
    ("GET", f"{JOB}/events", events.job_events),
    ("GET", f"{JOB}/logs", logs.get_logs),
    ("GET", f"{JOB}/attempts", jobs.attempts),
    ("GET", f"{JOB}/artifacts/{{name}}", artifacts.get_artifact),
    ("GET", f"{JOB}/uploads/{{name}}", artifacts.get_upload),
    ("PUT", f"{JOB}/uploads/{{name}}", uploads.put_upload),
    ("GET", f"{API}/events", events.all_events),
    ("POST", f"{API}/events", events.union_events),
    ("GET", f"{API}/types", operations.types),
    ("GET", "/livez", operations.livez),
    ("GET", "/readyz", operations.readyz),
    ("GET", "/assets/{name}", pages.asset),
    ("GET", "/", pages.index),
)


def add_routes(app: web.Application, base: str) -> None:
    """Serve the routes below a base path."""
    for method, path, handler in ROUTES:
        spellings = {path, f"{path}/"} if path != "/" else {"/"}
        for spelling in sorted(spellings):
            app.router.add_route(method, f"{base}{spelling}", handler)
            if method == "GET":
                app.router.add_route("HEAD", f"{base}{spelling}", handler)
