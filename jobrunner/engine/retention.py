"""Ended jobs are kept for as long as their status says, then deleted in small batches, the rows before the files.

Tallies outlive their jobs: they are summed up as they grow old.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from jobrunner.config import RetentionSettings
from jobrunner.engine.clock import Clock, Timer
from jobrunner.engine.live import Table
from jobrunner.engine.recent import Recent
from jobrunner.model.state import Status
from jobrunner.storage.eraser import drop_answers, erase
from jobrunner.storage.files import Files
from jobrunner.storage.rollup import roll_up
from jobrunner.storage.writer import Writer

log = structlog.get_logger("jobrunner.retention")

EVERY_S = 60.0
AT_ONCE = 200
TALLIES_AT_ONCE = 2_000


class Retention:
    """Changes: the timer of the next round, and the deletions of files that are under way."""

    def __init__(
        self, clock: Clock, writer: Writer, files: Files, table: Table, recent: Recent, kept: RetentionSettings
    ) -> None:
        """Keep jobs as long as `kept` says."""
        self._clock = clock
        self._writer = writer
        self._files = files
        self._table = table
        self._recent = recent
        self._kept = {
            Status.COMPLETED: kept.completed,
            Status.FAILED: kept.failed,
            Status.CANCELLED: kept.cancelled,
        }
        self._timer: Timer | None = None
        self._deleting: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin with the first round."""
        self._round()

    async def stop(self) -> None:
        """Delete no more; return when what is under way is done."""
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*self._deleting)

    def _round(self) -> None:
        for status, age in self._kept.items():
            if age is not None:
                self._erase(status, age)
        self._writer.between(drop_answers(self._clock.now(), AT_ONCE), _ignore)
        self._roll_up()
        self._timer = self._clock.call_later(EVERY_S, self._round)

    def _roll_up(self, more: bool = True) -> None:  # noqa: FBT001, FBT002 - a callback of the roll-up
        if more:
            self._writer.between(roll_up(self._clock.now(), TALLIES_AT_ONCE, self._roll_up), _ignore)

    def _erase(self, status: Status, age: timedelta) -> None:
        before = self._clock.now() - round(age.total_seconds() * 1000)

        def erased(job_ids: list[str], more: bool) -> None:  # noqa: FBT001 - a callback of the eraser
            if job_ids:
                log.info("retention.deleted", status=status, jobs=len(job_ids))
                self._recent.drop(job_ids)
                task = asyncio.create_task(self._files.run(self._files.forget, job_ids))
                self._deleting.add(task)
                task.add_done_callback(self._deleting.discard)
            if more:
                self._erase(status, age)

        self._writer.between(erase(status, before, AT_ONCE, self._table, erased), _ignore)


def _ignore(_error: Exception) -> None:
    """Do nothing: the writer has logged it, and the next round tries again."""
