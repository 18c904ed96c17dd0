"""What the story will be about: the kind of each column, the measure, the date and the categories.

Decided on the survey's sample; reads no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from .columns import Column, Distinct, LabelColumn, NumberColumn, finite, quantiles
from .date_format import DateFormat
from .formats import Writing, detect_format, detect_writing, is_identifier, present
from .number_format import NumberFormat
from .periods import fitting_period
from .refusal import refuse
from .series import TimeSums
from .survey import Survey
from .table import Table

_DISTINCT_IN_ALL = 1_000_000
_DISTINCT = (1_000, 50_000)
_GROUPS = (2, 30)
_CATEGORIES = 6
_WINDOW = (0.005, 0.995)
_WINDOW_SLACK = 0.1
_MONEY = re.compile(
    r"revenue|sales|turnover|amount|income|profit|total|umsatz|betrag|erl\u00f6s|summe|spend|gross|net\b", re.IGNORECASE
)
_COUNTED = re.compile(
    r"quantity|qty|units\b|menge|count|anzahl|orders|visit|click|view|download|cases|passengers|kwh|cost|kosten|volume",
    re.IGNORECASE,
)
_NOT_SUMMED = re.compile(
    r"price|preis|rate|avg|average|mean|median|per\b|percent|pct|share|ratio|index|score|rating|discount", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Plan:
    """The columns, and which of them the story is about. `total` says that adding up the measure makes sense."""

    columns: tuple[Column, ...]
    measure: NumberColumn
    total: bool
    time: TimeSums | None
    categories: tuple[LabelColumn, ...]


def make_plan(table: Table, found: Survey) -> Plan:
    """Decide what the story is about.

    Raises JobError (PREPROCESSING_ERROR) when no column holds numbers.
    """
    samples = [present(found.column(at)) for at in range(len(table.names))]
    writing = detect_writing(samples, table.dialect.delimiter)
    if table.sheet is not None:
        writing = replace(writing, decimal=".")  # a workbook's numbers are written by us
    capacity = max(_DISTINCT[0], min(_DISTINCT_IN_ALL // len(samples), _DISTINCT[1]))
    make = partial(_column, writing=writing, capacity=capacity, rows=found.rows)
    columns = [make(name, cells) for name, cells in zip(table.names, samples, strict=True)]
    measures = _measures(columns)
    if not measures:
        message = (
            "No column of this file holds numbers, so there is nothing to count. Check how its numbers are written."
        )
        raise refuse("no-numeric-column", message, columns=list(table.names)[:20])
    by_name = dict(zip(table.names, samples, strict=True))
    measure = max(measures, key=lambda column: _interest(column, by_name[column.name]))
    return Plan(
        columns=tuple(columns),
        measure=measure,
        total=_is_total(measure),
        time=_time(columns, by_name),
        categories=tuple(_categories(columns, by_name))[:_CATEGORIES],
    )


def is_number(column: Column) -> bool:
    """Tell whether a column measures something."""
    return isinstance(column.format, NumberFormat) and isinstance(column, NumberColumn) and not column.identifier


def _column(name: str, cells: Sequence[str], *, writing: Writing, capacity: int, rows: int) -> Column:
    found = detect_format(name, cells, writing)
    match found:
        case NumberFormat():
            numbers = finite(found.read_all(cells))
            return NumberColumn(name, found, Distinct(capacity), identifier=is_identifier(name, numbers, rows))
        case DateFormat():
            return NumberColumn(name, found, Distinct(capacity))
        case _:
            return LabelColumn(name, found, Distinct(capacity))


def _measures(columns: Sequence[Column]) -> list[NumberColumn]:
    """Return the columns that measure something; identifiers only where there is nothing else."""
    numbers = [
        column for column in columns if isinstance(column.format, NumberFormat) and isinstance(column, NumberColumn)
    ]
    measures = [column for column in numbers if not column.identifier]
    if not measures:
        for column in numbers:
            column.identifier = False
    return measures or numbers


def _interest(column: NumberColumn, cells: Sequence[str]) -> tuple[int, int, int]:
    """Rank columns as the subject of a story: amounts, then counted things, then what varies most."""
    named = 2 * bool(_MONEY.search(column.name)) or bool(_COUNTED.search(column.name))
    summed = named if not _NOT_SUMMED.search(column.name) else 0
    return int(len(set(cells)) > 1), summed, len(set(cells))


def _is_total(column: NumberColumn) -> bool:
    named = _MONEY.search(column.name) or _COUNTED.search(column.name)
    unit = column.format.unit if isinstance(column.format, NumberFormat) else ""
    return bool(named) and not _NOT_SUMMED.search(column.name) and unit != "%"


def _time(columns: Sequence[Column], samples: dict[str, list[str]]) -> TimeSums | None:
    """Choose the date column with most values, and the window that nearly all of its moments are in."""
    dates = [column for column in columns if isinstance(column.format, DateFormat)]
    if not dates:
        return None
    chosen = max(dates, key=lambda column: len(samples[column.name]))
    moments = finite(chosen.format.read_all(samples[chosen.name])) if isinstance(chosen.format, DateFormat) else []
    first, last = quantiles(moments, _WINDOW)
    slack = (last - first) * _WINDOW_SLACK + 1
    return TimeSums(chosen.name, fitting_period(first, last), (first - slack, last + slack))


def _categories(columns: Sequence[Column], samples: dict[str, list[str]]) -> Iterator[LabelColumn]:
    """Yield the categories with enough and not too many different values to be compared."""
    for column in columns:
        if not isinstance(column, LabelColumn) or column.format.kind != "category":
            continue
        if _GROUPS[0] <= len(set(samples[column.name])) <= _GROUPS[1]:
            yield column
