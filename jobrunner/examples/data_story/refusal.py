"""Why a file is not read: a sentence for people, a reason for programs. A file stays the same, so no retry helps."""

from __future__ import annotations

from collections.abc import Callable

from jobrunner import JobError

Check = Callable[[float], None]
"""Told the fraction done, again and again; raises when the work is to stop."""


def refuse(reason: str, message: str, **details: object) -> JobError:
    """Make the error for a file that cannot become a story."""
    return JobError("PREPROCESSING_ERROR", message, details={"reason": reason, **details}, retryable=False)
