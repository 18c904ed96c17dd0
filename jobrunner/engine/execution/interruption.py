"""A request to stop that comes as a signal, at any moment of the main thread, and must not come at every one."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator


class Interruption:
    """Changes: whether a function may be interrupted, how many guards are held, and whether somebody has asked."""

    def __init__(self, error: Callable[[], BaseException]) -> None:
        """Interrupt by an error."""
        self.asked = False
        self._error = error
        self._armed = False
        self._held = 0

    def arm(self) -> None:
        """Let the next request interrupt."""
        self._armed = True
        self._interrupt()

    def disarm(self) -> None:
        """Let no request interrupt any more."""
        self._armed = False

    def ask(self) -> None:
        """Ask to stop; called by a handler of signals, in the main thread."""
        self.asked = True
        self._interrupt()

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Keep a block whole; who is to be interrupted is so after it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._interrupt()

    def _interrupt(self) -> None:
        if self.asked and self._armed and not self._held:
            self._armed = False
            raise self._error()
