"""A real server with images, ads and data stories, and their pages; who asks it; a tab; a service beside it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from jobrunner.client import Client
from jobrunner.wire import JobData
from tests.browser.conftest import Visit, browser, chromium, visit
from tests.process import ServerProcess, free_port

__all__ = ["browser", "chromium", "visit"]

EXAMPLES = ("jobrunner.examples.images", "jobrunner.examples.ads", "jobrunner.examples.data_story")
CONFIG = """
[pages]
"/examples" = "package:jobrunner.examples"

[types.scrape]
backoff = {{ first = "10ms" }}

[types.image_generation]
backoff = {{ first = "10ms" }}

[types.data_story_remote]
url = "http://127.0.0.1:{port}/stories"
uploads = ["file"]
stages = ["uploading", "analyzing", "generating", "visualizing"]
poll_interval = "1s"
"""
Fetch = Callable[[JobData], Awaitable[dict[str, bytes]]]


class Service:
    """The service of the data story, in a process of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        command = [sys.executable, "-m", "jobrunner.examples.data_story.service", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)  # a process tells nobody when it begins to listen
        raise AssertionError("the service did not come up")

    def up(self) -> None:
        """Start it unless it runs, whichever tests came before."""
        if self.process is None or self.process.poll() is not None:
            self.start()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """Be a service that has not been started."""
    service = Service()
    yield service
    service.kill()


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory, service: Service) -> Iterator[ServerProcess]:
    """Serve the examples to the tests of a file."""
    pytest.importorskip("PIL", reason='not all is there: pip install "jobrunner[examples]"')
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "config.toml").write_text(CONFIG.format(port=service.port))
    process = ServerProcess(
        folder / "data", *EXAMPLES, "tests.examples.workshop.missing", JOBRUNNER_CONFIG=str(folder / "config.toml")
    )
    process.start()
    yield process
    process.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def client(workshop: ServerProcess) -> AsyncIterator[Client]:
    """Ask the server as an application would."""
    async with Client(workshop.url) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def fetch(client: Client, tmp_path: Path) -> Fetch:
    """Return the files of a job by name."""

    async def fetch_all(job: JobData) -> dict[str, bytes]:
        names = [each["name"] for each in job["artifacts"]]
        return {name: (await client.artifact(job["job_id"], name, tmp_path / name)).read_bytes() for name in names}

    return fetch_all


@pytest.fixture
def page(workshop: ServerProcess, visit: Visit) -> Page:
    """Be a tab that waits longer than most: a machine may have more to do than this."""
    assert workshop.answers()
    visit.page.set_default_timeout(20_000)
    expect.set_options(timeout=30_000)
    return visit.page
