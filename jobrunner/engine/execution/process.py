"""Handlers in a child process, which can be killed and bounded: each attempt in a worker that is used again."""

from __future__ import annotations

import asyncio
import math
import signal
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from typing import Any

from jobrunner.engine.execution.assignment import Assignment, to_the_end
from jobrunner.engine.execution.child import CAN_BE_BOUNDED, Limits
from jobrunner.engine.execution.worker_process import Died, Worker
from jobrunner.engine.job_type import JobType, Mode
from jobrunner.engine.kin import Order
from jobrunner.engine.outcome import Completed, Failed, Stop
from jobrunner.engine.report import Report
from jobrunner.engine.running import Running
from jobrunner.errors import ConfigError, JobError
from jobrunner.model.job import Artifact, Failure, Job, StepStatus

SHUTDOWN_GRACE_S = 0.5  # the pool waits a little longer


async def run_process(assignment: Assignment) -> Completed | Failed:
    """Run a handler in a worker process; what it leaves running is ended before the slot is free again."""
    workers = assignment.means.workers
    try:
        worker = await workers.take()
    except OSError as error:
        raise JobError("WORKER_DIED", f"No worker process can be started: {error}") from error
    except Died as died:
        return _died(died, assignment.running.clock.now())
    assignment.afterwards.append(lambda: workers.give_back(worker))
    assignment.afterwards.append(assignment.workdir.look)
    hearing = Hearing(assignment, worker)
    worker.begin(_line(assignment), limits_of(assignment.running.job_type), hearing.hear, hearing.print)
    try:
        return _concluded(assignment.running, await worker.outcome())
    except Died as died:
        return _died(died, assignment.running.clock.now())
    except asyncio.CancelledError:
        await to_the_end(worker.stop(grace_of(assignment.running)))
        return await _last_words(assignment.running, worker)


def grace_of(running: Running) -> float:
    """Return how long a child process may take to stop."""
    return min(running.grace_s, SHUTDOWN_GRACE_S) if running.reason is Stop.SHUTDOWN else running.grace_s


def limits_of(job_type: JobType) -> Limits:
    """Return the limits of the processes of a type."""
    cpu_s = None if job_type.cpu_time is None else math.ceil(job_type.cpu_time / timedelta(seconds=1))
    return Limits(job_type.memory, cpu_s)


def check_limits(types: Iterable[JobType]) -> None:
    """Raise ConfigError for limits that cannot be kept on this system."""
    for each in types:
        if not CAN_BE_BOUNDED and (each.memory is not None or each.cpu_time is not None):
            raise ConfigError(f"types.{each.name}", "memory and cpu_time can be bounded on Linux only; remove them")


def modules_of(types: Iterable[JobType]) -> list[str]:
    """Return the modules whose handlers run in worker processes."""
    handlers = [each.handler for each in types if each.mode is Mode.PROCESS]
    return sorted({handler.__module__ for handler in handlers if handler is not None})


