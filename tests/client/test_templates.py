"""The client about saved submissions, own addresses of types and results that are given again, at the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jobrunner import Context, Registry
from jobrunner import job as serves
from jobrunner.client import Client, templates
from jobrunner.errors import Problem
from tests.web.conftest import Serve


@pytest.fixture
async def client(registry: Registry, serve: Serve) -> AsyncIterator[Client]:
    @serves("echo", registry=registry, cache_ttl="1h", routes=["/hooks/{name}/echo-job"])
    async def _echo(_context: Context, payload: Any) -> Any:
        return payload

    @serves("read", registry=registry, uploads=["file"], routes=["/api/v1/read-job"])
    async def _read(context: Context, payload: dict[str, Any]) -> dict[str, Any]:
        return {**payload, "size": context.upload("file").size}

    async with Client(await serve(**{"server.base_path": "/below"}) + "/below") as client:
        yield client


async def test_a_template_is_saved_changed_submitted_and_deleted(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "PAGE", 2)
    (tmp_path / "in.txt").write_text("to be")
    saved = await client.save_template("mine", {"type": "read", "payload": {"a": 1, "b": 2}, "priority": 9})
    for name in ("b", "c"):
        await client.save_template(name, {"type": "echo"}, user_id="anna")
    assert [each["name"] for each in await client.templates()] == ["mine", "b", "c"]
    assert [each["name"] for each in await client.templates(user_id="anna", name="c")] == ["c"]
    files = {"file": tmp_path / "in.txt"}
    job = await client.submit_template(saved["id"], {"b": 3}, files=files, title="Mine", tags=["x"])
    assert (job["priority"], job["title"], job["tags"]) == (9, "Mine", ["x"])
    assert (await client.wait(job["job_id"], 30))["result_data"] == {"a": 1, "b": 3, "size": 5}
    changed = await client.save_template("yours", {"type": "echo"}, template_id=saved["id"])
    assert await client.template(saved["id"]) == changed
    await client.delete_template(saved["id"])
    for wrong in (saved["id"], "../jobs", ".."):
        with pytest.raises(Problem) as refused:
            await client.template(wrong)
        assert refused.value.code == "unknown-template"


async def test_a_job_is_submitted_at_an_address_of_its_type(client: Client, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("to be")
    job = await client.submit_to("/hooks/a%20b/echo-job", {"c": 1}, priority=8, tags=["x", "y"])
    assert (job["payload"], job["priority"], job["tags"]) == ({"c": 1, "name": "a b"}, 8, ["x", "y"])
    read = await client.submit_to("/api/v1/read-job", {"d": 1}, files={"file": tmp_path / "in.txt"})
    assert (await client.wait(read["job_id"], 30))["result_data"] == {"d": 1, "size": 5}


async def test_a_result_is_given_again_unless_a_fresh_one_is_wanted(client: Client) -> None:
    first = await client.wait((await client.submit("echo", 1))["job_id"], 30)
    assert (await client.submit("echo", 1))["job_id"] == first["job_id"]
    assert (await client.submit("echo", 1, fresh=True))["job_id"] != first["job_id"]
