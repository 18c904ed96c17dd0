"""Fixtures for pytest, there for whoever has jobrunner installed; nothing is loaded before one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from jobrunner.engine.runner import Runner
    from jobrunner.testing import ManualClock, Recording


@pytest.fixture
def job_clock() -> ManualClock:
    """Return a clock that is moved by hand."""
    clock: ManualClock = _lazily("ManualClock")()
    return clock


@pytest.fixture
def job_recording(tmp_path: Path) -> Callable[..., Recording]:
    """Return what makes a recording of one handler in the test's own directory; see `jobrunner.testing.Recording`."""
    return partial(_lazily("Recording"), tmp_path / "job")


@pytest.fixture
def job_runner(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[Runner]]:
    """Return what opens an engine in the test's own directory; see `jobrunner.testing.open_runner`."""
    return partial(_lazily("open_runner"), tmp_path / "data")


def _lazily(name: str) -> Any:
    return getattr(import_module("jobrunner.testing"), name)
