"""Figures, dates and names as people write them; every text of a story goes through here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from .date_format import as_datetime
from .periods import PeriodName

_CURRENCIES = frozenset("$\u20ac\u00a3\u00a5\u20b9\u20bd\u20a9\u20ba") | {"US$", "A$", "C$", "R$"}
_HUNDRED = 100
_THOUSAND = 1_000
_HUGE = 1e15
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def tidy(text: str, length: int) -> str:
    """Put a text on one line, without control characters, shortened to a length."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: length * 4]).split())
    return words if len(words) <= length else words[: length - 1].rstrip() + "\u2026"


def figure(value: float, unit: str = "") -> str:
    """Write a number as exactly as it is of use: 1,234 and 12.5 and 0.0123."""
    size = abs(value)
    if unit in _CURRENCIES and size < _THOUSAND:
        digits = f"{size:,.2f}".removesuffix(".00")
    elif size >= _HUGE or 0 < size < 1e-6:  # noqa: PLR2004 - beyond these, zeros say nothing
        digits = f"{size:.3g}"
    elif size >= _THOUSAND or value == int(value):
        digits = f"{size:,.0f}"
    else:
        digits = _trimmed(f"{size:.{1 if size >= _HUNDRED else 2 if size >= 1 else 2 - _exponent(size)}f}")
    return f"{'-' if value < 0 and digits.strip('0.,') else ''}{with_unit(digits, unit)}"


def with_unit(digits: str, unit: str) -> str:
    """Put a unit where it belongs: before the number for signs of money, else after it."""
    if unit in _CURRENCIES:
        return f"{unit}{digits}"
    return f"{digits}%" if unit == "%" else f"{digits} {unit}".rstrip()


def share(part: float, whole: float) -> str:
    """Write a part of a whole in percent, never rounding a rest away."""
    percent = _HUNDRED * part / whole if whole else 0.0
    if 0 < percent < 0.1:  # noqa: PLR2004
        return "less than 0.1%"
    if 99.9 < percent < _HUNDRED:  # noqa: PLR2004
        return "more than 99.9%"
    return f"{percent:.0f}%" if percent >= 10 or percent == 0 else f"{_trimmed(f'{percent:.1f}')}%"  # noqa: PLR2004


def amount(count: int, noun: str, plural: str = "") -> str:
    """Write how many there are: `1 row`, `5,000 rows`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def in_words(count: int) -> str:
    """Write a small number as a word."""
    return _WORDS[count] if count < len(_WORDS) else f"{count:,}"


def listing(items: Sequence[str]) -> str:
    """Join items as in a sentence."""
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def sentence(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def day(moment: float) -> str:
    """Write the day of a moment: `3 May 2024`."""
    found = as_datetime(moment)
    return f"{found.day} {found:%B} {_year(found)}"


def period_name(start: float, period: PeriodName) -> str:
    """Name a period in a sentence."""
    found = as_datetime(start)
    names = {
        "year": _year(found),
        "month": f"{found:%B} {_year(found)}",
        "week": f"the week of {day(start)}",
        "day": day(start),
        "hour": f"{day(start)}, {found:%H:%M}",
    }
    return names.get(period, f"{day(start)}, {found:%H:%M}")


def period_label(start: float, period: PeriodName) -> str:
    """Name a period on an axis."""
    found = as_datetime(start)
    labels = {"year": _year(found), "month": f"{found:%b} {_year(found)}", "minute": f"{found:%H:%M}"}
    return labels.get(period, f"{found.day} {found:%b}" + (f" {found:%H}h" if period == "hour" else ""))


def _year(moment: datetime) -> str:
    return str(moment.year)


def _exponent(size: float) -> int:
    return math.floor(math.log10(size))


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits and "e" not in digits else digits
