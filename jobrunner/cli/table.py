"""Rows for people and for programs: aligned under a heading on a terminal, separated by tabs when piped."""

from __future__ import annotations

from collections.abc import Sequence

from jobrunner.cli.cells import Cell, fit, one_line, width
from jobrunner.cli.terminal import Terminal

_GAP = 2
_LEAST = 10

Row = Sequence[Cell | str]


def print_table(terminal: Terminal, heading: Sequence[str], rows: Sequence[Row]) -> None:
    """Print rows. Piped, they have no heading; on a terminal the last column is cut to the room that is left."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    if not terminal.is_live:
        for row in cells:
            terminal.print("\t".join(cell.text for cell in row))
        return
    table = [[Cell(title, "dim") for title in heading], *cells]
    widths = [max(width(row[column].text) for row in table) for column in range(len(heading))]
    widths[-1] = max(_LEAST, terminal.size[0] - sum(widths[:-1]) - _GAP * (len(widths) - 1))
    for row in table:
        terminal.print(_aligned(terminal, row, widths))


def _cell(cell: Cell | str) -> Cell:
    given = cell if isinstance(cell, Cell) else Cell(cell)
    return given._replace(text=one_line(given.text))


def _aligned(terminal: Terminal, row: Sequence[Cell], widths: Sequence[int]) -> str:
    shown = ""
    for cell, room in zip(row, widths, strict=True):
        text = fit(cell.text, room)
        shown += terminal.paint(text, cell.style) + " " * (room - width(text) + _GAP)
    return shown.rstrip()
