"""What a reader is shown of the changes: subscribe first, page what has changed, go on live above what was sent.

No hole, no repeat: the cursor that this keeps strictly rises, whichever way a state came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jobrunner.engine.changes import Told, Watcher
from jobrunner.engine.runner import Runner
from jobrunner.model.filter import Filter
from jobrunner.model.state import Status
from jobrunner.storage.image import Image
from jobrunner.web import cursor, show
from jobrunner.web.views import counts_view

PAGE = 500
PAGE_BYTES = 262_144
DELETED = "jobs that have changed since then were deleted"
OPEN = frozenset({Status.QUEUED, Status.PROCESSING})


@dataclass(frozen=True, slots=True)
class Page:
    """Some jobs as they are now, where to go on, and whether there is more already."""

    images: Sequence[Image]
    number: int
    more: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a reader begins with: jobs, where to go on from, and why it could not go on from where it was."""

    page: Page
    counts: object = None
    missing: Sequence[str] = ()
    reason: str | None = None


class Feed:
    """The changes of the jobs of any of some filters, for one reader. Changes.

    The number up to which it has seen everything.
    """

    def __init__(self, runner: Runner, *wanted: Filter) -> None:
        """Subscribe."""
        self.runner = runner
        self.wanted = wanted
        self.number = runner.writer.head
        self._limit = PAGE  # twice what did fit: 500 large jobs read for the 17 that fit took 60 ms a page
        self.watcher: Watcher = runner.changes.watch(*wanted)

    def close(self) -> None:
        """Unsubscribe."""
        self.runner.changes.leave(self.watcher)

    def resume(self, after: str | None) -> str | None:
        """Go on after a cursor; return why that is impossible, or None."""
        number = cursor.parse(self.runner, after or "")
        if number is None:
            return "the cursor is not one of this database" if after else "no cursor"
        self.number = number
        return None

    async def snapshot(self, reason: str | None) -> Snapshot:
        """Return the named jobs in whatever state, or the newest that have not ended, and go on from there."""
        self.number = self.runner.writer.head
        self.watcher.take()
        named = frozenset(job_id for each in self.wanted for job_id in each.job_ids)
        if named and all(each.job_ids for each in self.wanted):
            images = await self.runner.reader.page(self.wanted, limit=len(named))
            missing = sorted(named - {image.job.id for image in images})
            return Snapshot(Page(self._newest(images), self.number, more=False), None, missing, reason)
        open_ones = [replace(each, statuses=OPEN) for each in self.wanted]
        images = await self.runner.reader.page(open_ones, limit=PAGE + 1)
        page = Page(self._newest(images[:PAGE]), self.number, more=len(images) > PAGE)
        return Snapshot(page, await self._counts(), (), reason)

    async def _counts(self) -> object:
        """Return how many jobs there are, where counters say so."""
        of = self.wanted[0]
        if len(self.wanted) > 1 or of.tags or of.job_ids:
            return None
        counts = self.runner.reader.counts(of.user_ids, of.types, of.queues, owner=of.owner, only=of.only)
        return counts_view(await counts)

    async def page(self) -> Page | None:
        """Return what has changed since, by rising number, and go on from there; None when some of it was deleted."""
        changes = await self.runner.reader.changes(self.number, self.wanted, self._limit)
        if self.number < changes.deleted:
            return None
        images: list[Image] = []
        size = 0
        for image in changes.images:
            size += len(show.streamed(self.runner, image))
            if images and size > PAGE_BYTES:
                self.number, self._limit = images[-1].number, min(2 * len(images), PAGE)
                return Page(images, self.number, more=True)
            images.append(image)
        self.number, self._limit = changes.until, min(2 * self._limit, PAGE)
        return Page(images, self.number, changes.more)

    def live(self) -> list[Told]:
        """Return what has come since, committed states by rising number, and go on from there."""
        told = self.watcher.take()
        committed = sorted((each for each in told if each.committed), key=lambda each: each.image.number)
        fresh = [each for each in committed if each.image.number > self.number]
        if fresh:
            self.number = fresh[-1].image.number
        return fresh + [each for each in told if not each.committed]

    def overrun(self) -> bool:
        """Tell, once, whether states were dropped because the reader is slow, so that it has to page."""
        overrun, self.watcher.overrun = self.watcher.overrun, False
        return overrun

    def _newest(self, images: Sequence[Image]) -> list[Image]:
        """Return the images as they are seen in memory, with progress that is not on disk."""
        table, recent = self.runner.table, self.runner.recent
        lives = [(image, table.get(image.job.id)) for image in images]
        return [live.image if live and live.image else recent.seen(image) for image, live in lives]
