"""The attempts that run: begun when their claim is on disk, heard while they run, judged at their end.

It moves no job itself.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from jobrunner.engine.answer import Answered
from jobrunner.engine.attempt import run_attempt
from jobrunner.engine.clock import Clock
from jobrunner.engine.estimates import Estimates
from jobrunner.engine.execution.assignment import Means
from jobrunner.engine.live import Live, Table
from jobrunner.engine.outcome import Failed, Outcome, Stop
from jobrunner.engine.pool import Pool
from jobrunner.engine.registry import Registry
from jobrunner.engine.report import Report
from jobrunner.engine.running import Running
from jobrunner.engine.verdict import Verdict, judge
from jobrunner.model.job import Failure, Job
from jobrunner.model.state import Status
from jobrunner.storage.unit import Brought, Line

DURABLE_EVERY_S = 1.0


class Judge(Protocol):
    """What the lifecycle does with what an attempt says."""

    def reported(
        self, live: Live, job: Job, lines: Sequence[Line], *, durable: bool, answer: Answered | None = None
    ) -> None:
        """Take note of what a running job's handler has said."""

    def end(self, live: Live, verdict: Verdict) -> None:
        """Write what has become of an attempt."""

    def returned(self, live: Live) -> None:
        """Take note that a handler has really returned."""


class Attempts:
    """Own the pool. Changes: what runs, by the table of live jobs."""

    lifecycle: Judge

    def __init__(
        self,
        clock: Clock,
        table: Table,
        registry: Registry,
        means: Means,
        pool: Pool,
        estimates: Estimates,
        grace_s: float,
    ) -> None:
        """Run handlers of `registry`."""
        self._clock = clock
        self._table = table
        self._registry = registry
        self._means = means
        self._pool = pool
        self._estimates = estimates
        self._grace_s = grace_s

    def may_retry(self, job: Job) -> bool:
        """Tell whether a person may retry the job: not without its files, and not more often than is allowed."""
        if not all(upload.whole for upload in job.uploads):
            return False
        job_type = self._registry.get(job.type)
        return (
            job_type is None or job_type.max_manual_retries is None or job.manual_retries < job_type.max_manual_retries
        )

    def begin(self, live: Live, brought: Brought) -> bool:
        """Let the attempt of a claimed job begin; False when nobody serves its type, so that its slot is not needed."""
        job, job_type = live.job, self._registry.get(live.job.type)
        if job_type is None:
            message = f"No handler serves {job.type!r}; import its module under [workers] and retry the job."
            self._judge(live, Failed(Failure("NO_HANDLER", message, self._clock.now(), retryable=False)), ())
            return False
        report = Report(job, self._clock, lambda: self._reported(live))
        report.last_line = brought.last_line
        live.running = Running(job, job_type, self._clock, self._grace_s, report, stated=self._estimates.stated(job))
        self._pool.start(live.running, run_attempt(live.running, brought.payload, self._means))
        return True

    def goes_on_elsewhere(self, live: Live) -> bool:
        """Tell whether a job runs outside of this process, and so will outlive it."""
        return live.running is not None and live.running.job_type.survives

    def keep(self, live: Live) -> Answered:
        """Write at once what a running attempt has said; the answer comes when it is on disk."""
        answer: Answered = asyncio.get_running_loop().create_future()
        if live.running is not None:
            self._write(live, live.running, answer)
        return answer

    def let_go(self) -> None:
        """Leave the attempts that go on elsewhere, with what they have said so far written."""
        for live in self._table:
            running = live.running
            if running is not None and running.job_type.survives and not running.over:
                self._write(live, running)
                running.let_go()

    def stop(self, live: Live) -> None:
        """Stop the attempt of a job that was cancelled."""
        if live.running is not None:
            live.running.stop(Stop.CANCEL)

    def ended(self, running: Running, outcome: Outcome) -> None:
        """Judge what came of an attempt."""
        live = self._table.get(running.job.id)
        if live is not None and live.running is running:
            self._judge(live, outcome, running.report.take_lines())

    def returned(self, running: Running) -> None:
        """Take note that a handler has returned, be it late."""
        live = self._table.get(running.job.id)
        if live is not None and live.running is running:
            self.lifecycle.returned(live)

    def _judge(self, live: Live, outcome: Outcome, lines: Sequence[Line]) -> None:
        job_type = self._registry.get(live.job.type)
        running, now, chance = live.running, self._clock.now(), random.random()  # noqa: S311 - jitter
        job = live.job if running is None else running.report.onto(live.job)
        stated = None if running is None else running.stated
        verdict = judge(job, outcome, job_type, now, chance, lines, stated)
        if running is not None and running.said is not None:
            verdict = replace(verdict, record=replace(verdict.record, said=running.said))
        if verdict.job.status is Status.COMPLETED:
            self._estimates.learn(verdict.job)
        self.lifecycle.end(live, verdict)

    def _reported(self, live: Live) -> None:
        """Show what a handler has said; write it now and then, at once where it matters."""
        running = live.running
        if running is None or running.over:
            return
        running.in_stage(running.report.current_stage)
        due_s = running.written + DURABLE_EVERY_S - self._clock.monotonic()
        if running.report.urgent or due_s <= 0:
            self._write(live, running)
        else:
            self.lifecycle.reported(live, running.report.onto(live.job), (), durable=False)
            running.later(due_s, lambda: self._write(live, running))

    def _write(self, live: Live, running: Running, answer: Answered | None = None) -> None:
        if running.over or live.running is not running:
            return
        running.written = self._clock.monotonic()
        running.report.urgent = False
        job, lines = running.report.onto(live.job), running.report.take_lines()
        self.lifecycle.reported(live, job, lines, durable=True, answer=answer)
