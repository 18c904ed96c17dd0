"""What happened over time, in sentences: best and worst, year against year, and months that lead every year.

Compares only periods that the data covers from beginning to end.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from .analysis import Analysis
from .date_format import as_datetime
from .series import Point, Series
from .wording import figure, listing, period_name, sentence, share

_FEWEST = 4
_MONTHS = 12


def tell_time(analysis: Analysis) -> Iterator[str]:
    """Tell how the measure developed; nothing for a table without dates."""
    series = analysis.series
    if series is None or len(series.whole_points) < _FEWEST:
        return
    unit = analysis.column(series.measure).unit
    yield _span(analysis, series)
    yield _extremes(series, unit)
    years = _whole_years(series)
    yield from _by_year(years, series, unit) if len(years) > 1 else _halves(series, unit)
    yield from _leading_month(years)
    if series.outside:
        yield f"{series.outside:,} rows with dates far from the others are not part of this."


def _span(analysis: Analysis, series: Series) -> str:
    date = analysis.column(series.date)
    first, last = (
        period_name(series.points[0].start, series.period.name),
        period_name(series.points[-1].start, series.period.name),
    )
    how = "adds up" if series.total else "averages"
    picture = f"the picture {how} {series.measure} by {series.period.name}"
    return f"By {date.name}, the rows reach from {first} to {last}; {picture}."


def _extremes(series: Series, unit: str) -> str:
    known = series.whole_points
    best, worst = max(known, key=_value), min(known, key=_value)
    name = series.period.name
    text = f"The highest {name} is {period_name(best.start, name)} with {figure(_value(best), unit)}"
    return f"{text}, the lowest {period_name(worst.start, name)} with {figure(_value(worst), unit)}."


def _whole_years(series: Series) -> dict[int, list[Point]]:
    """Return the months of each year that has all twelve."""
    years: defaultdict[int, list[Point]] = defaultdict(list)
    if series.period.name == "month":
        for point in series.whole_points:
            years[as_datetime(point.start).year].append(point)
    return {year: points for year, points in years.items() if len(points) == _MONTHS}


def _by_year(years: dict[int, list[Point]], series: Series, unit: str) -> Iterator[str]:
    whole = 1 if series.total else _MONTHS
    subject, verb = ("{}", "came to") if series.total else ("the average month of {}", "was at")
    values = {year: math.fsum(map(_value, points)) / whole for year, points in years.items()}
    changes = [
        f"{subject.format(later)} {verb} {figure(values[later], unit)},"
        f" {_change(values[earlier], values[later])} {subject.format(earlier)}"
        for earlier, later in pairwise(sorted(values))
        if later == earlier + 1 and values[earlier] > 0
    ]
    if changes:
        yield f"{sentence(listing(changes[-3:]))}."


def _halves(series: Series, unit: str) -> Iterator[str]:
    known = series.whole_points
    half = len(known) // 2
    first, second = _mean(known[:half]), _mean(known[-half:])
    if first > 0:
        name = series.period.name
        compared = f"{_change(first, second)} in the first half"
        yield f"In the second half the average {name} is at {figure(second, unit)}, {compared}."


def _leading_month(years: dict[int, list[Point]]) -> Iterator[str]:
    leaders = {f"{as_datetime(max(points, key=_value).start):%B}" for points in years.values()}
    laggards = {f"{as_datetime(min(points, key=_value).start):%B}" for points in years.values()}
    if len(years) > 1 and len(leaders) == 1:
        yield f"{listing(list(leaders))} is the strongest month of every whole year."
    if len(years) > 1 and len(laggards) == 1:
        yield f"{listing(list(laggards))} is the weakest."


def _change(before: float, after: float) -> str:
    if abs(after - before) < before * 0.005:
        return "nearly the same as"
    return f"{share(abs(after - before), before)} {'more' if after > before else 'less'} than"


def _mean(points: Sequence[Point]) -> float:
    return math.fsum(map(_value, points)) / len(points)


def _value(point: Point) -> float:
    return point.value if point.value is not None else math.nan
