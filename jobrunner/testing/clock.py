"""A clock that is moved by hand: nothing happens before a test says so."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

START = 1_790_000_000_000


@dataclass(order=True)
class _Timer:
    at: float
    order: int
    callback: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class ManualClock:
    """Wall and monotonic time that stand still until `advance`. Changes: both of them, and who waits for them."""

    def __init__(self) -> None:
        """Begin at a moment in September 2026."""
        self._wall = START
        self._monotonic = 1_000.0
        self._timers: list[_Timer] = []
        self._order = itertools.count()

    def now(self) -> int:
        """Return the wall time in milliseconds since the Unix epoch."""
        return self._wall

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        return self._monotonic

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> _Timer:
        """Call back when so much time was let pass."""
        timer = _Timer(self._monotonic + max(delay_s, 0.0), next(self._order), callback)
        heapq.heappush(self._timers, timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass, and call what falls due, in order."""
        until = self._monotonic + seconds
        while self._timers and self._timers[0].at <= until:
            timer = heapq.heappop(self._timers)
            self._move(max(timer.at, self._monotonic))
            if not timer.cancelled:
                timer.callback()
        self._move(until)

    def jump(self, seconds: float) -> None:
        """Set the wall clock, as an administrator does: no time passes."""
        self._wall += round(seconds * 1000)

    def _move(self, to: float) -> None:
        self._wall += round((to - self._monotonic) * 1000)
        self._monotonic = to
