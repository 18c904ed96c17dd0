"""The order key of a waiting job: when it became ready, moved earlier by its priority (lower runs first)."""

from __future__ import annotations

STRICT_STEP_MS = 10**14  # longer than any time that a job can wait, so that no wait makes up for a priority
HIGHEST_PRIORITY = 9
DEFAULT_PRIORITY = 5


def rank(ready_at: int, priority: int, *, seconds_per_priority: int, strict: bool = False) -> int:
    """Return the order key of a job that is ready at `ready_at`.

    A step of priority is a head start of `seconds_per_priority`, so nothing starves; with `strict` it always wins.
    """
    if strict:
        return ready_at + (HIGHEST_PRIORITY - priority) * STRICT_STEP_MS
    return ready_at - priority * seconds_per_priority * 1000
