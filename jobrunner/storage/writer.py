"""The one writer: units go in, group commits go to disk, effects come out. It decides nothing about a job.

A commit starts at once; what arrives while it runs forms the next. Its task is never cancelled but drained, because a
cancelled await would leave the transaction open for the next caller to commit.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import structlog

from jobrunner.errors import StorageUnavailable
from jobrunner.storage.batch import Batch
from jobrunner.storage.commit import SPOILED, commit, probe
from jobrunner.storage.connection import WritingConnection
from jobrunner.storage.marker import Marker
from jobrunner.storage.unit import Brought, Unit

log = structlog.get_logger("jobrunner.writer")

MOST_ROWS = 500  # a batch, one larger unit excepted
SLOW_COMMIT_S = 0.25
FIRST_PROBE_S, LONGEST_PROBE_S = 0.1, 5.0
IDLE_S = 1.0  # without work, before a checkpoint is made

Rows = list[Any]
Errand = Callable[[WritingConnection], Awaitable[None]]
Failed = Callable[[Exception], None]


class Writer:
    """Own the writing connection.

    Changes: `head` (the last released number), `well`, the waiting units and errands, who waits for a number, how often
    it was probed since the last batch that was kept, and whether the last probe before the end is spent.
    """

    def __init__(self, connection: WritingConnection, head: int, marker: Marker) -> None:
        """Begin after `head`."""
        self.head = head
        self.well = True
        self.on_well: Callable[[], None] = _nothing
        self._connection = connection
        self._marker = marker
        self._units: deque[Unit] = deque()
        self._bulks: deque[Unit] = deque()
        self._between: deque[tuple[Errand, Failed]] = deque()
        self._reached: list[tuple[int, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._probes = 0
        self._spent = False
        self._task: asyncio.Task[None] | None = None

    def start(self, died: Callable[[BaseException], None]) -> None:
        """Begin to write; `died` is told of a fault of our own, after which nothing is written any more."""
        self._task = asyncio.create_task(self._run(), name="writer")
        self._task.add_done_callback(lambda task: _tell_death(task, died))

    def write(self, unit: Unit) -> None:
        """Take a unit for the next batch."""
        (self._bulks if unit.bulk else self._units).append(unit)
        self._wake.set()

    def between(self, errand: Errand, failed: Failed) -> None:
        """Run an errand on the writing connection between two batches, when all that is committed is released."""
        self._between.append((errand, failed))
        self._wake.set()

    def read(self, sql: str, parameters: Sequence[Any], read: Callable[[Rows], None], failed: Failed) -> None:
        """Read between two batches and hand the rows over before the next one begins, so that they cannot be stale."""

        async def errand(connection: WritingConnection) -> None:
            read(list(await connection.execute_fetchall(sql, parameters)))

        self.between(errand, failed)

    async def reached(self, number: int) -> None:
        """Wait until a number is released."""
        if number > self.head:
            reached = asyncio.get_running_loop().create_future()
            self._reached.append((number, reached))
            await reached

    @property
    def waiting(self) -> bool:
        """Tell whether something is still to be written or asked."""
        return bool(self._units or self._bulks or self._between)

    async def close(self) -> bool:
        """Write what is waiting, then stop; tell whether all of it could be written."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
        return not self.waiting

    async def _run(self) -> None:
        while not self._closing or self.waiting:
            await self._rest()
            await self._run_errands()
            if self.well and (self._units or self._bulks):
                await self._write_batch(list(self._take()))
            elif not self.well and not await self._recover():
                return await self._give_up()
        return None

    async def _rest(self) -> None:
        """Wait for work; use a pause for a checkpoint."""
        if self.waiting or not self.well or self._closing:
            return
        if not await self._woken(asyncio.get_running_loop().time() + IDLE_S):
            await self._checkpoint()
            await self._wake.wait()

    async def _checkpoint(self) -> None:
        try:
            await self._connection.execute_fetchall("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:  # nothing is lost: the log of SQLite still holds it
            log.warning("storage.checkpoint_failed", error=str(error))

    async def _run_errands(self) -> None:
        while self._between:
            errand, failed = self._between.popleft()
            try:
                await errand(self._connection)
            except sqlite3.Error as error:
                log.exception("storage.errand_failed")
                failed(StorageUnavailable(f"The data directory cannot be read: {error}."))

    def _take(self) -> Iterator[Unit]:
        """Take the next batch; where bulks and others wait, each gets half of it."""
        rows = 0
        for units in (self._units, self._bulks):
            share = rows + MOST_ROWS // 2 if self._units and self._bulks else MOST_ROWS
            while units and (rows == 0 or rows + len(units[0].changes) <= share):
                unit = units.popleft()
                rows += len(unit.changes)
                yield unit

    async def _write_batch(self, units: list[Unit]) -> None:
        """Commit units together; when that fails, find those that cannot be written, or find the disk at fault."""
        parts = deque([units])
        while parts:
            part = parts.popleft()
            error = await self._commit(Batch(part, self.head))
            if error is None:
                continue
            if not isinstance(error, SPOILED):
                return self._fall_ill([*part, *itertools.chain.from_iterable(parts)], error)
            if len(part) > 1:
                parts.extendleft((part[len(part) // 2 :], part[: len(part) // 2]))
            else:
                self._refuse(part[0], error)
        return None

    def _refuse(self, unit: Unit, error: Exception) -> None:
        log.error("storage.unit_refused", jobs=[change.after.id for change in unit.changes], error=str(error))
        unit.withdrawn(error)

    async def _commit(self, batch: Batch) -> Exception | None:
        """Write a batch and release it; return what went wrong, when nothing of it was kept."""
        began = asyncio.get_running_loop().time()
        brought = await commit(self._connection, batch, self.head)
        if isinstance(brought, Exception):
            return brought
        self._release(batch, brought)
        took = asyncio.get_running_loop().time() - began
        if took > SLOW_COMMIT_S:
            log.warning("storage.commit_was_slow", took_s=round(took, 3), changes=len(batch.numbers), head=self.head)
        return None

    def _release(self, batch: Batch, brought: dict[str, Brought]) -> None:
        self.head, self._probes = batch.head, 0
        self._marker.advance(self.head)
        for unit in batch.units:
            unit.released(batch.images(unit), brought)
        if self._reached:
            self._reached = [waiter for waiter in self._reached if not _settled(waiter, self.head)]

    def _fall_ill(self, units: Sequence[Unit], error: Exception) -> None:
        """Withdraw what can be withdrawn, also of what waits; keep the rest for when the disk takes it again."""
        if self.well:
            log.error("storage.fell_ill", error=str(error), name=getattr(error, "sqlite_errorname", None))
        self.well = False
        self._withdraw([*units, *self._units, *self._bulks], error)

    def _withdraw(self, waiting: Sequence[Unit], error: object) -> None:
        self._bulks.clear()
        self._units = deque(unit for unit in waiting if unit.kept)
        for unit in waiting:
            if not unit.kept:
                unit.withdrawn(StorageUnavailable(f"The data directory cannot be written: {error}."))

    async def _recover(self) -> bool:
        """Probe until the disk takes a commit again; tell whether it did before the writer was closed.

        Where a probe is taken and the next batch is not, the next probe waits for longer, so that nothing spins.
        """
        while not self._spent:
            await self._pause(min(FIRST_PROBE_S * (2 ** min(self._probes, 10) - 1), LONGEST_PROBE_S))
            self._spent = self._closing
            self._probes += 1
            if await probe(self._connection):
                self.well = True
                log.info("storage.recovered", head=self.head)
                self.on_well()
                return True
        return False

    async def _give_up(self) -> None:
        """Let nobody wait for a writer that was closed while it was ill."""
        await self._run_errands()
        self._withdraw([*self._units, *self._bulks], "the server stops")

    async def _pause(self, seconds: float) -> None:
        """Wait, but run what only reads, and hurry when the writer is closed."""
        until = asyncio.get_running_loop().time() + seconds
        while not self._closing and await self._woken(until):
            await self._run_errands()

    async def _woken(self, until: float) -> bool:
        """Wait for news; tell whether there were any before a moment of the loop's clock."""
        self._wake.clear()
        try:
            async with asyncio.timeout_at(until):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True


def _tell_death(task: asyncio.Task[None], died: Callable[[BaseException], None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.critical("writer.died", exc_info=error)
        died(error)


def _settled(waiter: tuple[int, asyncio.Future[None]], head: int) -> bool:
    number, reached = waiter
    if number > head:
        return False
    if not reached.done():
        reached.set_result(None)
    return True


def _nothing() -> None:
    """Do nothing: nobody has asked to be told."""
