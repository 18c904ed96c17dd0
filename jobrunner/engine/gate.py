"""Whether jobs are taken in: not while the server stops, the disk is ill or nearly full, or too much waits already.

What is refused is refused before it is accepted; accepted work is never shed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jobrunner.config import QueueSettings
from jobrunner.engine.clock import Clock
from jobrunner.errors import Overloaded, ShuttingDown, StorageUnavailable
from jobrunner.storage.files import Files
from jobrunner.storage.writer import Writer

LOOK_EVERY_S = 5.0
FULL_RETRY_AFTER_S = 10


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
    ) -> None:
        """Judge by the writer, the disk, and how many jobs are `queued` in each queue."""
        self._clock = clock
        self._writer = writer
        self._files = files
        self._min_free = min_free
        self._settings = settings
        self._queued = queued
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

    def close(self) -> None:
        """Take nothing in any more."""
        self._closed = True

    def check(self, more: Mapping[str, int]) -> None:
        """Raise ShuttingDown, StorageUnavailable or Overloaded if so many more jobs for each queue are not taken in."""
        if self._closed:
            raise ShuttingDown("The server is stopping; try again when it is back.")
        if not self._writer.well or self.disk_low:
            raise StorageUnavailable("The data directory cannot be written, or its disk is nearly full.")
        for queue, jobs in more.items():
            most = self._settings(queue).max_queued
            if self._queued.get(queue, 0) + jobs > most:
                detail = f"In the queue {queue!r} {most} jobs may wait, and as many do."
                raise Overloaded(detail, retry_after_s=FULL_RETRY_AFTER_S)
