"""What somebody did to a job, as its history tells it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """What was done; a running job is `cancelled` when that is asked for, not when it has stopped."""

    SUBMITTED = "submitted"
    CANCELLED = "cancelled"
    RETRIED = "retried"


@dataclass(frozen=True, slots=True)
class Act:
    """One deed, when it was done, and the name of the subject who did it; None is a caller inside the process."""

    at: int
    action: str
    by: str | None = None
