"""What kind of values a column holds and how they are written, found out from a sample of its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .date_format import DateFormat, detect_date_format, looks_like_date
from .missing import MISSING
from .number_format import NumberFormat, decimal_mark, detect_number_format, looks_like_number

_CATEGORIES = 200
_CATEGORY_SHARE = 0.5
_CATEGORY_LENGTH = 60
_FEW = 20
_SEQUENCE_SLACK = 1.2
_IDENTIFIER_NAME = re.compile(
    r"(?:^|[\s_-])(?:id|ids|uuid|key|nr|no|number|nummer|code|zip|zipcode|postcode|plz|phone|tel|sku|ean|isbn)\.?$|(?<=[a-z])(?:Id|ID|Nr|No)$",
)


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """Words: a category when few different ones repeat, text else."""

    kind: str


Format = NumberFormat | DateFormat | LabelFormat


@dataclass(frozen=True, slots=True)
class Writing:
    """What a file as a whole says about how its values are written; decides where a column leaves it open."""

    decimal: str = "."
    day_first: bool = False


def present(cells: Sequence[str]) -> list[str]:
    """Return the cells that hold something, stripped."""
    return [cell for cell in map(str.strip, cells) if cell not in MISSING]


def detect_writing(columns: Sequence[Sequence[str]], delimiter: str) -> Writing:
    """Find out how the file writes numbers and dates, from those of its cells that prove it."""
    votes = Counter(filter(None, map(decimal_mark, columns)))
    decimal = votes.most_common(1)[0][0] if votes else "."
    return Writing(decimal, day_first=decimal == "," or delimiter == ";")


def detect_format(name: str, cells: Sequence[str], writing: Writing) -> Format:
    """Find out what a column holds; `cells` is a sample of those that are present."""
    return (
        detect_date_format(name, cells, day_first=writing.day_first)
        or detect_number_format(cells, writing.decimal)
        or _label_format(cells)
    )


def is_identifier(name: str, numbers: Sequence[float], rows: int) -> bool:
    """Tell numbers that only name their row (an order number, a running index) from those that measure something."""
    if not all(map(float.is_integer, numbers)):
        return False
    if _IDENTIFIER_NAME.search(name if not name.isupper() else name.lower()) or _IDENTIFIER_NAME.search(name.lower()):
        return len(set(numbers)) > len(numbers) * _CATEGORY_SHARE
    if len(numbers) < _FEW or max(numbers) - min(numbers) > _SEQUENCE_SLACK * rows:
        return False
    return all(a < b for a, b in pairwise(numbers)) or all(a > b for a, b in pairwise(numbers))


def looks_like_value(cell: str) -> bool:
    """Tell a number or a date from a word."""
    return looks_like_number(cell) or looks_like_date(cell)


def _label_format(cells: Sequence[str]) -> LabelFormat:
    different = set(cells)
    short = sum(map(len, different)) <= _CATEGORY_LENGTH * len(different)
    repeated = len(different) <= min(_CATEGORIES, max(_CATEGORY_SHARE * len(cells), 1))
    return LabelFormat("category" if cells and short and repeated else "text")
