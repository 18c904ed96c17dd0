"""The engine, assembled: its start, its stop, and the door for whoever submits, asks and cancels.

It moves no job itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import structlog

from jobrunner.config import Settings
from jobrunner.engine.allowance import Allowance
from jobrunner.engine.attempts import Attempts
from jobrunner.engine.changes import Changes
from jobrunner.engine.clock import Clock, SystemClock
from jobrunner.engine.delays import Delays
from jobrunner.engine.dispatcher import Dispatcher, settings_of
from jobrunner.engine.estimates import SEED, Estimates, work_of
from jobrunner.engine.gate import Gate
from jobrunner.engine.idempotency import Idempotency
from jobrunner.engine.intake import Intake, Submission
from jobrunner.engine.lifecycle import Lifecycle
from jobrunner.engine.limits import Limits
from jobrunner.engine.live import Table
from jobrunner.engine.outcome import Outcome
from jobrunner.engine.pauses import Pauses
from jobrunner.engine.pool import Pool
from jobrunner.engine.recent import Recent
from jobrunner.engine.recovery import Recovery
from jobrunner.engine.registry import DEFAULT, Registry
from jobrunner.engine.release import New, Release
from jobrunner.engine.retention import Retention
from jobrunner.engine.running import Running
from jobrunner.engine.watchdog import Watchdog
from jobrunner.errors import UnknownJob
from jobrunner.model import moves
from jobrunner.model.job import Job, Upload
from jobrunner.storage.database import Database, open_database
from jobrunner.storage.files import Files
from jobrunner.storage.image import Image
from jobrunner.storage.reader import Reader
from jobrunner.storage.sleeping import Sleeping
from jobrunner.storage.statistics import last_runs
from jobrunner.storage.unit import Answer
from jobrunner.storage.writer import Writer

log = structlog.get_logger("jobrunner.runner")

BULK_UNIT = 250


class Runner:
    """One engine on one data directory. Changes: whether it takes jobs in, and what `start` opens."""

    def __init__(self, settings: Settings, registry: Registry, database: Database, clock: Clock) -> None:
        """Assemble the engine; `Runner.open` is the way to one."""
        self.settings = settings
        self.registry = registry
        self.clock = clock
        self.database = database
        self.changes = Changes()
        self.table = Table()
        self.files = Files(database.path)
        self.writer = Writer(database.writing, database.head, database.marker)
        self.reader = Reader(database.reading, self.writer)
        self.recent = Recent(self.reader)
        self.watchdog = Watchdog()
        self.died: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self.stopped = False
        self._assemble()

    def _assemble(self) -> None:
        settings, clock = self.settings, self.clock
        sleeping = self._sleeping = Sleeping(self.writer)
        allowance = self.allowance = Allowance(settings)
        counts = allowance.bounds_queued
        release = self.release = Release(self.writer, self.changes, self.recent, self.table, count_users=counts)
        lifecycle = self.lifecycle = Lifecycle(self.writer, sleeping, self.table, release)
        of_queue = settings_of(settings.queues)
        slots, grace_s = settings.workers.concurrency, settings.workers.cancel_grace.total_seconds()
        self.pool = Pool(slots, lambda name: of_queue(name).concurrency, self._ended, self._freed)
        self.dispatcher = Dispatcher(clock, self.writer, sleeping, self.table, self.pool, of_queue, lifecycle.claim)
        self.estimates = Estimates(clock, work_of(self.pool, self.dispatcher), release.queued_types)
        self.attempts = Attempts(clock, self.table, self.registry, self.files, self.pool, self.estimates, grace_s)
        self.pauses = Pauses(clock, self.writer, self.dispatcher)
        self.delays = Delays(clock, sleeping, lifecycle.wake)
        release.dispatcher, release.attempts, release.delays = self.dispatcher, self.attempts, self.delays
        self.attempts.lifecycle = lifecycle
        self.writer.on_well = self.dispatcher.pump
        ttl_ms = round(settings.storage.upload_ttl.total_seconds() * 1000)
        free, files, queued, queued_of = settings.storage.min_free, self.files, release.queued, release.queued_of
        self.gate = Gate(clock, self.writer, files, free, of_queue, queued, allowance, queued_of)
        self.limits = Limits(clock, self.reader, allowance)
        self.intake = Intake(self.registry, self.dispatcher, settings.queues, ttl_ms)
        self.idempotency = Idempotency(clock, self.reader, self.writer)
        self.retention = Retention(clock, self.writer, self.files, self.table, self.recent, settings.storage.retention)

    @classmethod
    async def open(cls, settings: Settings, registry: Registry = DEFAULT, clock: Clock | None = None) -> Self:
        """Open the data directory and start; raise DataDirLocked or DataDirError when it cannot be used."""
        storage = settings.storage
        database = await open_database(storage.data_dir, storage.synchronous)
        try:
            runner = cls(settings, registry, database, clock or SystemClock())
            await runner._start()
        except BaseException:
            await database.close(clean=False)  # its threads would keep the process alive
            raise
        return runner

    async def _start(self) -> None:
        self.writer.start(lambda error: None if self.died.done() else self.died.set_result(error))
        self.release.remember(await self.reader.waiting())
        self.estimates.remember(await last_runs(self.reader, SEED))
        if self.allowance.bounds_queued:
            self.release.queued_of.update(await self.reader.waiting_of_users())
        await self._relane()
        await self.pauses.load(self.reader)
        recovery = Recovery(self.table, self.lifecycle, self.registry, crashed=self.database.crashed)
        await recovery.run(self._sleeping, self.clock.now())
        self.dispatcher.start({*self.intake.queues, *self.release.queued})
        self.delays.start()
        self.retention.start()
        self.watchdog.start()
        log.info("runner.started", data_dir=str(self.database.path), epoch=self.database.epoch, head=self.writer.head)

    async def _relane(self) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        fair = {name: self.dispatcher.settings(name).fair for name in self.release.queued}
        self._sleeping.relane(fair, lambda: done.set_result(None), done.set_exception)
        await done

    async def stop(self, drain_s: float | None = None) -> None:
        """Take nothing in, let attempts end for `drain_s` seconds (default: the setting), write everything, close."""
        self.close_intake()
        await (self.drain() if drain_s is None else self.pool.drain(drain_s))
        self.delays.stop()
        await self.retention.stop()
        clean = await self.writer.close()
        self.watchdog.stop()
        self.attempts.threads.close()
        self.files.close()
        await self.database.close(clean=clean)
        self.stopped = True
        log.info("runner.stopped", head=self.writer.head, clean=clean)

    def close_intake(self) -> None:
        """Take nothing in and begin nothing; let readers of streams know that no more will come."""
        self.gate.close()
        self.dispatcher.claiming = False
        self.changes.close()

    async def drain(self) -> None:
        """Let attempts end by themselves for as long as the setting allows, then stop what is left."""
        await self.pool.drain(self.settings.server.drain_timeout.total_seconds())

    async def submit(self, submission: Submission, answer: Answer | None = None) -> Image:
        """Accept a job and return it as committed; raise Invalid or TryLater."""
        users = {} if submission.user_id is None else {submission.user_id: 1}
        self.gate.check({submission.queue or self.intake.queue(submission): 1}, users)
        new = self.intake.prepare(submission, self.clock.now())
        images = await asyncio.shield(self.lifecycle.submit([new], answer))
        return images[0]

    async def submit_all(self, news: Sequence[New], answer: Answer | None = None) -> list[Image]:
        """Accept prepared jobs, all of them or none."""
        self._check(news)
        return await asyncio.shield(self.lifecycle.submit(news, answer))

    async def submit_each(self, news: Sequence[New]) -> list[Image | Exception]:
        """Accept prepared jobs in small commits among those of others; return of each what became of it."""
        self._check(news)
        pieces = [news[start : start + BULK_UNIT] for start in range(0, len(news), BULK_UNIT)]
        commits = [self.lifecycle.submit(piece, bulk=True) for piece in pieces]
        done = await asyncio.shield(asyncio.gather(*commits, return_exceptions=True))
        return [image for piece, images in zip(pieces, done, strict=True) for image in _each(piece, images)]

    async def get(self, job_id: str, owner: str | None = None) -> Image:
        """Return a job as it is seen; raise UnknownJob, with an `owner` also for a job of anybody else.

        Such a one is looked for exactly as one that does not exist.
        """
        live = self.table.get(job_id)
        image = None if live is None else live.image
        if image is None or (owner is not None and image.job.user_id != owner):
            image = await self.recent.image(job_id, owner)
        if image is None:
            raise UnknownJob(job_id)
        return image

    async def position(self, job: Job) -> int | None:
        """Return the place of a job in its queue, None for one that is not ready."""
        live = self.table.get(job.id)
        if not job.ready or live is None:
            return await self.reader.position(job) if job.ready else None
        if not live.job.ready:
            return 1  # it is being claimed at this moment
        return self.dispatcher.position(job) or await self.reader.position(job)

    async def cancel(self, job_id: str, by: str | None = None) -> Image:
        """Cancel a job; raise UnknownJob or NotCancellable. `by` is the name of the subject who asks."""
        return await asyncio.shield(self.lifecycle.cancel(job_id, self.clock.now(), by))

    async def retry(self, job_id: str, repeatable: Answer | None = None, by: str | None = None) -> Image:
        """Queue a failed or cancelled job again; raise UnknownJob or NotRetryable."""
        self.gate.check({})
        return await asyncio.shield(self.lifecycle.retry(job_id, self.clock.now(), repeatable, by))

    async def receive(self, job_id: str, upload: Upload) -> Image:
        """Take note of how much of an awaited file has arrived, or that all of it has."""
        now = self.clock.now()
        return await asyncio.shield(self.lifecycle.receive(job_id, lambda job: moves.receive(job, upload, now)))

    async def show_upload(self, job_id: str, upload: Upload) -> None:
        """Show how much of an awaited file has arrived so far; that may be lost."""
        image = await self.get(job_id)
        uploads = tuple(upload if each.name == upload.name else each for each in image.job.uploads)
        shown = replace(image, job=image.job.but(uploads=uploads))
        self.recent.show(shown)
        self.changes.tell(shown, committed=False)

    async def share(self, upload: Upload, job_id: str) -> Upload:
        """Give a file of one job to another one as well."""
        if upload.stored is None:
            return upload
        return replace(upload, stored=await self.files.run(self.files.share, upload.stored, job_id))

    def _check(self, news: Sequence[New]) -> None:
        users = Counter(new.job.user_id for new in news if new.job.user_id is not None)
        self.gate.check(Counter(new.job.queue for new in news), users)

    def _ended(self, running: Running, outcome: Outcome) -> None:
        self.attempts.ended(running, outcome)
        self.dispatcher.pump()  # a suspect that was fenced no longer keeps the others from beginning

    def _freed(self, running: Running) -> None:
        self.attempts.returned(running)
        self.dispatcher.pump()


def _each(piece: Sequence[New], images: list[Image] | BaseException) -> Sequence[Image | Exception]:
    if isinstance(images, Exception):
        return [images] * len(piece)
    if isinstance(images, BaseException):
        raise images
    return images
