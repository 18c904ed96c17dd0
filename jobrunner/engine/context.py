"""What a handler is given: its job's files, and ways to say how far it is.

All but the artifacts may be called from any thread.

A context of an attempt that is over still answers, but what it is told changes nothing.
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from jobrunner.engine.execution.thread import Threads
from jobrunner.engine.kin import Kin, Order
from jobrunner.engine.report import LONGEST_TEXT, clean
from jobrunner.engine.scopes import PartScope, Reporter, StageScope, SyncPartScope
from jobrunner.errors import JobError
from jobrunner.model.job import Artifact, Job, StepStatus
from jobrunner.storage.files import Files
from jobrunner.storage.workdirs import Workdir

P = ParamSpec("P")
T = TypeVar("T")
Wait = Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that the job was given; `path` is there for reading."""

    name: str
    filename: str | None
    content_type: str | None
    size: int
    path: Path


class SyncContext:
    """What a handler that does not run on the event loop is given."""

    def __init__(self, job: Job, report: Reporter, files: Files, workdir: Workdir, kin: Kin, wait: Wait) -> None:
        """Speak for one attempt of a job; `wait` blocks until something awaitable is done."""
        self.job_id = job.id
        self.type = job.type
        self.attempt = job.attempt
        self.user_id = job.user_id
        self.traceparent = job.traceparent
        self.parts = tuple(part.key for part in job.parts if part.status is StepStatus.QUEUED)
        self._uploads = {upload.name: upload for upload in job.uploads}
        self._report = report
        self._files = files
        self._workdir = workdir
        self._kin = kin
        self._wait = wait

    @property
    def cancelled(self) -> bool:
        """Tell whether the attempt is asked to stop, whoever asks."""
        return self._report.stopping

    @property
    def workdir(self) -> Path:
        """Return a directory of this attempt alone, which is deleted when the attempt is over."""
        return self._workdir.make()

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

    def part(self, key: str) -> SyncPartScope:
        """Return a scope, for `with`: inside the part is processing, after it completed, or failed by an exception."""
        return SyncPartScope(self._report, key, self._keep)

    def log(self, text: str, level: str = "info") -> None:
        """Add a line to the job's log, `level` being debug, info, warning or error."""
        self._report.line(text, level)

    def artifact(self, name: str, data: bytes | str | Path, content_type: str | None = None) -> None:
        """Keep bytes, text, or a copy of the file at a path as a file of the job. Blocks."""
        self._report.artifact(self._keep(name, data, content_type))

    def spawn(
        self,
        type: str,  # noqa: A002 - the word of the API
        payload: Any = None,
        *,
        key: str | None = None,
        title: str | None = None,
        priority: int | None = None,
        queue: str | None = None,
        tags: Sequence[str] = (),
        depends_on: Sequence[str] = (),
    ) -> str:
        """Begin a child of this job, with its user, and return its id when it is accepted. Blocks.

        With a `key` a later attempt gets the child that an earlier one began. It begins when all jobs of `depends_on`
        have completed, and is cancelled with this job. Raises JobError SPAWN_REFUSED.
        """
        order = Order(
            type=type, payload=payload, key=key, title=title, priority=priority, queue=queue, tags=tuple(tags),
            depends_on=tuple(depends_on),
        )  # fmt: skip
        return str(self._wait(self._kin.spawn(order)))

    def result_of(self, job_id: str) -> Any:
        """Return what a completed child, or job that this one depends on, returned; raise JobError NOT_COMPLETED.

        Blocks.
        """
        return self._wait(self._kin.result_of(job_id))

    def _keep(self, name: str, data: bytes | str | Path, content_type: str | None) -> Artifact:
        content = data.encode() if isinstance(data, str) else data
        stored = self._files.keep(self.job_id, self.attempt, content)
        label = clean(name, LONGEST_TEXT)
        kind = content_type or mimetypes.guess_type(label)[0] or "application/octet-stream"
        return Artifact(label, kind, stored.size, stored.sha256, stored.path)


class Context(SyncContext):
    """What a coroutine handler is given."""

    def __init__(self, job: Job, report: Reporter, files: Files, workdir: Workdir, kin: Kin, threads: Threads) -> None:
        """Speak for one attempt of a job."""
        super().__init__(job, report, files, workdir, kin, _refuse_to_wait)
        self._threads = threads
        self._open: set[asyncio.Future[Any]] = set()

    def part(self, key: str) -> PartScope:
        """Return a scope, for `async with`: as that of a SyncContext, but to `await` its artifact."""
        return PartScope(self._report, key, self._keep, self._keep_off_loop)

    async def artifact(  # type: ignore[override]
        self, name: str, data: bytes | str | Path, content_type: str | None = None
    ) -> None:
        """Keep bytes, text, or a copy of the file at a path as a file of the job, without blocking the event loop."""
        await self._files.run(super().artifact, name, data, content_type)

    async def spawn(  # type: ignore[override]
        self,
        type: str,  # noqa: A002 - the word of the API
        payload: Any = None,
        *,
        key: str | None = None,
        title: str | None = None,
        priority: int | None = None,
        queue: str | None = None,
        tags: Sequence[str] = (),
        depends_on: Sequence[str] = (),
    ) -> str:
        """Begin a child of this job, as that of a SyncContext does, without blocking the event loop."""
        order = Order(
            type=type, payload=payload, key=key, title=title, priority=priority, queue=queue, tags=tuple(tags),
            depends_on=tuple(depends_on),
        )  # fmt: skip
        return await self._kin.spawn(order)

    async def result_of(self, job_id: str) -> Any:
        """Return what another job returned, as that of a SyncContext does, without blocking the event loop."""
        return await self._kin.result_of(job_id)

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function in a thread; the attempt does not end before it has returned."""
        call = self._threads.submit(lambda: function(*args, **kwargs))
        self._open.add(call)
        call.add_done_callback(self._returned)
        return await asyncio.shield(call)

    def threads_returned(self) -> Awaitable[None] | None:
        """Wait until all functions have returned that were run in threads, also those of a cancelled handler."""
        return self._all_returned() if self._open else None

    async def _all_returned(self) -> None:
        while self._open:
            await asyncio.wait(self._open)

    async def _keep_off_loop(self, name: str, data: bytes | str | Path, content_type: str | None) -> Artifact:
        return await self._files.run(self._keep, name, data, content_type)

    def _returned(self, call: asyncio.Future[Any]) -> None:
        self._open.discard(call)
        call.exception()  # taken note of: the handler that would have heard of it may be gone


def _refuse_to_wait(_work: Coroutine[Any, Any, Any]) -> Any:
    raise RuntimeError("a coroutine handler awaits this")
