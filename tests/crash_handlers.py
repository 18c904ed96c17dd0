"""Handlers for servers that tests kill."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from jobrunner import Backoff, Context, job

SOON = Backoff(first_ms=50, factor=1.0)


@job("short", backoff=SOON)
async def short(context: Context, payload: dict[str, Any]) -> dict[str, Any]:
    """Take a few milliseconds."""
    await asyncio.sleep(payload.get("seconds", 0.02))
    return {"attempt": context.attempt}


@job("endless", backoff=SOON)
async def endless(context: Context, payload: dict[str, Any]) -> str:
    """Go on until a file appears."""
    context.progress(10, "waiting")
    while not Path(payload["until"]).exists():
        await asyncio.sleep(0.02)
    return "done"


@job("deadly", backoff=SOON)
async def deadly(_context: Context, _payload: dict[str, Any]) -> str:
    """Take the server down with it."""
    await asyncio.sleep(0.3)
    os._exit(9)


@job("leaving")
async def leaving(_context: Context, _payload: dict[str, Any]) -> None:
    """Exit in a task of its own."""

    async def leave() -> None:
        await asyncio.sleep(0)
        sys.exit(3)

    await asyncio.gather(leave(), asyncio.sleep(60))
