"""What each bearer has used of its limits. Windows begin with what is on disk, so that a restart forgets nothing.

Time is monotonic here: a wall clock that is set frees nobody and locks nobody out. Memory is given up when all of a
bearer's uses have ended.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from jobrunner.engine.clock import Clock
from jobrunner.engine.window import Limit, Window
from jobrunner.storage.usage import Use

KEPT_MS = 1_000  # for which an account stays at least, so that whoever waits for it finds it

Limits = Callable[[str, str], Sequence[Limit]]
Read = Callable[[Iterable[str], int, int], Awaitable[list[Use]]]


@dataclass(slots=True)
class Account:
    """The windows of one bearer. `until` is when the last use of them ends."""

    until: int
    windows: dict[Limit, Window] = field(default_factory=dict)

    def window(self, limit: Limit) -> Window:
        """Return the window of a limit, unused if there was none."""
        window = self.windows.get(limit)
        if window is None:
            window = self.windows[limit] = Window(limit)
        return window


class Ledger:
    """Changes: the accounts by bearer, the least recently used first, and those that are being read."""

    def __init__(self, clock: Clock, span_ms: int, limits: Limits, read: Read) -> None:
        """Read what was used in the last `span_ms`, the longest of `limits`, unless that is all after the start."""
        self._clock = clock
        self._span_ms = span_ms
        self._limits = limits
        self._read = read
        self._accounts: OrderedDict[str, Account] = OrderedDict()
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._started = self.now()

    def __len__(self) -> int:
        """Count the accounts in memory."""
        return len(self._accounts)

    def now(self) -> int:
        """Return the monotonic time in milliseconds."""
        return round(self._clock.monotonic() * 1000)

    async def open(self, bearers: Iterable[str]) -> None:
        """See to it that bearers have accounts; only the first look at one waits, for the disk."""
        while missing := [bearer for bearer in bearers if bearer not in self._accounts]:
            if self.now() - self._started >= self._span_ms:
                self._accounts.update({bearer: Account(self.now() + KEPT_MS) for bearer in missing})
            else:
                await self._look_up(missing)

    def account(self, bearer: str) -> Account:
        """Return an account that is open."""
        return self._accounts[bearer]

    def take(self, bearer: str, limit: Limit, amount: int) -> Callable[[], None]:
        """Use so much of a limit; return what gives it back."""
        account = self._accounts[bearer]
        window = account.window(limit)
        until = window.take(self.now(), amount)
        account.until = max(account.until, until)
        self._accounts.move_to_end(bearer)
        return lambda: window.give_back(until, amount)

    def sweep(self) -> None:
        """Give up the accounts that were used the longest ago and in which nothing counts any more."""
        now = self.now()
        while self._accounts and next(iter(self._accounts.values())).until <= now:
            self._accounts.popitem(last=False)

    async def _look_up(self, missing: Sequence[str]) -> None:
        """Wait for what is being read already, and read the rest by one question; who goes away stops nothing."""
        unasked = [bearer for bearer in missing if bearer not in self._reading]
        if unasked:
            task = asyncio.create_task(self._remember(unasked))
            self._reading.update(dict.fromkeys(unasked, task))
            task.add_done_callback(lambda task: self._answered(task, unasked))
        for task in {self._reading[bearer] for bearer in missing}:
            await asyncio.shield(task)

    def _answered(self, task: asyncio.Task[None], bearers: Sequence[str]) -> None:
        for bearer in bearers:
            del self._reading[bearer]
        if not task.cancelled():
            task.exception()  # whoever waits has been told; nobody may be left

    async def _remember(self, bearers: Sequence[str]) -> None:
        wall = self._clock.now()
        # What seems to lie in the future was made before the clock was set back: it counts from now on.
        uses = await self._read(bearers, wall - self._span_ms, wall + self._span_ms)
        now, wall = self.now(), self._clock.now()
        accounts = {bearer: Account(now + KEPT_MS) for bearer in bearers}
        for use in uses:
            account = accounts[use.bearer]
            age_ms = max(wall - use.at, 0)
            for limit in self._limits(use.bearer, use.type):
                account.until = max(account.until, account.window(limit).remember(now, age_ms, use.amount))
        for bearer, account in accounts.items():
            self._accounts.setdefault(bearer, account)  # one is there if the span since the start ended meanwhile
