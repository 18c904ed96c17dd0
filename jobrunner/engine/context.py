"""What a handler is given: its job's files, and ways to say how far it is.

All but the artifacts may be called from any thread.

A context of an attempt that is over still answers, but what it is told changes nothing.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from jobrunner.engine.execution.thread import Threads
from jobrunner.engine.report import LONGEST_TEXT, Report, clean, percent, seconds
from jobrunner.errors import JobError
from jobrunner.model.document import dumps
from jobrunner.model.job import Artifact, Failure, Job, Part, StepStatus
from jobrunner.storage.files import Files

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that the job was given; `path` is there for reading."""

    name: str
    filename: str | None
    content_type: str | None
    size: int
    path: Path


class SyncContext:
    """What a handler that runs in a thread is given."""

    def __init__(self, job: Job, report: Report, files: Files) -> None:
        """Speak for one attempt of a job."""
        self.job_id = job.id
        self.type = job.type
        self.attempt = job.attempt
        self.user_id = job.user_id
        self.traceparent = job.traceparent
        self._uploads = {upload.name: upload for upload in job.uploads}
        self._report = report
        self._files = files

    @property
    def cancelled(self) -> bool:
        """Tell whether the attempt is asked to stop, whoever asks."""
        return self._report.stopping

    def upload(self, name: str) -> Upload:
        """Return a file of the submission; raise JobError MISSING_UPLOAD when there is none of that name."""
        known = self._uploads.get(name)
        if known is None or known.stored is None or known.size is None:
            raise JobError("MISSING_UPLOAD", f"The job has no upload named {name!r}.", retryable=False)
        return Upload(name, known.filename, known.content_type, known.size, self._files.path(known.stored))

    def progress(
        self, percentage: float | None = None, step: str | None = None, *, remaining_s: float | None = None
    ) -> None:
        """Say how far the whole job is, from 0 to 100, and what goes on; call it as often as you like."""
        self._report.progress(percentage, step, remaining_s)

    def stage(self, name: str) -> StageScope:
        """Return a scope, for `with` or `async with`: inside the stage is processing, after it completed."""
        return StageScope(self._report, name)

    def part(self, key: str) -> PartScope:
        """Return a part of the job, which is told what happens to it."""
        return PartScope(self._report, key)

    def log(self, text: str, level: str = "info") -> None:
        """Add a line to the job's log, `level` being debug, info, warning or error."""
        self._report.line(text, level)

    def artifact(self, name: str, data: bytes | str | Path, content_type: str | None = None) -> None:
        """Keep bytes, text, or a copy of the file at a path as a file of the job. Blocks."""
        content = data.encode() if isinstance(data, str) else data
        stored = self._files.keep(self.job_id, self.attempt, content)
        label = clean(name, LONGEST_TEXT)
        kind = content_type or mimetypes.guess_type(label)[0] or "application/octet-stream"
        self._report.artifact(Artifact(label, kind, stored.size, stored.sha256, stored.path))


class Context(SyncContext):
    """What a coroutine handler is given."""

    def __init__(self, job: Job, report: Report, files: Files, threads: Threads) -> None:
        """Speak for one attempt of a job."""
        super().__init__(job, report, files)
        self._threads = threads
        self._open: set[asyncio.Future[Any]] = set()

    async def artifact(  # type: ignore[override]
        self, name: str, data: bytes | str | Path, content_type: str | None = None
    ) -> None:
        """Keep bytes, text, or a copy of the file at a path as a file of the job, without blocking the event loop."""
        await self._files.run(super().artifact, name, data, content_type)

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function in a thread; the attempt does not end before it has returned."""
        call = self._threads.submit(lambda: function(*args, **kwargs))
        self._open.add(call)
        call.add_done_callback(self._returned)
        return await asyncio.shield(call)

    async def threads_returned(self) -> None:
        """Wait until all functions have returned that were run in threads, also those of a cancelled handler."""
        while self._open:
            try:
                await asyncio.wait(self._open)
            except asyncio.CancelledError:
                continue  # the reason is noted; a thread cannot be stopped from outside

    def _returned(self, call: asyncio.Future[Any]) -> None:
        self._open.discard(call)
        call.exception()  # taken note of: the handler that would have heard of it may be gone


class StageScope:
    """A stage while its block runs."""

    def __init__(self, report: Report, name: str) -> None:
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


class PartScope:
    """One part of a job."""

    def __init__(self, report: Report, key: str) -> None:
        """Name the part."""
        self._report, self._key = report, clean(key, LONGEST_TEXT)

    def progress(
        self, percentage: float | None = None, step: str | None = None, *, remaining_s: float | None = None
    ) -> None:
        """Say how far the part is."""
        self._change(
            lambda part: replace(
                part,
                status=StepStatus.PROCESSING,
                percentage=part.percentage if percentage is None else percent(percentage),
                step=part.step if step is None else clean(step, LONGEST_TEXT),
                remaining_s=seconds(remaining_s),
            )
        )

    def complete(self, result: Any = None) -> None:
        """Say that the part is done; `result` has to be JSON."""
        kept = json.loads(dumps(result))
        self._change(
            lambda part: replace(part, status=StepStatus.COMPLETED, percentage=100.0, remaining_s=None, result=kept)
        )

    def fail(self, error: JobError) -> None:
        """Say that the part has failed; `details` have to be JSON."""
        details = None if error.details is None else json.loads(dumps(dict(error.details)))
        code, message = clean(error.code, LONGEST_TEXT), clean(error.message, LONGEST_TEXT)
        failure = Failure(code, message, self._report.now(), error.retryable, details)
        self._change(lambda part: replace(part, status=StepStatus.FAILED, remaining_s=None, error=failure))

    def _change(self, change: Callable[[Part], Part]) -> None:
        self._report.part(self._key, change)
