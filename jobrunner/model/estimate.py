"""How long a running job still needs, from its own pace; nothing is claimed before there is something to go by."""

from __future__ import annotations

LEAST_PERCENTAGE = 5.0  # below it, pace says next to nothing about the rest
LEAST_ELAPSED_MS = 2_000


def time_left_s(percentage: float | None, elapsed_ms: int) -> float | None:
    """Return the seconds still needed at the pace so far, or None while that would be a guess."""
    if percentage is None or percentage < LEAST_PERCENTAGE or elapsed_ms < LEAST_ELAPSED_MS:
        return None
    return round(elapsed_ms / 1000 * (100.0 - percentage) / percentage, 1)
