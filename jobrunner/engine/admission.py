"""What an application says to each job before it is accepted: yes, or why not. Perhaps it charges for it.

Only the words: who is asked, when, and what happens then is decided in `admissions`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Admittance:
    """A job that is about to be accepted. `payload` is as the type sees it, `raw` the same as JSON.

    `idempotency_key` is that of the request, which with `submitted_by` names one request however often it is sent; all
    jobs of a bulk have the same.
    """

    job_id: str
    type: str
    payload: Any = field(repr=False)
    raw: str = field(repr=False)
    user_id: str | None
    title: str
    tags: tuple[str, ...]
    idempotency_key: str | None
    submitted_by: str | None


class Admission(Protocol):
    """What an application puts before a type by `@job(admission=…)`."""

    async def admit(self, request: Admittance) -> None:
        """Return to have the job accepted; raise Refused to have it refused.

        Anything else that is raised, or the end of the time for it, refuses the job too (503) and is told to
        `withdrawn`, for nobody can know how far it came.
        """

    async def withdrawn(self, request: Admittance, error: Exception) -> None:
        """Take back what was done for a job that is not accepted after all: by its id, and only if it was done."""
