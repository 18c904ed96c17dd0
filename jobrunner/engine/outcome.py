"""What came of an attempt, and why one was stopped: values, made by the attempt and judged by the lifecycle."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jobrunner.model.job import Failure

NOTHING = "null"  # the result of a handler that returns none


class Stop(StrEnum):
    """Why an attempt is stopped; what is noted first stays."""

    CANCEL = "cancel"
    TIMEOUT = "timeout"
    STAGE_TIMEOUT = "stage_timeout"
    DEADLINE = "deadline"
    SHUTDOWN = "shutdown"


@dataclass(frozen=True, slots=True)
class Completed:
    """The handler returned; `result` is JSON."""

    result: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler raised, or what it returned cannot be kept; `traceback` is for operators.

    It makes no sense to try again before `after_s` seconds, if that is known.
    """

    failure: Failure
    traceback: str | None = None
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The attempt was stopped, whatever its handler made of that; `result` is what it returned too late."""

    reason: Stop
    result: str | None = None


Outcome = Completed | Failed | Stopped
