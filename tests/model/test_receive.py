"""Jobs that wait for their files."""

from __future__ import annotations

import pytest

from jobrunner.errors import IllegalTransition
from jobrunner.model import moves, steps
from jobrunner.model.job import Hold, Job, Stage, StepStatus, Upload
from jobrunner.model.state import Status
from tests.model.jobs import NOW, a_failure, a_job

LATER = NOW + 60_000
TABLE, NOTES = Upload("table"), Upload("notes")
STAGES = steps.begin_uploading((Stage("uploading"), Stage("analyzing")), NOW)


def awaiting(**fields: object) -> Job:
    given = {"uploads": (TABLE, NOTES), "hold": Hold.UPLOAD, "wake_at": LATER, "stages": STAGES}
    return a_job(**{**given, **fields})


def whole(upload: Upload) -> Upload:
    return Upload(upload.name, size=5, received=5, stored=f"files/{upload.name}")


def both(job: Job) -> Job:
    return moves.receive(moves.receive(job, whole(TABLE), NOW + 1), whole(NOTES), NOW + 2)


def test_the_first_stage_is_driven_by_the_files() -> None:
    assert [stage.status for stage in awaiting().stages] == [StepStatus.PROCESSING, StepStatus.QUEUED]
    uploading, analyzing = both(awaiting()).stages
    assert (uploading.status, uploading.started_at, uploading.completed_at) == (StepStatus.COMPLETED, NOW, NOW + 2)
    assert analyzing == Stage("analyzing")


def test_a_job_waits_until_the_last_file_is_whole() -> None:
    job = moves.receive(awaiting(), whole(TABLE), NOW + 1)
    assert (job.hold, job.wake_at) == (Hold.UPLOAD, LATER)
    job = moves.receive(job, Upload("notes", received=3), NOW + 1)
    assert (job.hold, job.uploads) == (Hold.UPLOAD, (whole(TABLE), Upload("notes", received=3)))


def test_a_job_is_ready_with_its_last_file_and_no_longer_expires() -> None:
    job = both(awaiting())
    assert job.ready
    assert job.wake_at is None
    assert job.uploads == (whole(TABLE), whole(NOTES))


def test_a_job_with_all_files_still_waits_for_its_time() -> None:
    job = both(awaiting(run_at=LATER, deadline=LATER + 9))
    assert (job.hold, job.wake_at) == (Hold.TIME, LATER)


def test_a_job_whose_time_has_come_meanwhile_waits_only_for_its_deadline() -> None:
    job = both(awaiting(run_at=NOW, deadline=LATER))
    assert (job.hold, job.wake_at) == (None, LATER)


def test_a_job_that_does_not_wait_any_more_receives_nothing() -> None:
    for status in set(Status) - {Status.QUEUED}:
        with pytest.raises(IllegalTransition):
            moves.receive(awaiting(status=status), whole(TABLE), NOW)


def test_files_that_were_received_stay_received_over_attempts_and_retries() -> None:
    running = moves.claim(both(awaiting()), LATER)
    assert running.stages[0].status is StepStatus.COMPLETED
    again = moves.retry(moves.fail(running, LATER, a_failure()), LATER, rank=1)
    assert again.stages[0].status is StepStatus.COMPLETED
    assert again.uploads == (whole(TABLE), whole(NOTES))


def test_a_retried_job_whose_files_never_arrived_is_not_ready() -> None:
    expired = moves.expire(awaiting(), LATER, a_failure("UPLOAD_EXPIRED"))
    assert not moves.retry(expired, LATER, rank=1).ready
