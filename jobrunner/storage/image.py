"""The committed state of a job, as everybody may see it: the job, its number, and its result while that is small."""

from __future__ import annotations

from dataclasses import dataclass

from jobrunner.model.job import Job

SMALL_RESULT = 16_384  # bytes of JSON up to which a result travels with its job in lists and streams


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Image:
    """A job as of the change `number`; `result` is JSON text, None when there is none or it is not small.

    Images are the same only when they are one: what is made of one, such as its bytes on the wire, may be kept beside
    it.
    """

    job: Job
    number: int
    result: str | None = None
