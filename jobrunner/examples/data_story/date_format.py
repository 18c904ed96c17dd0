"""How the dates of one column are written: order of day and month, names of months, time of day.

A moment is a number of seconds, as the clock on the wall showed it: a time zone is not applied.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .missing import MISSING

DAY_S = 86_400

_READABLE_SHARE = 0.9
_FIRST = 50
_PROMISING_SHARE = 0.5
_REMEMBERED = 50_000
_PIVOT = 69
_CENTURY = 100
_FULL_YEAR = 4
_NOON = 12
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp][Mm])?"
_TIME = rf"(?:[T ,]\s*{_CLOCK}\s*(?:Z|UTC|[+-]\d{{2}}:?\d{{2}})?)?"
_WEEKDAY = r"(?:[^\W\d]{2,10}\.?,?\s+)?"
_NUMERIC = re.compile(rf"{_WEEKDAY}(?P<a>\d{{1,4}})(?P<mark>[-./])(?P<b>\d{{1,2}})(?P=mark)(?P<c>\d{{1,4}}){_TIME}")
_NAMED = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})\.?[ -]?(?P<name>[^\W\d]{{3,9}})\.?,?[ -]?(?P<year>\d{{4}}|\d{{2}}){_TIME}"
)
_NAMED_FIRST = re.compile(
    rf"{_WEEKDAY}(?P<name>[^\W\d]{{3,9}})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_TIME}"
)
_MONTH = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})|(?P<name>[^\W\d]{3,9})\.?[ -](?P<named_year>\d{4})")
_COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_YEAR = re.compile(r"(?:1[5-9]|2[01])\d{2}")
_DATE_NAME = re.compile(r"date|datum|day|tag\b|time|zeit", re.IGNORECASE)
_YEAR_NAME = re.compile(r"\b(?:year|jahr|yr|anno)\b", re.IGNORECASE)
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_GERMAN = {"m\u00e4r": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12}
_MONTHS = {name: number for number, name in enumerate(_ENGLISH, 1)} | _GERMAN


@dataclass(frozen=True, slots=True)
class DateFormat:
    """Read the dates of one column.

    `order` says where day and month stand when the year is last; `bare` allows 20240131 and 2024.
    """

    order: str
    bare: bool = False
    _remembered: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    def read_all(self, cells: Sequence[str]) -> list[float]:
        """Read stripped cells as moments; NaN where there is no readable date."""
        return [self._recall(cell) for cell in cells]

    def read(self, cell: str) -> float:
        """Read one stripped cell as a moment; NaN where there is no readable date."""
        try:
            found = (
                _iso(cell)
                or self._numeric(cell)
                or _named(cell)
                or _month(cell)
                or (_bare(cell) if self.bare else None)
            )
        except ValueError:
            return math.nan
        return math.nan if found is None else seconds(found)

    def share_read(self, cells: Sequence[str]) -> float:
        """Return the share of cells that are dates in this format."""
        return sum(not math.isnan(self.read(cell)) for cell in cells) / max(len(cells), 1)

    def _recall(self, cell: str) -> float:
        moment = self._remembered.get(cell)
        if moment is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            moment = self._remembered[cell] = math.nan if cell in MISSING else self.read(cell)
        return moment

    def _numeric(self, cell: str) -> datetime | None:
        match = _NUMERIC.fullmatch(cell)
        if match is None:
            return None
        a, b, c = match["a"], int(match["b"]), match["c"]
        if len(a) == _FULL_YEAR:
            return _moment(int(a), b, int(c), match)
        day, month = (b, int(a)) if self.order == "mdy" and match["mark"] != "." else (int(a), b)
        return _moment(_full_year(c), month, day, match)


def detect_date_format(name: str, cells: Sequence[str], *, day_first: bool) -> DateFormat | None:
    """Find out how most cells of a column are written; None when they are no dates.

    `cells` are stripped and not missing; `day_first` decides where the cells leave the order of day and month open.
    """
    found = DateFormat(_order(cells, day_first=day_first), bare=_allows_bare(name, cells))
    promising = found.share_read(cells[:_FIRST]) >= _PROMISING_SHARE
    return found if promising and found.share_read(cells) >= _READABLE_SHARE else None


def seconds(moment: datetime) -> float:
    """Return a datetime as a moment."""
    return moment.toordinal() * DAY_S + moment.hour * 3600.0 + moment.minute * 60 + moment.second


def as_datetime(moment: float) -> datetime:
    """Return a moment as a datetime, to the second."""
    day, second = divmod(int(moment), DAY_S)
    return datetime.fromordinal(day).replace(hour=second // 3600, minute=second // 60 % 60, second=second % 60)


def looks_like_date(cell: str) -> bool:
    """Tell whether a cell is a date in any way of writing that is not a bare number."""
    return any(not math.isnan(DateFormat(order).read(cell.strip())) for order in ("dmy", "mdy"))


def _order(cells: Sequence[str], *, day_first: bool) -> str:
    matches = [match for match in map(_NUMERIC.fullmatch, cells) if match and len(match["a"]) < _FULL_YEAR]
    if any(int(match["a"]) > _NOON for match in matches):
        return "dmy"
    if any(int(match["b"]) > _NOON for match in matches):
        return "mdy"
    return "dmy" if day_first else "mdy"


def _allows_bare(name: str, cells: Sequence[str]) -> bool:
    words = name.replace("_", " ")
    if _YEAR_NAME.search(words):
        return all(map(_YEAR.fullmatch, cells))
    return bool(_DATE_NAME.search(words)) and all(map(_COMPACT.fullmatch, cells))


def _iso(cell: str) -> datetime | None:
    if len(cell) < len("2024-01-31") or cell[4] != "-" or cell[7] != "-":
        return None
    try:
        return datetime.fromisoformat(cell)
    except ValueError:
        return None


def _named(cell: str) -> datetime | None:
    match = _NAMED.fullmatch(cell) or _NAMED_FIRST.fullmatch(cell)
    month = match and _MONTHS.get(match["name"][:3].casefold())
    return _moment(_full_year(match["year"]), month, int(match["day"]), match) if match and month else None


def _month(cell: str) -> datetime | None:
    match = _MONTH.fullmatch(cell)
    if match is None:
        return None
    if match["year"]:
        return _date(int(match["year"]), int(match["month"]), 1)
    month = _MONTHS.get(match["name"][:3].casefold())
    return _date(int(match["named_year"]), month, 1) if month else None


def _bare(cell: str) -> datetime | None:
    if _YEAR.fullmatch(cell):
        return _date(int(cell), 1, 1)
    match = _COMPACT.fullmatch(cell)
    return _date(int(match["year"]), int(match["month"]), int(match["day"])) if match else None


def _date(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day)  # noqa: DTZ001 - the wall's clock: a table does not say its zone


def _moment(year: int, month: int, day: int, match: re.Match[str]) -> datetime:
    hour, half = int(match["hour"] or 0), (match["half"] or "").lower()
    if half:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    return _date(year, month, day).replace(
        hour=hour, minute=int(match["minute"] or 0), second=int(match["second"] or 0)
    )


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == _FULL_YEAR:
        return year
    if year >= _CENTURY:
        raise ValueError(text)
    return year + (1900 if year >= _PIVOT else 2000)
