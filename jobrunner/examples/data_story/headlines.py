"""The few figures that stand large at the head of a story."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from .analysis import Analysis
from .illustration import strongest
from .wording import amount, figure, period_label, sentence, share, tidy

_MOST = 4
_CLEAR = 0.3
_TELLING = 0.02
_NAME_LENGTH = 28


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure: what it is, how much, and a few words below."""

    label: str
    value: str
    note: str


def headlines(analysis: Analysis) -> list[Headline]:
    """Choose the figures, the measure first."""
    found = [*_measure(analysis), *_peak(analysis), *_leader(analysis), *_pair(analysis), *_size(analysis)]
    return found[:_MOST]


def _measure(analysis: Analysis) -> Iterator[Headline]:
    column = analysis.column(analysis.measure)
    if column.mean is None or column.median is None:
        return
    name = tidy(column.name, _NAME_LENGTH)
    if analysis.total:
        note = f"median {figure(column.median, column.unit)} a row"
        yield Headline(f"Total {name}", figure(column.mean * column.count, column.unit), note)
    else:
        note = f"average of {amount(column.count, 'value')}"
        yield Headline(f"Average {name}", figure(column.mean, column.unit), note)


def _peak(analysis: Analysis) -> Iterator[Headline]:
    series = analysis.series
    if series and series.whole_points:
        best = max(series.whole_points, key=lambda point: point.value if point.value is not None else -math.inf)
        value = figure(best.value or 0.0, analysis.column(series.measure).unit)
        yield Headline(f"Highest {series.period.name}", period_label(best.start, series.period.name), f"with {value}")


def _leader(analysis: Analysis) -> Iterator[Headline]:
    for breakdown in (found for found in analysis.breakdowns[:1] if found.total or found.explained > _TELLING):
        first = breakdown.groups[0]
        whole = sum(group.sum for group in breakdown.groups)
        unit = analysis.column(breakdown.measure).unit
        note = f"{share(first.sum, whole)} of the total" if breakdown.total else f"average {figure(first.mean, unit)}"
        yield Headline(f"Leading {tidy(breakdown.category, _NAME_LENGTH)}", tidy(first.name, _NAME_LENGTH), note)


def _pair(analysis: Analysis) -> Iterator[Headline]:
    found = strongest(analysis)
    if found and abs(found.r) >= _CLEAR:
        names = f"{tidy(found.a, _NAME_LENGTH)} and {tidy(found.b, _NAME_LENGTH)}"
        yield Headline("Closest link", f"r = {found.r:.2f}".replace("-", "\N{MINUS SIGN}"), names)


def _size(analysis: Analysis) -> Iterator[Headline]:
    yield Headline("Size", amount(analysis.rows, "row"), amount(len(analysis.columns), "column"))
    complete = analysis.rows * len(analysis.columns)
    filled = share(complete - analysis.cleaning.missing_cells, complete)
    yield Headline("Filled cells", filled, sentence(amount(analysis.cleaning.missing_cells, "empty cell")).lower())
