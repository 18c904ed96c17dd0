"""One sheet of an Excel workbook, written out as a text file, so that there is one way to read a table.

Never keeps a sheet in memory. Needs openpyxl, which comes with the extra `examples`.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .refusal import Check, refuse

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

_UNPACKED_LIMIT = 1_000_000_000
_STRINGS_LIMIT = 150_000_000
_CHECK_ROWS = 2_000


def is_workbook(path: Path) -> bool:
    """Tell an Excel workbook (.xlsx, .xlsm) by what is in it."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "xl/workbook.xml" in archive.namelist()


def write_sheet(path: Path, sheet: str | None, target: Path, check: Check) -> str:
    """Write the named sheet, or the first one with data, to `target` as UTF-8 with tabs; return its name."""
    _refuse_bomb(path)
    workbook = _open(path)
    try:
        chosen = _choose(workbook, sheet)
        with target.open("w", encoding="utf-8", newline="") as file:
            _write(chosen, csv.writer(file, delimiter="\t"), check)
        return "" if chosen is None else str(chosen.title)
    finally:
        workbook.close()


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    if sum(sizes.values()) > _UNPACKED_LIMIT or sizes.get("xl/sharedStrings.xml", 0) > _STRINGS_LIMIT:
        raise refuse("too-large", "This workbook is too large when unpacked. Save the sheet as CSV and try again.")


def _open(path: Path) -> Workbook:
    try:
        from openpyxl import load_workbook  # noqa: PLC0415 - CSV files are read without the extra
    except ImportError as error:
        message = "Excel files cannot be read on this server: pip install 'jobrunner[examples]'. CSV works as it is."
        raise refuse("no-openpyxl", message) from error
    try:
        return load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise _damaged() from error


def _choose(workbook: Workbook, sheet: str | None) -> Any:
    sheets = {worksheet.title: worksheet for worksheet in workbook.worksheets}
    if sheet is None:
        visible = [worksheet for worksheet in sheets.values() if worksheet.sheet_state == "visible"]
        return next((worksheet for worksheet in visible if _has_data(worksheet)), next(iter(sheets.values()), None))
    if sheet not in sheets:
        names = ", ".join(f'"{name}"' for name in list(sheets)[:20])
        message = f'The workbook has no sheet "{sheet}". It has: {names}.'
        raise refuse("sheet-not-found", message, sheets=list(sheets)[:100])
    return sheets[sheet]


def _has_data(worksheet: Any) -> bool:
    return next(_rows(worksheet), None) is not None


def _write(worksheet: Any, writer: Any, check: Check) -> None:
    for number, row in enumerate(_rows(worksheet) if worksheet else ()):
        writer.writerow(row)
        if number % _CHECK_ROWS == 0:
            check(min(number / max(worksheet.max_row or 0, number + 1), 1))


def _rows(worksheet: Any) -> Iterator[list[str]]:
    """Yield the rows as text, without the empty cells at their ends and without blank rows before the first."""
    worksheet.reset_dimensions()
    try:
        begun = False
        for cells in worksheet.iter_rows(values_only=True):
            row = list(map(_text, cells))
            while row and not row[-1]:
                row.pop()
            begun = begun or bool(row)
            if begun:
                yield row
    except Exception as error:
        raise _damaged() from error


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)


def _damaged() -> Exception:
    return refuse("damaged", "This workbook cannot be read: it may be damaged. Open it, save it again as .xlsx or CSV.")
