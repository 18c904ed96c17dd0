"""Which numbers move together: Pearson's r of every two columns over the sampled rows that have both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from operator import mul

from .columns import NumberColumn
from .refusal import Check
from .story import Correlation

_COLUMNS = 30
_KEPT = 50
_FEWEST_ROWS = 10


def correlate(columns: Sequence[NumberColumn], check: Check) -> list[Correlation]:
    """Return the strongest correlations first, of those columns that have most values."""
    fullest = sorted(columns, key=lambda column: -column.count)[:_COLUMNS]
    pairs = list(combinations([column for column in columns if column in fullest], 2))
    found = []
    for done, (a, b) in enumerate(pairs):
        check(done / len(pairs))
        both = [(x, y) for x, y in zip(a.sample, b.sample, strict=True) if x - x == y - y]  # NaN is unequal to all
        r = pearson(both)
        if r is not None:
            found.append(Correlation(a=a.name, b=b.name, r=r, n=len(both)))
    return sorted(found, key=lambda correlation: -abs(correlation.r))[:_KEPT]


def pearson(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return r; None for few pairs, or where one side does not vary."""
    if len(pairs) < _FEWEST_ROWS:
        return None
    a = _centred([x for x, _ in pairs])
    b = _centred([y for _, y in pairs])
    together = math.fsum(map(mul, a, b))
    spread = math.sqrt(math.fsum(map(mul, a, a))) * math.sqrt(math.fsum(map(mul, b, b)))
    return max(-1.0, min(together / spread, 1.0)) if spread else None


def _centred(values: Sequence[float]) -> list[float]:
    mean = math.fsum(values) / len(values)
    largest = max(max(values) - mean, mean - min(values)) or 1.0  # scaled, so that no square is out of range
    return [(value - mean) / largest for value in values]
