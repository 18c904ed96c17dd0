"""When the jobs of a queue are likely to start, by their place in it: its slots, played through once with usual runs.

Nothing is random in it, so that the same question has the same answer.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobrunner.model.estimate import History

NORMAL_LIKELY = 0.7  # standard deviations: a sum of run times leans to the left, so that four of five stay below this
EVENLY = 0.6180339887498949  # multiples of it fill a circle evenly, however many there are


@dataclass(frozen=True, slots=True)
class Mix:
    """How long one of several jobs takes, whichever it is: mean and variance, in milliseconds and their square."""

    mean_ms: float
    variance: float

    @classmethod
    def of(cls, waiting: Iterable[tuple[History, int]]) -> Mix:
        """Mix run times, each by how many jobs of its type there are; there is at least one."""
        parts = [(each.mean_ms, each.variance, n) for each, n in waiting]
        total = sum(n for _, _, n in parts)
        mean = sum(mean * n for mean, _, n in parts) / total
        squares = sum((variance + mean**2) * n for mean, variance, n in parts) / total
        return cls(mean, max(squares - mean**2, 0.0))


def spread(rests: Sequence[tuple[History, int]]) -> list[float]:
    """Return when running jobs end, each told by its history and how long it has run, in milliseconds from now.

    Some end early and some late, as it is with several, and together they take what they take on average.
    """
    drawn = [each.draw_ms((0.5 + n * EVENLY) % 1.0, elapsed) - elapsed for n, (each, elapsed) in enumerate(rests)]
    mean = sum(each.rest_ms(elapsed) for each, elapsed in rests)
    total = sum(drawn)
    return [each * mean / total for each in drawn] if total else [0.0] * len(drawn)


class Forecast:
    """When places of a queue are served. Changes: when each slot is free again, as far as that was played through."""

    def __init__(self, made_at: int, free_ms: Sequence[float], variance: float, mix: Mix) -> None:
        """Begin with slots that are free after so long, `variance` being the sum of theirs; there is at least one."""
        self._made_at = made_at
        self._free = list(free_ms)
        heapq.heapify(self._free)
        self._slots = len(self._free)
        self._variance = variance
        self._mix = mix
        self._starts: list[float] = []

    def start(self, position: int) -> int:
        """Return when a place is likely to be served, 1 being the next one."""
        while len(self._starts) < position:
            self._starts.append(self._next(len(self._starts)))
        return self._made_at + round(self._starts[position - 1])

    def _next(self, ahead: int) -> float:
        """Serve the next place, with so many ahead of it.

        Were all runs equal, slots would wait for each other; but while a long one holds one slot the others go on. What
        is left of runs at any moment is more than half of one, by this much (the inspection paradox).
        """
        first = self._free[0]
        heapq.heapreplace(self._free, first + self._mix.mean_ms)
        beside = min(ahead, self._slots - 1) / self._slots
        gained = beside * self._mix.variance / (2 * self._mix.mean_ms) if self._mix.mean_ms else 0.0
        return max(first - gained, self._starts[-1] if self._starts else first)

    def completion(self, position: int, history: History) -> int:
        """Return by when a job at a place is likely to have ended; the doubts about its start and its run add up."""
        likely, usual = history.likely_ms() or 0, history.median_ms
        doubt = math.sqrt(self._variance + (position - 1) * self._mix.variance) / self._slots
        return self.start(position) + usual + round(math.hypot(likely - usual, NORMAL_LIKELY * doubt))
