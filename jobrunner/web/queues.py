"""Queues over HTTP: how full they are, for everybody who may read all jobs; paused and resumed by operators."""

from __future__ import annotations

from aiohttp import web

from jobrunner.engine.runner import Runner
from jobrunner.errors import UnknownQueue
from jobrunner.storage.queues import Filling, fillings, waiting_since
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.moment import text
from jobrunner.web.query import Query
from jobrunner.web.reply import reply
from jobrunner.wire.queues import QueueData


async def list_queues(request: web.Request) -> web.Response:
    """Return all queues."""
    Query.of(request)
    runner = runner_of(request)
    found = await fillings(runner.reader)
    views = [await _view(runner, name, found) for name in sorted(_names(runner, found))]
    return reply({"queues": views})


async def pause(request: web.Request) -> web.Response:
    """Begin nothing more of a queue; what runs goes on."""
    Query.of(request)
    runner, name = runner_of(request), await _known(request)
    await runner.pauses.pause(name, by=subject_of(request).name)
    return reply(await _view(runner, name, await fillings(runner.reader)))


async def resume(request: web.Request) -> web.Response:
    """Let a queue go on."""
    Query.of(request)
    runner, name = runner_of(request), await _known(request)
    await runner.pauses.resume(name, by=subject_of(request).name)
    return reply(await _view(runner, name, await fillings(runner.reader)))


async def _known(request: web.Request) -> str:
    runner, name = runner_of(request), request.match_info["queue"]
    names = _names(runner, await fillings(runner.reader))
    if name not in names:
        raise UnknownQueue(f"There is no queue of that name; there are: {', '.join(sorted(names))}.")
    return name


def _names(runner: Runner, found: dict[str, Filling]) -> set[str]:
    """Return the queues that jobs may be submitted to, and those that still have jobs, or a pause."""
    alive = {name for name, filling in found.items() if filling.queued or filling.processing}
    return {*runner.intake.queues, *alive, *runner.pauses}


async def _view(runner: Runner, name: str, found: dict[str, Filling]) -> QueueData:
    settings, pause, filling = runner.dispatcher.settings(name), runner.pauses.of(name), found.get(name, Filling())
    since = await waiting_since(runner.reader, name)
    return {
        "queue": name,
        "paused": pause is not None,
        "paused_at": text(None if pause is None else pause.at),
        "paused_by": None if pause is None else pause.by,
        "queued": filling.queued,
        "processing": filling.processing,
        "concurrency": settings.concurrency,
        "fair": settings.fair,
        "max_queued": settings.max_queued,
        "oldest_wait": None if since is None else max(runner.clock.now() - since, 0) / 1000,
    }
