"""What an attempt has said about itself: progress, stages, parts, artifacts and log lines, from any thread.

Words are gathered under a lock and told on the event loop, the latest of them at most ten times a second. A report
that is closed takes no more: late words change nothing.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import structlog

from jobrunner.engine.clock import Clock
from jobrunner.engine.unwritten import Bundle, Unwritten
from jobrunner.model.estimate import time_left_s
from jobrunner.model.job import Artifact, Failure, Job, Part, Stage, StepStatus
from jobrunner.storage.unit import Line

log = structlog.get_logger("jobrunner.attempt")

LEAST_PAUSE_S = 0.1
LONGEST_TEXT = 500
LONGEST_LINE = 4_096
LEVELS = frozenset({"debug", "info", "warning", "error"})


class Report:
    """Changes.

    The pieces of the job that its handler owns, the lines not yet written, and whether telling is under way.

    `urgent` says that something has happened which has to reach the disk at once: a stage, a part or an artifact.
    """

    def __init__(self, job: Job, clock: Clock, tell: Callable[[], None]) -> None:
        """Begin with a job as it was claimed; `tell` is called on the event loop."""
        self.urgent = False
        self.stopping = False
        self.last_line = 0
        self._job_id, self._attempt = job.id, job.attempt
        self._started_at = job.started_at or 0
        self._progress, self._stages, self._parts = job.progress, job.stages, job.parts
        self._artifacts, self._monitor = job.artifacts, job.monitor
        self._unwritten = Unwritten()
        self._clock = clock
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._closed = False
        self._late = False
        self._scheduled = False
        self._touched = False
        self._last_told = -math.inf

    @property
    def current_stage(self) -> str | None:
        """Return the stage that has begun and not ended."""
        return self._progress.stage

    def now(self) -> int:
        """Return the wall time in milliseconds since the Unix epoch."""
        return self._clock.now()

    def progress(self, percentage: float | None, step: str | None, remaining_s: float | None) -> None:
        """Say how far the job is; what is None stays as it was, but for the time left."""
        with self._lock:
            known = self._progress
            self._progress = replace(
                known,
                percentage=known.percentage if percentage is None else percent(percentage),
                step=known.step if step is None else clean(step, LONGEST_TEXT),
                remaining_s=seconds(remaining_s),
            )
        self._touch()

    def stage(self, name: str, status: StepStatus) -> None:
        """Say that a stage has begun or ended; one that was not declared is added."""
        now, name = self._clock.now(), clean(name, LONGEST_TEXT)
        with self._lock:
            known = {stage.name: stage for stage in self._stages}
            stage = known.get(name) or Stage(name, name)
            begins = status is StepStatus.PROCESSING
            known[name] = replace(
                stage,
                status=status,
                started_at=now if begins else stage.started_at,
                completed_at=None if begins else now,
            )
            self._stages = tuple(known.values())
            self._progress = replace(self._progress, stage=name if begins else None)
        self._touch(urgent=True)

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
        """Say something of a part; what is None stays as it was, but for the time left. One not known is added."""
        with self._lock:
            known = {part.key: part for part in self._parts}
            before = known.get(key) or Part(key, key)
            only_file = artifact is not None and status is None
            known[key] = replace(
                before,
                status=status or before.status,
                stage=before.stage if stage is None else clean(stage, LONGEST_TEXT),
                percentage=before.percentage if percentage is None else percent(percentage),
                step=before.step if step is None else clean(step, LONGEST_TEXT),
                remaining_s=before.remaining_s if only_file else seconds(remaining_s),
                result=before.result if result is None else result,
                error=error if error is not None or status is not None else before.error,
                artifact=before.artifact if artifact is None else artifact,
            )
            self._parts = tuple(known.values())
        self._touch(urgent=before.status is not known[key].status or artifact is not None)

    def artifact(self, artifact: Artifact) -> None:
        """Say that a file was made; one of the same name is replaced."""
        with self._lock:
            self._artifacts = (*(each for each in self._artifacts if each.name != artifact.name), artifact)
        self._touch(urgent=True)

    def accepted(self, monitor: str) -> None:
        """Say that a service works on it, and where that can be asked, if anywhere."""
        with self._lock:
            self._monitor = monitor
        self._touch(urgent=True)

    def artifact_named(self, name: str) -> Artifact | None:
        """Return a file that was made before, by its name."""
        label = clean(name, LONGEST_TEXT)
        return next((each for each in self._artifacts if each.name == label), None)

    def line(self, text: str, level: str, stream: str = "log") -> None:
        """Say a line of the log."""
        self.lines([str(text)], level, stream)

    def lines(self, texts: Sequence[str], level: str, stream: str = "log") -> None:
        """Say lines of the log at once; made for very many."""
        now, short = self._clock.now(), [text[: LONGEST_LINE + 1] for text in texts]
        with self._lock:
            kind = level if level in LEVELS else "info"
            self._unwritten.add(Bundle(self.last_line + 1, now, stream, kind, short))
            self.last_line += len(short)
        self._touch()

    def ask_to_stop(self) -> None:
        """Let the handler see that it is to stop."""
        self.stopping = True

    def close(self) -> None:
        """Take no more."""
        self._closed = True

    def onto(self, job: Job) -> Job:
        """Return the job with what was said so far."""
        if not self._touched:
            return job
        with self._lock:
            progress = self._progress
            if progress.remaining_s is None:
                left = time_left_s(progress.percentage, self._clock.now() - self._started_at)
                progress = replace(progress, remaining_s=left)
            return job.but(
                progress=progress,
                stages=self._stages,
                parts=self._parts,
                artifacts=self._artifacts,
                monitor=self._monitor,
            )

    def take_lines(self) -> list[Line]:
        """Return the lines that were not yet written, and forget them."""
        with self._lock:
            unwritten, self._unwritten = self._unwritten, Unwritten()
        return unwritten.lines(lambda text: clean(text, LONGEST_LINE))

    def _touch(self, *, urgent: bool = False) -> None:
        if self._closed:
            if not self._late:
                log.warning("attempt.late_word", job=self._job_id, attempt=self._attempt)
            self._late = True
            return
        self._touched = True
        with self._lock:
            self.urgent |= urgent
            scheduled, self._scheduled = self._scheduled, True
        if not scheduled:
            self._loop.call_soon_threadsafe(self._schedule)

    def _schedule(self) -> None:
        pause = LEAST_PAUSE_S - (self._clock.monotonic() - self._last_told)
        if pause <= 0:
            self._now()
        else:
            self._clock.call_later(pause, self._now)

    def _now(self) -> None:
        with self._lock:
            self._scheduled = False
        self._last_told = self._clock.monotonic()
        if not self._closed:
            self._tell()


def clean(text: str, most: int) -> str:
    """Return text that every reader can take: no NUL, no lone surrogates, of bounded length."""
    text = str(text)
    short = text if len(text) <= most else text[: most - 1] + "…"
    return short.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def percent(value: float) -> float | None:
    """Return a share between 0 and 100; None for one that is not finite."""
    number = float(value)
    return round(min(max(number, 0.0), 100.0), 2) if math.isfinite(number) else None


def seconds(value: float | None) -> float | None:
    """Return a duration that is not negative; None for one that is not finite."""
    number = math.nan if value is None else float(value)
    return max(number, 0.0) if math.isfinite(number) else None
