"""What each trigger does to a job: pure functions from a job to the next one.

Whether a move is allowed is `state.advance`'s word.

Every function raises IllegalTransition, and changes nothing, where the table of transitions does not lead.
"""

from __future__ import annotations

from dataclasses import replace

from jobrunner.model import steps
from jobrunner.model.job import NO_PROGRESS, Failure, Hold, Job, Progress, StepStatus, Upload
from jobrunner.model.state import Trigger, advance

DONE = Progress(percentage=100.0)


def claim(job: Job, now: int, *, alone: bool = False) -> Job:
    """Begin the next attempt, from a clean slate but for the parts, of which those that wait are to be done."""
    return job.but(
        status=advance(job.status, Trigger.CLAIM),
        attempt=job.attempt + 1,
        started_at=now,
        hold=None,
        wake_at=None,
        alone=alone,
        monitor=None,
        progress=NO_PROGRESS,
        stages=steps.fresh_stages(job.stages),
        artifacts=steps.kept_artifacts(job.parts),
        error=None,
    )


def complete(job: Job, now: int) -> Job:
    """End a job whose handler has returned: everything begun is done, everything untouched was skipped."""
    return job.but(
        status=advance(job.status, Trigger.COMPLETE),
        completed_at=now,
        progress=DONE if job.progress is NO_PROGRESS else replace(job.progress, percentage=100.0, remaining_s=None),
        stages=steps.settle_stages(job.stages, StepStatus.COMPLETED, StepStatus.SKIPPED, now),
        parts=steps.settle_parts(job.parts, StepStatus.COMPLETED, StepStatus.SKIPPED),
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
        parts=steps.fresh_parts(job.parts),
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
        stages=steps.fresh_stages(job.stages),
        parts=steps.fresh_parts(job.parts),
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
    """Take note of a file that has arrived; with the last one the job becomes ready, or waits for what is left."""
    uploads = tuple(upload if known.name == upload.name else known for known in job.uploads)
    job = job.but(status=advance(job.status, Trigger.RECEIVE), uploads=uploads)
    if not all(each.whole for each in uploads):
        return job
    job = job.but(stages=steps.finish_uploading(job.stages, now))
    return job.but(hold=Hold.DEPENDENCY, wake_at=job.deadline) if job.depends_on else _await_time(job, now)


def depended(job: Job, now: int) -> Job:
    """Make a job ready of which all has completed that it waited for, or let it wait for its time."""
    return _await_time(job.but(status=advance(job.status, Trigger.WAKE)), now)


def _await_time(job: Job, now: int) -> Job:
    later = job.run_at is not None and job.run_at > now
    return job.but(
        hold=Hold.TIME if later else None,
        wake_at=earliest(job.run_at if later else None, job.deadline),
        ready_at=job.run_at if later else now,
    )


def retry(job: Job, now: int, *, rank: int, part: str | None = None) -> Job:
    """Queue a failed or cancelled job again because a person asks for it; what came of it stays in its attempts.

    Parts that have completed stay so; the others are to be done again, or just one of them.
    """
    return job.but(
        status=advance(job.status, Trigger.RETRY),
        rank=rank,
        hold=_first_hold(job),
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
        stages=steps.fresh_stages(job.stages),
        parts=steps.fresh_parts(job.parts, part),
        artifacts=steps.kept_artifacts(job.parts),
        error=None,
    )


def _first_hold(job: Job) -> Hold | None:
    if not all(upload.whole for upload in job.uploads):
        return Hold.UPLOAD
    return Hold.DEPENDENCY if job.depends_on else None


def without_time_left(progress: Progress) -> Progress:
    """Return progress that no longer moves."""
    return progress if progress.remaining_s is None else replace(progress, remaining_s=None)


def earliest(*times: int | None) -> int | None:
    """Return the earliest of the times that are known."""
    return min((time for time in times if time is not None), default=None)


def _unfinished(job: Job, now: int, begun: StepStatus) -> Job:
    untouched = StepStatus.CANCELLED if begun is StepStatus.CANCELLED else StepStatus.QUEUED
    return job.but(
        progress=without_time_left(job.progress),
        stages=steps.settle_stages(job.stages, begun, untouched, now),
        parts=steps.settle_parts(job.parts, begun, untouched),
    )
