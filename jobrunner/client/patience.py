"""How long to wait before a failed call is made again, and when to stop trying.

The only home of that decision: calls, streams, uploads and downloads ask here. Must never sleep or look at a clock.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from jobrunner.errors import ClientError, Problem

FIRST_S = 0.5
LONGEST_S = 10.0
JITTER = 0.2
TRIES = 3  # after the first
LONGEST_ADVICE_S = 60.0  # a server that says "in an hour" is not waited for: its caller is told
Passing = Callable[[ClientError], bool]
_LATER = frozenset({408, 425, 429})
_SERVER_ERROR = 500


def passes(error: ClientError) -> bool:
    """Say whether the same call may succeed later: nobody answered, or the server said that it cannot now.

    An answer above 500 leaves open whether the work was kept, so a call that is made again needs its Idempotency-Key.
    """
    return not isinstance(error, Problem) or error.status >= _SERVER_ERROR or error.status in _LATER


class Patience:
    """Count the failures since the last success. `tries=None` never stops, except for what does not pass."""

    def __init__(
        self,
        tries: int | None = TRIES,
        *,
        passing: Passing = passes,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._tries, self._passing, self._chance = tries, passing, chance
        self._failures = 0  # mutable

    def success(self) -> None:
        """Begin anew."""
        self._failures = 0

    def endless(self) -> None:
        """Stop counting tries: from now on a server is known to be there."""
        self._tries = None

    def delay_s(self, error: ClientError | None = None, *, least_s: float = 0.0) -> float:
        """Return how long to wait after this failure (None: a stream that just ended). Raises the error to give up.

        0.5 s, doubling to 10 s, and at least `least_s`, each ±20 %; a Retry-After that is longer wins.
        """
        self._failures += 1
        advice_s = (error.retry_after_s or 0.0) if isinstance(error, Problem) else 0.0
        if error is not None and not (self._passing(error) and self._goes_on(advice_s)):
            raise error
        backoff_s = max(least_s, min(FIRST_S * 2.0 ** min(self._failures - 1, 30), LONGEST_S))
        return max(advice_s, backoff_s * (1 + JITTER * (2 * self._chance() - 1)))

    def _goes_on(self, advice_s: float) -> bool:
        return self._tries is None or (self._failures <= self._tries and advice_s <= LONGEST_ADVICE_S)
