"""Handlers in this process: a coroutine on the event loop, any other function in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from jobrunner.engine.context import Context, SyncContext
from jobrunner.engine.execution.assignment import Assignment
from jobrunner.engine.execution.coroutine import IN_HANDLER


async def run_coroutine(assignment: Assignment) -> Any:
    """Run a coroutine handler; its slot is taken until the threads have returned that it began."""
    job, means = assignment.running.job, assignment.means
    report = assignment.running.report
    context = Context(job, report, means.files, assignment.workdir, means.kin(job, report), means.threads)
    assignment.afterwards.append(context.threads_returned)
    IN_HANDLER.set(True)  # in the context of this task alone
    return await _handler(assignment)(context, assignment.payload)


async def run_thread(assignment: Assignment) -> Any:
    """Run a handler that is no coroutine; it can be asked to stop, but not be stopped."""
    job, means = assignment.running.job, assignment.means
    report, loop = assignment.running.report, asyncio.get_running_loop()

    def wait(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    context = SyncContext(job, report, means.files, assignment.workdir, means.kin(job, report), wait)
    return await asyncio.shield(means.threads.submit(lambda: _handler(assignment)(context, assignment.payload)))


def _handler(assignment: Assignment) -> Any:
    return assignment.running.job_type.handler
