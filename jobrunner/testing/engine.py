"""An engine for a test: on a directory of its own, with a clock that is moved by hand if one is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jobrunner.config import load
from jobrunner.engine.registry import DEFAULT, Registry
from jobrunner.engine.runner import Runner
from jobrunner.model.filter import EVERYTHING
from jobrunner.testing.clock import ManualClock

WITHIN_S = 30.0
STEP_S = 0.02  # sleepers look again so soon, for what they have decided may not be on disk yet


@asynccontextmanager
async def open_runner(
    directory: Path, registry: Registry = DEFAULT, clock: ManualClock | None = None, **settings: object
) -> AsyncIterator[Runner]:
    """Run an engine with the types of a registry on a directory; what still runs at the end is stopped.

    Settings are keys with their dots as two underscores: `workers__concurrency=1`. Raises ConfigError.
    """
    overrides = {name.replace("__", "."): value for name, value in settings.items()}
    given = load(None, environ={}, overrides={"storage.data_dir": str(directory), **overrides})
    runner = await Runner.open(given, registry.configured(given.types), clock)
    try:
        yield runner
    finally:
        if not runner.stopped:
            await runner.stop(0)


async def drain(runner: Runner, within_s: float = WITHIN_S) -> None:
    """Wait until no job runs and none is ready to; those that wait for a time, a file or one another stay.

    Raises TimeoutError when that takes longer than `within_s` seconds of real time.
    """
    watcher = runner.changes.watch(EVERYTHING)
    try:
        async with asyncio.timeout(within_s):
            while True:
                await settle(runner)
                if not runner.pool.busy and not runner.dispatcher.waiting:
                    return
                await watcher.wait()
                watcher.take()
    finally:
        runner.changes.leave(watcher)


async def advance(runner: Runner, clock: ManualClock, seconds: float) -> None:
    """Let time pass; return when what fell due is on disk."""
    for step in (seconds - STEP_S, STEP_S, STEP_S):
        clock.advance(max(step, 0.0))
        await settle(runner)


async def settle(runner: Runner) -> None:
    """Wait until all that was decided is on disk, and every question that the engine asked is answered."""
    while True:
        answered: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        runner.writer.read("SELECT 1", (), answered.set_result, answered.set_exception)
        await asyncio.shield(answered)
        if not any(live.pending for live in runner.table) and not runner.writer.waiting:
            return
