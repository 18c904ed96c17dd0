"""The data story by a service of its own: the same story, the same errors; and whoever of the two ends goes on."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import pytest
from aiohttp import ClientSession

from jobrunner.client import Client
from jobrunner.examples import data_story
from jobrunner.wire import JobData
from tests.examples.workshop.conftest import Fetch, Service
from tests.process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

SALES = Path(data_story.__file__).with_name("sales.csv")


async def told(client: Client, kind: str, file: Path = SALES) -> JobData:
    job = await client.submit(kind, {}, files={"file": file})
    return await client.wait(job["job_id"], timeout=60)


async def test_a_service_that_is_not_there_is_said_and_a_retry_when_it_is_tells_the_same_story_as_jobrunner(
    client: Client, service: Service, fetch: Fetch
) -> None:
    missing = await told(client, "data_story_remote")
    assert missing["error_data"] is not None
    assert (missing["status"], missing["error_data"]["code"]) == ("failed", "SERVICE_UNREACHABLE")
    service.start()
    await client.retry(missing["job_id"])
    remote, local = await client.wait(missing["job_id"], timeout=60), await told(client, "data_story")
    assert (remote["status"], remote["result_data"]) == ("completed", local["result_data"])
    assert [stage["status"] for stage in remote["stages"]] == ["completed"] * 4
    assert remote["progress_data"]["percentage"] == 100
    assert await fetch(remote) == await fetch(local)
    lines = [line["text"] async for line in client.logs(remote["job_id"])]
    assert "5,225 rows and 11 columns; the story is about revenue" in lines


async def test_a_file_that_is_no_table_fails_with_the_same_category(client: Client, tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("name,note\nann,hello\n")
    remote, local = [await told(client, kind, tmp_path / "words.csv") for kind in ("data_story_remote", "data_story")]
    assert remote["error_data"] is not None
    assert local["error_data"] is not None
    assert remote["error_data"] | {"occurred_at": ""} == local["error_data"] | {"occurred_at": ""}
    assert remote["error_data"]["code"] == "PREPROCESSING_ERROR"


@pytest.mark.slow
async def test_a_story_goes_on_when_jobrunner_is_killed_in_the_middle(
    client: Client, workshop: ServerProcess, service: Service, large: Path
) -> None:
    service.up()
    job = await begun(client, large)
    workshop.kill()
    workshop.start()
    end = await client.wait(job["job_id"], timeout=60)
    assert (end["status"], end["attempt"]) == ("completed", 1), end["error_data"]


@pytest.mark.slow
async def test_a_service_that_was_killed_has_lost_its_story_and_a_retry_tells_it_again(
    client: Client, service: Service, large: Path
) -> None:
    service.up()
    job = await begun(client, large)
    service.kill()
    service.start()
    lost = await client.wait(job["job_id"], timeout=60)
    assert lost["error_data"] is not None
    assert (lost["status"], lost["error_data"]["code"]) == ("failed", "SERVICE_LOST")
    await client.retry(job["job_id"])
    assert (await client.wait(job["job_id"], timeout=60))["status"] == "completed"


async def test_a_cancelled_story_stops_the_service_at_once(client: Client, service: Service, large: Path) -> None:
    job = await begun(client, large)
    async with ClientSession() as session:
        monitor = f"http://127.0.0.1:{service.port}/stories/{job['job_id']}/1"
        assert (await session.get(monitor)).status == 200
        await client.cancel(job["job_id"])
        assert (await client.wait(job["job_id"], timeout=10))["status"] == "cancelled"
        assert (await session.get(monitor)).status == 404


async def begun(client: Client, file: Path) -> JobData:
    """Return a job of which the service has told something."""
    job = await client.submit("data_story_remote", {}, files={"file": file})
    async with aclosing(client.watch(job["job_id"])) as states:
        async for seen in states:
            if (seen["progress_data"]["percentage"] or 0) > 0:
                return seen
    raise AssertionError("it has ended")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Be a table that takes a while."""
    file = tmp_path_factory.mktemp("large") / "large.csv"
    head, *rows = SALES.read_text().splitlines(keepends=True)
    file.write_text(head + "".join(rows) * 4)
    return file
