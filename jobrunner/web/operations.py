"""How the service is: counts, health, and what can be submitted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aiohttp import web

from jobrunner.engine.job_type import JobType
from jobrunner.engine.runner import Runner
from jobrunner.model.subject import Kind
from jobrunner.version import VERSION
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.query import Query
from jobrunner.web.reply import NO_STORE, reply
from jobrunner.web.views import counts_view

LAGGING_S = 0.25


async def counts(request: web.Request) -> web.Response:
    """Return how many jobs there are in each status."""
    query = Query.of(request, "user_id", "type", "queue")
    subject, reader = subject_of(request), runner_of(request).reader
    asked = query.many("user_id"), query.many("type"), query.many("queue")
    return reply(counts_view(await reader.counts(*asked, owner=subject.user_id, only=subject.job_ids)))


async def health(request: web.Request) -> web.Response:
    """Return how the service is; `degraded` says that it works, but that somebody should look.

    A user is told no more than that.
    """
    Query.of(request)
    found = await _health(runner_of(request))
    return reply({"status": found["status"]} if subject_of(request).kind is Kind.USER else found)


async def livez(_request: web.Request) -> web.Response:
    """Answer, which is all that is asked."""
    return web.Response(text="ok\n", headers=NO_STORE)


async def readyz(request: web.Request) -> web.Response:
    """Answer when jobs are taken in, else raise what keeps them out."""
    runner_of(request).gate.check({})
    return web.Response(text="ok\n", headers=NO_STORE)


async def types(request: web.Request) -> web.Response:
    """Return what can be submitted; to a user, what this user may submit."""
    Query.of(request)
    subject, registry = subject_of(request), runner_of(request).registry
    shown = [each for each in registry if subject.kind is not Kind.USER or subject.may_submit(each.name)]
    return reply({"types": [_type(job_type) for job_type in shown]})


async def _health(runner: Runner) -> dict[str, Any]:

    pool, low = runner.pool, runner.gate.disk_low
    lag_s = runner.watchdog.lag_s
    well = runner.writer.well and not low and not pool.leaked and lag_s < LAGGING_S
    return {
        "status": "ok" if well else "degraded",
        "writer": "ok" if runner.writer.well else "failing",
        "workers": {"total": pool.slots, "busy": pool.taken, "leaked": pool.leaked},
        "watchers": len(runner.changes),
        "loop_lag_ms": round(lag_s * 1000, 1),
        "disk_free": runner.gate.disk_free,
        "reload_error": None if runner.reloading is None else runner.reloading.error,
        "version": VERSION,
        "sqlite_version": await runner.reader.version(),
    }


def _type(job_type: JobType) -> dict[str, Any]:
    return {
        "type": job_type.name,
        "title": job_type.title,
        "description": job_type.description,
        "queue": job_type.queue,
        "priority": job_type.priority,
        "available": job_type.unavailable is None,
        "unavailable_reason": job_type.unavailable,
        "payload_schema": job_type.payload.json_schema(),
        "result_schema": job_type.result.json_schema(mode="serialization"),
        "stages": [
            {"name": stage.name, "label": stage.label, "description": stage.description} for stage in job_type.stages
        ],
        "uploads": list(job_type.uploads),
        "poll_interval": job_type.poll_interval.total_seconds(),
        "timeout": None if job_type.timeout is None else job_type.timeout.total_seconds(),
        "deadline": None if job_type.deadline is None else job_type.deadline.total_seconds(),
        "max_attempts": job_type.max_attempts,
        "max_manual_retries": job_type.max_manual_retries,
        "routes": list(job_type.routes),
        "envelope": job_type.envelope,
        "cache_ttl": (job_type.cache_ttl or timedelta()).total_seconds(),
    }
