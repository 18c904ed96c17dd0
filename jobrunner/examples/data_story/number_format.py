"""How the numbers of one column are written: decimal mark, thousands, unit. Never reads a cell as a number in doubt."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .missing import MISSING

LIMIT = 1e150
"""Larger magnitudes are not read: their squares would not be finite."""

_READABLE_SHARE = 0.9
_REMEMBERED = 20_000
_LONGEST_DIGITS = 15
_GROUP = 3
_CURRENCIES = (
    r"US\$|A\$|C\$|R\$|[$\u20ac\u00a3\u00a5\u20b9\u20bd\u20a9\u20ba]|"
    r"EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|HUF|CAD|AUD|NZD|INR|CNY|BRL|Fr\.|kr|z\u0142"
)
_MEASURES = (
    r"%|\u00b0C|\u00b0F|kWh|MWh|kW|MW|kg|mg|km\u00b2|m\u00b2|km/h|mph|km|cm|mm|mi|ft|lbs|lb|oz|ml|min|ms|hrs|hours|days|"
    r"Hz|GB|MB|KB|TB|W|V|g|t|m|h|s|l"
)
_MINUS = "-\N{MINUS SIGN}\N{EN DASH}"
_SPACES = " '\N{RIGHT SINGLE QUOTATION MARK}\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_SHAPE = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[{_MINUS}+]?)\s*(?P<before>{_CURRENCIES})?\s*(?P<inner>[{_MINUS}]?)"
    rf"(?P<digits>\d[\d.,{_SPACES}]*|[.,]\d+)(?P<power>[eE][-+]?\d{{1,3}})?\s*"
    rf"(?P<after>{_CURRENCIES}|{_MEASURES})?(?P<trailing>-?)\s*(?P<close>\))?"
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}")
_CODE = re.compile(r"0\d+|\d{16,}")
_TO_COMMA = str.maketrans(dict.fromkeys(_SPACES, ","))
_SWAPPED = str.maketrans(".,", ",.")


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """Read the numbers of one column. `unit` is what most of them carry; cells with another unit are not read."""

    decimal: str
    unit: str = ""
    _remembered: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def read_all(self, cells: Sequence[str]) -> list[float]:
        """Read stripped cells; NaN where there is no readable number."""
        try:
            return list(map(float, self._pointed(cells)))
        except ValueError:
            return [self._recall(cell) for cell in cells]

    def read(self, cell: str) -> float:
        """Read one stripped cell; NaN where there is no readable number."""
        match = _SHAPE.fullmatch(cell)
        if match is None or (match["before"] or match["after"] or self.unit) != self.unit:
            return math.nan
        if bool(match["open"]) != bool(match["close"]):
            return math.nan
        digits = _plain(match["digits"], self.decimal)
        if digits is None:
            return math.nan
        value = float(digits + (match["power"] or ""))
        minus = match["sign"] in tuple(_MINUS) or match["inner"] or match["trailing"] or match["open"]
        return math.nan if value >= LIMIT else -value if minus else value

    def _pointed(self, cells: Sequence[str]) -> list[str]:
        """Write the cells as float() reads them, as far as that is certain; ValueError where it is not."""
        if self.decimal == ".":
            return ["nan" if cell in MISSING else cell for cell in cells]
        text = "\n".join(["nan" if cell in MISSING else cell for cell in cells])
        if "." in text:
            raise ValueError
        pointed = text.replace(",", ".").split("\n")
        if len(pointed) != len(cells):
            raise ValueError
        return pointed

    def _recall(self, cell: str) -> float:
        value = self._remembered.get(cell)
        if value is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            value = self._remembered[cell] = self.read(cell)
        return value


def detect_number_format(cells: Sequence[str], fallback: str = ".") -> NumberFormat | None:
    """Find out how most cells of a column are written; None when they are no numbers.

    `cells` are stripped and not missing. `fallback` is the decimal mark where the cells leave it open.
    """
    matches = [match for match in map(_SHAPE.fullmatch, cells) if match]
    if not cells or len(matches) < _READABLE_SHARE * len(cells) or any(map(_CODE.fullmatch, cells)):
        return None
    units = Counter(match["before"] or match["after"] or "" for match in matches)
    unit = next((unit for unit, _ in units.most_common() if unit), "")
    found = NumberFormat(decimal_mark(cells) or fallback, unit)
    readable = sum(not math.isnan(found.read(cell)) for cell in cells)
    return found if readable >= _READABLE_SHARE * len(cells) else None


def decimal_mark(cells: Sequence[str]) -> str:
    """Return the decimal mark that the cells prove, or nothing."""
    digits = (match["digits"].strip() for match in map(_SHAPE.fullmatch, cells) if match)
    votes = Counter(mark for text in digits if (mark := _proven_mark(text)) and _plain(text, mark) is not None)
    return votes.most_common(1)[0][0] if votes else ""


def looks_like_number(cell: str) -> bool:
    """Tell whether a cell is a number in any way of writing."""
    match = _SHAPE.fullmatch(cell.strip())
    return match is not None and any(_plain(match["digits"], mark) is not None for mark in ".,")


def _proven_mark(digits: str) -> str:
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return max(".,", key=digits.rfind)
    if points + commas != 1:
        return "," if points else "." if commas else ""
    mark = "." if points else ","
    head, tail = digits.split(mark)
    decimal = len(tail) != _GROUP or head in ("", "0") or len(head) > _GROUP
    return mark if decimal else ""


def _plain(digits: str, decimal: str) -> str | None:
    """Write digits as float() reads them; None when the marks do not form a number."""
    text = digits.strip()
    if decimal == ",":
        text = text.translate(_SWAPPED)
    whole, point, fraction = text.translate(_TO_COMMA).partition(".")
    if "," in whole:
        if not _GROUPED.fullmatch(whole):
            return None
        whole = whole.replace(",", "")
    return None if "," in fraction or "." in fraction else f"{whole}{point}{fraction}"
