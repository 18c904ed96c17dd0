"""One handler run inline, without an engine: its context is real, and what it says is written down."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jobrunner.engine.context import Context, SyncContext
from jobrunner.engine.declaration import adapters
from jobrunner.engine.execution.thread import Threads
from jobrunner.engine.kin import Order
from jobrunner.engine.report import percent
from jobrunner.errors import JobError
from jobrunner.model.document import dumps
from jobrunner.model.identity import Ids
from jobrunner.model.job import Artifact, Failure, Job, Part, StepStatus, Upload
from jobrunner.storage.files import Files
from jobrunner.storage.workdirs import Workdir
from jobrunner.testing.clock import ManualClock


@dataclass(frozen=True, slots=True)
class Said:
    """How far a handler said it was."""

    percentage: float | None
    step: str | None
    remaining_s: float | None


@dataclass(slots=True)
class Recording:
    """What a handler was given and what it has said, in its order.

    `directory` holds its files. `uploads` are files, bytes or text by their names, `parts` the keys that are to be
    done, `results` what other jobs returned, by their ids. `stopping` is what `context.cancelled` tells.
    """

    directory: Path
    uploads: Mapping[str, Path | bytes | str] = field(default_factory=dict)
    keys: Sequence[str] = ()
    results: Mapping[str, Any] = field(default_factory=dict)
    user_id: str | None = None
    attempt: int = 1
    type: str = "inline"
    clock: ManualClock = field(default_factory=ManualClock)
    stopping: bool = False
    said: list[Said] = field(default_factory=list)
    stages: list[tuple[str, StepStatus]] = field(default_factory=list)
    parts: dict[str, Part] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)
    children: list[Order] = field(default_factory=list)
    _artifacts: dict[str, Artifact] = field(default_factory=dict)
    _files: Files = field(init=False)
    _job: Job = field(init=False)

    def __post_init__(self) -> None:
        """Lay out the uploads."""
        self._files = Files(self.directory)
        job_id = Ids().make(self.clock.now())
        given = tuple(self._given(job_id, name, source) for name, source in self.uploads.items())
        self.parts = {key: Part(key, key) for key in self.keys}
        self._job = Job(
            id=job_id, type=self.type, title=self.type, queue="default", created_at=self.clock.now(),
            user_id=self.user_id, attempt=self.attempt, uploads=given, parts=tuple(self.parts.values()),
        )  # fmt: skip

    @property
    def context(self) -> Context:
        """Return what a coroutine handler is given; to be asked for on the event loop."""
        return Context(self._job, self, self._files, self._workdir, self, Threads())

    @property
    def sync_context(self) -> SyncContext:
        """Return what any other handler is given."""
        return SyncContext(self._job, self, self._files, self._workdir, self, _at_once)

    @property
    def artifacts(self) -> dict[str, bytes]:
        """Return the files that were made, by their names."""
        return {name: self._files.path(each.stored).read_bytes() for name, each in self._artifacts.items()}

    def now(self) -> int:
        """Return the time of the clock."""
        return self.clock.now()

    def progress(self, percentage: float | None, step: str | None, remaining_s: float | None) -> None:
        """Write down how far the job is."""
        self.said.append(Said(None if percentage is None else percent(percentage), step, remaining_s))

    def stage(self, name: str, status: StepStatus) -> None:
        """Write down that a stage has begun or ended."""
        self.stages.append((name, status))

    def part(self, key: str, **said: Any) -> None:
        """Write down what is said of a part; what is None stays as it was."""
        known = self.parts.get(key, Part(key, key))
        self.parts[key] = replace(known, **{name: value for name, value in said.items() if value is not None})

    def artifact(self, artifact: Artifact) -> None:
        """Write down that a file was made."""
        self._artifacts[artifact.name] = artifact

    def line(self, text: str, level: str, stream: str = "log") -> None:  # noqa: ARG002 - as every reporter
        """Write down a line of the log."""
        self.lines.append((level, text))

    async def spawn(self, order: Order) -> str:
        """Write down a child that was asked for; its id is new."""
        self.children.append(order)
        return Ids().make(self.clock.now() + len(self.children))

    async def result_of(self, job_id: str) -> Any:
        """Return what a test gave as the result of a job; raise JobError NOT_COMPLETED where it gave none."""
        if job_id not in self.results:
            raise JobError("NOT_COMPLETED", f"The test has no result of {job_id}.")
        return self.results[job_id]

    @property
    def _workdir(self) -> Workdir:
        return Workdir(self.directory / "work")

    def _given(self, job_id: str, name: str, source: Path | bytes | str) -> Upload:
        content = source.encode() if isinstance(source, str) else source
        stored = self._files.keep(job_id, 0, content)
        filename = source.name if isinstance(source, Path) else name
        return Upload(name, filename, None, stored.size, stored.size, stored.path)


async def run_inline(handler: Callable[..., Any], payload: Any, recording: Recording) -> Any:
    """Run a handler as a job of it would run, and return its result as JSON would carry it.

    The payload is checked against the handler's annotation, the result against the other one. Raises what the handler
    raises, pydantic's ValidationError for a payload that does not fit, and JobError PARTS_FAILED where a part has
    failed although the handler returned.
    """
    takes, returns = adapters(recording.type, handler)
    checked = takes.validate_json(dumps(payload))
    if inspect.iscoroutinefunction(handler):
        result = await handler(recording.context, checked)
    else:
        result = await asyncio.to_thread(handler, recording.sync_context, checked)
    broken = [part for part in recording.parts.values() if part.status is StepStatus.FAILED]
    if broken:
        raise JobError("PARTS_FAILED", f"Parts failed: {', '.join(part.key for part in broken)}", details=_why(broken))
    return json.loads(dumps(returns.dump_python(returns.validate_python(result), mode="json", by_alias=True)))


def _why(broken: Sequence[Part]) -> dict[str, Any]:
    return {part.key: part.error.message if isinstance(part.error, Failure) else None for part in broken}


def _at_once(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)
