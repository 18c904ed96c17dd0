"""What is said of an attempt over HTTP, by whoever holds its token: heard while it runs, refused when it is over.

An end is answered when it is on disk; an exact repeat of it, for as long as its job is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import structlog

from jobrunner.engine.attempt_tokens import AttemptTokens
from jobrunner.engine.attempts import Attempts
from jobrunner.engine.changes import Changes
from jobrunner.engine.execution.words import Words, words_of
from jobrunner.engine.live import Live, Table
from jobrunner.engine.recent import Recent
from jobrunner.engine.running import Running
from jobrunner.errors import Invalid, LateReport, ShuttingDown, UnknownJob
from jobrunner.model.filter import Filter
from jobrunner.model.job import Artifact
from jobrunner.model.state import Status
from jobrunner.storage.image import Image
from jobrunner.storage.reader import Reader

log = structlog.get_logger("jobrunner.attempt")

AGAIN_S = 1


class Callbacks:
    """Changes: the ends that are on their way to the disk, by job and attempt, each with the digest of its report."""

    def __init__(
        self,
        table: Table,
        attempts: Attempts,
        changes: Changes,
        recent: Recent,
        reader: Reader,
        tokens: AttemptTokens,
    ) -> None:
        """Tell `attempts` what is said."""
        self._table = table
        self._attempts = attempts
        self._changes = changes
        self._recent = recent
        self._reader = reader
        self._tokens = tokens
        self._ending: dict[tuple[str, int], tuple[str, asyncio.Task[None]]] = {}

    def attempt(self, job_id: str, token: str) -> int:
        """Return the attempt that a token is of; raise UnknownJob for one that is forged, or of another job."""
        return self._tokens.attempt(job_id, token)

    async def check(self, job_id: str, attempt: int) -> Live:
        """Return a job whose attempt runs; raise LateReport, UnknownJob or, when it runs but not here yet, TryLater."""
        live = self._live(job_id, attempt)
        if live is not None:
            return live
        image = await self._recent.image(job_id)
        if image is None:
            raise UnknownJob(job_id)
        if _runs(image, attempt) and (job_id, attempt) not in self._ending:
            raise ShuttingDown("The server is stopping, or has just come back; repeat it.", retry_after_s=AGAIN_S)
        log.info("attempt.late_report", job=job_id, attempt=attempt)
        raise LateReport("The attempt is over: what is said of it changes nothing.")

    async def hear(self, job_id: str, attempt: int, document: Any) -> bool:
        """Take what is said, and return whether the attempt is asked to stop.

        A stage or a part is on disk when this returns, and so is an end. Raises Invalid, and what `check` raises.
        """
        words: Words = words_of(document)
        said = _digest(document)
        if words.final and await self._is_repeat(job_id, attempt, said):
            return False
        live = await self.check(job_id, attempt)
        running = live.running
        assert running is not None  # noqa: S101 - it was checked; for the type checker
        _check(words, running)
        running.heard()
        words.tell(running.report)
        if words.final:
            await self._end(running, words, said)
        elif words.stage is not None or words.part is not None:
            await asyncio.shield(self._attempts.keep(live))
        return running.report.stopping

    async def keep(self, job_id: str, attempt: int, artifact: Artifact) -> bool:
        """Make a file that has arrived one of the job, and return whether it takes the place of another."""
        live = await self.check(job_id, attempt)
        running = live.running
        assert running is not None  # noqa: S101 - it was checked; for the type checker
        running.heard()
        known = running.report.artifact_named(artifact.name) is not None
        running.report.artifact(artifact)
        await asyncio.shield(self._attempts.keep(live))
        return known

    def _live(self, job_id: str, attempt: int) -> Live | None:
        live = self._table.get(job_id)
        running = None if live is None else live.running
        if running is None or running.over or running.job.attempt != attempt:
            return None
        if running.job_type.survives and (running.takes_end is None or running.end is not None):
            return None  # it is being taken up again at this moment, or has its end already
        return live

    async def _is_repeat(self, job_id: str, attempt: int, said: str) -> bool:
        """Tell whether the very same report has ended the attempt; wait for that end, if it is not on disk yet."""
        known, ending = self._ending.get((job_id, attempt), (None, None))
        if ending is not None and known == said:
            await asyncio.shield(ending)
            return True
        live = self._live(job_id, attempt)
        if live is not None and live.running is not None:
            return live.running.said == said
        return any(each.attempt == attempt and each.said == said for each in await self._reader.attempts(job_id))

    async def _end(self, running: Running, words: Words, said: str) -> None:
        """End an attempt; of a service, return when that is on disk. A command ends when it exits, not before."""
        if not running.hear_end(words, said):
            raise LateReport("The attempt has an end already.")
        if running.job_type.survives:
            key = running.job.id, running.job.attempt
            task = asyncio.create_task(self._on_disk(*key))
            self._ending[key] = said, task
            task.add_done_callback(lambda _task: self._ending.pop(key))
            await asyncio.shield(task)

    async def _on_disk(self, job_id: str, attempt: int) -> None:
        live = self._table.get(job_id)
        watcher = self._changes.watch(Filter(job_ids=frozenset({job_id})))
        try:
            while live is not None and live.image is not None and _runs(live.image, attempt):
                await watcher.wait()
                watcher.take()
        finally:
            self._changes.leave(watcher)


def _runs(image: Image, attempt: int) -> bool:
    return image.job.status is Status.PROCESSING and image.job.attempt == attempt


def _check(words: Words, running: Running) -> None:
    """Raise Invalid for what can be said in general, but not of this attempt."""
    faults = []
    if words.final and running.takes_end is None:
        faults.append(("/error" if words.error else "/result", "this attempt ends by what its handler returns"))
    if words.error is not None and "result" in words.model_fields_set:
        faults.append(("/error", "not together with a result"))
    named = None if words.part is None else words.part.artifact
    if named is not None and running.report.artifact_named(named) is None:
        faults.append(("/part/artifact", "no file of this name was sent before"))
    if faults:
        raise Invalid("That cannot be said of the attempt.", pointers=faults)


def _digest(document: Any) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
