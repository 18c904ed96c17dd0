"""One attempt, from its payload to an Outcome: validate, run, encode, judge. It moves no job and knows of no retry.

Whatever a handler does, raises or returns ends here as a value.
"""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from jobrunner.engine.context import Context, SyncContext
from jobrunner.engine.execution.coroutine import IN_HANDLER
from jobrunner.engine.execution.thread import ThreadExit, Threads
from jobrunner.engine.outcome import NOTHING, Completed, Failed, Outcome, Stopped
from jobrunner.engine.report import clean
from jobrunner.engine.running import Running
from jobrunner.errors import JobError
from jobrunner.model.document import dumps
from jobrunner.model.job import Failure
from jobrunner.storage.files import Files

LONGEST_MESSAGE = 2_000
LONGEST_TRACEBACK = 20_000
LONGEST_DETAILS = 20_000


async def run_attempt(running: Running, payload: str, files: Files, threads: Threads) -> Outcome:
    """Run the handler of an attempt and return what came of it; what was noted first is the outcome."""
    running.limit()
    try:
        value = running.job_type.payload.validate_json(payload)
    except ValidationError as error:
        return _failed(running, "BAD_PAYLOAD", f"The payload no longer fits the type: {_first(error)}", retryable=False)
    if not running.job_type.is_coroutine:
        return _judge(running, await _outcome(running, in_thread(running, value, files, threads)))
    IN_HANDLER.set(True)  # in the context of this task alone
    context = Context(running.job, running.report, files, threads)
    outcome = _judge(running, await _outcome(running, running.job_type.handler(context, value)))
    await context.threads_returned()
    return outcome


async def in_thread(running: Running, value: Any, files: Files, threads: Threads) -> Any:
    """Run a handler that is no coroutine; it can be asked to stop, but not be stopped."""
    context = SyncContext(running.job, running.report, files)
    return await asyncio.shield(threads.submit(lambda: running.job_type.handler(context, value)))


async def _outcome(running: Running, handler: Awaitable[Any]) -> Outcome:
    try:
        return _encoded(running, await handler)
    except JobError as error:
        return _told(running, error)
    except asyncio.CancelledError as error:
        if running.reason is not None:
            return Stopped(running.reason)
        return _raised(running, error)
    except ThreadExit as error:
        return _raised(running, error.raised)
    except BaseException as error:  # noqa: BLE001 - sys.exit() in a handler must not end the server
        return _raised(running, error)


def _judge(running: Running, outcome: Outcome) -> Outcome:
    """Return the outcome; one that came after a stop was noted is late."""
    if running.reason is None or isinstance(outcome, Stopped):
        return outcome
    return Stopped(running.reason, outcome.result if isinstance(outcome, Completed) else None)


def _encoded(running: Running, result: Any) -> Outcome:
    """Return the result as JSON, or why it cannot be kept."""
    job_type = running.job_type
    if result is None:
        return Completed(NOTHING)
    try:
        checked = job_type.result.validate_python(result)
        text = dumps(job_type.result.dump_python(checked, mode="json", by_alias=True))
    except (PydanticSerializationError, ValidationError, ValueError, TypeError, RecursionError) as error:
        return _failed(running, "BAD_RESULT", f"The result is no JSON: {error}", retryable=False)
    if len(text) > job_type.max_result:
        detail = f"The result has {len(text)} bytes, {job_type.max_result} are allowed; keep large data as an artifact."
        return _failed(running, "BAD_RESULT", detail, retryable=False)
    return Completed(text)


def _told(running: Running, error: JobError) -> Failed:
    try:
        text = dumps(None if error.details is None else dict(error.details))
        details, fits = json.loads(text), len(text) <= LONGEST_DETAILS
    except (ValueError, TypeError, RecursionError):
        details, fits = None, False
    failed = _failed(running, clean(error.code, 100), error.message, retryable=error.retryable)
    kept = details if fits else {"dropped": f"details were no JSON of at most {LONGEST_DETAILS} bytes"}
    return replace(failed, failure=replace(failed.failure, details=kept), traceback=_traceback(error))


def _raised(running: Running, error: BaseException) -> Failed:
    code = running.job_type.error_code(running.report.current_stage)
    text = str(error)
    failed = _failed(running, code, f"{type(error).__name__}: {text}" if text else type(error).__name__)
    return replace(failed, traceback=_traceback(error))


def _failed(running: Running, code: str, message: str, *, retryable: bool = True) -> Failed:
    return Failed(Failure(code, clean(message, LONGEST_MESSAGE), running.clock.now(), retryable))


def _traceback(error: BaseException) -> str:
    lines = "".join(traceback.format_exception(error))
    return clean(lines[-LONGEST_TRACEBACK:], LONGEST_TRACEBACK)


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(str(step) for step in first['loc']) or 'payload'}: {first['msg']}"
