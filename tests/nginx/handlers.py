"""Jobs that are submitted through a proxy."""

from __future__ import annotations

import asyncio
from typing import Any

from jobrunner import Context, job


@job("hold")
async def hold(_context: Context, _payload: Any) -> None:
    """Keep a worker busy until somebody cancels."""
    await asyncio.Event().wait()


@job("weigh", uploads=["file"])
async def weigh(context: Context, _payload: Any) -> int | None:
    return context.upload("file").size
