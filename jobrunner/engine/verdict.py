"""What becomes of a job after an attempt: a pure judgement of its outcome, by the options of its type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jobrunner.engine.job_type import JobType
from jobrunner.engine.outcome import NOTHING, Completed, Failed, Outcome, Stop, Stopped
from jobrunner.model import moves
from jobrunner.model.backoff import Backoff
from jobrunner.model.job import Failure, Job, Part, StepStatus
from jobrunner.storage.unit import AttemptRecord, Line


@dataclass(frozen=True, slots=True)
class Verdict:
    """The job as it goes on, the attempt as it is remembered, its last log lines, and its result as JSON.

    `within` tells whether it was completed by the time that was stated, None where nothing was stated.
    """

    job: Job
    record: AttemptRecord
    lines: Sequence[Line] = ()
    result: str | None = None
    within: bool | None = None

    def without_data(self, job: Job, error: Exception) -> Verdict:
        """Return the verdict on a job whose own outcome cannot be written."""
        failure = Failure(
            "BAD_RESULT", f"The outcome could not be written: {error}", self.record.ended_at, retryable=False
        )
        record = replace(self.record, outcome="failed", error=failure, result=None, traceback=None)
        return Verdict(moves.fail(job, self.record.ended_at, failure), record)


def judge(
    job: Job,
    outcome: Outcome,
    job_type: JobType | None,
    now: int,
    chance: float,
    lines: Sequence[Line],
    stated: int | None = None,
) -> Verdict:
    """Return what becomes of a running job; `chance` is a random number in [0, 1) for the jitter.

    `stated` is by when it was said to end.
    """
    match outcome:
        case Completed(result) if broken := [part for part in job.parts if part.status is StepStatus.FAILED]:
            failure = _parts_failed(job, broken, now)
            record = replace(_record(job, now, "failed"), error=failure, result=result)
            return Verdict(_after_failure(job, failure, job_type, now, chance), record, lines)
        case Completed(result):
            kept = None if result == NOTHING else result
            within = None if stated is None else now <= stated
            return Verdict(moves.complete(job, now), _record(job, now, "completed"), lines, kept, within)
        case Failed(failure, traceback, after_s):
            record = replace(_record(job, now, "failed"), error=failure, traceback=traceback)
            return Verdict(_after_failure(job, failure, job_type, now, chance, after_s), record, lines)
        case Stopped(reason, late):
            verdict = _after_stop(job, reason, job_type, now, chance)
            return replace(verdict, record=replace(verdict.record, result=late), lines=lines)


def _after_failure(
    job: Job, failure: Failure, job_type: JobType | None, now: int, chance: float, after_s: float | None = None
) -> Job:
    if job.cancel_requested_at is not None:
        return moves.stop(job, now)
    if not failure.retryable or job.failures + 1 >= job.max_attempts:
        return moves.fail(job, now, failure)
    backoff = Backoff() if job_type is None else job_type.backoff
    delay_ms = max(backoff.delay_ms(job.failures + 1, chance), round((after_s or 0) * 1000))
    return moves.back_off(job, now, failure, delay_ms)


def _parts_failed(job: Job, broken: Sequence[Part], now: int) -> Failure:
    """Return the failure of a job whose handler returned although parts had failed, so that nobody overlooks them."""
    first = broken[0]
    why = "" if first.error is None else f": {first.error.message}"
    message = f"{len(broken)} of {len(job.parts)} parts failed, first {first.label}{why}"
    retryable = any(part.error is None or part.error.retryable for part in broken)
    return Failure("PARTS_FAILED", message, now, retryable, {"parts": [part.key for part in broken]})


def _after_stop(job: Job, reason: Stop, job_type: JobType | None, now: int, chance: float) -> Verdict:
    match reason:
        case Stop.CANCEL:
            return Verdict(moves.stop(job, now), _record(job, now, "cancelled"))
        case Stop.TIMEOUT | Stop.STAGE_TIMEOUT:
            failure = _too_long(job, job_type, now, in_stage=reason is Stop.STAGE_TIMEOUT)
            after = _after_failure(job, failure, job_type, now, chance)
            return Verdict(after, replace(_record(job, now, "failed"), error=failure))
        case Stop.DEADLINE:
            failure = deadline_missed(now)
            return Verdict(moves.fail(job, now, failure), replace(_record(job, now, "failed"), error=failure))
        case Stop.SHUTDOWN:
            return interrupted(job, job_type, now, until=None)


def _too_long(job: Job, job_type: JobType | None, now: int, *, in_stage: bool) -> Failure:
    if not in_stage:
        return Failure("TIMEOUT", f"The attempt took longer than {(job.timeout_ms or 0) / 1000:g} s.", now)
    stage = job.progress.stage or ""
    limit_s = None if job_type is None else job_type.stage_timeout_s(stage)
    return Failure("TIMEOUT", f"The stage {stage} took longer than {limit_s or 0:g} s.", now, details={"stage": stage})


def interrupted(job: Job, job_type: JobType | None, now: int, *, until: int | None, crashed: bool = False) -> Verdict:
    """Return what becomes of a job whose attempt the server's own end cut off."""
    record = _record(job, now, "interrupted")
    if job.cancel_requested_at is not None:
        return Verdict(moves.stop(job, now), replace(record, outcome="cancelled"))
    if crashed and job.alone:
        failure = Failure("CRASHED", "The server died while this job ran alone.", now, retryable=False)
    elif job_type is not None and job_type.on_interrupt == "fail":
        failure = Failure("INTERRUPTED", "The server stopped while the job ran, and the job does not start over.", now)
    else:
        return Verdict(moves.interrupt(job, now, until=until, crashed=crashed), record)
    return Verdict(moves.fail(job, now, failure), replace(record, error=failure))


def deadline_missed(now: int) -> Failure:
    """Return the failure of a job whose deadline has passed."""
    return Failure("DEADLINE", "The job was not done by its deadline.", now, retryable=False)


def waited_too_long(job: Job, now: int) -> Failure:
    """Return the failure of a job that waited for its deadline, or in vain for its files."""
    if job.deadline is not None and job.deadline <= now:
        return deadline_missed(now)
    return Failure("UPLOAD_EXPIRED", "The files of the job did not arrive in time.", now, retryable=False)


def _record(job: Job, now: int, outcome: str) -> AttemptRecord:
    return AttemptRecord(job.attempt, job.started_at or now, now, outcome)
