"""Values far from the rest of their column: beyond Tukey's outer fences, three interquartile ranges from the quartiles.

Columns of positive numbers with a long upper end (amounts, waiting times) are looked at on a logarithmic scale, where a
large value has to be large in proportion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .columns import NumberColumn, finite, quantiles
from .story import Outlier

_FENCE = 3.0
_FEWEST_ROWS = 20
_SKEWED = 1.4
_KEPT_PER_COLUMN = 10
_KEPT = 50


@dataclass(frozen=True, slots=True)
class Fences:
    """The range in which a column's values are usual."""

    lower_quartile: float
    upper_quartile: float
    logarithmic: bool = False

    @property
    def low(self) -> float:
        """The smallest usual value."""
        return self._back(self.lower_quartile - _FENCE * self._range)

    @property
    def high(self) -> float:
        """The largest usual value."""
        return self._back(self.upper_quartile + _FENCE * self._range)

    def score(self, value: float) -> float:
        """Return the distance to the nearer quartile in interquartile ranges; 0 between the quartiles."""
        if self.logarithmic and value <= 0:
            return 0.0
        at = math.log(value) if self.logarithmic else value
        return max(self.lower_quartile - at, at - self.upper_quartile, 0.0) / self._range

    @property
    def _range(self) -> float:
        return self.upper_quartile - self.lower_quartile

    def _back(self, at: float) -> float:
        return math.exp(min(at, 700.0)) if self.logarithmic else at


@dataclass(frozen=True, slots=True)
class UnusualValues:
    """The outliers of one column, the farthest first. `count` is of all rows, or of the sample where `sampled`."""

    column: str
    fences: Fences
    count: int
    sampled: bool
    outliers: tuple[Outlier, ...]


def find_outliers(column: NumberColumn) -> UnusualValues | None:
    """Find the values of a column that are out of the usual; nothing when there are none."""
    values = finite(column.sample)
    fences = find_fences(values)
    if fences is None:
        return None
    candidates = {at: value for value, at in [*column.smallest, *column.largest]}
    found = [
        Outlier(column=column.name, row=at, value=value, score=round(score, 2))
        for at, value in candidates.items()
        if (score := fences.score(value)) > _FENCE
    ]
    found.sort(key=lambda outlier: (-outlier.score, outlier.row))
    sampled = len(values) < column.count
    count = sum(fences.score(value) > _FENCE for value in values)
    return UnusualValues(column.name, fences, count, sampled, tuple(found)) if found else None


def find_fences(values: Sequence[float]) -> Fences | None:
    """Return the fences of a column; None for few values, or where half of them are equal."""
    if len(values) < _FEWEST_ROWS:
        return None
    lower, middle, upper = quantiles(values, (0.25, 0.5, 0.75))
    if upper <= lower or not math.isfinite(upper - lower):
        return None
    if min(values) > 0 and upper - middle > _SKEWED * (middle - lower):
        return Fences(math.log(lower), math.log(upper), logarithmic=True)
    return Fences(lower, upper)


def farthest(found: Sequence[UnusualValues]) -> list[Outlier]:
    """Return the farthest values of all columns, not too many of each."""
    kept = [outlier for unusual in found for outlier in unusual.outliers[:_KEPT_PER_COLUMN]]
    return sorted(kept, key=lambda outlier: (-outlier.score, outlier.column, outlier.row))[:_KEPT]
