"""What is written together: a unit is one caller's work, and it is kept or withdrawn as a whole.

The writer calls exactly one of `released` and `withdrawn`, on the event loop, and neither may await.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jobrunner.model.act import Act
from jobrunner.model.job import Failure, Job
from jobrunner.storage.image import Image


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt that is over; `result` is JSON, `traceback` is for operators.

    `said` is the digest of the report that ended it, if it was ended by one from outside.
    """

    attempt: int
    started_at: int
    ended_at: int
    outcome: str
    error: Failure | None = None
    result: str | None = None
    traceback: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a job's log; `n` rises by one within the job."""

    n: int
    at: int
    stream: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A job from one value to the next; `before` is None for a new one. `payload` and `result` are JSON text.

    `act` is what somebody did to it, None for what the engine does. `within` tells whether a job was completed by the
    time that was stated when it began, None where nothing was stated. By the `cache_key` of a new job its result may be
    found and given again.
    """

    before: Job | None
    after: Job
    payload: str | None = None
    result: str | None = None
    attempt: AttemptRecord | None = None
    lines: Sequence[Line] = ()
    act: Act | None = None
    within: bool | None = None
    cache_key: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to an Idempotency-Key; a repeat with another fingerprint is another request."""

    scope: str
    key: str
    fingerprint: str
    answer: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Brought:
    """What an attempt needs from disk: its payload as JSON text, and the number of the last log line of its job."""

    payload: str = "null"
    last_line: int = 0


@dataclass(slots=True, eq=False)
class Unit:
    """One caller's work. A `kept` one has happened already.

    It is never withdrawn, but written as soon as that is possible.

    `brings` names jobs whose payload is to be read along with the commit, for the attempts that it lets start. A
    `bulk` one leaves room in each batch for the others.
    """

    changes: Sequence[Change]
    released: Callable[[Sequence[Image], Mapping[str, Brought]], None]
    withdrawn: Callable[[Exception], None]
    kept: bool = False
    answer: Answer | None = None
    brings: Sequence[str] = ()
    bulk: bool = False