class Hearing:
    """What a worker says of one attempt, told to its report. Changes: the questions that are being answered."""

    def __init__(self, assignment: Assignment, worker: Worker) -> None:
        """Listen to a worker."""
        self._report: Report = assignment.running.report
        self._kin = assignment.means.kin(assignment.running.job, self._report)
        self._worker = worker
        self._answering: set[asyncio.Task[None]] = set()

    def hear(self, word: list[Any]) -> None:
        """Take a word; raise ValueError, TypeError or LookupError for one that is none."""
        match word:
            case ["progress", key, said]:
                self._progress(key, said)
            case ["lines", lines]:
                for level, group in groupby(lines, key=lambda line: line[1]):
                    self._report.lines([text for text, _ in group], level)
            case ["stage", name, status]:
                self._report.stage(name, StepStatus(status))
            case ["part", key, said, result, error, artifact]:
                failure = None if error is None else Failure(**{**error, "occurred_at": self._report.now()})
                file = None if artifact is None else Artifact(**artifact)
                self._report.part(key, **_part(said), result=result, error=failure, artifact=file)
            case ["artifact", artifact]:
                self._report.artifact(Artifact(**artifact))
            case ["ask", number, what, about]:
                answering = asyncio.create_task(self._answer(number, what, about))
                self._answering.add(answering)
                answering.add_done_callback(self._answering.discard)
            case _:
                raise ValueError(f"no such word: {word[0]!r}")

    def print(self, lines: list[str], stream: str) -> None:
        """Take lines that were printed."""
        self._report.lines(lines, "info", stream)

    def _progress(self, key: str | None, said: dict[str, Any]) -> None:
        if key is None:
            self._report.progress(said.get("percentage"), said.get("step"), said.get("remaining_s"))
        else:
            self._report.part(key, **_part(said))

    async def _answer(self, number: int, what: str, about: Any) -> None:
        result, error = None, None
        try:
            if what == "spawn":
                listed = {name: tuple(about[name]) for name in ("tags", "depends_on")}
                result = await self._kin.spawn(Order(**{**about, **listed}))
            else:
                result = await self._kin.result_of(about)
        except JobError as raised:
            error = _error(raised)
        except Exception as raised:  # noqa: BLE001 - the one who asked is to hear of it
            error = _error(JobError("UNEXPECTED_ERROR", f"{type(raised).__name__}: {raised}"))
        self._worker.tell({"answered": number, "result": result, "error": error})


def _line(assignment: Assignment) -> dict[str, Any]:
    """Return what a worker is told of an attempt."""
    job_type, means = assignment.running.job_type, assignment.means
    handler = job_type.handler
    assert handler is not None  # noqa: S101 - only such types run in a process
    return {
        "type": job_type.name, "handler": f"{handler.__module__}:{handler.__qualname__}",
        "job": _brief(assignment.running.job), "payload": assignment.raw, "max_result": job_type.max_result,
        "memory": job_type.memory, "data_dir": str(means.files.directory.absolute()),
        "workdir": str(assignment.workdir.path),
    }  # fmt: skip


def _brief(job: Job) -> dict[str, Any]:
    return {
        "id": job.id, "attempt": job.attempt, "user_id": job.user_id, "traceparent": job.traceparent,
        "uploads": [asdict(upload) for upload in job.uploads],
        "parts": [part.key for part in job.parts if part.status is StepStatus.QUEUED],
    }  # fmt: skip


def _concluded(running: Running, said: dict[str, Any]) -> Completed | Failed:
    """Return the outcome that a worker has told."""
    match said:
        case {"completed": str(result)}:
            return Completed(result)
        case {"failed": dict(failure), "traceback": trace}:
            code = failure["code"] or running.job_type.error_code(running.report.current_stage)
            return Failed(Failure(**{**failure, "code": code, "occurred_at": running.clock.now()}), trace)
    raise JobError("WORKER_DIED", "The worker process was told to stop by somebody else.")


async def _last_words(running: Running, worker: Worker) -> Completed | Failed:
    """Return what a stopped attempt has still said of its end; raise CancelledError when that is nothing."""
    try:
        return _concluded(running, await worker.outcome())
    except (Died, JobError):
        raise asyncio.CancelledError from None


def _died(died: Died, now: int) -> Failed:
    """Return what to say of a worker that did not live to say it; its last lines are for operators."""
    if died.code == -signal.SIGXCPU:
        message = "The handler needs more time on the processor than its type allows."
        return Failed(Failure("CPU_LIMIT", message, now, retryable=False), "\n".join(died.last))
    failure = Failure("WORKER_DIED", f"The worker process died: {died}.", now, details={"exit_code": died.code})
    return Failed(failure, "\n".join(died.last))


def _error(error: JobError) -> dict[str, Any]:
    details = None if error.details is None else dict(error.details)
    return {"code": error.code, "message": error.message, "details": details, "retryable": error.retryable}


def _part(said: dict[str, Any]) -> dict[str, Any]:
    status = said.get("status")
    return {**said, "status": None if status is None else StepStatus(status)}
