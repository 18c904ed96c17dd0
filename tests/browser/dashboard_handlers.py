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


@job("half", title="Half way", stages=[Stage("first", "First"), Stage("second", "Second")])
async def half(context: Context, _payload: Any) -> None:
    """Stop half way until somebody cancels it."""
    async with context.stage("first"):
        context.progress(50, "half")
        await asyncio.Event().wait()


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


@job("wrong", max_attempts=1)
async def wrong(_context: Context, _payload: Any) -> None:
    """Raise what no handler should."""
    raise ValueError("<b>not</b> a number")


@job("talk", max_attempts=1)
async def talk(context: Context, payload: Wish) -> None:
    """Log a lot of lines."""
    for n in range(payload.times):
        context.log(f"{payload.word} {n}")


@job("copy", uploads=["file"])
async def copy(context: Context, _payload: Any) -> None:
    await context.artifact("copy.txt", context.upload("file").path, "text/plain")


@job("nest", title="Nest")
async def nest(context: Context, payload: Any) -> None:
    """Begin two children, the first with two of its own, and stay until somebody cancels it."""
    depth = payload.get("depth", 2)
    for name in ("Left", "Right") if depth else ():
        below = depth - 1 if name == "Left" else 0
        await context.spawn("nest", {"depth": below}, key=name, title=f"{name} {below}")
    context.progress(10 * depth, "brooding")
    await asyncio.Event().wait()


@job("locked", title="Locked", requires={"no_such_module": "pip install no-such-module"})
async def locked(_context: Context, _payload: Any) -> None:
    """Need what is not there."""
