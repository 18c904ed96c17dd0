"""`jobrunner watch ID`: a job live to its end, with its log; the exit code tells how it ended.

Three sources feed one view: the states, the log and the clock. Must never end because the server restarts.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from jobrunner.cli.connected import connected
from jobrunner.cli.files import print_artifacts
from jobrunner.cli.terminal import Terminal
from jobrunner.cli.view import View, view_for
from jobrunner.client import Client
from jobrunner.client.knowledge import TERMINAL
from jobrunner.errors import ClientError
from jobrunner.wire import JobData

_TICK_S = 1.0


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Follow the job that was named."""
    return await follow(client, arguments.job_id, terminal, as_json=arguments.json)


async def follow(
    client: Client, job_id: str, terminal: Terminal, *, as_json: bool, since: JobData | None = None
) -> int:
    """Show a job until it has ended; return 0 when it completed, else 1."""
    view, log = view_for(terminal, as_json=as_json), _Log(client, job_id)
    job = await _to_its_end(client, job_id, view, log, since)
    await log.rest(view)
    if job is not None:
        view.state(job)
    view.end()
    if job is not None and not as_json:
        print_artifacts(client, job, terminal)
    return 0 if job is not None and job["status"] == "completed" else 1


async def _to_its_end(client: Client, job_id: str, view: View, log: _Log, since: JobData | None) -> JobData | None:
    """Show each state but the end, which is shown after the last line of the log, and return the last."""
    job = since
    if since is not None and since["status"] not in TERMINAL:
        view.state(since)
    states = client.watch(job_id, since=since, told=view.connection)
    async with _beside(log.follow(view), _clock(view)), aclosing(states):
        async for job in states:
            if job["status"] not in TERMINAL:
                view.state(job)
    return job


class _Log:
    """The log beside the states. What goes wrong with it ends no watch: the states say whether there is a server."""

    def __init__(self, client: Client, job_id: str) -> None:
        self._client, self._job_id = client, job_id
        self._after = 0  # mutable: the last line that was shown

    async def follow(self, view: View) -> None:
        """Show lines as they come."""
        await self._show(view, follow=True)

    async def rest(self, view: View) -> None:
        """Show what came last: a log may end after its job."""
        await self._show(view, follow=False)

    async def _show(self, view: View, *, follow: bool) -> None:
        with suppress(ClientError):
            async with aclosing(self._client.logs(self._job_id, after=self._after, follow=follow)) as lines:
                async for line in lines:
                    self._after = line["n"]
                    view.log(line)


async def _clock(view: View) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        view.tick()


@asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do work as long as the block lasts."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
