"""A real server with the examples that speak, and their pages; who asks it; a tab; and what it has left running."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from jobrunner.client import Client
from jobrunner.wire import JobData
from tests.browser.conftest import Visit, browser, chromium, visit
from tests.process import ServerProcess

__all__ = ["browser", "chromium", "visit"]

EXTRAS = ("PIL", "espeakng_loader", "imageio_ffmpeg")
MODULES = ("jobrunner.examples.dubbing", "jobrunner.examples.video")
Fetch = Callable[[JobData], Awaitable[dict[str, bytes]]]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Serve the examples to the tests of a file."""
    for extra in EXTRAS:
        pytest.importorskip(extra, reason='not all is there: pip install "jobrunner[examples]"')
    folder = tmp_path_factory.mktemp("studio")
    (folder / "config.toml").write_text('[pages]\n"/examples" = "package:jobrunner.examples"\n')
    process = ServerProcess(
        folder / "data",
        *MODULES,
        JOBRUNNER_CONFIG=str(folder / "config.toml"),
        JOBRUNNER_WORKERS__CANCEL_GRACE="5m",  # who does not stop when asked is killed when no test waits any more
    )
    process.start()
    yield process
    process.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def client(studio: ServerProcess) -> AsyncIterator[Client]:
    """Ask the server as an application would."""
    async with Client(studio.url) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def fetch(client: Client, tmp_path: Path) -> Fetch:
    """Return the files of a job by name; they lie in `tmp_path`, too."""

    async def fetch_all(job: JobData) -> dict[str, bytes]:
        names = [each["name"] for each in job["artifacts"]]
        return {name: (await client.artifact(job["job_id"], name, tmp_path / name)).read_bytes() for name in names}

    return fetch_all


@pytest.fixture
def page(studio: ServerProcess, visit: Visit) -> Page:
    """Be a tab that waits longer than most: a machine may have more to do than to speak."""
    assert studio.answers()
    visit.page.set_default_timeout(20_000)
    expect.set_options(timeout=30_000)
    return visit.page


def running(*words: str) -> list[Path]:
    """Return this machine's processes in whose command lines all these words stand, as directories of /proc."""
    return [each.parent for each in Path("/proc").glob("[0-9]*/cmdline") if all(word in _text(each) for word in words)]


def memory_mb(process: Path) -> int:
    """Return the most memory that a process has had up to now; 0 for one that has ended."""
    found = re.search(r"VmHWM:\s+(\d+) kB", _text(process / "status"))
    return int(found[1]) // 1024 if found else 0


def _text(file: Path) -> str:
    with contextlib.suppress(OSError):
        return file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
