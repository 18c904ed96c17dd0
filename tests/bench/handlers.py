"""A handler that does nothing, so that what is measured is jobrunner."""

from __future__ import annotations

from jobrunner import Context, job


@job("noop")
async def noop(_context: Context, _payload: object) -> None:
    """Do nothing."""
