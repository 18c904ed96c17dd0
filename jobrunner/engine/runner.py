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
from jobrunner.engine.assembly import Assembly
from jobrunner.engine.clock import Clock, SystemClock
from jobrunner.engine.estimates import SEED
from jobrunner.engine.intake import Submission
from jobrunner.engine.new import New
from jobrunner.engine.recovery import Recovery
from jobrunner.engine.registry import DEFAULT, Registry
from jobrunner.errors import RequestError, TryLater, UnknownJob
from jobrunner.model import moves
from jobrunner.model.job import Job, Upload
from jobrunner.storage.database import open_database
from jobrunner.storage.family import awaited, parents
from jobrunner.storage.image import Image
from jobrunner.storage.statistics import last_runs
from jobrunner.storage.unit import Answer

log = structlog.get_logger("jobrunner.runner")

BULK_UNIT = 250


class Runner(Assembly):
    """One engine on one data directory. Changes: whether it takes jobs in, and what `start` opens."""

    @classmethod
    async def open(cls, settings: Settings, registry: Registry = DEFAULT, clock: Clock | None = None) -> Self:
        """Open the data directory and start; raise DataDirLocked or DataDirError when it cannot be used."""
        storage = settings.storage
        database = await open_database(storage.data_dir, storage.synchronous)
        try:
            runner = cls(settings, registry, database, clock or SystemClock())
            runner.children.submit, runner.children.get = runner.submit, runner.get
            await runner._start()
        except BaseException:
            await database.close(clean=False)  # its threads would keep the process alive
            raise
        return runner

    async def _start(self) -> None:
        await self._end_survivors()
        self.writer.start(lambda error: None if self.died.done() else self.died.set_result(error))
        self.release.remember(await self.reader.waiting())
        self.estimates.remember(await last_runs(self.reader, SEED))
        if self.allowance.bounds_queued:
            self.release.queued_of.update(await self.reader.waiting_of_users())
        self.means.workdirs.sweep()
        await self._relane()
        await self.pauses.load(self.reader)
        recovery = Recovery(self.table, self.lifecycle, self.registry, crashed=self.database.crashed)
        await recovery.run(self._sleeping, self.clock.now())
        self.dependencies.remember(await awaited(self.reader))
        self.children.remember(await parents(self.reader))
        self.dispatcher.start({*self.intake.queues, *self.release.queued})
        self.delays.start()
        self.retention.start()
        self.watchdog.start()
        if self.means.workers.modules:
            self.means.workers.prepare()
        log.info("runner.started", data_dir=str(self.database.path), epoch=self.database.epoch, head=self.writer.head)

    async def _end_survivors(self) -> None:
        """Kill what a dead server on this directory left running, before anything of it is run again."""
        if killed := await asyncio.to_thread(self.means.mark.kill_survivors):
            log.warning("survivors.killed", pids=killed)

    async def _relane(self) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        fair = {name: self.dispatcher.settings(name).fair for name in self.release.queued}
        self._sleeping.relane(fair, lambda: done.set_result(None), done.set_exception)
        await done

    async def stop(self, drain_s: float | None = None) -> None:
        """Take nothing in, let attempts end for `drain_s` seconds (default: the setting), write everything, close."""
        self.close_intake()
        await (self.drain() if drain_s is None else self.pool.drain(drain_s))
        await self.means.workers.close()
        self.attempts.let_go()
        self.delays.stop()
        await self.retention.stop()
        clean = await self.writer.close()
        await self.admissions.close()
        await self.means.calls.close()
        self.watchdog.stop()
        self.means.threads.close()
        self.files.close()
        await self.database.close(clean=clean)
        self.stopped = True
        log.info("runner.stopped", head=self.writer.head, clean=clean)

    def reloaded(self) -> None:
        """Let what begins from now on use the types as the registry has them now."""
        self.intake.queues.update(job_type.queue for job_type in self.registry)
        self.means.workers.retire()

    def close_intake(self) -> None:
        """Take nothing in and begin nothing; let readers of streams know that no more will come."""
        self.gate.close()
        self.dispatcher.claiming = False
        self.changes.close()

    async def drain(self) -> None:
        """Let attempts end by themselves for as long as the setting allows, then stop what is left."""
        await self.pool.drain(self.settings.server.drain_timeout.total_seconds())

    async def submit(self, submission: Submission, answer: Answer | None = None) -> Image:
        """Accept a job and return it as committed; raise Invalid or TryLater, or Refused by the application."""
        users = {} if submission.user_id is None else {submission.user_id: 1}
        self.gate.check({submission.queue or self.intake.queue(submission): 1}, users)
        new = self.intake.prepare(submission, self.clock.now())
        if new.job.depends_on:
            await self.dependencies.check(new.job, self.get)
        if self.admissions.concern((new,)):
            return await asyncio.shield(asyncio.create_task(self._ask_and_submit(new, answer)))
        images = await asyncio.shield(self.lifecycle.submit([new], answer))
        return images[0]

    async def cached(self, submission: Submission) -> Image | None:
        """Return a job whose result serves as well as that of a new one; raise Invalid for what is no submission."""
        if not self.cache.serves(submission.type):
            return None
        found = await self.cache.find([self.intake.prepare(submission, self.clock.now())])
        return next(iter(found.values()), None)

    async def admit(self, news: Sequence[New], key: str | None = None) -> dict[str, RequestError]:
        """Ask the application about prepared jobs, where it wants to be asked; return by its id why one is refused.

        Those that are admitted are to be submitted next, or withdrawn. Raises TryLater when there is no room for them.
        """
        if not self.admissions.concern(news):
            return {}
        self._check(news)
        return await self.admissions.ask(news, key)

    async def submit_all(self, news: Sequence[New], answer: Answer | None = None) -> list[Image]:
        """Accept prepared and admitted jobs, all of them or none."""
        key = None if answer is None else answer.key
        self._check_admitted(news, key)
        accepted = self.lifecycle.submit(news, answer)
        self.admissions.follow(news, key, accepted)
        return await asyncio.shield(accepted)

    async def submit_each(self, news: Sequence[New]) -> list[Image | Exception]:
        """Accept prepared and admitted jobs in small commits among those of others; return what became of each."""
        self._check_admitted(news, None)
        pieces = [news[start : start + BULK_UNIT] for start in range(0, len(news), BULK_UNIT)]
        commits = [self.lifecycle.submit(piece, bulk=True) for piece in pieces]
        for piece, commit in zip(pieces, commits, strict=True):
            self.admissions.follow(piece, None, commit)
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

    async def retry(
        self, job_id: str, repeatable: Answer | None = None, by: str | None = None, part: str | None = None
    ) -> Image:
        """Queue a failed or cancelled job again, with all that has not completed of it, or with just one part.

        Raises UnknownJob, UnknownPart or NotRetryable.
        """
        self.gate.check({})
        return await asyncio.shield(self.lifecycle.retry(job_id, self.clock.now(), repeatable, by, part))

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

    async def _ask_and_submit(self, new: New, answer: Answer | None) -> Image:
        for refused in (await self.admissions.ask([new], None if answer is None else answer.key)).values():
            raise refused
        return (await self.submit_all([new], answer))[0]

    def _check_admitted(self, news: Sequence[New], key: str | None) -> None:
        try:
            self._check(news)
        except TryLater as error:
            self.admissions.withdraw(news, key, error)
            raise

    def _check(self, news: Sequence[New]) -> None:
        users = Counter(new.job.user_id for new in news if new.job.user_id is not None)
        self.gate.check(Counter(new.job.queue for new in news), users)


def _each(piece: Sequence[New], images: list[Image] | BaseException) -> Sequence[Image | Exception]:
    if isinstance(images, Exception):
        return [images] * len(piece)
    if isinstance(images, BaseException):
        raise images
    return images
