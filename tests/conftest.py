"""What many tests need: engines and servers, each on a directory of its own, all of it real."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from jobrunner import Jobrunner, Registry
from jobrunner.config import load
from tests.clock import ManualClock
from tests.process import ServerProcess

# What is started in the background ignores Ctrl-C, and hands that on to what it starts, which a test may interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOM_ENOUGH = 4_000_000_000
IN_MEMORY = Path("/dev/shm")

# A fsync on a disk is most of the time of an engine that is opened for one test; what is promised of power cuts cannot
# be seen by a test anyway.
if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM_ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

OpenRunner = Callable[..., Awaitable[Jobrunner]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
async def open_runner(tmp_path: Path, registry: Registry) -> AsyncIterator[OpenRunner]:
    """Open engines; settings are dotted keys. What a test leaves open is stopped."""
    opened: list[Jobrunner] = []

    async def open_one(clock: ManualClock | None = None, **settings: object) -> Jobrunner:
        overrides = {"storage.data_dir": str(tmp_path / "data"), **settings}
        given = load(None, environ={}, overrides=overrides)
        types = registry.configured(given.types) if given.types else registry
        runner = await Jobrunner.open(given, types, clock)
        opened.append(runner)
        return runner

    yield open_one
    for runner in opened:
        if not runner.stopped:
            await runner.stop(0)


@pytest.fixture
async def runner(open_runner: OpenRunner) -> Jobrunner:
    """An engine on the time of the machine."""
    return await open_runner()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server with the data story, as a process."""
    process = ServerProcess(tmp_path / "data", "jobrunner.examples.data_story")
    process.start()
    yield process
    process.kill()
