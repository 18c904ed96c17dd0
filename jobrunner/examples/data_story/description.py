"""A column's figures as they are told: from what was counted to `ColumnStatistics`."""

from __future__ import annotations

from .columns import Column, LabelColumn, NumberColumn, finite, quantiles
from .date_format import DateFormat, as_datetime
from .number_format import NumberFormat
from .story import ColumnStatistics, Kind, TopValue
from .wording import tidy

_TOP = 5
_TOP_LENGTH = 40
_QUARTERS = (0.25, 0.5, 0.75)


def describe(column: Column) -> ColumnStatistics:
    """Return the figures of one column."""
    if isinstance(column, LabelColumn):
        return _labels(column)
    return _moments(column) if isinstance(column.format, DateFormat) else _numbers(column)


def iso(moment: float) -> str:
    """Write a moment as ISO 8601, without the time of day where it is midnight."""
    return as_datetime(moment).isoformat().removesuffix("T00:00:00")


def _labels(column: LabelColumn) -> ColumnStatistics:
    kind: Kind = "category" if column.format.kind == "category" and not column.distinct.full else "text"
    top = column.distinct.counts.most_common(_TOP) if kind == "category" else []
    return ColumnStatistics(
        name=column.name,
        kind=kind,
        count=column.count,
        missing=column.missing,
        unique=len(column.distinct),
        unique_is_minimum=column.distinct.full,
        top_values=[TopValue(value=tidy(str(value), _TOP_LENGTH), count=count) for value, count in top],
    )


def _moments(column: NumberColumn) -> ColumnStatistics:
    found = _counted(column, "date")
    if not column.count:
        return found
    return found.model_copy(update={"min": iso(column.low), "max": iso(column.high)})


def _numbers(column: NumberColumn) -> ColumnStatistics:
    found = _counted(column, "number")
    values = finite(column.sample)
    if not values:
        return found
    lower, middle, upper = quantiles(values, _QUARTERS)
    return found.model_copy(
        update={
            "unit": column.format.unit if isinstance(column.format, NumberFormat) else "",
            "identifier": column.identifier,
            "mean": column.mean,
            "median": middle,
            "stdev": column.stdev,
            "min": column.low,
            "max": column.high,
            "quartiles": (lower, middle, upper),
        }
    )


def _counted(column: NumberColumn, kind: Kind) -> ColumnStatistics:
    return ColumnStatistics(
        name=column.name,
        kind=kind,
        count=column.count,
        missing=column.missing,
        unreadable=column.unreadable,
        unique=len(column.distinct),
        unique_is_minimum=column.distinct.full,
    )
