"""A sliding window: how much of a limit was used within the last minute, hour or day, each use for exactly that long.

Pure: it is given the time, in milliseconds that never jump.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

EXACT = 10_000  # uses told apart in a window; those of a larger limit end up to a 10,000th of the window later


@dataclass(frozen=True, slots=True)
class Limit:
    """So much within a span of time. `name` and `unit` are told to programs, as in Quota, and `allowed` to people."""

    name: str
    quota: int
    span_ms: int
    job_type: str | None = None
    unit: str = "requests"
    allowed: str = field(default="", compare=False)


class Window:
    """Changes: the uses that still count, each with the moment when it ends, and their sum."""

    __slots__ = ("_grain", "_uses", "limit", "used")

    def __init__(self, limit: Limit) -> None:
        """Begin unused."""
        self.limit = limit
        self.used = 0
        self._uses: deque[list[int]] = deque()
        self._grain = 1 if limit.quota <= EXACT else max(1, limit.span_ms // EXACT)

    def settle(self, now: int) -> None:
        """Forget the uses that have ended."""
        uses = self._uses
        while uses and uses[0][0] <= now:
            self.used -= uses.popleft()[1]

    def wait_ms(self, now: int, amount: int) -> int | None:
        """Return in how long there is room for so much: 0 is now, None is never."""
        self.settle(now)
        missing = self.used + amount - self.limit.quota
        if amount > self.limit.quota:
            return None
        for until, used in self._uses if missing > 0 else ():
            missing -= used
            if missing <= 0:
                return until - now
        return 0

    def take(self, now: int, amount: int) -> int:
        """Use so much, be there room or not; return the moment when that ends."""
        until = self._end(now)
        if not amount:
            return until
        if self._uses and self._uses[-1][0] >= until:
            self._uses[-1][1] += amount
        else:
            self._uses.append([until, amount])
        self.used += amount
        return self._uses[-1][0]

    def give_back(self, until: int, amount: int) -> None:
        """Take back a use that ends at a moment, unless it has ended."""
        for place in range(len(self._uses) - 1, -1, -1):
            use = self._uses[place]
            if use[0] <= until:
                break
        else:
            return
        if use[0] == until:
            taken = min(use[1], amount)
            use[1] -= taken
            self.used -= taken
            if not use[1]:
                del self._uses[place]

    def remember(self, now: int, age_ms: int, amount: int) -> int:
        """Add a use that is older than all others, unless the limit is used up by those; return when it ends."""
        until = self._end(now - age_ms)
        if until <= now or self.used >= self.limit.quota:
            return now
        if self._uses and self._uses[0][0] <= until:
            self._uses[0][1] += amount
        else:
            self._uses.appendleft([until, amount])
        self.used += amount
        return until

    def next_ms(self, now: int) -> int:
        """Return in how long there is more room, 0 where nothing is used."""
        self.settle(now)
        return self._uses[0][0] - now if self._uses else 0

    def _end(self, now: int) -> int:
        until = now + self.limit.span_ms
        return -(-until // self._grain) * self._grain
