"""Pictures from a few words: each is painted, not found, and costs a credit.

This file is all that has to do with jobs. `mood` reads the words, `painting` and `motifs` paint, `credits` charges.
"""

from __future__ import annotations

import random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from jobrunner import Backoff, Context, JobError, SyncContext, job

from .credits import Credits
from .mood import read

SIZES = {"square": (720, 720), "landscape": (960, 600), "portrait": (600, 900)}
CREDITS = Credits()


class PictureRequest(BaseModel):
    """Say what is to be painted. The same words and the same seed give the same pictures."""

    model_config = ConfigDict(extra="forbid")

    prompt: str = Field(min_length=1, max_length=300)
    number: int = Field(3, ge=1, le=8, description="So many pictures, each for one credit")
    size: Literal["square", "landscape", "portrait"] = "square"
    seed: int = Field(0, ge=0, le=2**31)
    failures: int = Field(0, ge=0, le=9, description="So many attempts fail, to see what then happens")


class Picture(BaseModel):
    """A picture: its file among the artifacts, and what the words were taken for."""

    name: str
    palette: str
    motif: str


@job(
    "image_generation",
    title="Pictures",
    execution="process",
    requires={"PIL": 'pip install "jobrunner[examples]"'},
    max_attempts=2,
    backoff=Backoff(first_ms=2_000),
    timeout="5m",
    poll_interval="2s",
    admission=CREDITS,
)
def generate(context: SyncContext, payload: PictureRequest) -> list[Picture]:
    """Paint pictures from a few words: landscapes, seas, cities, gardens, or patterns."""
    from .painting import paint  # noqa: PLC0415 - it needs the extra

    pictures: list[Picture] = []
    for number in range(payload.number):
        dice = random.Random(f"{payload.prompt}|{payload.seed}|{number}")  # noqa: S311 - repeatable on purpose
        mood = read(payload.prompt, dice)

        def told(share: float, done: int = number) -> None:
            context.progress(100 * (done + share) / payload.number, f"Picture {done + 1} of {payload.number}")

        painted = paint(mood, SIZES[payload.size], dice, told)
        if context.attempt <= payload.failures:
            raise JobError("PAINT_SPILLED", "The paint was spilled over the first picture.")
        context.artifact(f"picture-{number + 1}.png", painted, "image/png")
        pictures.append(Picture(name=f"picture-{number + 1}.png", palette=mood.palette, motif=mood.motif))
    return pictures


class Purchase(BaseModel):
    """Say how many credits are wanted."""

    credits: int = Field(12, ge=1, le=100)


class Balance(BaseModel):
    """What somebody has now."""

    left: int


@job("image_credits", title="Credits", poll_interval="1s")
async def buy(context: Context, payload: Purchase) -> Balance:
    """Add credits to somebody's account; here nobody has to pay for them."""
    CREDITS.enter(context.job_id, context.user_id, payload.credits)
    return Balance(left=CREDITS.left(context.user_id))
