"""Letters for pictures: a typeface of this machine, or, where there is none, the one that Pillow carries.

Needs Pillow, which comes with the extra `examples`.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont

_REGULAR = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc")
_BOLD = ("DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf", "NotoSans-Bold.ttf", "Arial Bold.ttf", "Helvetica.ttc")
_CARRIED = {"€": "EUR ", "£": "GBP ", "¥": "JPY ", "\u2013": "-", "\u2019": "'", "\u2026": "...", "ß": "ss"}


@cache
def font(size: int, *, bold: bool = False) -> Font:
    """Return a typeface without serifs in a size, in pixels."""
    for name in _BOLD if bold else _REGULAR:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue  # not on this machine
    carried = ImageFont.load_default(size)
    assert isinstance(carried, Font)  # noqa: S101 - Pillow is built with FreeType, or the sizes above are refused
    return carried


def writable(text: str, written: Font) -> str:
    """Return a text as a typeface can write it: the one that Pillow carries knows plain letters only."""
    if written.getname()[0] != "Aileron":
        return text
    spelt = "".join(_CARRIED.get(sign, sign) for sign in text)
    return unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()


def wrapped(text: str, written: Font, width: float) -> list[str]:
    """Break a text into lines that are no wider than this, where a word allows it."""
    lines: list[str] = []
    for word in writable(text, written).split():
        if lines and written.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
