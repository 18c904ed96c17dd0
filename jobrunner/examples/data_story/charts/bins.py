"""Numbers counted by range: round edges, and a window that a few far values do not stretch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jobrunner.examples.data_story.columns import quantiles

from .axes import round_step, widened

_INTEGERS = 30
_LARGEST_INTEGER = 1e9
_FEWEST, _MOST = 8, 36
_STRETCHED = 1.6


@dataclass(frozen=True, slots=True)
class Bins:
    """Counts of neighbouring ranges of equal width.

    `below` and `above` count values outside the window; `single` says that each range is one whole number.
    """

    start: float
    step: float
    counts: tuple[int, ...]
    below: int
    above: int
    single: bool = False

    def edge(self, at: int) -> float:
        """Return where a range begins."""
        return self.start + at * self.step


def make_bins(values: Sequence[float], most: int = _MOST) -> Bins:
    """Count values; there is at least one."""
    low, high = window(values)
    few = high - low <= _INTEGERS <= most and max(abs(low), abs(high)) < _LARGEST_INTEGER
    if few and all(map(float.is_integer, values)):
        return _count(values, math.floor(low) - 0.5, 1.0, math.floor(high) - math.floor(low) + 1, single=True)
    low, high = widened(low, high)
    lower, upper = quantiles(values, (0.25, 0.75))
    ideal = 2 * (upper - lower) / len(values) ** (1 / 3)  # Freedman and Diaconis, 1981
    step = round_step(min(max(ideal, (high - low) / most), (high - low) / _FEWEST))
    start = math.floor(low / step) * step
    return _count(values, start, step, max(math.ceil((high - start) / step + 1e-9), 1))


def window(values: Sequence[float]) -> tuple[float, float]:
    """Return the range to show: all of it, without a far end that holds hardly anything."""
    low, high = min(values), max(values)
    inner_low, inner_high = quantiles(values, (0.01, 0.99))
    inner = inner_high - inner_low
    if high - low > _STRETCHED * inner > 0:
        low = max(low, inner_low - inner * (_STRETCHED - 1) / 2)
        high = min(high, inner_high + inner * (_STRETCHED - 1) / 2)
    return low, high


def _count(values: Sequence[float], start: float, step: float, number: int, *, single: bool = False) -> Bins:
    counts, end = [0] * number, start + step * number
    below = sum(value < start for value in values)
    above = sum(value > end for value in values)
    for value in values:
        if start <= value <= end:
            counts[min(int((value - start) / step), number - 1)] += 1
    return Bins(start, step, tuple(counts), below, above, single)
