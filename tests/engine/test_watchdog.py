"""A handler that blocks the event loop is named within a second, with its stack, while it still blocks."""

from __future__ import annotations

import threading
import time
from typing import Any

from structlog.testing import capture_logs

from jobrunner import Context, Registry, job
from tests.conftest import OpenRunner
from tests.engine.engines import run


async def test_a_handler_that_blocks_the_loop_is_reported_with_its_stack_while_it_blocks(
    open_runner: OpenRunner, registry: Registry
) -> None:
    seen_after: list[float] = []
    with capture_logs() as entries:

        @job("blocking", registry=registry)
        async def blocking(_context: Context, _payload: Any) -> None:
            began = time.monotonic()
            while time.monotonic() - began < 1.5 and not seen_after:
                threading.Event().wait(0.01)  # it blocks the loop, as time.sleep does
                if any(entry["event"] == "loop.blocked" for entry in entries):
                    seen_after.append(time.monotonic() - began)

        runner = await open_runner()
        job_ = await run(runner, "blocking")
        await runner.stop(0)
    reports = [entry for entry in entries if entry["event"] == "loop.blocked"]
    assert len(reports) == 1
    assert seen_after[0] < 1
    assert reports[0]["task"] == f"blocking {job_.id}"
    assert "test_watchdog.py" in reports[0]["stack"]
    assert "in blocking" in reports[0]["stack"]
    assert reports[0]["log_level"] == "error"


async def test_a_loop_that_is_busy_but_not_blocked_is_not_reported(open_runner: OpenRunner, registry: Registry) -> None:
    with capture_logs() as entries:

        @job("thread", registry=registry)
        def thread(_context: Any, _payload: Any) -> None:
            threading.Event().wait(0.8)

        runner = await open_runner()
        await run(runner, "thread")
        await runner.stop(0)
    assert [entry for entry in entries if entry["event"] == "loop.blocked"] == []
