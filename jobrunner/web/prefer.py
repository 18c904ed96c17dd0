"""`Prefer: wait=N` (RFC 7240): how long a request may be held, and the waiting itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from aiohttp import web

from jobrunner.engine.changes import Changes, Watcher
from jobrunner.errors import Invalid
from jobrunner.model.filter import Filter

T = TypeVar("T")

LONGEST_S = 50
WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?:;|,|$)", re.IGNORECASE)


def wait_of(request: web.Request) -> int | None:
    """Return the seconds for which an answer may be held, at most 50; None where none are asked for."""
    header = ",".join(request.headers.getall("Prefer", []))
    found = WAIT.search(header)
    if found is None:
        if re.search(r"(?:^|,)\s*wait\b", header, re.IGNORECASE):
            raise Invalid("Bad Prefer header.", pointers=[("Prefer", "wait=N with N in seconds")])
        return None
    return min(int(found[1]), LONGEST_S)


def applied(response: web.StreamResponse, wait_s: int | None) -> None:
    """Say that the preference was honoured."""
    if wait_s is not None:
        response.headers["Preference-Applied"] = f"wait={wait_s}"


async def hold(
    changes: Changes, wanted: Sequence[Filter], wait_s: float, look: Callable[[], Awaitable[T | None]]
) -> T | None:
    """Return what `look` finds, looking again at each change of the jobs, or None when the time is over."""
    watcher = changes.watch(*wanted)
    try:
        async with asyncio.timeout(wait_s):
            return await _look(watcher, look)
    except TimeoutError:
        return None
    finally:
        changes.leave(watcher)


async def _look(watcher: Watcher, look: Callable[[], Awaitable[T | None]]) -> T | None:
    while (found := await look()) is None:
        if watcher.closed:
            return None
        await watcher.wait()
        watcher.take()
    return found
