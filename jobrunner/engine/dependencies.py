"""Jobs that wait for other jobs: who waits for whom, and who is to be looked at when one has ended.

It asks the disk, which holds what is committed, after every commit that could make a difference; it moves no job
itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from jobrunner.engine.clock import Clock
from jobrunner.errors import Invalid, UnknownJob
from jobrunner.model.job import Job
from jobrunner.storage.image import Image
from jobrunner.storage.sleeping import Dependent, Sleeping

ASK_AGAIN_S = 1.0

Get = Callable[[str, str | None], Awaitable[Image]]
Depended = Callable[[str, int, str | None], None]


class Dependencies:
    """Changes: the open jobs that others wait for, and whether all are to be looked at again."""

    def __init__(self, clock: Clock, sleeping: Sleeping, depended: Depended) -> None:
        """Hand a job that waits no longer to `depended`, with the time and the id of one that did not complete."""
        self._clock = clock
        self._sleeping = sleeping
        self._depended = depended
        self._awaited: set[str] = set()
        self._asking = False

    async def check(self, job: Job, get: Get) -> None:
        """Raise Invalid for a job that depends on one which its user does not have."""
        faults = []
        for place, job_id in enumerate(job.depends_on):
            try:
                await get(job_id, job.user_id)
            except UnknownJob:
                faults.append((f"/depends_on/{place}", "there is no such job of this user"))
        if faults:
            raise Invalid("The submission is not valid.", pointers=faults)

    def remember(self, awaited: Iterable[str]) -> None:
        """Take note of what was waited for before the start, and look whether it has ended."""
        self._awaited.update(awaited)
        self.look_again()

    def note(self, job: Job) -> None:
        """Take note of a job that waits, now that this is on disk; what it waits for may have ended meanwhile."""
        self._awaited.update(job.depends_on)
        self._sleeping.dependent(job.id, self._found, self._failed)

    def ended(self, job: Job) -> None:
        """Look at those who wait for a job that has ended."""
        if job.id in self._awaited:
            self._awaited.discard(job.id)
            self._sleeping.dependents_on(job.id, self._found, self._failed)

    def look_again(self) -> None:
        """Look at all that wait: something could not be read or written."""
        self._asking = False
        if self._awaited:
            self._sleeping.dependents(self._found, self._failed)

    def _found(self, dependents: Sequence[Dependent]) -> None:
        now = self._clock.now()
        for each in dependents:
            if each.broken is not None or not each.waits:
                self._depended(each.job_id, now, each.broken)
            else:
                self._awaited.update(each.open)

    def _failed(self, _error: Exception) -> None:
        if not self._asking:
            self._asking = True
            self._clock.call_later(ASK_AGAIN_S, self.look_again)
