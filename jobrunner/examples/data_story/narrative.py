"""The story in plain sentences, each true of the data at hand. Says how much and where; never why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .analysis import Analysis
from .chronicle import tell_time
from .outliers import UnusualValues
from .series import Breakdown, Group
from .story import Cleaning, ColumnStatistics, Correlation, Narrative
from .wording import amount, figure, in_words, listing, sentence, share, tidy

_NAMED = 3
_FEW_GROUPS = 2
_NAME_LENGTH = 60
_SAME, _CLEAR = 0.9995, 0.3
_STRENGTHS = ((0.9, "very strongly"), (0.7, "strongly"), (0.5, "clearly"), (0.0, "loosely"))
_LITTLE = 0.01
_KINDS = {"number": "number", "category": "category", "date": "date", "text": "text"}
_PLURALS = {"number": "numbers", "category": "categories", "date": "dates", "text": "texts"}


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the story and its subject, by which it finds its chart."""

    narrative: Narrative
    subject: str


def narrate(analysis: Analysis) -> list[Section]:
    """Tell the story, the most interesting first."""
    parts: list[tuple[str, str, Callable[[Analysis], Iterator[str]]]] = [
        ("What the file holds", "contents", _contents),
        ("Over time", "timeline", tell_time),
        (sentence(analysis.measure), "distribution", _measure),
        ("By category", "categories", _categories),
        ("What moves together", "correlation", _together),
        ("Unusual values", "outliers", _unusual),
        ("How the file was read", "reading", _reading),
    ]
    told = [(heading, subject, " ".join(tell(analysis))) for heading, subject, tell in parts]
    return [Section(Narrative(heading=heading, text=text), subject) for heading, subject, text in told if text]


def _contents(analysis: Analysis) -> Iterator[str]:
    kinds = Counter(column.kind for column in analysis.columns)
    held = listing(
        [f"{in_words(count)} {_KINDS[kind] if count == 1 else _PLURALS[kind]}" for kind, count in kinds.most_common()]
    )
    columns = amount(len(analysis.columns), "column")
    yield f"The table has {amount(analysis.rows, 'row')} and {columns}: {held}."
    cells = analysis.rows * len(analysis.columns)
    missing = analysis.cleaning.missing_cells
    if not missing:
        yield "No cell is empty."
        return
    emptiest = max(analysis.columns, key=lambda column: column.missing)
    most = "most of them" if emptiest.missing * 2 > missing else "more than anywhere else"
    where = f"{emptiest.name}, where {share(emptiest.missing, analysis.rows)} of the rows have no value"
    yield f"Of all cells {share(missing, cells)} are empty, {most} in {where}."


def _measure(analysis: Analysis) -> Iterator[str]:
    column = analysis.column(analysis.measure)
    if column.mean is None or column.median is None or column.quartiles is None:
        return
    unit = column.unit
    if column.unique == 1:
        yield f"{sentence(column.name)} is {figure(column.median, unit)} in every row that has a value."
        return
    if analysis.total:
        total = figure(column.mean * column.count, unit)
        yield f"All {amount(column.count, 'value')} of {column.name} add up to {total}."
    lower, middle, upper = (figure(value, unit) for value in column.quartiles)
    yield f"The median is {middle}, and the middle half of the values lies between {lower} and {upper}."
    yield f"The smallest value is {_number(column.min, unit)}, the largest {_number(column.max, unit)}."
    yield from _leaning(column, column.mean, column.median)


def _leaning(column: ColumnStatistics, mean: float, median: float) -> Iterator[str]:
    lower, _, upper = column.quartiles or (0.0, 0.0, 0.0)
    away = mean - median
    if abs(away) > (upper - lower) / 4:
        side, which = ("above", "large") if away > 0 else ("below", "small")
        yield f"The average, {figure(mean, column.unit)}, is well {side} the median: some very {which} values pull it."


def _categories(analysis: Analysis) -> Iterator[str]:
    if not analysis.breakdowns:
        return
    main, *others = analysis.breakdowns
    unit = analysis.column(main.measure).unit
    yield _ranking(main, unit)
    if main.total:
        by_mean = sorted(main.groups, key=lambda group: group.mean)
        low, high = by_mean[0], by_mean[-1]
        yield (
            f"A single row of {_name(high)} averages {figure(high.mean, unit)},"
            f" one of {_name(low)} {figure(low.mean, unit)}."
        )
    yield f"The {main.category} accounts for {share(main.explained, 1)} of the variation in {main.measure}."
    little = [other.category for other in others if other.explained < _LITTLE]
    if little:
        verb = "says" if len(little) == 1 else "say"
        yield f"{sentence(listing(little[:_NAMED]))} {verb} hardly anything about {main.measure}: less than 1% each."


def _ranking(breakdown: Breakdown, unit: str) -> str:
    first, last = breakdown.groups[0], breakdown.groups[-1]
    if not breakdown.total:
        return (
            f"{breakdown.measure} is highest for {_name(first)}, on average {figure(first.mean, unit)},"
            f" and lowest for {_name(last)} with {figure(last.mean, unit)}."
        )
    if last.sum < 0:
        end = f"{_name(last)} last with {figure(last.sum, unit)}"
        return f"{_name(first)} comes first with {figure(first.sum, unit)}, {end}."
    whole = sum(group.sum for group in breakdown.groups)
    leaders = [f"{_name(group)} ({share(group.sum, whole)})" for group in breakdown.groups[:_NAMED]]
    if len(breakdown.groups) <= _FEW_GROUPS:
        return f"The total of {breakdown.measure} comes from {listing(leaders)}."
    least = f"{_name(last)} brings least ({share(last.sum, whole)})"
    return f"The largest shares of {breakdown.measure} come from {listing(leaders)}; {least}."


