"""The jobs of the component tests: they go on when the test says so, by files in a directory."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field

from jobrunner import Context, JobError, job


class Walk(BaseModel):
    """Where the job waits to be told to go on: for the files `1`, `2`, …"""

    gate: str
    fails: bool = False


async def opened(gate: str, step: int) -> None:
    """Wait until the test has let the job go on."""
    while not (Path(gate) / str(step)).exists():
        await asyncio.sleep(0.02)


@job("walk", title="Walk", stages=["first", "second"], parts=lambda _payload: {"de": "German", "fr": "French"})
async def walk(context: Context, payload: Walk) -> dict[str, int]:
    """Go through two stages, a quarter of the way at a time."""
    async with context.stage("first"):
        context.progress(25, "One quarter")
        if "de" in context.parts:
            german = context.part("de")
            await german.artifact("de.txt", "Hallo")
            german.progress(50, "Half of it", remaining_s=30, stage="first")
            await opened(payload.gate, 1)
            german.complete()
    async with context.stage("second"):
        context.progress(75, "Three quarters", remaining_s=90)
        await opened(payload.gate, 2)
        if payload.fails:
            context.part("fr").fail(JobError("MUTE", "No French voice.", retryable=True))
            raise JobError("WALK_ERROR", "The way is closed.", retryable=True)
        await context.artifact("story.html", "<h1>Story</h1>", "text/html")
    return {"steps": 2}


class Tone(StrEnum):
    plain = "plain"
    formal = "formal"


class Address(BaseModel):
    street: str = Field(min_length=1)
    zip_code: str | None = Field(None, pattern=r"^\d{5}$")


class Order(BaseModel):
    """What a form has to be able to draw."""

    headline: str = Field(min_length=3, max_length=40, description="Stands above all.")
    rows: int = Field(ge=1, le=10)
    share: float = 0.5
    urgent: bool = False
    tone: Tone = Tone.plain
    languages: list[str] = ["de"]
    address: Address
    limit: int | None = None
    extra: dict[str, int] = {}


@job("order", title="Order")
async def order(_context: Context, payload: Order) -> dict[str, object]:
    """Return what was ordered."""
    if payload.headline == "unlucky":
        raise JobError("UNLUCKY", "It was not to be.")
    return payload.model_dump(mode="json")


@job("copy", title="Copy", uploads=["file"])
async def copy(context: Context, _payload: None) -> int:
    """Copy a file."""
    path = context.upload("file").path
    await context.artifact("copy.txt", path, "text/plain")
    return path.stat().st_size
