"""What is known of each column while the rows go by: counts, moments, extremes, different values, and a bounded sample.

Memory is bounded whatever the number of rows. Means and deviations are exact (batches are merged as in Chan, Golub and
LeVeque, 1983); quantiles come from the sample, which is the whole column up to its capacity.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import mul

from .date_format import DateFormat
from .formats import LabelFormat
from .missing import MISSING
from .number_format import LIMIT, NumberFormat

EXTREMES = 20

_LONG_CELL = 200

Extreme = tuple[float, int]


@dataclass(slots=True)
class Distinct:
    """Counts different values up to a capacity; `full` says that there are more. Mutable: `counts`."""

    capacity: int
    counts: Counter[float | str] = field(default_factory=Counter)
    full: bool = False

    def add(self, values: Iterable[float | str]) -> None:
        """Count values; above the capacity only what is known already is kept."""
        if not self.full:
            self.counts.update(values)
            self.full = len(self.counts) > self.capacity

    def __len__(self) -> int:
        return min(len(self.counts), self.capacity)


@dataclass(slots=True)
class NumberColumn:
    """Numbers or moments of one column. Mutable: everything but name and format."""

    name: str
    format: NumberFormat | DateFormat
    distinct: Distinct
    identifier: bool = False
    count: int = 0
    missing: int = 0
    unreadable: int = 0
    origin: float = 0.0
    squares: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    smallest: list[Extreme] = field(default_factory=list)
    largest: list[Extreme] = field(default_factory=list)
    sample: array[float] = field(default_factory=lambda: array("d"))
    _shift: float = 0.0

    def add(self, cells: Sequence[str], numbers: Sequence[int], picks: Sequence[int]) -> list[float]:
        """Take in one batch and return its values, NaN where there is none; those at `picks` join the sample."""
        values = self.format.read_all(cells)
        good = [value for value in values if -LIMIT < value < LIMIT]
        if len(good) < len(values):
            self._count_bad(cells, len(values) - len(good))
            values = [value if -LIMIT < value < LIMIT else math.nan for value in values]
        if good:
            self._merge(good)
            self._keep_extremes(good, values, numbers)
            self.distinct.add(good)
        self.sample.extend([values[at] for at in picks] if len(picks) < len(values) else values)
        return values

    @property
    def mean(self) -> float:
        """The average; 0 without values."""
        return self.origin + self._shift

    @property
    def stdev(self) -> float | None:
        """The sample standard deviation."""
        return math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else None

    def _count_bad(self, cells: Sequence[str], bad: int) -> None:
        missing = sum(cell in MISSING for cell in cells)
        self.missing += missing
        self.unreadable += bad - missing

    def _merge(self, good: list[float]) -> None:
        """Add values to count, mean and sum of squared deviations, all measured from a value in their midst."""
        if not self.count:
            self.origin = sorted(good)[len(good) // 2]
        count = len(good)
        total = self.count + count
        shifted = [value - self.origin for value in good]
        mean = math.fsum(shifted) / count
        away = [value - mean for value in shifted]
        apart = mean - self._shift
        self.squares += math.fsum(map(mul, away, away)) + apart * apart * self.count * count / total
        self._shift += apart * count / total
        self.count = total

    def _keep_extremes(self, good: list[float], values: list[float], numbers: Sequence[int]) -> None:
        low, high = min(good), max(good)
        self.low, self.high = min(self.low, low), max(self.high, high)
        if len(self.largest) < EXTREMES or high > self.largest[-1][0]:
            floor = self.largest[-1][0] if len(self.largest) == EXTREMES else -math.inf
            found = [(value, at) for value, at in zip(values, numbers, strict=True) if value > floor]
            self.largest = heapq.nlargest(EXTREMES, [*self.largest, *found], key=_value)
        if len(self.smallest) < EXTREMES or low < self.smallest[-1][0]:
            ceiling = self.smallest[-1][0] if len(self.smallest) == EXTREMES else math.inf
            found = [(value, at) for value, at in zip(values, numbers, strict=True) if value < ceiling]
            self.smallest = heapq.nsmallest(EXTREMES, [*self.smallest, *found], key=_value)


@dataclass(slots=True)
class LabelColumn:
    """Words of one column. Mutable: the counts."""

    name: str
    format: LabelFormat
    distinct: Distinct
    count: int = 0
    missing: int = 0

    def add(self, cells: Sequence[str]) -> Sequence[str]:
        """Take in one batch and return it."""
        there = [cell for cell in cells if cell not in MISSING]
        self.count += len(there)
        self.missing += len(cells) - len(there)
        if self.format.kind == "category":
            self.distinct.add([cell[:_LONG_CELL] for cell in there])
        else:
            self.distinct.add(map(hash, there))  # long texts would fill the memory
        return cells


Column = NumberColumn | LabelColumn


def quantiles(values: Iterable[float], shares: Sequence[float]) -> list[float]:
    """Return quantiles of finite values by linear interpolation, as `statistics` does with method inclusive."""
    ordered = sorted(values)
    return [_between(ordered, share * (len(ordered) - 1)) for share in shares]


def finite(values: Iterable[float]) -> list[float]:
    """Return the values that are there."""
    return [value for value in values if value == value]  # noqa: PLR0124 - only NaN is unequal to itself


def _between(ordered: Sequence[float], position: float) -> float:
    at = math.floor(position)
    part = position - at
    return ordered[at] if part == 0 else ordered[at] + (ordered[at + 1] - ordered[at]) * part


def _value(extreme: Extreme) -> float:
    return extreme[0]
