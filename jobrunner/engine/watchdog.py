"""A thread that sees when the event loop stands still, and says which handler blocks it, with its stack.

A coroutine handler that blocks stops everything, the log included, so nobody on the loop could tell. Time here is
that of the machine, for a loop that stands still is no matter of the engine's clock.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from types import FrameType

import structlog

log = structlog.get_logger("jobrunner.watchdog")

BEAT_S = 0.1
BLOCKED_S = 0.5


class Watchdog:
    """Changes: when the loop last answered, how late it was, and whether a standstill was reported."""

    def __init__(self) -> None:
        """Watch nothing yet."""
        self.lag_s = 0.0
        self._beat = 0.0
        self._reported = False
        self._stopped = threading.Event()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to watch the running loop."""
        loop = asyncio.get_running_loop()
        self._beat = time.monotonic()
        self._tick(loop)
        threading.Thread(target=self._watch, args=(loop, threading.get_ident()), name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer."""
        self._stopped.set()
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        late = max(0.0, now - self._beat - BEAT_S)
        self.lag_s = max(late, self.lag_s * 0.9)
        if self._reported:
            log.warning("loop.moved_on", blocked_s=round(late, 3))
            self._reported = False
        self._beat = now
        self._timer = loop.call_later(BEAT_S, self._tick, loop)

    def _watch(self, loop: asyncio.AbstractEventLoop, thread: int) -> None:
        while not self._stopped.wait(BEAT_S):
            silent = time.monotonic() - self._beat
            if silent > BLOCKED_S and not self._reported:
                self._reported = True
                _report(loop, sys._current_frames().get(thread), silent)  # noqa: SLF001 - the documented way to it


def _report(loop: asyncio.AbstractEventLoop, frame: FrameType | None, silent: float) -> None:
    task = asyncio.current_task(loop)
    stack = "".join(traceback.format_stack(frame)[-12:]) if frame is not None else ""
    log.error("loop.blocked", task=task.get_name() if task else None, blocked_s=round(silent, 3), stack=stack)
