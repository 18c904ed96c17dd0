"""What an execution is given: one attempt, what it is about, and what it may use."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jobrunner.engine.attempt_tokens import AttemptTokens
from jobrunner.engine.execution.calls import Calls
from jobrunner.engine.execution.survivors import Mark
from jobrunner.engine.execution.thread import Threads
from jobrunner.engine.execution.workers import Workers
from jobrunner.engine.kin import Kin
from jobrunner.engine.report import Report
from jobrunner.engine.running import Running
from jobrunner.engine.site import Site
from jobrunner.model.job import Job
from jobrunner.storage.files import Files
from jobrunner.storage.workdirs import Workdir, Workdirs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Means:
    """What all attempts use."""

    files: Files
    workdirs: Workdirs
    threads: Threads
    kin: Callable[[Job, Report], Kin]
    site: Site
    tokens: AttemptTokens
    calls: Calls
    mark: Mark
    workers: Workers


@dataclass(frozen=True, slots=True)
class Assignment:
    """One attempt. `payload` is as the type sees it, `raw` the same as JSON.

    What is appended to `afterwards` happens when the outcome is known, last things first, before the slot is free
    again; a cancel no longer reaches what it returns to be awaited.
    """

    running: Running
    payload: Any
    raw: str
    means: Means
    workdir: Workdir
    afterwards: list[Callable[[], Awaitable[None] | None]] = field(default_factory=list)


async def to_the_end(work: Awaitable[T]) -> T:
    """Await something to its end, also when the one who waits is cancelled meanwhile."""
    done = asyncio.ensure_future(work)
    while not done.done():
        try:
            await asyncio.wait([done])
        except asyncio.CancelledError:
            continue  # the reason is noted: it changes nothing here
    return done.result()
