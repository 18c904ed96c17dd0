"""A job as JSON: the shapes of `wire`, made from images. Pure: what is derived from elsewhere is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast
from urllib.parse import quote

from jobrunner.model.estimate import NO_ESTIMATE, Estimate
from jobrunner.model.job import Artifact, Failure, Hold, Job, Part, Stage, StepStatus, Upload
from jobrunner.model.state import Status
from jobrunner.storage.image import Image
from jobrunner.storage.unit import AttemptRecord, Line
from jobrunner.web.moment import certain, text
from jobrunner.wire import (
    ArtifactData,
    AttemptData,
    Counts,
    ErrorData,
    JobData,
    LogLine,
    PartData,
    ProgressData,
    StageData,
    StepStatusName,
    UploadData,
    WaitingFor,
)


def job_view(
    image: Image,
    cursor: str,
    base: str,
    *,
    retries_left: bool,
    paused: bool = False,
    position: int | None = None,
    estimate: Estimate = NO_ESTIMATE,
) -> JobData:
    """Return a job without its payload and result; `base` is the path below which the service lies.

    `paused` says that nothing but the pause of its queue keeps a job from a worker.
    """
    job = image.job
    return {
        "job_id": job.id,
        "type": job.type,
        "title": job.title,
        "user_id": job.user_id,
        "tags": list(job.tags),
        "metadata": dict(job.metadata),
        "status": job.status.value,
        "waiting_for": "paused_queue" if paused else waiting_for(job),
        "queue": job.queue,
        "priority": job.priority,
        "uploads": [_upload(upload) for upload in job.uploads],
        "created_at": certain(job.created_at),
        "run_at": text(job.run_at),
        "deadline": text(job.deadline),
        "started_at": text(job.started_at),
        "completed_at": text(job.completed_at),
        "cancel_requested_at": text(job.cancel_requested_at),
        "queue_position": position,
        "estimated_start": text(estimate.start),
        "estimated_completion": text(estimate.completion),
        "estimated_duration": None if estimate.duration_ms is None else estimate.duration_ms / 1000,
        "progress_data": _progress(job),
        "stages": [_stage(stage) for stage in job.stages],
        "parts": [_part(job, part, base) for part in job.parts],
        "parts_total": len(job.parts),
        "parts_completed": sum(part.status is StepStatus.COMPLETED for part in job.parts),
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "retry_count": job.retry_count,
        "can_cancel": can_cancel(job),
        "can_retry": job.status in {Status.FAILED, Status.CANCELLED} and retries_left,
        "error_data": _failure(job.error),
        "artifacts": [_artifact(job, artifact, base) for artifact in job.artifacts],
        "parent_id": job.parent_id,
        "depends_on": list(job.depends_on),
        "retried_from": job.retried_from,
        "cursor": cursor,
    }


def can_cancel(job: Job) -> bool:
    """Tell whether asking for it would still do something."""
    return job.status is Status.QUEUED or (job.status is Status.PROCESSING and job.cancel_requested_at is None)


def waiting_for(job: Job) -> WaitingFor | None:
    """Return what a queued job waits for, as far as the job itself tells."""
    if job.status is not Status.QUEUED:
        return None
    names: dict[Hold | None, WaitingFor] = {
        None: "worker",
        Hold.TIME: "time",
        Hold.RETRY: "retry",
        Hold.UPLOAD: "upload",
        Hold.DEPENDENCY: "dependency",
    }
    return names[job.hold]


def attempt_view(record: AttemptRecord, *, traces: bool) -> AttemptData:
    """Return an attempt that is over; its result stands beside it as JSON text."""
    view: AttemptData = {
        "attempt": record.attempt,
        "started_at": certain(record.started_at),
        "ended_at": certain(record.ended_at),
        "outcome": record.outcome,
        "error_data": _failure(record.error),
        "result_data": None,
    }
    return {**view, "traceback": record.traceback} if traces else view


def running_attempt_view(job: Job, *, traces: bool) -> AttemptData:
    """Return the attempt that runs."""
    view: AttemptData = {
        "attempt": job.attempt,
        "started_at": certain(job.started_at or job.created_at),
        "ended_at": None,
        "outcome": None,
        "error_data": None,
        "result_data": None,
    }
    return {**view, "traceback": None} if traces else view


def line_view(line: Line) -> LogLine:
    """Return a line of a log."""
    stream = cast("Literal['log', 'stdout', 'stderr']", line.stream)
    return {"n": line.n, "at": certain(line.at), "stream": stream, "level": line.level, "text": line.text}


def counts_view(counts: Mapping[str, int]) -> Counts:
    """Return jobs by status."""
    by = {status.value: counts.get(status.value, 0) for status in Status}
    return {
        "queued": by["queued"],
        "processing": by["processing"],
        "completed": by["completed"],
        "failed": by["failed"],
        "cancelled": by["cancelled"],
        "active": by["queued"] + by["processing"],
        "total": sum(by.values()),
    }


def _progress(job: Job) -> ProgressData:
    progress = job.progress
    return {
        "percentage": progress.percentage,
        "current_step": progress.step,
        "estimated_time_remaining": progress.remaining_s,
        "stage": progress.stage,
    }


def _stage(stage: Stage) -> StageData:
    return {
        "name": stage.name,
        "label": stage.label,
        "description": stage.description,
        "status": _step(stage.status),
        "started_at": text(stage.started_at),
        "completed_at": text(stage.completed_at),
    }


def _part(job: Job, part: Part, base: str) -> PartData:
    return {
        "key": part.key,
        "label": part.label,
        "status": _step(part.status),
        "stage": part.stage,
        "percentage": part.percentage,
        "current_step": part.step,
        "estimated_time_remaining": part.remaining_s,
        "result_data": part.result,
        "error_data": _failure(part.error),
        "artifact": None if part.artifact is None else _artifact(job, part.artifact, base),
    }


def _step(status: StepStatus) -> StepStatusName:
    return status.value


def _upload(upload: Upload) -> UploadData:
    return {
        "name": upload.name,
        "filename": upload.filename,
        "content_type": upload.content_type,
        "size": upload.size,
        "received": upload.received,
    }


def _artifact(job: Job, artifact: Artifact, base: str) -> ArtifactData:
    return {
        "name": artifact.name,
        "content_type": artifact.content_type,
        "size": artifact.size,
        "sha256": artifact.sha256,
        "download_url": f"{base}/api/v1/jobs/{job.id}/artifacts/{quote(artifact.name, safe='')}",
    }


def _failure(failure: Failure | None) -> ErrorData | None:
    if failure is None:
        return None
    return {
        "code": failure.code,
        "message": failure.message,
        "details": None if failure.details is None else dict(failure.details),
        "retryable": failure.retryable,
        "occurred_at": certain(failure.occurred_at),
    }
