"""The same nothing, done in each of three ways."""

from __future__ import annotations

from jobrunner import Context, SyncContext, job


@job("coroutine")
async def coroutine(_context: Context, _payload: object) -> None:
    """Do nothing on the event loop."""


@job("thread")
def thread(_context: SyncContext, _payload: object) -> None:
    """Do nothing in a thread."""


@job("process", execution="process")
def process(_context: SyncContext, _payload: object) -> None:
    """Do nothing in a worker process."""
