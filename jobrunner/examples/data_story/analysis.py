"""Everything that can be said of a table, counted: the second reading, and what follows from it. Uses no words."""

from __future__ import annotations

import random
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .columns import Column, LabelColumn, NumberColumn
from .correlation import correlate
from .description import describe
from .outliers import UnusualValues, find_outliers
from .plan import Plan, is_number, make_plan
from .refusal import Check
from .series import Breakdown, Series, Sums, make_breakdown, make_series
from .story import Cleaning, ColumnStatistics, Correlation, StoryRequest
from .survey import Survey, survey
from .table import Table, open_table

_SEED = 20_240_229
_SAMPLE_CELLS = 8_000_000
_SAMPLE_ROWS = (10_000, 50_000)


@dataclass(frozen=True, slots=True)
class Analysis:
    """A table in figures.

    `samples` holds by column the numbers of up to `cleaning.sampled_rows` rows, NaN where there is none.
    """

    rows: int
    columns: tuple[ColumnStatistics, ...]
    cleaning: Cleaning
    measure: str
    total: bool
    correlations: tuple[Correlation, ...]
    unusual: tuple[UnusualValues, ...]
    series: Series | None
    breakdowns: tuple[Breakdown, ...]
    samples: Mapping[str, Sequence[float]]

    def column(self, name: str) -> ColumnStatistics:
        """Return the figures of one column."""
        return next(column for column in self.columns if column.name == name)


def analyse(path: Path, request: StoryRequest, check: Check) -> Analysis:
    """Read the table in a file twice, and count.

    Raises JobError (PREPROCESSING_ERROR) when there is no table with numbers in it.
    """
    with tempfile.TemporaryDirectory(prefix="data-story-") as workspace:
        table = open_table(path, request, Path(workspace), _within(check, 0.0, 0.1))
        found = survey(table, _within(check, 0.1, 0.25))
        plan = make_plan(table, found)
        sums = _read(table, plan, found.rows, _within(check, 0.25, 0.85))
    return _conclude(table, found, plan, sums, _within(check, 0.85, 1.0))


def _within(check: Check, start: float, end: float) -> Check:
    return lambda fraction: check(start + (end - start) * fraction)


def _read(table: Table, plan: Plan, rows: int, check: Check) -> dict[str, Sums]:
    """Read all rows into the plan's columns and sums; return the measure's sums by category."""
    picks, start = _picks(rows, len(plan.columns)), 0
    sums = {column.name: Sums() for column in plan.categories}
    for batch in table.batches():
        end = start + len(batch.rows)
        chosen = [pick - start for pick in picks[bisect_left(picks, start) : bisect_left(picks, end)]]
        values: dict[str, Sequence[float]] = {}
        labels: dict[str, Sequence[str]] = {}
        for column, raw in zip(plan.columns, zip(*batch.rows, strict=True), strict=False):
            cells = list(map(str.strip, raw))
            if isinstance(column, NumberColumn):
                values[column.name] = column.add(cells, batch.numbers, chosen)
            else:
                labels[column.name] = column.add(cells)
        _sum_up(plan, sums, values, labels)
        start = end
        check(batch.fraction)
    return sums


def _sum_up(
    plan: Plan, sums: dict[str, Sums], values: Mapping[str, Sequence[float]], labels: Mapping[str, Sequence[str]]
) -> None:
    measured = values.get(plan.measure.name, ())
    for name, found in sums.items():
        found.add(zip(labels.get(name, ()), measured, strict=True))
    if plan.time:
        plan.time.add(values.get(plan.time.date, ()), measured)


def _picks(rows: int, columns: int) -> Sequence[int]:
    """Choose the rows whose numbers are kept: all, or a random sample that is the same every time."""
    capacity = max(_SAMPLE_ROWS[0], min(_SAMPLE_CELLS // columns, _SAMPLE_ROWS[1]))
    if rows <= capacity:
        return range(rows)
    return array("q", sorted(random.Random(_SEED).sample(range(rows), capacity)))  # noqa: S311 - repeatable on purpose


def _conclude(table: Table, found: Survey, plan: Plan, sums: Mapping[str, Sums], check: Check) -> Analysis:
    columns = [
        column
        for at, column in enumerate(plan.columns)
        if column.missing < found.rows or at not in table.header.unnamed
    ]
    numbers = [column for column in columns if isinstance(column, NumberColumn) and is_number(column)]
    described = tuple(map(describe, columns))
    breakdowns = [
        _breakdown(plan, column, sums[column.name]) for column in plan.categories if not sums[column.name].full
    ]
    return Analysis(
        rows=found.rows,
        columns=described,
        cleaning=_cleaning(table, found, columns, len(plan.columns)),
        measure=plan.measure.name,
        total=plan.total,
        correlations=tuple(correlate(numbers, check)),
        unusual=tuple(filter(None, map(find_outliers, numbers))),
        series=make_series(plan.time, plan.measure.name, total=plan.total) if plan.time else None,
        breakdowns=tuple(sorted(filter(None, breakdowns), key=lambda breakdown: -breakdown.explained)),
        samples={column.name: column.sample for column in numbers},
    )


def _breakdown(plan: Plan, column: LabelColumn, sums: Sums) -> Breakdown | None:
    found = make_breakdown(column.name, plan.measure.name, sums.tallies(), plan.measure.squares, total=plan.total)
    return found if len(found.groups) > 1 else None


def _cleaning(table: Table, found: Survey, columns: Sequence[Column], read: int) -> Cleaning:
    sampled = max((len(column.sample) for column in columns if isinstance(column, NumberColumn)), default=0)
    return Cleaning(
        sheet=table.sheet,
        encoding=table.dialect.encoding if table.sheet is None else None,
        delimiter=table.dialect.delimiter_name if table.sheet is None else None,
        header=table.header.named,
        skipped_lines=table.header.preamble + table.dialect.skip,
        blank_rows=found.blank,
        dropped_rows=found.dropped,
        padded_rows=found.padded,
        duplicated_rows=found.duplicated,
        empty_columns=read - len(columns),
        missing_cells=sum(column.missing for column in columns),
        unreadable_cells=sum(column.unreadable for column in columns if isinstance(column, NumberColumn)),
        sampled_rows=sampled,
    )
