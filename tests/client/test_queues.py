"""The client about queues and many jobs at once, against the real server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobrunner import Context, Registry
from jobrunner import job as serves
from jobrunner.client import Client
from jobrunner.errors import Problem
from tests.web.conftest import Serve


@pytest.fixture
def _echo(registry: Registry) -> None:
    @serves("echo", registry=registry)
    async def _echo(_context: Context, payload: Any) -> Any:
        return payload


@pytest.mark.usefixtures("_echo")
async def test_a_queue_is_paused_and_resumed_and_its_jobs_say_so(serve: Serve) -> None:
    async with Client(await serve()) as client:
        paused = await client.pause_queue("default")
        assert (paused["queue"], paused["paused"], paused["paused_by"]) == ("default", True, "local")
        job = await client.submit("echo")
        assert (await client.explain(job["job_id"]))["sentence"].startswith("The queue default was paused by local")
        assert [each["queued"] for each in await client.queues()] == [1]
        assert not (await client.resume_queue("default"))["paused"]
        assert (await client.wait(job["job_id"], 30))["status"] == "completed"
        with pytest.raises(Problem, match="no queue of that name") as refused:
            await client.pause_queue("../jobs")
        assert refused.value.code == "unknown-queue"


@pytest.mark.usefixtures("_echo")
async def test_jobs_of_a_filter_are_cancelled_and_retried(serve: Serve) -> None:
    async with Client(await serve()) as client:
        for tag in ("a", "b", "c"):
            await client.submit("echo", tags=[tag], delay=3600)
        soon = datetime.now(UTC) + timedelta(hours=1)
        planned = await client.cancel_many(tag=["a", "b"], created_before=soon, type=None, dry_run=True)
        assert (planned["matched"], planned["changed"], (await client.counts())["cancelled"]) == (2, 2, 0)
        assert (await client.cancel_many(tag=("a", "b"), created_before=soon))["changed"] == 2
        assert (await client.retry_many(status="cancelled", tag="a"))["changed"] == 1
        assert [job["tags"] async for job in client.list(status="cancelled")] == [["b"]]
        with pytest.raises(Problem, match="empty"):
            await client.cancel_many()
