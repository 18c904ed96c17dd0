"""How far a program is, read from the lines that it prints for people.

Lines are looked at up to 4096 characters, and the own patterns take time in proportion to that. One of the
configuration may take longer: no time limit of Python's stops it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

LONGEST_LOOKED_AT = 4_096
PERCENT = re.compile(r"(?<![0-9.,])(?P<percentage>[0-9]{1,3}(?:[.,][0-9]{1,6})?) ?%")
CLOCK = r"([0-9]{1,4}):([0-5][0-9]):([0-5][0-9](?:\.[0-9]{1,9})?)"
DURATION = re.compile(rf"Duration: {CLOCK}")
TIME = re.compile(rf"(?:^| |out_)time= ?{CLOCK}")


class Reading(NamedTuple):
    """How far it is, and what goes on; None is unknown."""

    percentage: float | None
    step: str | None = None


class Gauge(Protocol):
    """One way to read it."""

    def read(self, lines: Sequence[str]) -> Reading | None:
        """Return the latest of what lines say; None when they say nothing of it."""


class Pattern:
    """Lines of which a pattern is part."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        """Look for a pattern whose groups are `percentage`, `done`, `total` and `step`, or some of them."""
        self._pattern = pattern

    def read(self, lines: Sequence[str]) -> Reading | None:
        """Return what the last line says in which the pattern is found."""
        for line in reversed(lines):
            found = self._pattern.search(line[:LONGEST_LOOKED_AT])
            reading = None if found is None else _reading(found.groupdict())
            if reading is not None:
                return reading
        return None


class FFmpeg:
    """The lines of ffmpeg. Changes: the duration of what it reads, in seconds, of several the longest."""

    def __init__(self) -> None:
        """Begin without a duration."""
        self._duration_s = 0.0

    def read(self, lines: Sequence[str]) -> Reading | None:
        """Return how much of the duration is done."""
        done_s = None
        for line in lines:
            if (found := DURATION.search(line, 0, LONGEST_LOOKED_AT)) is not None:
                self._duration_s = max(self._duration_s, _seconds(found.groups()))
            elif (found := TIME.search(line, 0, LONGEST_LOOKED_AT)) is not None:
                done_s = _seconds(found.groups())
        if done_s is None or not self._duration_s:
            return None
        return Reading(min(100 * done_s / self._duration_s, 100.0))


def gauge_of(way: str | re.Pattern[str]) -> Gauge:
    """Return the way to read progress that the configuration says: `ffmpeg`, `percent`, or a pattern."""
    if isinstance(way, re.Pattern):
        return Pattern(way)
    return FFmpeg() if way == "ffmpeg" else Pattern(PERCENT)


def _reading(found: dict[str, str | None]) -> Reading | None:
    """Return what the groups of a pattern say, if that makes sense."""
    percentage, step = _number(found.get("percentage")), found.get("step") or None
    if percentage is None:
        done, total = _number(found.get("done")), _number(found.get("total"))
        percentage = 100 * done / total if done is not None and total else None
    if percentage is not None and not 0 <= percentage <= 100:  # noqa: PLR2004 - a share
        percentage = None
    return None if percentage is None and step is None else Reading(percentage, step)


def _number(text: str | None) -> float | None:
    try:
        number = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _seconds(clock: Iterable[str]) -> float:
    hours, minutes, seconds = map(float, clock)
    return hours * 3600 + minutes * 60 + seconds
