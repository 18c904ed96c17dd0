"""Time, as the engine is given it: wall time for what is stored, monotonic time for what is measured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

LONGEST_SLEEP_S = 30.0  # the wall clock may be set: sleepers look at it again this often


class Timer(Protocol):
    """Something that will be called, unless it is cancelled."""

    def cancel(self) -> None:
        """Make sure that it is not called."""


class Clock(Protocol):
    """What the engine needs of time; tests bring one that is moved by hand."""

    def now(self) -> int:
        """Return the wall time in milliseconds since the Unix epoch."""

    def monotonic(self) -> float:
        """Return seconds that never jump."""

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Call back on the event loop after a duration."""


class SystemClock:
    """The time of this machine."""

    def now(self) -> int:
        """Return the wall time in milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        return time.monotonic()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Call back on the event loop after a duration."""
        return asyncio.get_running_loop().call_later(max(delay_s, 0.0), callback)


class Alarm:
    """One callback at a moment of the wall clock; set anew, it forgets the moment before."""

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        """Call `ring` when the moment has come."""
        self._clock = clock
        self._ring = ring
        self._at: int | None = None
        self._timer: Timer | None = None

    def set(self, at: int | None) -> None:
        """Ring at a moment, or not at all."""
        self.cancel()
        self._at = at
        if at is not None:
            left_s = (at - self._clock.now()) / 1000
            self._timer = self._clock.call_later(min(left_s, LONGEST_SLEEP_S), self._look)

    def bring_forward(self, at: int) -> None:
        """Ring at a moment, unless it rings earlier anyway."""
        if self._at is None or at < self._at:
            self.set(at)

    def cancel(self) -> None:
        """Do not ring."""
        self._at = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        at, self._timer = self._at, None
        if at is not None and at > self._clock.now():
            self.set(at)
        else:
            self._at = None
            self._ring()
