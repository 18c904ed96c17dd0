"""The examples of the documentation, run as a user would: on a real server, by the real client."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from jobrunner import wire
from jobrunner.client import Client
from jobrunner.web.routes import ROUTES
from tests.documents import API, HANDLERS, README, ROOT, SERVICES, code, query_parameters
from tests.process import ServerProcess

PUT_UPLOAD = ("PUT", "/api/v1/jobs/{job_id}/uploads/{name}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of the handlers in README.md and handlers.md, in modules as a user would write them."""
    directory = tmp_path_factory.mktemp("documented")
    for document, name in ((README, "from_readme"), (HANDLERS, "from_handlers")):
        (directory / f"{name}.py").write_text("\n\n".join(document.blocks("python")))
    process = ServerProcess(directory / "data", "from_readme", "from_handlers", path=directory)
    process.start()
    yield process
    process.kill()


def run(file: Path, **environment: str) -> str:
    """Run a program in its directory and return what it prints."""
    path = os.pathsep.join([str(ROOT), str(file.parent)])
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    command = [sys.executable, "-W", "error", str(file)]
    done = subprocess.run(
        command, cwd=file.parent, env=environment, check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def count_words(client: Client, directory: Path) -> wire.JobData:
    text = directory / "text.txt"
    text.write_text("to be or not to be")
    done = await client.submit("count_words", {"shortest": 2}, files={"file": text})
    return await client.wait(done["job_id"], 30)


async def test_the_handler_of_the_readme_greets(served: ServerProcess, tmp_path: Path) -> None:
    async with Client(served.url) as client:
        submitted = await client.submit("greet", {"name": "Ada"})
        done = await client.wait(submitted["job_id"], 30)
        await client.artifact(done["job_id"], "greeting.txt", tmp_path / "greeting.txt")
        refused = await client.submit("greet", {"name": " "})
        failed = await client.wait(refused["job_id"], 30)
    assert (done["status"], done["result_data"]) == ("completed", {"greeting": "Hello Ada!"})
    assert (tmp_path / "greeting.txt").read_text() == "Hello Ada!"
    assert failed["error_data"] is not None
    assert (failed["status"], failed["error_data"]["code"]) == ("failed", "NO_NAME")


async def test_the_handlers_of_the_documentation_do_what_they_say(served: ServerProcess, tmp_path: Path) -> None:
    async with Client(served.url) as client:
        counted = await count_words(client, tmp_path)
        submitted = await client.submit("translate", {"languages": ["de", "fr"]})
        translated = await client.wait(submitted["job_id"], 30)
    assert counted["result_data"] == {"words": 6, "different": 4}
    assert [stage["status"] for stage in counted["stages"]] == ["completed", "completed"]
    assert [part["status"] for part in translated["parts"]] == ["completed", "completed"]


def test_the_engine_runs_without_the_server(tmp_path: Path) -> None:
    (tmp_path / "doubles.py").write_text(HANDLERS.blocks("python")[-1])
    assert re.search(r"^[0-9a-f-]{36} (queued|processing|completed)$", run(tmp_path / "doubles.py"), re.MULTILINE)


def test_the_example_of_the_client_runs(served: ServerProcess, tmp_path: Path) -> None:
    (example,) = API.blocks("python")
    (tmp_path / "example.py").write_text(example)
    assert "completed 100.0\n{'greeting': 'Hello Ada!'}" in run(tmp_path / "example.py", JOBRUNNER_URL=served.url)
    assert (tmp_path / "greeting.txt").read_text() == "Hello Ada!"


async def test_every_query_parameter_is_documented(served: ServerProcess, tmp_path: Path) -> None:
    async with Client(served.url) as client, aiohttp.ClientSession(served.url) as session:
        done = await count_words(client, tmp_path)
        for method, path, *_ in ROUTES:
            if method in {"GET", "PUT"}:
                place = place_of(path, done["job_id"])
                known = query_parameters().get(path, set())
                expected = {"filename"} if (method, path) == PUT_UPLOAD else known if method == "GET" else set()
                async with session.request(method, place, params={"nonsense": "1"}) as answer:
                    assert taken(answer.status, await answer.text()) == expected, path


async def test_types_counts_and_health_have_the_members_that_are_documented(served: ServerProcess) -> None:
    async with Client(served.url) as client:
        types, counts, health = await client.types(), await client.counts(), await client.health()
    assert set(code(API.paragraph("A type has"))) == types[0].keys()
    assert set(code(API.paragraph("Counts are"))) == counts.keys()
    said = set(code(API.paragraph("Health is"))) - {"ok", "degraded", "failing"}
    assert said == health.keys() | health["workers"].keys()


def place_of(path: str, job_id: str) -> str:
    """Return an address that a route serves."""
    module = next((ROOT / "jobrunner" / "browser").glob("*/*.js"), Path("none/none"))
    names = {"artifacts": "words.txt", "assets/{folder}": module.name, "assets": "page.css", "uploads": "file"}
    name = next((name for part, name in names.items() if part in path), "")
    return path.format(job_id=job_id, id=job_id, name=name, folder=module.parent.name)


def taken(status: int, text: str) -> set[str]:
    """Return the parameters that a route takes, by its refusal of another one; a route that takes none may not care."""
    if status in {200, 403}:  # 403: for attempts only
        return set()
    (fault,) = json.loads(text)["errors"]
    names: str = fault["detail"].removeprefix("allowed are: ")
    return set(names.split(", ")) - {""}


async def test_the_service_of_the_documentation_counts_words(tmp_path: Path) -> None:
    """With the configuration that stands beside it, but for the port."""
    names: dict[str, Any] = {}
    exec(SERVICES.blocks("python")[0], names)
    http = web.AppRunner(names["app"], shutdown_timeout=0.1)
    await http.setup()
    await web.TCPSite(http, "127.0.0.1", 0).start()
    text = SERVICES.blocks("toml")[0].replace(":8000/", f":{http.addresses[0][1]}/")
    (tmp_path / "config.toml").write_text(text)
    config = str(tmp_path / "config.toml")
    process = ServerProcess(tmp_path / "data", JOBRUNNER_CONFIG=config, ANALYSIS_TOKEN="Bearer secret")
    try:
        await asyncio.to_thread(process.start)
        file = tmp_path / "text.txt"
        file.write_text("to be or not to be")
        async with Client(process.url) as client:
            job = await client.submit("analysis", {"shortest": 3}, files={"file": file})
            done = await client.wait(job["job_id"], 30)
            await client.artifact(done["job_id"], "words.txt", tmp_path / "words.txt")
            assert (done["status"], done["result_data"]) == ("completed", {"words": 1}), done["error_data"]
            assert [stage["status"] for stage in done["stages"]] == ["completed", "completed"]
            assert (tmp_path / "words.txt").read_text() == "not"
    finally:
        process.kill()
        await http.cleanup()
