"""Jobs for the command line to run; served by the processes that tests start."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jobrunner import Context, JobError, job


@job("echo", title="Echo")
async def echo(context: Context, payload: Any) -> Any:
    """Return the payload."""
    context.log("as you say")
    await context.artifact("echo.txt", str(payload), "text/plain")
    return payload


@job("upload", uploads=["file"])
async def upload(context: Context, payload: Any) -> int:
    """Return how long the file is."""
    del payload
    return context.upload("file").size


@job("gated", stages=["waiting", "leaving"], max_attempts=3)
async def gated(context: Context, gate: str) -> None:
    """Go on when there is a file of this name; another process tells nobody else."""
    async with context.stage("waiting"):
        context.progress(40.0, "at the gate")
        while not Path(gate).exists():
            await asyncio.sleep(0.01)
    async with context.stage("leaving"):
        context.progress(90.0, "through it")


@job("fail")
async def fail(context: Context, payload: Any) -> None:
    """Fail."""
    del context, payload
    raise JobError("NO_LUCK", "It was not to be.")
