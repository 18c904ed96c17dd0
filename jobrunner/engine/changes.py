"""Committed changes, handed to those who watch. A change reaches only its watchers, and the engine never waits for one.

Progress that is not on disk is told too, without being numbered: it may be lost, and the next committed state brings
it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobrunner.model.filter import Filter
from jobrunner.model.job import Job
from jobrunner.storage.image import Image

MOST_WAITING = (
    256  # states that may wait for a reader, about 256 KiB of JSON: beyond it the reader goes back to the disk
)

Watched = tuple[str, str]
ANYTHING: Watched = ("", "")
NOTHING: Watched = ("none", "")  # a watcher has a key, so that it is told of the end


@dataclass(frozen=True, slots=True)
class Told:
    """A state of a job; only a committed one is numbered, and may be resumed from."""

    image: Image
    committed: bool


class Watcher:
    """What waits for one reader: of each job the newest state, in the order in which they came.

    Changes: the waiting states, whether some were dropped, and whether there are new log lines.
    """

    def __init__(self, wanted: Sequence[Filter]) -> None:
        """Watch the jobs of any of the filters."""
        self.wanted = wanted
        self.overrun = False
        self.new_lines = False
        self.closed = False
        self._waiting: OrderedDict[str, Told] = OrderedDict()
        self._news = asyncio.Event()

    def watches(self, job: Job) -> bool:
        """Tell whether the reader is shown a job."""
        return any(each.watches(job) for each in self.wanted)

    def offer(self, told: Told) -> None:
        """Put a state last; it takes the place of an older one, and too many of them are all dropped."""
        job_id = told.image.job.id
        older = self._waiting.pop(job_id, None)
        # A committed state that nobody has read yet stays committed, when only progress follows it.
        committed = told.committed or (
            older is not None and older.committed and older.image.number == told.image.number
        )
        self._waiting[job_id] = Told(told.image, committed)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.clear()
            self.overrun = True
        self._news.set()

    def note_lines(self) -> None:
        """Take note that a log has grown."""
        self.new_lines = True
        self._news.set()

    def close(self) -> None:
        """Let the reader know that no more will come."""
        self.closed = True
        self._news.set()

    async def wait(self) -> None:
        """Wait until there is something to take."""
        await self._news.wait()

    def take(self) -> list[Told]:
        """Return what waits, by rising number, and forget it.

        A commit in which a job changes twice is told in another order: the number belongs to its first change there.
        """
        self._news.clear()
        taken, self._waiting = self._waiting, OrderedDict()
        return sorted(taken.values(), key=lambda told: told.image.number)


class Changes:
    """Changes: the watchers, indexed by what they watch, and whether there will be nothing more to watch."""

    def __init__(self) -> None:
        """Begin without watchers."""
        self._closed = False
        self._watchers: defaultdict[Watched, set[Watcher]] = defaultdict(set)

    def __len__(self) -> int:
        """Count the watchers."""
        return len(set().union(*self._watchers.values()))

    def watch(self, *wanted: Filter) -> Watcher:
        """Begin to watch the jobs of any of the filters."""
        watcher = Watcher(wanted)
        if self._closed:
            watcher.close()
        for key in _keys(wanted):
            self._watchers[key].add(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """Watch no longer."""
        for key in _keys(watcher.wanted):
            self._watchers[key].discard(watcher)
            if not self._watchers[key]:
                del self._watchers[key]

    def tell(self, image: Image, *, committed: bool = True) -> None:
        """Tell the watchers of a job in which state it is."""
        told = Told(image, committed)
        for watcher in self._of(image):
            watcher.offer(told)

    def tell_lines(self, image: Image) -> None:
        """Tell the watchers of a job that its log has grown."""
        for watcher in self._watchers.get(("job", image.job.id), ()):
            watcher.note_lines()

    def close(self) -> None:
        """Let all readers know that no more will come, also those who are yet to come."""
        self._closed = True
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.close()

    def _of(self, image: Image) -> Iterable[Watcher]:
        if not self._watchers:
            return ()
        job = image.job
        keys = (ANYTHING, ("job", job.id), ("user", job.user_id or ""), ("type", job.type))
        near = {watcher for key in keys for watcher in self._watchers.get(key, ())}
        return [watcher for watcher in near if watcher.watches(job)]


def _keys(wanted: Sequence[Filter]) -> set[Watched]:
    return {key for each in wanted for key in _keys_of_filter(each)}


def _keys_of_filter(wanted: Filter) -> Iterable[Watched]:
    """Return one set of keys that every job of the filter has one of, the narrowest there is."""
    if wanted.only is not None:
        named = wanted.only & wanted.job_ids if wanted.job_ids else wanted.only
        return {("job", job_id) for job_id in named} or {NOTHING}
    if wanted.job_ids:
        return {("job", job_id) for job_id in wanted.job_ids}
    if wanted.owner is not None:
        return {("user", wanted.owner)}
    if wanted.user_ids:
        return {("user", user_id) for user_id in wanted.user_ids}
    if wanted.types:
        return {("type", name) for name in wanted.types}
    return {ANYTHING}
