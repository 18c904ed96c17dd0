"""Queued jobs that wait for a moment. They sleep on disk; here is only the alarm for the earliest of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jobrunner.engine.clock import Alarm, Clock
from jobrunner.model.job import Job
from jobrunner.storage.image import Image
from jobrunner.storage.sleeping import Sleeping

AT_ONCE = 500
PAUSE_MS = 20  # before looking again, so that what was decided can reach the disk
AFTER_FAULT_MS = 1_000


class Delays:
    """Wake jobs when their time has come."""

    def __init__(self, clock: Clock, sleeping: Sleeping, wake: Callable[[Image, int], None]) -> None:
        """Hand overdue jobs to `wake`, with the time."""
        self._clock = clock
        self._sleeping = sleeping
        self._wake = wake
        self._alarm = Alarm(clock, self._ring)

    def start(self) -> None:
        """Find out what there is to wait for."""
        self._look_ahead()

    def note(self, job: Job) -> None:
        """Take note that a job waits for a moment."""
        if job.wake_at is not None:
            self._alarm.bring_forward(job.wake_at)

    def stop(self) -> None:
        """Wake nobody any more."""
        self._alarm.cancel()

    def _ring(self) -> None:
        self._sleeping.waking(self._clock.now(), AT_ONCE, self._found, self._failed)

    def _found(self, images: Sequence[Image]) -> None:
        now = self._clock.now()
        for image in images:
            self._wake(image, now)
        self._look_ahead()

    def _look_ahead(self) -> None:
        self._sleeping.next_wake(self._set, self._failed)

    def _set(self, at: int | None) -> None:
        if at is not None:
            self._alarm.bring_forward(max(at, self._clock.now() + PAUSE_MS))

    def _failed(self, _error: Exception) -> None:
        self._alarm.bring_forward(self._clock.now() + AFTER_FAULT_MS)
