"""Numbers and times as words for people. Pure."""

from __future__ import annotations

from datetime import datetime

_TENTHS_BELOW = 10  # from here on a tenth says nothing
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_SIZES = ("kB", "MB", "GB", "TB")


def duration(seconds: float) -> str:
    """Write a duration in at most two units: `0.4 s`, `3 min 20 s`, `2 d 1 h`."""
    if seconds < _TENTHS_BELOW:
        return f"{max(0.0, seconds):.1f} s"
    rest, said = round(seconds), list[str]()
    for length, unit in _UNITS:
        count, rest = divmod(rest, length)
        said += [f"{count} {unit}"] if count or said else []
    return " ".join(word for word in said[:2] if not word.startswith("0 "))


def time_left(seconds: float | None) -> str:
    """Write how long it will take; an estimate has no tenths, and what is unknown is not written."""
    if seconds is None:
        return ""
    if seconds < 1:
        return "almost done"
    return f"{f'{seconds:.0f} s' if seconds < _TENTHS_BELOW else duration(seconds)} left"


def between(start: str | None, end: str | None) -> str:
    """Write how long it was from one time on the wire to another; nothing while one is missing."""
    if start is None or end is None:
        return ""
    return duration((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def local(time: str | None) -> str:
    """Write a time on the wire as the clock on the wall shows it."""
    return "" if time is None else f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M:%S}"


def percent(percentage: float | None) -> str:
    """Write a percentage, rounded down: 100 is the end."""
    return "" if percentage is None else f"{int(percentage)} %"


def size(count: int | None) -> str:
    """Write a number of bytes; 1 kB is 1000."""
    if count is None:
        return ""
    amount, unit = float(count), "bytes"
    for larger in _SIZES:
        if round(amount) < 1000:  # noqa: PLR2004 - the step between two units
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}" if unit != "bytes" and amount < _TENTHS_BELOW else f"{amount:.0f} {unit}"
