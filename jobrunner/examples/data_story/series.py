"""A measure over time, and a measure by category: sums and counts that every row goes into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .date_format import DAY_S
from .missing import MISSING
from .periods import Period

_MOST_POINTS = 1_000
_MOST_KEYS = 5_000
_REMEMBERED = 50_000

Tally = tuple[int, float]
"""How many values, and their sum."""


@dataclass(slots=True)
class Sums:
    """Counts and sums by key, given up above `_MOST_KEYS`. Mutable: all of it."""

    full: bool = False
    counts: defaultdict[float | str, int] = field(default_factory=lambda: defaultdict(int))
    sums: defaultdict[float | str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, pairs: Iterable[tuple[float | str, float]]) -> None:
        """Add values to their keys; a value that is not there (NaN) is passed over."""
        counts, sums = self.counts, self.sums
        self.full = self.full or len(sums) > _MOST_KEYS
        for key, value in () if self.full else pairs:
            if value == value:  # noqa: PLR0124 - only NaN is unequal to itself
                counts[key] += 1
                sums[key] += value

    def tallies(self) -> dict[float | str, Tally]:
        """Return count and sum of every key."""
        return {key: (self.counts[key], self.sums[key]) for key in self.sums}


@dataclass(slots=True)
class TimeSums:
    """Sums of a measure by period, inside a window of time.

    `aligned` says that all moments are beginnings of periods: the table is made of periods already. Mutable: what
    follows the window.
    """

    date: str
    period: Period
    window: tuple[float, float]
    outside: int = 0
    first: float = float("inf")
    last: float = float("-inf")
    aligned: bool = True
    sums: Sums = field(default_factory=Sums)
    _starts: dict[float, float] = field(default_factory=dict)

    def add(self, moments: Sequence[float], values: Sequence[float]) -> None:
        """Add one batch."""
        low, high = self.window
        inside = [(at, value) for at, value in zip(moments, values, strict=True) if low <= at <= high]
        self.outside += sum(not low <= at <= high and at == at for at in moments)  # noqa: PLR0124 - NaN again
        if inside:
            times = [at for at, _ in inside]
            self.first, self.last = min(self.first, *times), max(self.last, *times)
            starts = list(map(self._start, times))
            self.aligned = self.aligned and starts == times
            self.sums.add((start, value) for start, (_, value) in zip(starts, inside, strict=True))

    def _start(self, moment: float) -> float:
        start = self._starts.get(moment)
        if start is None:
            if len(self._starts) >= _REMEMBERED:
                self._starts.clear()
            start = self._starts[moment] = self.period.start(moment)
        return start


@dataclass(frozen=True, slots=True)
class Point:
    """A measure in one period. `whole` says that the data covers all of the period."""

    start: float
    count: int
    value: float | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Series:
    """A measure over time: totals or averages a period, without a hole."""

    date: str
    measure: str
    total: bool
    period: Period
    points: tuple[Point, ...]
    outside: int

    @property
    def whole_points(self) -> list[Point]:
        """The points that can be compared with each other."""
        return [point for point in self.points if point.whole and point.value is not None]


@dataclass(frozen=True, slots=True)
class Group:
    """A measure in one category."""

    name: str
    count: int
    sum: float

    @property
    def mean(self) -> float:
        """The average of the measure."""
        return self.sum / self.count


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A measure by category, the largest first.

    `explained` is the share of its variance that is between the categories (eta squared).
    """

    category: str
    measure: str
    total: bool
    groups: tuple[Group, ...]
    explained: float

    def value(self, group: Group) -> float:
        """Return the total or the average of one group."""
        return group.sum if self.total else group.mean


def make_series(found: TimeSums, measure: str, *, total: bool) -> Series | None:
    """Put the sums in order; nothing when they are no series of at least three points."""
    tallies = found.sums.tallies()
    starts = sorted(key for key in tallies if isinstance(key, float))
    if len(starts) < 3:  # noqa: PLR2004 - two points are no development
        return None
    period = found.period
    points = tuple(
        _point(start, tallies.get(start, (0, 0.0)), total=total, whole=_is_whole(found, start))
        for start in period.through(starts[0], starts[-1], _MOST_POINTS)
    )
    return Series(found.date, measure, total, period, points, found.outside)


def make_breakdown(
    category: str, measure: str, tallies: Mapping[float | str, Tally], squares: float, *, total: bool
) -> Breakdown:
    """Put the sums in order; `squares` is the measure's sum of squared deviations."""
    groups = [Group(str(name), count, value) for name, (count, value) in tallies.items() if name not in MISSING]
    count = sum(group.count for group in groups)
    mean = sum(group.sum for group in groups) / max(count, 1)
    between = sum(group.count * (group.mean - mean) ** 2 for group in groups)
    groups.sort(key=lambda group: (-(group.sum if total else group.mean), group.name))
    return Breakdown(category, measure, total, tuple(groups), between / squares if squares else 0.0)


def _point(start: float, tally: Tally, *, total: bool, whole: bool) -> Point:
    count, value = tally
    if total:
        return Point(start, count, value, whole)
    return Point(start, count, value / count if count else None, whole)


def _is_whole(found: TimeSums, start: float) -> bool:
    """Tell whether the data covers a period from beginning to end, but for a tenth of it."""
    end = found.period.next(start)
    slack = (end - start) * 0.1
    last = found.last + DAY_S if found.last % DAY_S == 0 else found.last  # a date without a time is a whole day
    return found.aligned or (found.first <= start + slack and last >= end - slack)
