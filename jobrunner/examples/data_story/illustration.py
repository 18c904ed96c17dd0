"""Which charts a story has: what is distributed how, over time, by category, and what moves together."""

from __future__ import annotations

from collections.abc import Iterator

from .analysis import Analysis
from .charts.bars import draw_bars
from .charts.drawing import Drawing
from .charts.histogram import draw_histogram
from .charts.line import draw_line
from .charts.scatter import draw_scatter
from .columns import finite
from .refusal import Check
from .story import Correlation

_SAME = 0.9995
_FEWEST_POINTS = 10


def illustrate(analysis: Analysis, check: Check) -> list[Drawing]:
    """Draw all charts that the table has something for; there is always one."""
    drawings: list[Drawing] = []
    for done, draw in enumerate((_timeline, _distribution, _categories, _correlation)):
        check(done / 4)
        drawings += draw(analysis)
    return drawings


def strongest(analysis: Analysis) -> Correlation | None:
    """Return the correlation worth a look: the strongest of columns that are not simply the same."""
    return next((found for found in analysis.correlations if abs(found.r) < _SAME and found.n >= _FEWEST_POINTS), None)


def _timeline(analysis: Analysis) -> Iterator[Drawing]:
    series = analysis.series
    if series and any(point.value is not None for point in series.points):
        yield draw_line(series, analysis.column(series.measure).unit)


def _distribution(analysis: Analysis) -> Iterator[Drawing]:
    column = analysis.column(analysis.measure)
    values = finite(analysis.samples[column.name])
    if values:
        yield draw_histogram(column.name, values, column.unit, sampled=len(values) < column.count)


def _categories(analysis: Analysis) -> Iterator[Drawing]:
    if analysis.breakdowns:
        yield draw_bars(analysis.breakdowns[0], analysis.column(analysis.measure).unit)


def _correlation(analysis: Analysis) -> Iterator[Drawing]:
    found = strongest(analysis)
    if found:
        both = zip(analysis.samples[found.a], analysis.samples[found.b], strict=True)
        pairs = [(x, y) for x, y in both if x - x == y - y]  # NaN is unequal to all
        yield draw_scatter(found, pairs, (analysis.column(found.a).unit, analysis.column(found.b).unit))
