"""One worker process, as the server sees it: started, told what to do, heard and ended. `worker.py` is its program."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Self

import structlog

from jobrunner.engine.execution.child import CAN_BE_BOUNDED, Child, Limits, signal_name
from jobrunner.engine.execution.lines import Lines
from jobrunner.engine.execution.survivors import Mark

log = structlog.get_logger("jobrunner.workers")

PROGRAM = "jobrunner.engine.execution.worker"
SEARCH_PATH = "PYTHONPATH"
LONGEST_WORD = 1 << 26
LAST_LINES = 50  # of what a worker said before it died
NO_LIMITS = Limits()

Hear = Callable[[list[Any]], None]
Print = Callable[[list[str], str], None]


class Died(Exception):
    """A worker process is dead; `code` is negative for a signal, `last` are its last lines."""

    def __init__(self, code: int, last: list[str]) -> None:
        """Say how."""
        super().__init__(f"killed by {signal_name(-code)}" if code < 0 else f"exit code {code}")
        self.code, self.last = code, last


class Worker:
    """One process. Changes: the attempt that it is at, what it may still be used for, and its last lines."""

    def __init__(self, generation: int) -> None:
        """Prepare; `start` is the way to one that runs."""
        self.generation = generation
        self.jobs = 0
        self.idle_since = 0.0
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.clean = True
        self._noisy = False
        self._limits = NO_LIMITS
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._out = Lines(lambda lines: self._printed(lines, "stdout"))
        self._err = Lines(lambda lines: self._printed(lines, "stderr"))
        self._words = Lines(self._said, LONGEST_WORD)
        self._hear: Hear | None = None
        self._print: Print | None = None
        self._ended: asyncio.Future[dict[str, Any]] | None = None
        self.child: Child

    @classmethod
    async def start(cls, mark: Mark, generation: int, modules: list[str]) -> Self:
        """Start a process; raise OSError when it cannot be."""
        worker = cls(generation)
        path = [entry or os.getcwd() for entry in sys.path]  # noqa: PTH109 - as Python itself has it
        environment = {**os.environ, **mark.fresh(), SEARCH_PATH: os.pathsep.join(path)}
        worker.child = await Child.start(
            [sys.executable, "-P", "-m", PROGRAM, str(worker._words.write_end)],
            environment=environment, stdout=worker._out, stderr=worker._err, more=[worker._words],
        )  # fmt: skip
        worker.tell({"path": path, "pythonpath": os.environ.get(SEARCH_PATH), "modules": modules})
        worker.child.ended.add_done_callback(worker._died)
        return worker

    @property
    def alive(self) -> bool:
        """Tell whether the process runs."""
        return not self.child.ended.done()

    def begin(self, assignment: Mapping[str, Any], limits: Limits, hear: Hear, print_: Print) -> None:
        """Let an attempt begin: what it says is heard, what it prints is taken."""
        self.jobs += 1
        self._last.clear()
        self._hear, self._print, self._noisy = hear, print_, False
        self._ended = asyncio.get_running_loop().create_future()
        self._bound(limits)
        self.tell(assignment)

    async def outcome(self) -> dict[str, Any]:
        """Return what came of the attempt; raise Died. Whoever waits may be cancelled."""
        assert self._ended is not None  # noqa: S101 - `begin` came before
        return await asyncio.shield(self._ended)

    def tell(self, word: Mapping[str, Any]) -> None:
        """Tell the process something."""
        self.child.write(json.dumps(word).encode() + b"\n")

    async def stop(self, grace_s: float) -> None:
        """End the process, and all that it started."""
        self.clean = False
        await self.child.stop(grace_s)

    def _bound(self, limits: Limits) -> None:
        """Set limits for one attempt; the time that the process used before is not counted."""
        if limits.cpu_s is not None:
            limits = Limits(limits.memory, int(self.child.cpu_s()) + 1 + limits.cpu_s)
        if CAN_BE_BOUNDED and limits != self._limits:
            self.child.bound(limits)
            self._limits = limits

    def _printed(self, lines: list[str], stream: str) -> None:
        if stream == "stderr":
            self._last.extend(lines[-LAST_LINES:])
        if self._print is not None:
            self._print(lines, stream)
        elif not self._noisy:
            self._noisy = True
            log.warning("worker.printed", pid=self.child.pid, stream=stream, lines=lines[-LAST_LINES:])

    def _said(self, lines: list[str]) -> None:
        try:
            for line in lines:
                self._take(json.loads(line))
        except (ValueError, TypeError, LookupError) as error:
            log.warning("worker.misspoke", pid=self.child.pid, error=str(error))
            self.clean = False
            self.child.signal(signal.SIGKILL)

    def _take(self, word: list[Any]) -> None:
        if word[0] == "ready":
            self.ready.set_result(None)
            return
        if word[0] != "ended":
            if self._hear is not None:
                self._hear(word)
            return
        _, outcome, unchanged = word
        self.clean &= unchanged
        self._out.catch_up()
        self._err.catch_up()
        self._settle(lambda ended: ended.set_result(outcome))

    def _died(self, child: asyncio.Task[int]) -> None:
        self.clean = False
        if child.cancelled():  # with the loop
            return
        died = Died(child.result(), list(self._last))
        if not self.ready.done():
            self.ready.set_exception(died)
        self._settle(lambda ended: ended.set_exception(died))

    def _settle(self, settle: Callable[[asyncio.Future[dict[str, Any]]], None]) -> None:
        ended, self._hear, self._print = self._ended, None, None
        if ended is not None and not ended.done():
            settle(ended)
