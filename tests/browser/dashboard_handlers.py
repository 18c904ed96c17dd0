"""The jobs that the dashboard is tried with."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import BaseModel, Field

from jobrunner import Context, JobError, Stage, job


class Wish(BaseModel):
    """What a steady job is to do."""

    word: str = Field(default="hello", title="Word", max_length=1_000)
    times: int = Field(default=1, ge=1, le=100_000, title="Times")
    pause: float = Field(default=0.2, ge=0, title="Pause")


@job("steady", title="Steady work", stages=[Stage("first", "First"), Stage("second", "Second")], max_attempts=1)
async def steady(context: Context, payload: Wish) -> None:
    """Go on until somebody cancels it, and say how far it is."""
    async with context.stage("first"):
        context.log("begun")
    async with context.stage("second"):
        at = 0.0
        while True:
            at = at + 1 if at < 99 else 0.0
            context.progress(at, f"{payload.word} {at:.0f}")
            await asyncio.sleep(payload.pause)


@job("plain")
async def plain(_context: Context, payload: Any) -> Any:
    return payload


@job("typed", title="Typed")
async def typed(_context: Context, payload: Wish) -> dict[str, Any]:
    """Give back what came in."""
    return payload.model_dump()


@job("broken", max_attempts=1)
async def broken(context: Context, payload: dict[str, Any]) -> None:
    context.log("about to break", level="warning")
    code = payload.get("code", "BROKEN")
    raise JobError(code, payload.get("message", "It broke."), details={"n": 1})


@job("talk", max_attempts=1)
async def talk(context: Context, payload: Wish) -> None:
    """Log a lot of lines."""
    for n in range(payload.times):
        context.log(f"{payload.word} {n}")


@job("copy", uploads=["file"])
async def copy(context: Context, _payload: Any) -> None:
    await context.artifact("copy.txt", context.upload("file").path, "text/plain")
