"""A job as a row, and back. Rows travel to SQLite as JSON, a whole batch in one text.

NULL stands for an empty value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jobrunner.model.job import (
    NO_PROGRESS,
    Artifact,
    Failure,
    Hold,
    Job,
    Part,
    Progress,
    Stage,
    StepStatus,
    Upload,
)
from jobrunner.model.state import Status
from jobrunner.storage.image import SMALL_RESULT, Image

# What a submission settles for good, then what a change may touch; both in the order of the arrays below.
LASTING = (
    "id", "type", "title", "queue", "created_at", "user_id", "priority", "tags", "metadata", "run_at",
    "max_attempts", "timeout_ms", "retried_from", "traceparent", "lane",
    "submitted_by", "parent_id", "depends_on",
)  # fmt: skip
CHANGING = (
    "number", "rank", "hold", "wake_at", "ready_at", "deadline", "status", "started_at", "completed_at",
    "cancel_requested_at", "attempt", "failures", "retry_count", "manual_retries", "crashes", "alone", "progress",
    "stages", "parts", "uploads", "artifacts", "error", "monitor",
)  # fmt: skip
COLUMNS = (*LASTING, *CHANGING)
SELECT = ", ".join(f"jobs.{column}" for column in COLUMNS)
SMALL = (
    "(SELECT result FROM results WHERE results.job_id = jobs.id AND jobs.status = 'completed' "
    f"AND length(result) <= {SMALL_RESULT})"
)

Row = Sequence[Any]


def lasting(job: Job) -> list[Any]:
    """Return what a submission settles for good."""
    return [
        job.id, job.type, job.title, job.queue, job.created_at, job.user_id, job.priority, job.tags or None,
        job.metadata or None, job.run_at, job.max_attempts, job.timeout_ms, job.retried_from, job.traceparent, job.lane,
        job.submitted_by, job.parent_id, job.depends_on or None,
    ]  # fmt: skip


def changing(job: Job, number: int) -> list[Any]:
    """Return what a change may touch."""
    return [
        number, job.rank, job.hold, job.wake_at, job.ready_at, job.deadline, job.status, job.started_at,
        job.completed_at, job.cancel_requested_at, job.attempt, job.failures, job.retry_count, job.manual_retries,
        job.crashes,
        int(job.alone), None if job.progress is NO_PROGRESS else _values(job.progress),
        [_values(stage) for stage in job.stages] or None, [_part(part) for part in job.parts] or None,
        [_values(upload) for upload in job.uploads] or None, [_values(artifact) for artifact in job.artifacts] or None,
        failure_row(job.error), job.monitor,
    ]  # fmt: skip


def read_job(row: Row) -> Job:
    """Return the job of a row that was selected by SELECT."""
    (
        id_, type_, title, queue, created_at, user_id, priority, tags, metadata, run_at, max_attempts, timeout_ms,
        retried_from, traceparent, lane, submitted_by, parent_id, depends_on, _number, rank, hold, wake_at, ready_at,
        deadline, status,
        started_at, completed_at, cancel_requested_at, attempt, failures, retry_count, manual_retries, crashes, alone,
        progress, stages, parts, uploads, artifacts, error, monitor,
    ) = row[: len(COLUMNS)]  # fmt: skip
    return Job(
        id=id_, type=type_, title=title, queue=queue, created_at=created_at, user_id=user_id, priority=priority,
        tags=tuple(_loads(tags, ())), metadata=_loads(metadata, {}), run_at=run_at, max_attempts=max_attempts,
        timeout_ms=timeout_ms, retried_from=retried_from, traceparent=traceparent, lane=lane, rank=rank,
        submitted_by=submitted_by, parent_id=parent_id, depends_on=tuple(_loads(depends_on, ())),
        hold=None if hold is None else Hold(hold), wake_at=wake_at, ready_at=ready_at, deadline=deadline,
        status=Status(status),
        started_at=started_at, completed_at=completed_at, cancel_requested_at=cancel_requested_at, attempt=attempt,
        failures=failures, retry_count=retry_count, manual_retries=manual_retries, crashes=crashes, alone=bool(alone),
        progress=Progress(*_loads(progress, ())) if progress else NO_PROGRESS,
        stages=tuple(_stage(values) for values in _loads(stages, ())),
        parts=tuple(_read_part(values) for values in _loads(parts, ())),
        uploads=tuple(Upload(*values) for values in _loads(uploads, ())),
        artifacts=tuple(Artifact(*values) for values in _loads(artifacts, ())),
        error=read_failure(_loads(error, None)), monitor=monitor,
    )  # fmt: skip


NUMBER = len(LASTING)  # where `number` stands in a row


def read_image(row: Row) -> Image:
    """Return the image of a row that was selected by SELECT and, as the next column, its small result or NULL."""
    return Image(read_job(row), row[NUMBER], row[len(COLUMNS)])


def failure_row(failure: Failure | None) -> Sequence[Any] | None:
    """Return a failure as an array."""
    return None if failure is None else _values(failure)


def read_failure(values: Sequence[Any] | None) -> Failure | None:
    """Return the failure of an array."""
    return None if values is None else Failure(*values)


def _values(item: Progress | Stage | Upload | Artifact | Failure) -> list[Any]:
    return [getattr(item, name) for name in item.__slots__]


def _part(part: Part) -> list[Any]:
    *plain, error, artifact = (getattr(part, name) for name in part.__slots__)
    return [*plain, failure_row(error), None if artifact is None else _values(artifact)]


def _read_part(values: Sequence[Any]) -> Part:
    key, label, status, stage, percentage, step, remaining_s, result, error, artifact = values
    made = None if artifact is None else Artifact(*artifact)
    state = StepStatus(status)
    return Part(key, label, state, stage, percentage, step, remaining_s, result, read_failure(error), made)


def _stage(values: Sequence[Any]) -> Stage:
    name, label, description, status, started_at, completed_at = values
    return Stage(name, label, description, StepStatus(status), started_at, completed_at)


def _loads(text: str | None, empty: Any) -> Any:
    return empty if text is None else json.loads(text)


def dumps(value: Any) -> str:
    """Return compact JSON; mappings that are no dicts become dicts."""
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_plain, check_circular=False)
