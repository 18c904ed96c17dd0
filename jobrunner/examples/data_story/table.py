"""A table in a file: its columns, and its rows a batch at a time. Never holds more than a batch in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from .dialect import Dialect, Record, detect_dialect
from .encoding import detect_encoding
from .header import Header, find_header
from .refusal import Check, refuse
from .story import StoryRequest
from .workbook import is_workbook, write_sheet

MAX_BYTES = 250_000_000
MAX_COLUMNS = 500

_BATCH_CELLS = 20_000
_BATCH_CHARACTERS = 4_000_000
_BATCH_ROWS = (20, 4_000)
_RUNAWAY_LINES = 100
_CHUNK = 1 << 20


class _Chunks(io.BufferedReader):
    """Read ahead far: a thread that lets go of the interpreter every 8 KB starves the other threads."""

    def read1(self, size: int = -1, /) -> bytes:
        """Return the next chunk, whatever size was asked for."""
        return self.read(max(size, _CHUNK))


@dataclass(frozen=True, slots=True)
class Batch:
    """Some neighbouring rows, all as long as the table is wide. `numbers` are their lines in a spreadsheet."""

    rows: Sequence[Record]
    numbers: Sequence[int]
    fraction: float
    blank: int = 0
    dropped: int = 0
    padded: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is a table; `sheet` is the sheet's name where it comes from a workbook."""

    path: Path
    dialect: Dialect
    header: Header
    sheet: str | None = None
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", self.header.names)

    def batches(self) -> Iterator[Batch]:
        """Yield all rows in their order; blank rows and rows with too many cells are left out, short ones filled up."""
        size = self.path.stat().st_size
        with _Chunks(io.FileIO(self.path)) as raw:
            lines = io.TextIOWrapper(raw, encoding=self.dialect.encoding, errors="replace", newline="")
            records = self.dialect.read(islice(lines, self.dialect.skip, None))
            number = self.dialect.skip + 1 + self._before_rows(records)
            while rows := self._next_rows(records, number):
                yield self._batch(rows, number, min(raw.tell() / size, 1))
                number += len(rows)

    def _before_rows(self, records: Iterator[Record]) -> int:
        """Read past preamble and header; return how many records that were."""
        passed, wanted = 0, self.header.preamble + self.header.named
        while wanted and (record := next(records, None)) is not None:
            passed += 1
            wanted -= any(record)
        return passed

    def _next_rows(self, records: Iterator[Record], number: int) -> list[Record]:
        try:
            return list(islice(records, self._batch_rows))
        except csv.Error as error:
            raise _runaway(number) from error

    @property
    def _batch_rows(self) -> int:
        fitting = min(_BATCH_CELLS // len(self.names), _BATCH_CHARACTERS // max(self.dialect.record_length, 1))
        return max(_BATCH_ROWS[0], min(fitting, _BATCH_ROWS[1]))

    def _batch(self, rows: list[Record], number: int, fraction: float) -> Batch:
        width = len(self.names)
        numbers = range(number, number + len(rows))
        if set(map(len, rows)) == {width} and all(map(any, rows)):
            return Batch(rows, numbers, fraction)
        filled = [(at, row) for at, row in zip(numbers, rows, strict=True) if any(map(str.strip, row))]
        kept = [(at, row) for at, row in filled if not any(map(str.strip, row[width:]))]
        padded = sum(len(row) < width for _, row in kept)
        return Batch(
            rows=[_fitted(row, width, at) for at, row in kept],
            numbers=[at for at, _ in kept],
            fraction=fraction,
            blank=len(rows) - len(filled),
            dropped=len(filled) - len(kept),
            padded=padded,
        )


def open_table(path: Path, request: StoryRequest, workspace: Path, check: Check) -> Table:
    """Find the table in a CSV or Excel file; a sheet is written out into `workspace` first.

    Raises JobError (PREPROCESSING_ERROR) when there is none.
    """
    if path.stat().st_size > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        raise refuse("too-large", f"The file is larger than {limit}. Leave out columns or rows and try again.")
    if is_workbook(path):
        sheet = workspace / "sheet.tsv"
        name = write_sheet(path, request.sheet, sheet, check)
        return _table(sheet, detect_dialect(sheet, detect_encoding(sheet), "tab"), name)
    if request.sheet is not None:
        raise refuse(
            "sheet-not-found", f'Only workbooks have sheets, and this file is text: leave out "{request.sheet}".'
        )
    return _table(path, detect_dialect(path, detect_encoding(path), request.delimiter))


def _table(path: Path, dialect: Dialect, sheet: str | None = None) -> Table:
    header = find_header(dialect.records)
    width = len(header.names)
    if width > MAX_COLUMNS:
        message = f"The table has {width:,} columns; at most {MAX_COLUMNS} are read. Leave some out and try again."
        raise refuse("too-many-columns", message, columns=width)
    return Table(path, dialect, header, sheet)


def _fitted(row: Record, width: int, number: int) -> Record:
    if len(row) < width and row[-1].count("\n") > _RUNAWAY_LINES:
        raise _runaway(number)
    return list(islice(chain(row, [""] * width), width))


def _runaway(number: int) -> Exception:
    message = f"Near row {number:,} a quotation mark is opened and not closed again, or a cell is far too long."
    return refuse("quotation", message, row=number)
