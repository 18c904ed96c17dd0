"""What each trigger does to a job: pure functions from a job to the next one.

Whether a move is allowed is `state.advance`'s word.

Every function raises IllegalTransition, and changes nothing, where the table of transitions does not lead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jobrunner.model.job import NO_PROGRESS, Failure, Hold, Job, Part, Progress, Stage, StepStatus, Upload
from jobrunner.model.state import Trigger, advance

DONE = Progress(percentage=100.0)
UPLOADING = "uploading"  # a first stage of this name is driven by the server, not by the handler


def claim(job: Job, now: int, *, alone: bool = False) -> Job:
    """Begin the next attempt, from a clean slate."""
    return job.but(
        status=advance(job.status, Trigger.CLAIM),
        attempt=job.attempt + 1,
        started_at=now,
        hold=None,
        wake_at=None,
        alone=alone,
        progress=NO_PROGRESS,
        stages=fresh_stages(job.stages),
        parts=tuple(Part(part.key, part.label) for part in job.parts),
        artifacts=(),
        error=None,
    )


def complete(job: Job, now: int) -> Job:
    """End a job whose handler has returned: everything begun is done, everything untouched was skipped."""
    return job.but(
        status=advance(job.status, Trigger.COMPLETE),
        completed_at=now,
        progress=DONE if job.progress is NO_PROGRESS else replace(job.progress, percentage=100.0, remaining_s=None),
        stages=settle_stages(job.stages, StepStatus.COMPLETED, StepStatus.SKIPPED, now),
        parts=settle_parts(job.parts, StepStatus.COMPLETED, StepStatus.SKIPPED),
        failures=0,
    )


def fail(job: Job, now: int, failure: Failure) -> Job:
    """End a job whose attempt failed for good."""
    return _unfinished(job, now, StepStatus.FAILED).but(
        status=advance(job.status, Trigger.FAIL),
        completed_at=now,
        failures=job.failures + 1,
        error=failure,
    )


def back_off(job: Job, now: int, failure: Failure, delay_ms: int) -> Job:
    """Queue a job again after a failure, `delay_ms` from now."""
    return _unfinished(job, now, StepStatus.FAILED).but(
        status=advance(job.status, Trigger.BACK_OFF),
        hold=Hold.RETRY,
        wake_at=earliest(now + delay_ms, job.deadline),
        ready_at=now + delay_ms,
        failures=job.failures + 1,
        retry_count=job.retry_count + 1,
        error=failure,
    )


def interrupt(job: Job, now: int, *, until: int | None = None, crashed: bool = False) -> Job:
    """Queue a job again whose attempt the server's own end cut off; that is no failure of the job."""
    return job.but(
        status=advance(job.status, Trigger.INTERRUPT),
        hold=None if until is None else Hold.RETRY,
        wake_at=earliest(until, job.deadline),
        ready_at=now if until is None else until,
        crashes=job.crashes + crashed,
        progress=NO_PROGRESS,
        stages=fresh_stages(job.stages),
        parts=tuple(Part(part.key, part.label) for part in job.parts),
    )


def cancel(job: Job, now: int) -> Job:
    """End a job that was cancelled before it ran."""
    return _unfinished(job, now, StepStatus.CANCELLED).but(
        status=advance(job.status, Trigger.CANCEL),
        completed_at=now,
        hold=None,
        wake_at=None,
    )


def ask_to_stop(job: Job, now: int) -> Job:
    """Note that a running job was cancelled; it ends when its attempt has stopped."""
    return job.but(status=advance(job.status, Trigger.ASK_TO_STOP), cancel_requested_at=now)


def stop(job: Job, now: int) -> Job:
    """End a job whose attempt was stopped because it was cancelled."""
    return _unfinished(job, now, StepStatus.CANCELLED).but(status=advance(job.status, Trigger.STOP), completed_at=now)


def expire(job: Job, now: int, failure: Failure) -> Job:
    """End a job that waited for too long."""
    return _unfinished(job, now, StepStatus.FAILED).but(
        status=advance(job.status, Trigger.EXPIRE),
        completed_at=now,
        hold=None,
        wake_at=None,
        error=failure,
    )


