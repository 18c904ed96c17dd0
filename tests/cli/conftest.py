"""Servers with rights, as processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.program import SECURED
from tests.process import ServerProcess

Serve = Callable[[], ServerProcess]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server with `[auth]` on the data of this test."""
    server = ServerProcess(tmp_path / "data", "tests.cli.handlers", **SECURED)

    def serve_it() -> ServerProcess:
        server.start()
        return server

    yield serve_it
    server.kill()


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server with `[auth]` for all tests that leave it as it is; it listens on all addresses."""
    data = tmp_path_factory.mktemp("secured") / "data"
    server = ServerProcess(data, "tests.cli.handlers", JOBRUNNER_SERVER__HOST="0.0.0.0", **SECURED)
    server.start()
    yield server
    server.kill()
