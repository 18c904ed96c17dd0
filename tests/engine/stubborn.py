"""A handler that stops only when the test lets it go, whoever else asks it to."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from typing import Any

from jobrunner import Context, Registry, SyncContext, job
from tests.engine.engines import WITHIN_S


class Stubborn:
    """Serve `work`. The n-th attempt to begin, whichever job it is of, is numbered n."""

    def __init__(self, registry: Registry, execution: str, name: str = "work", **options: Any) -> None:
        self.contexts: dict[int, SyncContext] = {}
        self.running = self.most = 0
        self._lock = threading.Lock()
        self._loop = asyncio.get_running_loop()
        self._began: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self._asked: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self._go: defaultdict[int, asyncio.Future[Any]] = defaultdict(self._loop.create_future)
        if execution == "coroutine":
            job(name, registry=registry, **options)(self._coroutine)
        else:
            job(name, registry=registry, **options)(self._thread)

    async def began(self, number: int) -> None:
        """Wait until the n-th attempt has begun."""
        await asyncio.wait_for(self._began[number].wait(), WITHIN_S)

    async def asked(self, number: int) -> None:
        """Wait until the n-th attempt was cancelled for the first time."""
        await asyncio.wait_for(self._asked[number].wait(), WITHIN_S)

    def let_go(self, number: int, value: Any) -> None:
        """Let the n-th attempt return a value, or raise it."""
        if isinstance(value, Exception):
            self._go[number].set_exception(value)
        else:
            self._go[number].set_result(value)

    async def _coroutine(self, context: Context, _payload: Any) -> Any:
        number = self._begin(context)
        try:
            try:
                return await asyncio.shield(self._go[number])
            except asyncio.CancelledError:
                self._asked[number].set()
                return await asyncio.shield(self._go[number])  # a second time, it is the end of the test
        finally:
            self.running -= 1

    def _thread(self, context: SyncContext, _payload: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(self._in_loop(context), self._loop).result()

    async def _in_loop(self, context: SyncContext) -> Any:
        number = self._begin(context)
        try:
            return await asyncio.shield(self._go[number])
        finally:
            self.running -= 1

    def _begin(self, context: SyncContext) -> int:
        number = len(self.contexts) + 1
        self.contexts[number] = context
        self.running += 1
        self.most = max(self.most, self.running)
        self._began[number].set()
        return number
