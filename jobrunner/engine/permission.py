"""Whether a person may cancel or retry a job, by its state alone; who the person is, is not asked here."""

from __future__ import annotations

from collections.abc import Callable

from jobrunner.errors import NotCancellable, NotRetryable, UnknownPart
from jobrunner.model.job import Job, StepStatus
from jobrunner.model.state import Status


def check_cancel(job: Job) -> None:
    """Raise NotCancellable for a job that completed or failed."""
    if job.status in {Status.COMPLETED, Status.FAILED}:
        raise NotCancellable(f"The job has already {job.status}.")


def check_retry(job: Job, may_retry: Callable[[Job], bool], part: str | None = None) -> None:
    """Raise NotRetryable for a job that did not fail, or may not be retried again, or of which the part has completed.

    Raises UnknownPart for a part that it does not have.
    """
    if job.status not in {Status.FAILED, Status.CANCELLED}:
        raise NotRetryable(f"The job is {job.status}; only a failed or cancelled job can be retried.")
    if not may_retry(job):
        raise NotRetryable("It was retried as often as is allowed, or its files never arrived: submit it anew.")
    if part is not None:
        _check_part(job, part)


def _check_part(job: Job, key: str) -> None:
    found = next((part for part in job.parts if part.key == key), None)
    if found is None:
        raise UnknownPart(f"The job has no part {key!r}.")
    if found.status is StepStatus.COMPLETED:
        raise NotRetryable(f"The part {key!r} has completed.")
