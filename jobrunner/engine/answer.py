"""The answer that somebody waits for, who may have gone away meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

from jobrunner.storage.image import Image

Answered = asyncio.Future[Image]


def answered(answer: asyncio.Future[Any], value: Any) -> None:
    """Give an answer."""
    if not answer.done():
        answer.set_result(value)


def refused(answer: asyncio.Future[Any], error: Exception) -> None:
    """Give an error for an answer."""
    if not answer.done():
        answer.set_exception(error)