def wake(job: Job) -> Job:
    """Make a job ready whose time has come."""
    return job.but(status=advance(job.status, Trigger.WAKE), hold=None, wake_at=job.deadline)


def receive(job: Job, upload: Upload, now: int) -> Job:
    """Take note of a file that has arrived; with the last one the job becomes ready, or waits for its time."""
    uploads = tuple(upload if known.name == upload.name else known for known in job.uploads)
    job = job.but(status=advance(job.status, Trigger.RECEIVE), uploads=uploads)
    if not all(each.whole for each in uploads):
        return job
    later = job.run_at is not None and job.run_at > now
    return job.but(
        hold=Hold.TIME if later else None,
        wake_at=earliest(job.run_at if later else None, job.deadline),
        ready_at=job.run_at if later else now,
        stages=finish_uploading(job.stages, now),
    )


def retry(job: Job, now: int, *, rank: int) -> Job:
    """Queue a failed or cancelled job again because a person asks for it; what came of it stays in its attempts."""
    return job.but(
        status=advance(job.status, Trigger.RETRY),
        rank=rank,
        hold=None if all(upload.whole for upload in job.uploads) else Hold.UPLOAD,
        wake_at=None,
        ready_at=now,
        deadline=None,
        started_at=None,
        completed_at=None,
        cancel_requested_at=None,
        failures=0,
        crashes=0,
        retry_count=job.retry_count + 1,
        manual_retries=job.manual_retries + 1,
        progress=NO_PROGRESS,
        stages=fresh_stages(job.stages),
        parts=tuple(Part(part.key, part.label) for part in job.parts),
        artifacts=(),
        error=None,
    )


def without_time_left(progress: Progress) -> Progress:
    """Return progress that no longer moves."""
    return progress if progress.remaining_s is None else replace(progress, remaining_s=None)


def earliest(*times: int | None) -> int | None:
    """Return the earliest of the times that are known."""
    return min((time for time in times if time is not None), default=None)


def fresh_stages(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """Return the stages as nothing had happened, except that files once received stay received."""
    return tuple(
        stage if stage.name == UPLOADING else Stage(stage.name, stage.label, stage.description) for stage in stages
    )


def begin_uploading(stages: Iterable[Stage], now: int) -> tuple[Stage, ...]:
    """Return the stages while files are awaited."""
    return tuple(
        replace(stage, status=StepStatus.PROCESSING, started_at=now) if stage.name == UPLOADING else stage
        for stage in stages
    )


def finish_uploading(stages: Iterable[Stage], now: int) -> tuple[Stage, ...]:
    """Return the stages when all files are there."""
    return tuple(
        replace(stage, status=StepStatus.COMPLETED, started_at=stage.started_at or now, completed_at=now)
        if stage.name == UPLOADING
        else stage
        for stage in stages
    )


def settle_stages(stages: Iterable[Stage], begun: StepStatus, untouched: StepStatus, now: int) -> tuple[Stage, ...]:
    """Return the stages at the end of an attempt: what had begun ends as `begun`, the rest is `untouched`."""
    ends = {StepStatus.PROCESSING: begun, StepStatus.QUEUED: untouched}
    return tuple(
        replace(stage, status=ends[stage.status], completed_at=now if stage.started_at else None)
        if stage.status in ends
        else stage
        for stage in stages
    )


def settle_parts(parts: Iterable[Part], begun: StepStatus, untouched: StepStatus) -> tuple[Part, ...]:
    """Return the parts at the end of an attempt, as `settle_stages` does."""
    ends = {StepStatus.PROCESSING: begun, StepStatus.QUEUED: untouched}
    return tuple(
        replace(part, status=ends[part.status], remaining_s=None) if part.status in ends else part for part in parts
    )


def _unfinished(job: Job, now: int, begun: StepStatus) -> Job:
    untouched = StepStatus.CANCELLED if begun is StepStatus.CANCELLED else StepStatus.QUEUED
    return job.but(
        progress=without_time_left(job.progress),
        stages=settle_stages(job.stages, begun, untouched, now),
        parts=settle_parts(job.parts, begun, untouched),
    )
