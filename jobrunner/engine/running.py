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
from jobrunner.engine.outcome import Outcome, Stop, Stopped
from jobrunner.engine.registry import JobType
from jobrunner.engine.report import Report
from jobrunner.model.job import Job


@dataclass(slots=True, eq=False)
class Running:
    """An attempt from its start until its handler has really returned.

    `over` is set as soon as its outcome is known. `stated` is by when it was said to end as it began, in milliseconds.
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
    _later: Timer | None = None
    _timers: list[Timer | Alarm] = field(default_factory=list)

    def limit(self) -> None:
        """Start the clocks: the attempt's own limit, and the deadline of the job."""
        if self.job.timeout_ms is not None:
            self._timers.append(self.clock.call_later(self.job.timeout_ms / 1000, lambda: self.stop(Stop.TIMEOUT)))
        if self.job.deadline is not None:
            alarm = Alarm(self.clock, lambda: self.stop(Stop.DEADLINE))
            alarm.set(self.job.deadline)
            self._timers.append(alarm)

    def stop(self, reason: Stop) -> None:
        """Ask the attempt to stop, for the reason that is noted first; fence it off when it does not."""
        if self.reason is not None or self.over:
            return
        self.reason = reason
        self.report.ask_to_stop()
        if self.job_type.is_coroutine and self.task is not None:
            self.task.cancel()
        self._timers.append(self.clock.call_later(self.grace_s, self.fence))

    def fence(self) -> None:
        """Give up waiting for the handler: its outcome is settled now, and what it says later changes nothing."""
        if not self.over and self.reason is not None and self.fenced is not None:
            self.fenced(self, Stopped(self.reason))

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
        for timer in (*self._timers, self._later):
            if timer is not None:
                timer.cancel()
        self._timers.clear()
