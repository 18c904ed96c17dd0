"""Text in the cells of a terminal, of which a Chinese letter takes two and an accent none. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from jobrunner.cli.terminal import Style, Terminal


class Cell(NamedTuple):
    """Text and how it looks. The text is not coloured yet, so that it can be measured."""

    text: str
    style: Style = "none"


def one_line(text: str) -> str:
    """Put text on one line; what could command a terminal becomes a replacement character."""
    joined = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in joined)


def width(text: str) -> int:
    """Count the cells that text takes."""
    return sum(map(_cells, text))


def fit(text: str, cells: int, *, dots: str = "…") -> str:
    """Cut text that is too wide, and say so by dots."""
    if width(text) <= cells:
        return text
    kept, room = "", cells - width(dots)
    for letter in text:
        room -= _cells(letter)
        if room < 0:
            break
        kept += letter
    return kept + dots if cells >= width(dots) else ""


def painted(terminal: Terminal, cells: Iterable[Cell], columns: int, *, gap: str = "  ") -> str:
    """Write cells beside each other, the ones that are not empty, up to the last column."""
    shown, room = list[str](), columns
    for text, style in cells:
        fitted = fit(text, room)
        shown += [terminal.paint(fitted, style)] if fitted else []
        room -= width(fitted) + len(gap) if fitted else 0
    return gap.join(shown)


def _cells(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
