"""One attempt, from its payload to an Outcome: validate, run, encode, judge. It moves no job and knows of no retry.

Whatever a handler does, raises or returns ends here as a value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import ValidationError

from jobrunner.engine.conclusion import LONGEST_MESSAGE, Conclusion
from jobrunner.engine.execution.assignment import Assignment, Means, to_the_end
from jobrunner.engine.execution.command import run_command
from jobrunner.engine.execution.process import run_process
from jobrunner.engine.execution.python import run_coroutine, run_thread
from jobrunner.engine.execution.service import run_service
from jobrunner.engine.execution.thread import ThreadExit
from jobrunner.engine.job_type import Mode
from jobrunner.engine.outcome import Completed, Failed, Outcome, Stopped
from jobrunner.engine.report import clean
from jobrunner.engine.running import Running
from jobrunner.errors import JobError
from jobrunner.model.job import Failure

EXECUTIONS: Mapping[Mode, Callable[[Assignment], Awaitable[Any]]] = {
    Mode.COROUTINE: run_coroutine,
    Mode.THREAD: run_thread,
    Mode.PROCESS: run_process,
    Mode.COMMAND: run_command,
    Mode.SERVICE: run_service,
}


async def run_attempt(running: Running, payload: str, means: Means) -> Outcome:
    """Run an attempt and return what came of it; what was noted first is the outcome."""
    running.limit()
    try:
        value = running.job_type.payload.validate_json(payload)
    except ValidationError as error:
        message = clean(f"The payload no longer fits the type: {_first(error)}", LONGEST_MESSAGE)
        return Failed(Failure("BAD_PAYLOAD", message, running.clock.now(), retryable=False))
    workdir = means.workdirs.of(running.job.id, running.job.attempt)
    assignment = Assignment(running, value, payload, means, workdir)
    outcome = _judge(running, await _outcome(running, EXECUTIONS[running.job_type.mode](assignment)))
    for step in reversed(assignment.afterwards):
        if (work := step()) is not None:
            await to_the_end(work)
    if workdir.made:
        await to_the_end(means.files.run(workdir.remove))
    return outcome


async def _outcome(running: Running, handler: Awaitable[Any]) -> Outcome:
    conclusion = _conclusion(running)
    try:
        value = await handler
        return value if isinstance(value, Completed | Failed) else conclusion.returned(value)
    except JobError as error:
        return conclusion.told(error)
    except asyncio.CancelledError as error:
        if running.reason is not None:
            return Stopped(running.reason)
        return conclusion.raised(error)
    except ThreadExit as error:
        return conclusion.raised(error.raised)
    except BaseException as error:  # noqa: BLE001 - sys.exit() in a handler must not end the server
        return conclusion.raised(error)


def _judge(running: Running, outcome: Outcome) -> Outcome:
    """Return the outcome; one that came after a stop was noted is late."""
    if running.reason is None or isinstance(outcome, Stopped):
        return outcome
    return Stopped(running.reason, outcome.result if isinstance(outcome, Completed) else None)


def _conclusion(running: Running) -> Conclusion:
    job_type, report = running.job_type, running.report
    return Conclusion(
        job_type.result, job_type.max_result, lambda: job_type.error_code(report.current_stage), running.clock.now
    )


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(str(step) for step in first['loc']) or 'payload'}: {first['msg']}"
