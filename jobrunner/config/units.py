"""Durations and sizes as people write them: `"90s"`, `"10MB"`. Never guesses a unit."""

from __future__ import annotations

import re
from datetime import timedelta

DURATIONS = 'a number and ms, s, m, h or d, such as "90s", "15m", "2h" or "7d"'
DURATIONS_ALLOWED = f'{DURATIONS}, at most "36500d"'
SIZES_ALLOWED = 'a number and B, KB, MB, GB (1000s) or KiB, MiB, GiB (1024s), such as "10MB"'

_LONGEST = timedelta(days=36_500)  # so that no deadline lies beyond the last year that datetime knows
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_NUMBER_AND_UNIT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([A-Za-z]{1,3})")


def parse_duration(text: str) -> timedelta:
    """Read `"90s"`, `"15m"`, `"2h"`, `"7d"` or `"500ms"`; raise ValueError for anything else and above 36500d."""
    number, seconds = _split(text, _SECONDS, DURATIONS_ALLOWED)
    if number * seconds > _LONGEST.total_seconds():
        raise ValueError(DURATIONS_ALLOWED)
    return timedelta(seconds=number * seconds)


def parse_size(text: str) -> int:
    """Read `"10MB"` (1 KB is 1000 bytes) or `"10MiB"` (1 KiB is 1024 bytes) as bytes; raise ValueError otherwise."""
    number, size = _split(text, _BYTES, SIZES_ALLOWED)
    return round(number * size)


def _split(text: str, units: dict[str, float] | dict[str, int], allowed: str) -> tuple[float, float]:
    found = _NUMBER_AND_UNIT.fullmatch(text.strip())
    if found is None or found[2] not in units:
        raise ValueError(allowed)
    return float(found[1]), units[found[2]]
