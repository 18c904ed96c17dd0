"""How the characters of a text file become cells: what separates columns, and whether quotation marks do their work.

Decides on the beginning of a file only; never reads the rest.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from .formats import looks_like_value
from .refusal import refuse

_BEGINNING = 1 << 17
_RECORDS = 500
_DELIMITERS = ("\t", ";", "|", ",")
"""In order of preference: a comma may also stand inside numbers, the others hardly ever do."""
_NAMES = {"\t": "tab", ";": "semicolon", "|": "pipe", ",": "comma"}
_RUNAWAY_LINES = 100
_REGULAR_SHARE = 0.5
_VALUES_SHARE = 0.1
_MARKUP = re.compile(r"\s*(?:<(?:!doctype|html|\?xml|svg|table)\b|[{\[]\s*[\[{\"\]}])", re.IGNORECASE)
_EXCEL_HINT = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)

Record = list[str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to read a text file as records of cells."""

    encoding: str
    delimiter: str
    quoting: bool
    skip: int
    records: tuple[tuple[str, ...], ...]
    record_length: int

    @property
    def delimiter_name(self) -> str:
        """The delimiter as a word."""
        return _NAMES.get(self.delimiter, self.delimiter)

    def read(self, lines: Iterator[str]) -> Iterator[Record]:
        """Read records from lines that keep their line ends."""
        return _read(lines, self.delimiter, quoting=self.quoting)


def detect_dialect(path: Path, encoding: str, delimiter: str | None = None) -> Dialect:
    """Find out how a file is to be read; a `delimiter` that is given is believed.

    Raises JobError when the text is no table.
    """
    lines = _beginning(path, encoding)
    if _MARKUP.match("".join(lines[:2])):
        raise refuse(
            "not-a-table", "This is a web page or structured data, not a table. Save the table as CSV or .xlsx."
        )
    hint = _EXCEL_HINT.fullmatch(lines[0]) if lines else None
    lines = lines[1:] if hint else lines
    chosen = _spelled(delimiter) or (hint and hint[1]) or max(_DELIMITERS, key=lambda mark: _score(lines, mark))
    sample, quoting = _sample(lines, chosen)
    records = [record for record in sample if any(record)]
    _refuse_prose(records)
    length = sum(map(len, lines)) // max(len(records), 1)
    return Dialect(encoding, chosen, quoting, int(bool(hint)), tuple(map(tuple, records)), length)


def _spelled(delimiter: str | None) -> str | None:
    return "\t" if delimiter == "tab" else delimiter


def _beginning(path: Path, encoding: str) -> list[str]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = file.readlines(_BEGINNING)
        whole = not file.read(1)
    return lines if whole or len(lines) == 1 else lines[:-1]


def _read(lines: Iterator[str], delimiter: str, *, quoting: bool = True) -> Iterator[Record]:
    spaced = delimiter != "\t"
    if quoting:
        return csv.reader(lines, delimiter=delimiter, skipinitialspace=spaced)
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=spaced, quoting=csv.QUOTE_NONE)


def _sample(lines: list[str], delimiter: str) -> tuple[list[Record], bool]:
    """Read the first records; tell whether quotation marks do their work, or mean themselves and swallow lines."""
    with suppress(csv.Error):
        records = list(islice(_read(iter(lines), delimiter), _RECORDS))
        if not any(cell.count("\n") > _RUNAWAY_LINES for record in records for cell in record):
            return records, True
    try:
        return list(islice(_read(iter(lines), delimiter, quoting=False), _RECORDS)), False
    except csv.Error as error:
        raise refuse("not-a-table", "A cell of this file is too long for a table.") from error


def _score(lines: list[str], delimiter: str) -> float:
    """Rate a delimiter: how many records have the usual number of cells, the first one too, on a line each."""
    widths = [len(record) for record in _sample(lines, delimiter)[0] if any(record)]
    usual = _usual(widths)
    if usual == 1:
        return 0
    share = widths.count(usual) / max(len(widths), min(sum(map(bool, map(str.strip, lines))), _RECORDS))
    return round(share if widths[0] == usual else share / 2, 1)


def _usual(widths: list[int]) -> int:
    return Counter(widths).most_common(1)[0][0] if widths else 1


def _refuse_prose(records: list[Record]) -> None:
    """Tell text from a table: its lines have no usual number of cells, or only one, and hardly a cell is a value."""
    widths = list(map(len, records))
    usual = _usual(widths)
    irregular = usual == 1 or widths.count(usual) < _REGULAR_SHARE * len(widths)
    cells = [cell for record in records[1:] for cell in record if cell.strip()]
    if irregular and cells and sum(map(looks_like_value, cells)) < _VALUES_SHARE * len(cells):
        raise refuse("not-a-table", "The lines of this file do not form columns. A story needs a table with numbers.")
