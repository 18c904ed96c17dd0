"""The log of a job: a page of lines, or all of them as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web

from jobrunner.engine.changes import Watcher
from jobrunner.engine.runner import Runner
from jobrunner.model.filter import Filter
from jobrunner.storage.unit import Line
from jobrunner.web import show
from jobrunner.web.events import PING_S
from jobrunner.web.keys import runner_of
from jobrunner.web.negotiation import wants_stream
from jobrunner.web.query import Query, job_id_of
from jobrunner.web.reply import reply
from jobrunner.web.sse import PING, Stream, event, head, stream_for
from jobrunner.web.views import line_view
from jobrunner.wire import LogLine

AT_ONCE = 1_000
LARGEST = 10**15


async def get_logs(request: web.Request) -> web.StreamResponse:
    """Return the lines after a number, or follow them until the job ends."""
    query, runner, job_id = Query.of(request, "after"), runner_of(request), job_id_of(request)
    await runner.get(job_id)
    resumed = request.headers.get("Last-Event-ID", "")
    after = int(resumed) if resumed.isdecimal() and len(resumed) < 16 else query.whole("after", 0, 0, LARGEST)  # noqa: PLR2004
    if wants_stream(request):
        return head() if request.method == "HEAD" else await _follow(request, runner, job_id, after)
    lines = await runner.reader.lines(job_id, after, AT_ONCE)
    told = {"lines": _views(lines, after), "next": lines[-1].n if lines else after}
    return reply(told, headers={"Vary": "Accept"})


async def _follow(request: web.Request, runner: Runner, job_id: str, after: int) -> web.StreamResponse:
    watcher = runner.changes.watch(Filter(job_ids=frozenset({job_id})))
    try:
        async with stream_for(request, watcher) as stream:
            while not watcher.closed:
                image = await runner.get(job_id)  # before the lines, so that an end is seen only after all of them
                after = await _send_all(stream, runner, job_id, after)
                if image.job.status.ended:
                    await stream.send("end", {"job_id": job_id, "status": image.job.status})
                    break
                await _wait(stream, watcher)
        return stream.response
    finally:
        runner.changes.leave(watcher)


async def _send_all(stream: Stream, runner: Runner, job_id: str, after: int) -> int:
    while lines := await runner.reader.lines(job_id, after, AT_ONCE):
        views = _views(lines, after)
        await stream.write(b"".join(event("log", show.encode(view), str(view["n"])) for view in views))
        after = lines[-1].n
    return after


async def _wait(stream: Stream, watcher: Watcher) -> None:
    try:
        async with asyncio.timeout(PING_S):
            await watcher.wait()
        watcher.take()
    except TimeoutError:
        await stream.write(PING)


def _views(lines: Sequence[Line], after: int) -> list[LogLine]:
    """Return lines, with a word in place of those that were dropped from the middle of a long log."""
    views = []
    for line in lines:
        dropped = line.n - after - 1
        if dropped > 0:
            word = Line(line.n - 1, line.at, "log", "warning", f"… {dropped} lines were dropped here …")
            views.append(line_view(word))
        views.append(line_view(line))
        after = line.n
    return views
