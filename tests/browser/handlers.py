"""The jobs that browser tests submit."""

from __future__ import annotations

import base64
from typing import Any

from jobrunner import Context, job

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@job("plain")
async def plain(_context: Context, payload: Any) -> Any:
    return payload


@job("copy", uploads=["file"])
async def copy(context: Context, _payload: Any) -> None:
    await context.artifact("copy.txt", context.upload("file").path, "text/plain")


@job("temptation")
async def temptation(context: Context, _payload: Any) -> None:
    """Make files that another site could use if a browser gave them to it: as a picture, and as a script."""
    await context.artifact("picture.png", PICTURE, "image/png")
    await context.artifact("code.js", b"window.leaked = true;", "text/javascript")
