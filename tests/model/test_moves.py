"""What each move does to a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.errors import IllegalTransition
from jobrunner.model import moves
from jobrunner.model.job import NO_PROGRESS, Artifact, Hold, Job, Part, Progress, Stage, StepStatus, Upload
from jobrunner.model.state import ENDED, TRANSITIONS, Status, Trigger
from tests.model.jobs import JOBS, NOW, a_failure, a_job

LATER = NOW + 60_000
FAILURE = a_failure()
MOVES: dict[Trigger, Callable[[Job], Job]] = {
    Trigger.CLAIM: lambda job: moves.claim(job, LATER),
    Trigger.CANCEL: lambda job: moves.cancel(job, LATER),
    Trigger.EXPIRE: lambda job: moves.expire(job, LATER, FAILURE),
    Trigger.WAKE: moves.wake,
    Trigger.RECEIVE: lambda job: moves.receive(job, Upload("file", size=1), LATER),
    Trigger.ASK_TO_STOP: lambda job: moves.ask_to_stop(job, LATER),
    Trigger.COMPLETE: lambda job: moves.complete(job, LATER),
    Trigger.FAIL: lambda job: moves.fail(job, LATER, FAILURE),
    Trigger.BACK_OFF: lambda job: moves.back_off(job, LATER, FAILURE, 5_000),
    Trigger.STOP: lambda job: moves.stop(job, LATER),
    Trigger.INTERRUPT: lambda job: moves.interrupt(job, LATER),
    Trigger.RETRY: lambda job: moves.retry(job, LATER, rank=1),
}
ENDING = [Trigger.COMPLETE, Trigger.FAIL, Trigger.STOP, Trigger.CANCEL, Trigger.EXPIRE]
UNSETTLED = (StepStatus.PROCESSING, StepStatus.QUEUED)
STEPS = tuple(StepStatus)
STAGES = tuple(Stage(step, step, None, step, None if step == "queued" else NOW) for step in STEPS)
PARTS = tuple(Part(step, step, step, remaining_s=3.0) for step in STEPS)
MADE = Artifact("story.html", "text/html", 3, "0" * 64, "files/x")


def in_the_middle(**fields: object) -> Job:
    """Return a running job with a stage and a part in each state there is."""
    done = Progress(40.0, "half way", 12.0, "processing")
    started = {"status": Status.PROCESSING, "started_at": NOW, "attempt": 2, "failures": 1, "retry_count": 1}
    return a_job(**{**started, "progress": done, "stages": STAGES, "parts": PARTS, "artifacts": (MADE,), **fields})


def steps(job: Job) -> dict[str, StepStatus]:
    """Return what became of the stage that was in each state; parts have to have fared the same."""
    by_stage = {stage.name: stage.status for stage in job.stages}
    assert by_stage == {part.key: part.status for part in job.parts}
    return by_stage


@given(JOBS, st.sampled_from(list(MOVES)))
def test_a_move_raises_where_the_table_does_not_lead_and_changes_nothing(job: Job, trigger: Trigger) -> None:
    before = dict(vars(job))
    if (job.status, trigger) in TRANSITIONS:
        assert MOVES[trigger](job).status is TRANSITIONS[job.status, trigger]
    else:
        with pytest.raises(IllegalTransition):
            MOVES[trigger](job)
    assert vars(job) == before


@given(st.lists(st.sampled_from(list(MOVES))))
def test_whatever_happens_to_a_job_its_fields_fit_its_status(triggers: list[Trigger]) -> None:
    job = a_job(stages=(Stage("one"), Stage("two")), parts=(Part("a", "a"),))
    for trigger in triggers:
        if (job.status, trigger) in TRANSITIONS:
            job = MOVES[trigger](job)
        assert (job.completed_at is not None) == (job.status in ENDED)
        assert job.status is Status.QUEUED or (job.hold, job.wake_at) == (None, None)
        assert job.status is not Status.FAILED or job.error is not None
        assert job.status is not Status.PROCESSING or job.started_at is not None


def test_a_claim_begins_the_next_attempt_from_a_clean_slate() -> None:
    waiting = in_the_middle(status=Status.QUEUED, wake_at=NOW, error=FAILURE)
    job = moves.claim(waiting, LATER, alone=True)
    assert (job.attempt, job.started_at, job.wake_at, job.alone) == (3, LATER, None, True)
    assert (job.progress, job.artifacts, job.error) == (NO_PROGRESS, (), None)
    assert {(stage.status, stage.started_at, stage.completed_at) for stage in job.stages} == {
        (StepStatus.QUEUED, None, None)
    }
    assert (job.failures, job.retry_count) == (1, 1)
    assert not moves.claim(a_job(alone=True), LATER).alone


def test_a_completed_job_is_done_what_it_began_too_and_the_untouched_was_skipped() -> None:
    job = moves.complete(in_the_middle(), LATER)
    assert (job.completed_at, job.failures, job.error) == (LATER, 0, None)
    assert job.progress == Progress(100.0, "half way", None, "processing")
    assert steps(job) == {step: step for step in STEPS} | {"processing": "completed", "queued": "skipped"}
    assert {stage.name: stage.completed_at for stage in job.stages if stage.completed_at} == {"processing": LATER}


def test_a_job_that_never_spoke_of_progress_is_at_100_percent_when_it_completes() -> None:
    assert moves.complete(a_job(status=Status.PROCESSING), LATER).progress == Progress(100.0)


def test_a_failed_job_says_why_and_where_it_was() -> None:
    job = moves.fail(in_the_middle(), LATER, FAILURE)
    assert (job.completed_at, job.failures, job.error, job.retry_count) == (LATER, 2, FAILURE, 1)
    assert job.progress == Progress(40.0, "half way", None, "processing")
    assert steps(job) == {step: step for step in STEPS} | {"processing": "failed"}


def test_a_job_backs_off_for_so_long_and_counts_the_failure_and_the_retry() -> None:
    job = moves.back_off(in_the_middle(), LATER, FAILURE, 5_000)
    assert (job.hold, job.wake_at) == (Hold.RETRY, LATER + 5_000)
    assert (job.failures, job.retry_count, job.error, job.completed_at) == (2, 2, FAILURE, None)
    assert {stage.name: stage.status for stage in job.stages}["processing"] is StepStatus.FAILED


def test_a_job_that_backs_off_wakes_at_its_deadline_at_the_latest() -> None:
    job = moves.back_off(in_the_middle(deadline=LATER + 1), LATER, FAILURE, 5_000)
    assert job.wake_at == LATER + 1


def test_an_interruption_is_no_failure() -> None:
    job = moves.interrupt(in_the_middle(), LATER)
    assert (job.hold, job.wake_at, job.failures, job.retry_count, job.crashes) == (None, None, 1, 1, 0)
    assert (job.attempt, job.error, job.progress) == (2, None, NO_PROGRESS)
    assert job.ready


def test_a_crash_is_counted_and_waits_for_its_time_or_its_deadline() -> None:
    job = moves.interrupt(in_the_middle(), NOW, until=LATER, crashed=True)
    assert (job.hold, job.wake_at, job.crashes) == (Hold.RETRY, LATER, 1)
    assert moves.interrupt(in_the_middle(deadline=LATER - 1), NOW, until=LATER).wake_at == LATER - 1


def test_an_interrupted_job_shows_nothing_as_going_on_while_it_waits() -> None:
    job = moves.interrupt(in_the_middle(), NOW, until=LATER)
    shown = {stage.status for stage in job.stages} | {part.status for part in job.parts}
    assert StepStatus.PROCESSING not in shown


@pytest.mark.parametrize(
    "again",
    [
        lambda job: moves.back_off(job, LATER, FAILURE, 5_000),
        lambda job: moves.interrupt(job, LATER),
        lambda job: moves.retry(moves.fail(job, LATER, FAILURE), LATER, rank=1),
    ],
    ids=["back_off", "interrupt", "retry"],
)
def test_a_part_that_has_completed_keeps_its_result_and_file_and_the_others_are_to_be_done(
    again: Callable[[Job], Job],
) -> None:
    made = Part("made", "Made", StepStatus.COMPLETED, percentage=100.0, result=7, artifact=MADE)
    job = again(in_the_middle(parts=(*PARTS, made), artifacts=(MADE, replace(MADE, name="of nobody"))))
    claimed = moves.claim(job.but(hold=None), LATER)
    assert claimed.parts[-1] == made
    assert claimed.artifacts == (MADE,)
    to_do = {part.key for part in claimed.parts if part.status is StepStatus.QUEUED}
    assert to_do == {step.value for step in StepStatus} - {"completed"}


def test_one_part_alone_may_be_retried() -> None:
    job = moves.retry(moves.fail(in_the_middle(), LATER, FAILURE), LATER, rank=1, part="failed")
    after = {part.key: part.status for part in moves.claim(job, LATER).parts}
    assert after == {part.key: part.status for part in moves.fail(in_the_middle(), LATER, FAILURE).parts} | {
        "failed": StepStatus.QUEUED
    }


def test_a_cancelled_job_waits_for_nothing_and_none_of_it_will_be_done() -> None:
    job = moves.cancel(in_the_middle(status=Status.QUEUED, hold=Hold.RETRY, wake_at=NOW), LATER)
    assert (job.completed_at, job.hold, job.wake_at) == (LATER, None, None)
    assert steps(job) == {step: step for step in STEPS} | {"processing": "cancelled", "queued": "cancelled"}


def test_a_running_job_that_is_cancelled_runs_on_until_it_is_stopped() -> None:
    asked = moves.ask_to_stop(in_the_middle(), LATER)
    assert (asked.status, asked.cancel_requested_at, asked.completed_at) == (Status.PROCESSING, LATER, None)
    stopped = moves.stop(asked, LATER + 1)
    assert (stopped.completed_at, stopped.cancel_requested_at, stopped.failures) == (LATER + 1, LATER, 1)
    assert steps(stopped)["processing"] is steps(stopped)["queued"] is StepStatus.CANCELLED


def test_an_expired_job_fails_without_a_failed_attempt() -> None:
    job = moves.expire(a_job(hold=Hold.UPLOAD, wake_at=NOW), LATER, FAILURE)
    assert (job.completed_at, job.hold, job.wake_at, job.error, job.failures) == (LATER, None, None, FAILURE, 0)


def test_a_woken_job_is_ready_and_wakes_once_more_at_its_deadline() -> None:
    job = moves.wake(a_job(hold=Hold.TIME, wake_at=NOW, deadline=LATER))
    assert job.ready
    assert job.wake_at == LATER
    assert moves.wake(a_job(hold=Hold.RETRY, wake_at=NOW)).wake_at is None


@pytest.mark.parametrize("trigger", ENDING)
def test_no_stage_or_part_of_an_ended_job_goes_on_or_has_time_left(trigger: Trigger) -> None:
    before = next(status for status, by in TRANSITIONS if by is trigger)
    job = MOVES[trigger](in_the_middle(status=before))
    assert StepStatus.PROCESSING not in steps(job).values()
    assert job.progress.remaining_s is None
    assert {part.remaining_s for part in job.parts if part.key in UNSETTLED} == {None}


def test_a_retry_begins_anew_and_keeps_what_was_asked_for() -> None:
    ended = moves.stop(in_the_middle(deadline=NOW, crashes=2, cancel_requested_at=NOW, manual_retries=1), LATER)
    job = moves.retry(ended, LATER + 1, rank=77)
    assert (job.rank, job.retry_count, job.manual_retries, job.attempt) == (77, 2, 2, 2)
    assert (job.failures, job.crashes, job.deadline, job.cancel_requested_at) == (0, 0, None, None)
    assert (job.started_at, job.completed_at, job.error) == (None, None, None)
    assert (job.artifacts, job.progress) == ((), NO_PROGRESS)
    assert {stage.status for stage in job.stages} == {StepStatus.QUEUED}
    assert job.ready
    assert (job.id, job.created_at, job.title) == (ended.id, ended.created_at, ended.title)
