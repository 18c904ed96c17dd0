"""What a worker process says to the server, one JSON array a line, through a pipe of its own.

What is said very often is gathered for a moment, so that neither side spends its time with it. Nothing that was said
waits when something of another kind is said.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

WINDOW_S = 0.05
AT_ONCE = 32  # words that are said at once in a window; the rest is gathered
MOST_LINES = 256  # that are gathered

Guard = Callable[[], AbstractContextManager[None]]


class Channel:
    """Changes: what is gathered, how far each thing is, and how much may be said at once."""

    def __init__(self, descriptor: int, guard: Guard) -> None:
        """Write to a descriptor; inside `guard()` nothing is raised that would leave half a line behind."""
        self._descriptor = descriptor
        self._guard = guard
        self._lock = threading.Lock()
        self._lines: list[tuple[str, str]] = []
        self._progress: dict[str | None, dict[str, Any]] = {}
        self._began = 0.0
        self._left = AT_ONCE
        self._more = threading.Event()
        threading.Thread(target=self._follow, name="channel", daemon=True).start()

    def say(self, *word: Any) -> None:
        """Say something, after all that was said before."""
        with self._guard(), self._lock:
            self._write([*self._gathered(), word])

    def line(self, text: str, level: str) -> None:
        """Say a line of the log."""
        with self._guard(), self._lock:
            self._lines.append((text, level))
            self._now_or_later(full=len(self._lines) >= MOST_LINES)

    def progress(self, key: str | None, said: dict[str, Any]) -> None:
        """Say how far the job is, or one part of it; the latest is what counts, but what is None stays."""
        with self._guard(), self._lock:
            known = self._progress.setdefault(key, {})
            known |= {name: value for name, value in said.items() if value is not None or name == "remaining_s"}
            self._now_or_later(full=False)

    def _now_or_later(self, *, full: bool) -> None:
        now = time.monotonic()
        if now - self._began >= WINDOW_S:
            self._began, self._left = now, AT_ONCE
        if self._left or full:
            self._left = max(self._left - 1, 0)
            self._write(self._gathered())
        else:
            self._more.set()

    def _gathered(self) -> list[Any]:
        words: list[Any] = [("lines", self._lines)] if self._lines else []
        words += [("progress", key, said) for key, said in self._progress.items()]
        self._lines, self._progress = [], {}
        return words

    def _write(self, words: list[Any]) -> None:
        data = memoryview("".join(f"{json.dumps(word)}\n" for word in words).encode())
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except BrokenPipeError:
            os.killpg(0, signal.SIGKILL)  # the server is gone: nobody waits for the rest

    def _follow(self) -> None:
        """Say what was gathered when its moment is over."""
        while self._more.wait():
            self._more.clear()
            time.sleep(WINDOW_S)
            with self._lock:
                self._write(self._gathered())
