"""Threads for handlers: daemons, so that one which never returns does not hold up the exit of the process.

The default pool of asyncio is small, shared with name resolution, and waited for at exit.
"""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Call = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Threads:
    """Run functions in threads, as many at once as are asked for; idle ones are used again.

    Changes: the idle threads, each by the queue that it listens to, and the calls that have not returned.
    """

    _numbers = itertools.count(1)

    def __init__(self) -> None:
        """Begin without threads."""
        self._idle: list[queue.SimpleQueue[Call | None]] = []
        self._closed = False

    def submit(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """Run a function in a thread; the future is done when it has really returned, so it must not be cancelled."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        context = contextvars.copy_context()
        inbox = self._idle.pop() if self._idle else self._begin()
        inbox.put((lambda: context.run(function), loop, answer))
        return answer

    def close(self) -> None:
        """Let idle threads end; busy ones end when they have returned, or with the process."""
        self._closed = True
        while self._idle:
            self._idle.pop().put(None)

    def _begin(self) -> queue.SimpleQueue[Call | None]:
        inbox: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        name = f"handler-{next(self._numbers)}"
        threading.Thread(target=self._work, args=(inbox,), name=name, daemon=True).start()
        return inbox

    def _work(self, inbox: queue.SimpleQueue[Call | None]) -> None:
        while (call := inbox.get()) is not None:
            function, loop, answer = call
            result, error = None, None
            try:
                result = function()
            except BaseException as raised:  # noqa: BLE001 - sys.exit() too is the caller's to judge
                error = raised
            del function, call
            self._return(loop, answer, inbox, result, error)
            del result, error, answer

    def _return(
        self,
        loop: asyncio.AbstractEventLoop,
        answer: asyncio.Future[Any],
        inbox: queue.SimpleQueue[Call | None],
        result: Any,
        error: BaseException | None,
    ) -> None:
        def settle() -> None:
            if self._closed:
                inbox.put(None)
            else:
                self._idle.append(inbox)
            _settle(answer, result, error)

        try:
            loop.call_soon_threadsafe(settle)
        except RuntimeError:  # the loop is closed: the process is about to end, and nobody waits
            inbox.put(None)


def _settle(answer: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(result)
    elif isinstance(error, Exception) and not isinstance(error, StopIteration):
        answer.set_exception(error)
    else:
        answer.set_exception(ThreadExit(error))  # a future cannot carry it, or it would pass for somebody's cancel


class ThreadExit(Exception):
    """A function in a thread raised what may not pass through an event loop."""

    def __init__(self, raised: BaseException) -> None:
        """Carry what was raised."""
        super().__init__(f"{type(raised).__name__}: {raised}")
        self.raised = raised
