"""How long to wait before the next attempt: exponential, bounded, with jitter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Wait `first_ms` after the first failure, `factor` times as long after each next one, at most `max_ms`.

    `jitter` spreads the wait over ± that share of it, so that jobs which failed together do not return together.
    """

    first_ms: int = 5_000
    factor: float = 2.0
    max_ms: int = 600_000
    jitter: float = 0.2

    def delay_ms(self, failures: int, chance: float) -> int:
        """Return the wait after the given number of failures in a row (1 or more).

        `chance` is a random number in [0, 1).
        """
        longest = float(self.max_ms)
        try:
            wait = min(self.first_ms * self.factor ** (failures - 1), longest)
        except OverflowError:
            wait = longest
        return round(wait * (1 + self.jitter * (2 * chance - 1)))
