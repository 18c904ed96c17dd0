"""How long things took, counted in bins that grow with the time: each about 9 % wide, so that few of them tell much."""

from __future__ import annotations

import math
from collections.abc import Mapping

BINS_PER_OCTAVE = 8  # a bin ends at 2 ** (1 / 8) = 1.09 times its beginning
LAST_BIN = 8 * 44  # what took longer than 500 years is counted as that


def bin_of(ms: int) -> int:
    """Return the bin of a duration; 0 is less than a millisecond."""
    return 0 if ms < 1 else min(1 + int(math.log2(ms) * BINS_PER_OCTAVE), LAST_BIN)


def middle_s(number: int) -> float:
    """Return the geometric middle of a bin in seconds, to three digits: what any duration in it is taken for."""
    return 0.0 if number == 0 else float(f"{2 ** ((number - 0.5) / BINS_PER_OCTAVE) / 1000:.3g}")


def percentile_s(bins: Mapping[int, int], share: float) -> float | None:
    """Return, in seconds, what a share of all did not exceed; None of nothing.

    It is the middle of a bin, and so at most 5 % off.
    """
    rank = math.ceil(share * sum(bins.values()))
    for number in sorted(bins):
        rank -= bins[number]
        if rank <= 0 and bins[number]:
            return middle_s(number)
    return None
