"""Tasks that a handler starts itself: `sys.exit()` in one of them fails the attempt instead of ending the event loop.

asyncio passes SystemExit and KeyboardInterrupt of any task on to whoever runs the loop, which here is the server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from jobrunner.engine.execution.thread import ThreadExit

IN_HANDLER: ContextVar[bool] = ContextVar("in_handler", default=False)  # tasks inherit it from the one that made them


def contain_exits(loop: asyncio.AbstractEventLoop) -> None:
    """Let the tasks of handlers on a loop end by ThreadExit where they would end the loop."""
    loop.set_task_factory(_make_task)


def _make_task(loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> asyncio.Task[Any]:
    contained = _Contained(coro) if IN_HANDLER.get() else coro
    return asyncio.Task(contained, loop=loop, **more)


class _Contained(Coroutine[Any, Any, Any]):
    """A coroutine as it is, but for what may not pass through an event loop."""

    def __init__(self, inner: Coroutine[Any, Any, Any]) -> None:
        self._inner = inner

    def send(self, value: Any) -> Any:
        try:
            return self._inner.send(value)
        except (SystemExit, KeyboardInterrupt) as error:
            raise ThreadExit(error) from error

    def throw(self, kind: Any, value: Any = None, at: TracebackType | None = None) -> Any:
        try:
            return self._inner.throw(kind) if value is None else self._inner.throw(kind, value, at)
        except (SystemExit, KeyboardInterrupt) as error:
            raise ThreadExit(error) from error

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Any:
        return self._inner.__await__()
