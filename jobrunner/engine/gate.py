"""Whether jobs are taken in: not while the server stops, the disk is ill or nearly full, or too much waits already.

What is refused is refused before it is accepted; accepted work is never shed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jobrunner.config import QueueSettings
from jobrunner.engine.allowance import Allowance, counted
from jobrunner.engine.clock import Clock
from jobrunner.errors import Overloaded, Quota, RateLimited, ShuttingDown, StorageUnavailable
from jobrunner.storage.files import Files
from jobrunner.storage.writer import Writer

LOOK_EVERY_S = 5.0
FULL_RETRY_AFTER_S = 10
NOBODY: Mapping[str, int] = {}


class Gate:
    """Changes: whether it is closed for good, how much of the disk is free, and when that was last looked at."""

    def __init__(
        self,
        clock: Clock,
        writer: Writer,
        files: Files,
        min_free: int,
        settings: Callable[[str], QueueSettings],
        queued: Mapping[str, int],
        allowance: Allowance,
        queued_of: Mapping[str, int],
    ) -> None:
        """Judge by the writer, the disk, and how many jobs are `queued` in each queue, and of each user."""
        self._clock = clock
        self._writer = writer
        self._files = files
        self._min_free = min_free
        self._settings = settings
        self._queued = queued
        self._allowance = allowance
        self._queued_of = queued_of
        self._closed = False
        self._disk_free = files.free()
        self._looked_at = clock.monotonic()

    @property
    def disk_free(self) -> int:
        """Return the bytes that are free on the disk, as of a few seconds ago."""
        now = self._clock.monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._disk_free, self._looked_at = self._files.free(), now
        return self._disk_free

    @property
    def disk_low(self) -> bool:
        """Tell whether the disk is nearly full."""
        return self.disk_free < self._min_free

    @property
    def closed(self) -> bool:
        """Tell whether nothing is taken in any more, because the server stops."""
        return self._closed

    def close(self) -> None:
        """Take nothing in any more."""
        self._closed = True

    def check(self, more: Mapping[str, int], users: Mapping[str, int] = NOBODY) -> None:
        """Refuse more jobs for each queue and of each user, if they are too many; nothing at all if none are taken in.

        Raises ShuttingDown, StorageUnavailable, Overloaded or RateLimited.
        """
        if self._closed:
            raise ShuttingDown("The server is stopping; try again when it is back.")
        if not self._writer.well or self.disk_low:
            raise StorageUnavailable("The data directory cannot be written, or its disk is nearly full.")
        for queue, jobs in more.items():
            most = self._settings(queue).max_queued
            if self._queued.get(queue, 0) + jobs > most:
                detail = f"In the queue {queue!r} {most} jobs may wait, and as many do."
                raise Overloaded(detail, retry_after_s=FULL_RETRY_AFTER_S)
        for user_id, jobs in users.items() if self._allowance.bounds_queued else ():
            self._check_user(user_id, jobs)

    def _check_user(self, user_id: str, jobs: int) -> None:
        most, waiting = self._allowance.queued(user_id), self._queued_of.get(user_id, 0)
        if most is None or waiting + jobs <= most:
            return
        quota = Quota("queued", most, max(most - waiting, 0))
        full = f"and {waiting} do; try again when some have begun."
        detail = f"{counted(most, 'job')} may wait for user {user_id}, {full}"
        if jobs > most:
            detail = f"{counted(most, 'job')} may wait for user {user_id}; {jobs} at once can never pass."
        raise RateLimited(detail, retry_after_s=FULL_RETRY_AFTER_S, quotas=(quota,))