def _together(analysis: Analysis) -> Iterator[str]:
    if not analysis.correlations:
        return
    clear = [found for found in analysis.correlations if abs(found.r) >= _CLEAR]
    if not clear:
        best = analysis.correlations[0]
        yield f"No two columns move together clearly; closest are {best.a} and {best.b} (r = {best.r:.2f})."
        return
    yield from map(_correlation, clear[:_NAMED])
    if len(clear) > _NAMED:
        more = len(clear) - _NAMED
        yield f"{sentence(in_words(more))} more {'pair is' if more == 1 else 'pairs are'} linked."
    yield "This says that columns go together, not that one is the cause of the other."


def _correlation(found: Correlation) -> str:
    if abs(found.r) >= _SAME:
        return f"{sentence(found.a)} and {found.b} move in step: one can be told from the other (r = {found.r:.2f})."
    how = next(word for least, word in _STRENGTHS if abs(found.r) >= least)
    other = "higher" if found.r > 0 else "lower"
    evidence = f"r = {found.r:.2f}, {found.n:,} rows"
    return f"Where {found.a} is higher, {found.b} tends to be {other}: they are {how} linked ({evidence})."


def _unusual(analysis: Analysis) -> Iterator[str]:
    if not analysis.unusual:
        yield "No value lies far outside the usual range of its column."
        return
    for found in sorted(analysis.unusual, key=lambda found: -found.outliers[0].score)[:_NAMED]:
        yield _outliers(found, analysis.column(found.column))
    yield "They may be mistakes or the most interesting rows of all; they were left as they are."


def _outliers(found: UnusualValues, column: ColumnStatistics) -> str:
    farthest = found.outliers[0]
    low = max(found.fences.low, column.min if isinstance(column.min, float) else found.fences.low)
    high = min(found.fences.high, column.max if isinstance(column.max, float) else found.fences.high)
    usual = f"the usual range from {figure(low, column.unit)} to {figure(high, column.unit)}"
    many = "some values are" if found.sampled else amount(found.count, "value is", "values are")
    head = f"In {found.column}, {many} far outside {usual}"
    return f"{head}; the farthest is {figure(farthest.value, column.unit)} in row {farthest.row:,}."


def _reading(analysis: Analysis) -> Iterator[str]:
    cleaning = analysis.cleaning
    if cleaning.sheet is not None:
        yield f'The sheet "{tidy(cleaning.sheet, _NAME_LENGTH)}" of the workbook was read.'
    else:
        encoding = _encoding(cleaning.encoding)
        yield f"The file was read as {encoding} text with columns separated by {_delimiter(cleaning)}."
    if not cleaning.header:
        yield "Its first row holds values, so the columns were given numbers for names."
    yield from (f"{text}." for count, text in _changes(cleaning) if count)
    yield "Empty cells were left empty: nothing was filled in, corrected or removed as unusual."
    if cleaning.sampled_rows < analysis.rows:
        yield (
            "Counts, sums, averages, smallest and largest values are of all rows; quartiles, correlations and"
            f" distributions come from a random sample of {cleaning.sampled_rows:,}."
        )


def _changes(cleaning: Cleaning) -> list[tuple[int, str]]:
    rows = cleaning.duplicated_rows
    return [
        (cleaning.skipped_lines, f"{amount(cleaning.skipped_lines, 'line')} above the table left out"),
        (cleaning.blank_rows, f"{amount(cleaning.blank_rows, 'blank row')} left out"),
        (cleaning.dropped_rows, f"{amount(cleaning.dropped_rows, 'row')} with too many cells left out"),
        (
            cleaning.padded_rows,
            f"{amount(cleaning.padded_rows, 'row')} with too few cells kept, the others taken as empty",
        ),
        (
            rows,
            f"{amount(rows, 'row')} {'repeats' if rows == 1 else 'repeat'} an earlier row exactly; kept and counted",
        ),
        (cleaning.empty_columns, f"{amount(cleaning.empty_columns, 'column')} without name and values left out"),
        (
            cleaning.unreadable_cells,
            f"{amount(cleaning.unreadable_cells, 'cell')} that could not be read as its column is written left out",
        ),
    ]


def _encoding(name: str | None) -> str:
    names = {"cp1252": "Windows-1252", "latin-1": "Latin-1"}
    return names.get(name or "", (name or "").removesuffix("-sig").upper())


def _delimiter(cleaning: Cleaning) -> str:
    words = {"tab": "tabs", "semicolon": "semicolons", "pipe": "vertical bars", "comma": "commas"}
    return words.get(cleaning.delimiter or "", f'"{cleaning.delimiter}"')


def _name(group: Group) -> str:
    return tidy(group.name, _NAME_LENGTH)


def _number(value: float | str | None, unit: str) -> str:
    return figure(value, unit) if isinstance(value, float) else str(value)
