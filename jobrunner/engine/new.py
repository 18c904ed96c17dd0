"""A job on its way in: prepared, and not accepted yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jobrunner.model.job import Job


@dataclass(frozen=True, slots=True)
class New:
    """A job that is to be accepted, with its payload as JSON, and `validated` as its type sees it.

    By the `cache_key` its result may be given again.
    """

    job: Job
    payload: str
    validated: Any = None
    cache_key: str | None = None
