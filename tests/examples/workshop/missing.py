"""A type that has the name of an example and needs what nobody has."""

from __future__ import annotations

from jobrunner import Context, job


@job("dubbing", requires={"nothing_like_it": "pip install nothing-like-it"})
async def speak(context: Context, payload: None) -> None:
    raise AssertionError("it is not available")
