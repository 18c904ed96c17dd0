"""Minutes, hours, days, weeks, months and years: which period a moment is in, and which one comes next."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from .date_format import DAY_S, as_datetime, seconds

PeriodName = Literal["minute", "hour", "day", "week", "month", "year"]

_MINUTE_S = 60
_HOUR_S = 3_600
_WEEK_S = 7 * DAY_S
_YEAR_S = 365.25 * DAY_S
_LONGEST: tuple[tuple[float, PeriodName], ...] = (
    (3 * _HOUR_S, "minute"),
    (5 * DAY_S, "hour"),
    (100 * DAY_S, "day"),
    (400 * DAY_S, "week"),
    (15 * _YEAR_S, "month"),
)
_FIXED_S = {"minute": _MINUTE_S, "hour": _HOUR_S, "day": DAY_S, "week": _WEEK_S}
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """One length of time by which moments are put together."""

    name: PeriodName

    def start(self, moment: float) -> float:
        """Return the beginning of the period that a moment is in."""
        if self.name in _FIXED_S:
            shift = DAY_S if self.name == "week" else 0  # day 1 of year 1 was a Monday
            length = _FIXED_S[self.name]
            return (moment - shift) // length * length + shift
        day = as_datetime(moment).replace(day=1, hour=0, minute=0, second=0)
        return seconds(day if self.name == "month" else day.replace(month=1))

    def next(self, start: float) -> float:
        """Return the beginning of the period after the one that begins at `start`."""
        if self.name in _FIXED_S:
            return start + _FIXED_S[self.name]
        first = as_datetime(start)
        months = first.month if self.name == "month" else _MONTHS
        return seconds(first.replace(year=first.year + months // _MONTHS, month=months % _MONTHS + 1))

    def through(self, first: float, last: float, limit: int) -> list[float]:
        """Return the beginnings of all periods from `first` to `last`, at most `limit`."""
        starts = [first]
        while starts[-1] < last and len(starts) < limit:
            starts.append(self.next(starts[-1]))
        return starts


def fitting_period(first: float, last: float) -> Period:
    """Choose the period that cuts a time into pieces that are neither too many nor too few to be seen."""
    lengths = [length for length, _ in _LONGEST]
    at = bisect_right(lengths, last - first)
    return Period(_LONGEST[at][1] if at < len(_LONGEST) else "year")
