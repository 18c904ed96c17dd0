"""What a data story is asked with and what it says: the shapes of payload and result.

Everything here is finite JSON and has its limits: a story of any table stays below a megabyte. Holds no behaviour.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["number", "category", "date", "text"]

DESCRIBED_COLUMNS = 100
"""So many columns are described in the result; `statistics.json` has all of them."""


class StoryRequest(BaseModel):
    """Say how the file is to be read; without anything, all of it is found out."""

    model_config = ConfigDict(extra="forbid")

    heading: str | None = Field(None, max_length=120, description="Over the story; without it, the name of the file")
    sheet: str | None = Field(None, max_length=100, description="Sheet of a workbook; without it, the first with data")
    delimiter: str | None = Field(
        None,
        pattern=r'^(?:tab|\t|[^"\w\s])$',
        description="What separates the columns: one character, or the word tab; without it, it is found out",
    )


class TopValue(BaseModel):
    """One of the most frequent values of a column."""

    value: str
    count: int


class ColumnStatistics(BaseModel):
    """Describe one column; what its kind does not have is null.

    Dates are ISO 8601 text. `quartiles` are the 25th, 50th and 75th percentile, interpolated between neighbours.
    `unreadable` counts cells that hold something else than the kind; they are left out like missing ones.
    """

    name: str
    kind: Kind
    unit: str = ""
    identifier: bool = False
    count: int = 0
    missing: int = 0
    unreadable: int = 0
    unique: int = 0
    unique_is_minimum: bool = False
    mean: float | None = None
    median: float | None = None
    stdev: float | None = None
    min: float | str | None = None
    max: float | str | None = None
    quartiles: tuple[float, float, float] | None = None
    top_values: list[TopValue] = []


class Correlation(BaseModel):
    """Pearson's r of two columns over the `n` rows that have both."""

    a: str
    b: str
    r: float
    n: int


class Outlier(BaseModel):
    """A value far from the rest of its column.

    `row` counts as a spreadsheet does, the first line of the file being 1. `score` is the distance to the nearer
    quartile in interquartile ranges, on a logarithmic scale where the column is strongly skewed.
    """

    column: str
    row: int
    value: float
    score: float


class Chart(BaseModel):
    """A chart among the artifacts, as `<name>.svg`."""

    name: str
    title: str
    kind: Literal["line", "histogram", "bar", "scatter"]


class Narrative(BaseModel):
    """One section of the story; `chart` names the chart that it speaks of."""

    heading: str
    text: str
    chart: str | None = None


class Cleaning(BaseModel):
    """What was done before counting. Nothing is ever filled in or corrected.

    Blank rows and rows with more cells than the table has columns are left out; repeated rows are counted and kept.
    `sampled_rows` are the rows that quantiles, correlations and charts come from: all, up to some ten thousand.
    """

    sheet: str | None
    encoding: str | None
    delimiter: str | None
    header: bool
    skipped_lines: int = 0
    blank_rows: int = 0
    dropped_rows: int = 0
    padded_rows: int = 0
    duplicated_rows: int = 0
    empty_columns: int = 0
    missing_cells: int = 0
    unreadable_cells: int = 0
    sampled_rows: int = 0


class Story(BaseModel):
    """A finished data story; charts and the page are among the job's artifacts."""

    title: str
    rows: int
    columns: int
    statistics: list[ColumnStatistics]
    correlations: list[Correlation]
    outliers: list[Outlier]
    charts: list[Chart]
    narratives: list[Narrative]
    cleaning: Cleaning
