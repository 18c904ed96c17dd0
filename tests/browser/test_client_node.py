"""The client without a browser, as on the server of a Next.js application: the same modules, in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jobrunner
from tests.process import ServerProcess

ROOM = Path(jobrunner.__file__).with_name("browser")
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="no node")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "data", "tests.browser.handlers")
    process.start()
    yield process
    process.kill()


def run(tmp_path: Path, script: str) -> Any:
    """Run a module beside a copy of the client; return what it prints as JSON."""
    room = shutil.copytree(ROOM, tmp_path / "room")
    (room / "package.json").write_text('{"type": "module"}')
    (room / "main.js").write_text(f"import * as all from './jobrunner.js';\n{script}")
    done = subprocess.run([str(NODE), room / "main.js"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_job_is_submitted_given_its_file_watched_and_waited_for_and_the_process_can_end(
    tmp_path: Path, server: ServerProcess
) -> None:
    script = """
      const client = all.createClient({ baseUrl: URL });
      const seen = [];
      const job = await client.submit({ type: "copy", payload: {}, uploads: ["file"] });
      const stop = client.watch({}, (job) => seen.push(job.status));
      const waiting = client.wait(job.job_id);
      await client.upload(job.job_id, "file", new File(["abc"], "a.txt"));
      const { status } = await waiting;
      stop();
      console.log(JSON.stringify([status, seen.at(-1), client.jobs.get(job.job_id).status]));
    """.replace("URL", json.dumps(server.url))
    assert run(tmp_path, script) == ["completed", "completed", "completed"]


def test_to_load_it_asks_for_nothing_and_keeps_no_process_alive(tmp_path: Path) -> None:
    script = "console.log(JSON.stringify(all.createClient({ baseUrl: 'http://127.0.0.1:9' }).connection.state));"
    assert run(tmp_path, script) == "connecting"
