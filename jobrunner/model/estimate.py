"""How long a job still needs, from its own pace and from what others of its type took.

Nothing is claimed before there is something to go by.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from dataclasses import dataclass

LEAST_PERCENTAGE = 5.0  # below it, pace says next to nothing about the rest
LEAST_ELAPSED_MS = 2_000
LEAST_RUNS = 5
MOST_RUNS = 500
LIKELY = 0.8  # of all jobs end by the time that is stated


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a job is expected to start and to have ended, in milliseconds, and how long its type usually takes."""

    start: int | None = None
    completion: int | None = None
    duration_ms: int | None = None


NO_ESTIMATE = Estimate()


def time_left_s(percentage: float | None, elapsed_ms: int) -> float | None:
    """Return the seconds still needed at the pace so far, or None while that would be a guess."""
    if percentage is None or percentage < LEAST_PERCENTAGE or elapsed_ms < LEAST_ELAPSED_MS:
        return None
    return round(elapsed_ms / 1000 * (100.0 - percentage) / percentage, 1)


class History:
    """The last run times of a type, in milliseconds. Changes: these, by age and by length, and their sums."""

    def __init__(self) -> None:
        """Know nothing."""
        self._by_age: deque[int] = deque()
        self._by_length: list[int] = []
        self._sum = 0
        self._squares = 0

    def __len__(self) -> int:
        """Count the runs."""
        return len(self._by_age)

    def add(self, ms: int) -> None:
        """Take note of a run, and forget the oldest one when there are too many."""
        ms = max(ms, 0)
        self._by_age.append(ms)
        insort(self._by_length, ms)
        self._sum += ms
        self._squares += ms * ms
        if len(self._by_age) > MOST_RUNS:
            self._forget(self._by_age.popleft())

    @property
    def known(self) -> bool:
        """Tell whether there are runs enough to say something."""
        return len(self._by_age) >= LEAST_RUNS

    @property
    def median_ms(self) -> int:
        """Return what half of them did not exceed."""
        middle = len(self) // 2
        return (self._by_length[middle] + self._by_length[~middle]) // 2

    @property
    def mean_ms(self) -> float:
        """Return their mean."""
        return self._sum / len(self)

    @property
    def variance(self) -> float:
        """Return their variance, in square milliseconds."""
        return max(self._squares / len(self) - self.mean_ms**2, 0.0)

    def likely_ms(self, elapsed_ms: int = -1) -> int | None:
        """Return within what, since its start, a run ends in four of five cases that has lasted for so long.

        None says that it is longer than all that are known. Of n runs it is the one of rank 0.8 (n + 1): the next run
        is as likely to fall before each of them as after it, so that a few runs promise no more than they can.
        """
        first = bisect_right(self._by_length, elapsed_ms)
        longer = len(self._by_length) - first
        if not longer:
            return None
        rank = min(math.ceil(LIKELY * (longer + 1)), longer)
        return self._by_length[first + rank - 1]

    def exceeds(self, elapsed_ms: int) -> bool:
        """Tell whether any run lasted longer than that."""
        return bool(self._by_length) and self._by_length[-1] > elapsed_ms

    def draw_ms(self, share: float, elapsed_ms: int) -> int:
        """Return what a share, below 1, of the runs that lasted longer than that did not exceed; there is one."""
        first = bisect_right(self._by_length, elapsed_ms)
        return self._by_length[first + int(share * (len(self._by_length) - first))]

    def rest_ms(self, elapsed_ms: int) -> float:
        """Return how much longer the runs that lasted longer than that did so on average; there is one."""
        longer = self._by_length[bisect_right(self._by_length, elapsed_ms) :]
        return sum(longer) / len(longer) - elapsed_ms

    def _forget(self, ms: int) -> None:
        del self._by_length[bisect_left(self._by_length, ms)]
        self._sum -= ms
        self._squares -= ms * ms


def left_ms(history: History, elapsed_ms: int, percentage: float | None, pace_s: float | None) -> int | None:
    """Return within what a running job is likely to end, or None while that would be a guess.

    Others of its type say it first; the further a job has come, the more its own pace does.
    """
    likely = history.likely_ms(elapsed_ms) if history.known else None
    if likely is None:
        return None
    left = likely - elapsed_ms
    if percentage is None or pace_s is None:
        return left
    trust = percentage / 100
    return round(trust * pace_s * 1000 + (1 - trust) * left)
