"""A job and its pieces: immutable values. A changed job is another value; what moves it is `moves`.

All times are milliseconds since the Unix epoch, UTC. A job does not know its number: that belongs to the committed
image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from jobrunner.model.state import Status


class Hold(StrEnum):
    """Why a queued job is not ready; a ready one waits for a worker."""

    TIME = "time"
    RETRY = "retry"
    UPLOAD = "upload"
    DEPENDENCY = "dependency"


class StepStatus(StrEnum):
    """Where a stage or a part is."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed; `details` is for programs, `retryable` tells whether the same again could succeed."""

    code: str
    message: str
    occurred_at: int
    retryable: bool = True
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job is inside its work; None is unknown."""

    percentage: float | None = None
    step: str | None = None
    remaining_s: float | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One declared step of the work: a name for programs, a label and a sentence for people."""

    name: str
    label: str = ""
    description: str | None = None
    status: StepStatus = StepStatus.QUEUED
    started_at: int | None = None
    completed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a job was given. `name` is a label; `stored` is where the bytes lie, below the data directory."""

    name: str
    filename: str | None = None
    content_type: str | None = None
    size: int | None = None
    received: int = 0
    stored: str | None = None

    @property
    def whole(self) -> bool:
        """Tell whether all of the file is there."""
        return self.size is not None


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a job made. `name` is a label; `stored` is where the bytes lie, below the data directory."""

    name: str
    content_type: str
    size: int
    sha256: str
    stored: str


@dataclass(frozen=True, slots=True)
class Part:
    """One of several equal pieces of a job, such as a language; `result` is JSON."""

    key: str
    label: str
    status: StepStatus = StepStatus.QUEUED
    stage: str | None = None
    percentage: float | None = None
    step: str | None = None
    remaining_s: float | None = None
    result: Any = None
    error: Failure | None = None
    artifact: Artifact | None = None


NO_PROGRESS = Progress()


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of work from submission to its end."""

    # No slots: `but` copies the dict, in a tenth of the time that `dataclasses.replace` takes.

    # What never changes: what was asked for.
    id: str
    type: str
    title: str
    queue: str
    created_at: int
    user_id: str | None = None
    priority: int = 5
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    run_at: int | None = None
    deadline: int | None = None
    max_attempts: int = 1
    timeout_ms: int | None = None
    retried_from: str | None = None
    parent_id: str | None = None
    depends_on: tuple[str, ...] = ()
    traceparent: str | None = None
    submitted_by: str | None = None

    # Where it waits. `lane` is whose turn it takes, `rank` its place there, `wake_at` when the clock has something to
    # do with it, `ready_at` since when it waits for nothing but a worker, or will.
    lane: str = ""
    rank: int = 0
    hold: Hold | None = None
    wake_at: int | None = None
    ready_at: int | None = None

    # Where it is in its life.
    status: Status = Status.QUEUED
    started_at: int | None = None
    completed_at: int | None = None
    cancel_requested_at: int | None = None

    # What has been tried. `failures` counts those in a row by themselves, `crashes` how often the server died under it.
    # `monitor` is where the service that works on it can be asked, empty for nowhere; None while that is not known.
    attempt: int = 0
    failures: int = 0
    retry_count: int = 0
    manual_retries: int = 0
    crashes: int = 0
    alone: bool = False
    monitor: str | None = None

    # Where it is inside its work, and what came of it.
    progress: Progress = NO_PROGRESS
    stages: tuple[Stage, ...] = ()
    parts: tuple[Part, ...] = ()
    uploads: tuple[Upload, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    error: Failure | None = None

    def but(self, **changes: Any) -> Job:
        """Return the job with some fields changed, as `dataclasses.replace` does; names are not checked."""
        other = object.__new__(Job)
        fields = other.__dict__
        fields.update(self.__dict__)
        fields.update(changes)
        return other

    @property
    def ready(self) -> bool:
        """Tell whether a worker may take it now."""
        return self.status is Status.QUEUED and self.hold is None

    @property
    def key(self) -> tuple[int, str]:
        """Return its place within its lane."""
        return self.rank, self.id

    @property
    def suspect(self) -> bool:
        """Tell whether it ran each time that the server died, often enough to be run alone."""
        return self.crashes >= SUSPECT_CRASHES


SUSPECT_CRASHES = 2
