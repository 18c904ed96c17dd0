"""Where the table begins in a file, and what its columns are called.

Never changes what people named them, except to shorten and to tell equal names apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .formats import looks_like_value
from .wording import tidy

_PREAMBLE = 20
_NAME_LENGTH = 60
_TABLE_WIDTH = 3
_YEARS = (1800, 2200)

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before the rows: `preamble` records to skip, then the names if there are any."""

    preamble: int
    named: bool
    names: tuple[str, ...]
    unnamed: frozenset[int]


def find_header(records: Sequence[Cells]) -> Header:
    """Find the names of the columns in the first records of a file, none of which is blank."""
    usual = Counter(map(len, records)).most_common(1)[0][0]
    preamble = _preamble(records, usual)
    table = records[preamble:]
    named = _is_header(table[0], table[1:])
    width = max(usual, len(table[0])) if named else usual
    cells = [tidy(cell, _NAME_LENGTH) for cell in table[0]] if named else []
    cells += [""] * (width - len(cells))
    return Header(preamble, named, _distinct(cells), frozenset(at for at, cell in enumerate(cells) if not cell))


def _preamble(records: Sequence[Cells], usual: int) -> int:
    """Count the title lines above a table: those with one cell where the table has several."""
    for at, record in enumerate(records[:_PREAMBLE]):
        filled = sum(map(bool, map(str.strip, record)))
        if filled > 1 or usual == 1 or (len(record) == usual < _TABLE_WIDTH):
            return at
    return 0


def _is_header(first: Cells, body: Sequence[Cells]) -> bool:
    """Tell names from values: names stand above values of another sort."""
    if not body or _is_years(first):
        return True
    votes = [_vote(cell, [row[at] for row in body if at < len(row)]) for at, cell in enumerate(first)]
    return sum(votes) >= 0


def _vote(cell: str, below: Sequence[str]) -> int:
    valued = [looks_like_value(other) for other in below if other.strip()]
    if not valued or sum(valued) < len(valued) * 0.8:
        return 0
    return -1 if looks_like_value(cell) else 1


def _is_years(cells: Cells) -> bool:
    """Tell a header of years (`country;2019;2020;2021`) from a first row of values."""
    numbers = [int(cell) for cell in cells if cell.strip().isdecimal()]
    inside = all(_YEARS[0] <= number <= _YEARS[1] for number in numbers)
    return len(numbers) > 1 and inside and len(numbers) < len(cells) and numbers == sorted(set(numbers))


def _distinct(cells: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    taken = set(cells)
    for at, cell in enumerate(cells):
        name = cell or f"Column {at + 1}"
        again = 2
        while name in names or (name != cell and name in taken):
            name = f"{cell or f'Column {at + 1}'} ({again})"
            again += 1
        names.append(name)
    return tuple(names)
