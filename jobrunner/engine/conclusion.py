"""What a handler returned or raised, as an Outcome: the same in the server and in a child process.

It knows of no attempt.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from jobrunner.engine.outcome import NOTHING, Completed, Failed
from jobrunner.engine.report import clean
from jobrunner.errors import JobError
from jobrunner.model.document import dumps
from jobrunner.model.job import Failure

LONGEST_MESSAGE = 2_000
LONGEST_TRACEBACK = 20_000
LONGEST_DETAILS = 20_000


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How the handlers of one attempt are judged.

    `result` and `max_result` are those of the type, `error_code` is that of an exception which says none itself.
    """

    result: TypeAdapter[Any]
    max_result: int
    error_code: Callable[[], str]
    now: Callable[[], int]

    def returned(self, result: Any) -> Completed | Failed:
        """Return the result as JSON, or why it cannot be kept."""
        if result is None:
            return Completed(NOTHING)
        try:
            checked = self.result.validate_python(result)
            text = dumps(self.result.dump_python(checked, mode="json", by_alias=True))
        except (PydanticSerializationError, ValidationError, ValueError, TypeError, RecursionError) as error:
            return _failed(self.now(), "BAD_RESULT", f"The result is no JSON: {error}", retryable=False)
        if len(text) > self.max_result:
            detail = f"The result has {len(text)} bytes, {self.max_result} are allowed; keep large data as an artifact."
            return _failed(self.now(), "BAD_RESULT", detail, retryable=False)
        return Completed(text)

    def told(self, error: JobError) -> Failed:
        """Return what a handler says of its failure."""
        try:
            text = dumps(None if error.details is None else dict(error.details))
            details, fits = json.loads(text), len(text) <= LONGEST_DETAILS
        except (ValueError, TypeError, RecursionError):
            details, fits = None, False
        failed = _failed(self.now(), clean(error.code, 100), error.message, retryable=error.retryable)
        kept = details if fits else {"dropped": f"details were no JSON of at most {LONGEST_DETAILS} bytes"}
        failure = replace(failed.failure, details=kept)
        return replace(failed, failure=failure, traceback=_traceback(error), after_s=error.retry_after_s)

    def raised(self, error: BaseException) -> Failed:
        """Return what an exception says that a handler did not mean to raise."""
        text = str(error)
        failed = _failed(
            self.now(), self.error_code(), f"{type(error).__name__}: {text}" if text else type(error).__name__
        )
        return replace(failed, traceback=_traceback(error))


def _failed(now: int, code: str, message: str, *, retryable: bool = True) -> Failed:
    return Failed(Failure(code, clean(message, LONGEST_MESSAGE), now, retryable))


def _traceback(error: BaseException) -> str:
    lines = "".join(traceback.format_exception(error))
    return clean(lines[-LONGEST_TRACEBACK:], LONGEST_TRACEBACK)
