"""Stages and parts while a handler works on them: what begins, goes on and ends there is told to the report."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from jobrunner.engine.report import LONGEST_TEXT, clean
from jobrunner.errors import JobError
from jobrunner.model.document import dumps
from jobrunner.model.job import Artifact, Failure, StepStatus


class Reporter(Protocol):
    """Who hears what a handler says: the report of its attempt, or the way there from a child process."""

    stopping: bool

    def now(self) -> int:
        """Return the wall time in milliseconds since the Unix epoch."""

    def progress(self, percentage: float | None, step: str | None, remaining_s: float | None) -> None:
        """Hear how far the job is."""

    def stage(self, name: str, status: StepStatus) -> None:
        """Hear that a stage has begun or ended."""

    def part(
        self,
        key: str,
        *,
        status: StepStatus | None = None,
        percentage: float | None = None,
        step: str | None = None,
        remaining_s: float | None = None,
        stage: str | None = None,
        result: Any = None,
        error: Failure | None = None,
        artifact: Artifact | None = None,
    ) -> None:
        """Hear of a part."""

    def artifact(self, artifact: Artifact) -> None:
        """Hear that a file was made."""

    def line(self, text: str, level: str, stream: str = "log") -> None:
        """Hear a line of the log."""


Data = bytes | str | Path
Keep = Callable[[str, Data, str | None], Artifact]
KeepOffLoop = Callable[[str, Data, str | None], Awaitable[Artifact]]


class StageScope:
    """A stage while its block runs."""

    def __init__(self, report: Reporter, name: str) -> None:
        """Name the stage."""
        self._report, self._name = report, name

    def __enter__(self) -> Self:
        """Begin the stage."""
        self._report.stage(self._name, StepStatus.PROCESSING)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the stage; one that raised is left as it is, for the end of the attempt says what became of it."""
        if kind is None:
            self._report.stage(self._name, StepStatus.COMPLETED)

    async def __aenter__(self) -> Self:
        """Begin the stage."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """End the stage."""
        self.__exit__(kind, error, at)


class SyncPartScope:
    """One part of a job, for `with`: what an exception inside says is said of this part alone."""

    def __init__(self, report: Reporter, key: str, keep: Keep) -> None:
        """Name the part; `keep` makes its file."""
        self._report, self._key, self._keep = report, clean(key, LONGEST_TEXT), keep
        self._ended = False

    def progress(
        self,
        percentage: float | None = None,
        step: str | None = None,
        *,
        remaining_s: float | None = None,
        stage: str | None = None,
    ) -> None:
        """Say how far the part is; what is None stays as it was, but for the time left."""
        self._report.part(
            self._key,
            status=StepStatus.PROCESSING,
            percentage=percentage,
            step=step,
            remaining_s=remaining_s,
            stage=stage,
        )

    def artifact(self, name: str, data: Data, content_type: str | None = None) -> None:
        """Keep bytes, text, or a copy of the file at a path as the file of the part, and of the job. Blocks."""
        artifact = self._keep(name, data, content_type)
        self._report.artifact(artifact)
        self._report.part(self._key, artifact=artifact)

    def complete(self, result: Any = None) -> None:
        """Say that the part is done; `result` has to be JSON."""
        kept = json.loads(dumps(result))
        self._ended = True
        self._report.part(self._key, status=StepStatus.COMPLETED, percentage=100.0, result=kept)

    def fail(self, error: JobError) -> None:
        """Say that the part has failed; `details` have to be JSON."""
        details = None if error.details is None else json.loads(dumps(dict(error.details)))
        code, message = clean(error.code, LONGEST_TEXT), clean(error.message, LONGEST_TEXT)
        self._ended = True
        failure = Failure(code, message, self._report.now(), error.retryable, details)
        self._report.part(self._key, status=StepStatus.FAILED, error=failure)

    def __enter__(self) -> Self:
        """Begin the part."""
        self._report.part(self._key, status=StepStatus.PROCESSING)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        """End the part: completed, or failed by an Exception, which goes no further."""
        if isinstance(error, Exception):
            self.fail(_told(error))
            return True
        if error is None and not self._ended:
            self.complete()
        return False


class PartScope(SyncPartScope):
    """One part of a job, for `async with`."""

    def __init__(self, report: Reporter, key: str, keep: Keep, off_loop: KeepOffLoop) -> None:
        """Name the part; `off_loop` is `keep` elsewhere."""
        super().__init__(report, key, keep)
        self._off_loop = off_loop

    async def artifact(  # type: ignore[override]
        self, name: str, data: Data, content_type: str | None = None
    ) -> None:
        """Keep a file of the part without blocking the event loop."""
        artifact = await self._off_loop(name, data, content_type)
        self._report.artifact(artifact)
        self._report.part(self._key, artifact=artifact)

    async def __aenter__(self) -> Self:
        """Begin the part."""
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> bool:
        """End the part."""
        return self.__exit__(kind, error, at)


def _told(error: Exception) -> JobError:
    if isinstance(error, JobError):
        return error
    return JobError("UNEXPECTED_ERROR", f"{type(error).__name__}: {error}")
