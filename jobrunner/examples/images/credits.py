"""What pictures cost: everybody begins with some credits, each picture takes one, and none is given back for a failure.

This stands for the books of an application, which are its own: here they are in memory and end with the server.
"""

from __future__ import annotations

from jobrunner import Admittance, Refused

FIRST = 12


class Credits:
    """The books, asked by jobrunner before each job. Entries are by job: none is made twice, whatever is sent again."""

    def __init__(self, first: int = FIRST) -> None:
        """Open empty books, in which everybody has so many credits."""
        self._first = first
        self._entries: dict[str, tuple[str | None, int]] = {}

    def left(self, user: str | None) -> int:
        """Return how many credits somebody has; None is whoever does not say."""
        return self._first + sum(amount for whose, amount in self._entries.values() if whose == user)

    def enter(self, job_id: str, user: str | None, amount: int) -> None:
        """Add credits, or take them, for a job; what is entered for it already stays."""
        self._entries.setdefault(job_id, (user, amount))

    async def admit(self, request: Admittance) -> None:
        """Charge for a job at once, or refuse it with 402."""
        cost, left = request.payload.number, self.left(request.user_id)
        if cost > left:
            raise Refused(402, f"This costs {cost} of your credits, and you have {left}.", code="no-credits")
        self.enter(request.job_id, request.user_id, -cost)

    async def withdrawn(self, request: Admittance, error: Exception) -> None:
        """Give back what was charged for a job that jobrunner could not accept; a job that fails later is no such."""
        del error
        self._entries.pop(request.job_id, None)
