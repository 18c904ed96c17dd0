"""One attempt that runs: its task, why it is to stop, and what it has reported so far.

It is registered before its task takes the first step, because a task that is cancelled before never enters its own
code.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from jobrunner.engine.clock import Alarm, Clock, Timer
from jobrunner.engine.execution.words import Words
from jobrunner.engine.job_type import JobType
from jobrunner.engine.outcome import Outcome, Stop, Stopped
from jobrunner.engine.report import Report
from jobrunner.model.job import Job

KILL_S = 5.0  # for the system to take down what was killed


@dataclass(slots=True, eq=False)
class Running:
    """An attempt from its start until its handler has really returned.

    `over` is set as soon as its outcome is known. `stated` is by when it was said to end as it began, in milliseconds.
    `end` are the words by which it was ended from outside, `said` their digest; `heard_at` is when words came last.
    An execution that can be ended so sets `takes_end`, which tells whether an end comes in time.
    """

    job: Job
    job_type: JobType
    clock: Clock
    grace_s: float
    report: Report
    task: asyncio.Task[Outcome] | None = None
    reason: Stop | None = None
    over: bool = False
    written: float = -math.inf
    stated: int | None = None
    fenced: Callable[[Running, Outcome], None] | None = None
    takes_end: Callable[[Words], bool] | None = None
    end: Words | None = None
    said: str | None = None
    heard_at: float = 0.0
    _stage: str | None = None
    _stage_limit: Timer | None = None
    _later: Timer | None = None
    _timers: list[Timer | Alarm] = field(default_factory=list)

    def limit(self) -> None:
        """Start the clocks: the attempt's own limit, and the deadline of the job."""
        self.heard()
        if self.job.timeout_ms is not None:
            self._timers.append(self.clock.call_later(self._time_left_s(), lambda: self.stop(Stop.TIMEOUT)))
        if self.job.deadline is not None:
            alarm = Alarm(self.clock, lambda: self.stop(Stop.DEADLINE))
            alarm.set(self.job.deadline)
            self._timers.append(alarm)

    def in_stage(self, name: str | None) -> None:
        """Start the clock of the stage that the attempt is in now, if it has a limit of its own."""
        if name == self._stage:
            return
        self._stage = name
        if self._stage_limit is not None:
            self._stage_limit.cancel()
            self._stage_limit = None
        limit_s = self.job_type.stage_timeout_s(name)
        if limit_s is not None:
            self._stage_limit = self.clock.call_later(limit_s, lambda: self.stop(Stop.STAGE_TIMEOUT))

    def stop(self, reason: Stop) -> None:
        """Ask the attempt to stop, for the reason that is noted first; fence it off when it does not."""
        if self.reason is not None or self.over or (self.end is not None and self.job_type.survives):
            return
        self.reason = reason
        self.report.ask_to_stop()
        if self.job_type.stoppable and self.task is not None:
            self.task.cancel()
        patience_s = self.grace_s + (KILL_S if self.job_type.kills else 0)
        self._timers.append(self.clock.call_later(patience_s, self.fence))

    def fence(self) -> None:
        """Give up waiting for the handler: its outcome is settled now, and what it says later changes nothing."""
        if not self.over and self.reason is not None and self.fenced is not None:
            self.fenced(self, Stopped(self.reason))

    def heard(self) -> None:
        """Take note that whoever works on it has let us hear something."""
        self.heard_at = self.clock.monotonic()

    def hear_end(self, words: Words, said: str) -> bool:
        """End the attempt by words from outside; False when it has an end already, or cannot be ended so."""
        if self.end is not None or self.takes_end is None or not self.takes_end(words):
            return False
        self.end, self.said = words, said
        return True

    def let_go(self) -> None:
        """Leave the attempt without an outcome: it goes on elsewhere, and the next process takes it up again."""
        self.settle()
        if self.task is not None:
            self.task.cancel()

    def later(self, delay_s: float, write: Callable[[], None]) -> None:
        """Write what was said after a while, unless that is to happen anyway."""

        def run() -> None:
            self._later = None
            write()

        if self._later is None:
            self._later = self.clock.call_later(delay_s, run)

    def settle(self) -> None:
        """Take note that the outcome is known."""
        self.over = True
        self.report.close()
        for timer in (*self._timers, self._later, self._stage_limit):
            if timer is not None:
                timer.cancel()
        self._timers.clear()

    def _time_left_s(self) -> float:
        """Return how long it may go on; one that outlives this process has begun when its job says."""
        limit_s = (self.job.timeout_ms or 0) / 1000
        if not self.job_type.survives:
            return limit_s
        gone_s = (self.clock.now() - (self.job.started_at or 0)) / 1000
        return min(max(limit_s - gone_s, 0.0), limit_s)
