"""Statistics and failures by the client, of the real server."""

from __future__ import annotations

from typing import Any

from jobrunner import Context, JobError, Registry, job
from jobrunner.client import Client
from tests.web.conftest import Serve


async def test_the_client_tells_what_came_and_what_fails(serve: Serve, registry: Registry) -> None:
    @job("fail", registry=registry)
    async def _fail(_context: Context, _payload: Any) -> None:
        raise JobError("NO_LUCK", "It was not to be.", retryable=False)

    async with Client(await serve()) as client:
        failed = [await client.wait((await client.submit("fail", user_id=user))["job_id"]) for user in ("anna", "bob")]
        stats = await client.stats("1h", type=["fail", "other"])
        assert (stats["range"], stats["totals"]["failed"], len(stats["series"])) == ("1h", 2, 60)
        assert (await client.stats(queue="other"))["totals"]["failed"] == 0
        (group,) = await client.failures()
        assert (group["code"], group["count"], group["job_id"]) == ("NO_LUCK", 2, failed[1]["job_id"])
        assert [each["count"] for each in await client.failures(user_id="anna", type="fail")] == [1]
        assert [each["job_id"] async for each in client.list(code="NO_LUCK", user_id="bob")] == [failed[1]["job_id"]]
