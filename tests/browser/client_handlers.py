"""More jobs that the tests of the client submit."""

from __future__ import annotations

from typing import Any

from jobrunner import Context, JobError, job


@job("talk", uploads=["file"])
async def talk(context: Context, _payload: Any) -> None:
    context.log("first words")
    context.log("last words")


@job("stumble", max_attempts=1)
async def stumble(context: Context, _payload: Any) -> str:
    """Fail, and get it right when it is run again."""
    if context.attempt == 1:
        raise JobError("STUMBLED", "Not this time.")
    return "done"
