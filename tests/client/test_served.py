"""The client and the real server, which have never been told about each other beyond the design."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from jobrunner import Context, JobError, Registry
from jobrunner import job as serves
from jobrunner.client import Client, File
from jobrunner.errors import Problem, StillRunning
from tests.client.conftest import Naps
from tests.web.conftest import Serve


class Gate:
    """Holds jobs until a test lets them go on."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def pass_(self) -> None:
        self.reached.set()
        await self.opened.wait()


@pytest.fixture
def gate(registry: Registry) -> Gate:
    gate = Gate()

    @serves("echo", registry=registry)
    async def _echo(context: Context, payload: Any) -> Any:
        context.log(f"echoes for the {context.attempt}. time")
        return payload

    @serves("digest", uploads=["file"], registry=registry)
    async def _digest(context: Context, _: None) -> dict[str, str | None]:
        upload = context.upload("file")
        content = await context.in_thread(upload.path.read_bytes)
        await context.artifact("copy of it", content, "text/plain")
        return {"sha256": hashlib.sha256(content).hexdigest(), "filename": upload.filename}

    @serves("gated", stages=["waiting", "leaving"], registry=registry)
    async def _gated(context: Context, _: None) -> None:
        async with context.stage("waiting"):
            context.progress(40.0, "at the gate")
            await gate.pass_()

    @serves("fail", max_attempts=1, registry=registry)
    async def _fail(_: Context, payload: Any) -> None:
        raise JobError("NO_LUCK", "It was not to be.", details={"payload": payload})

    return gate


@pytest.fixture
async def served(serve: Serve, gate: Gate) -> AsyncIterator[Client]:
    async with Client(await serve(), sleep=Naps()) as client:
        yield client
    gate.opened.set()


async def test_a_job_goes_from_submission_to_its_result(served: Client) -> None:
    job = await served.submit(
        "echo", {"größe": [1, None]}, title="Echo", priority=7, user_id="u", tags=["a"], metadata={"b": 1}
    )
    ended = await served.wait(job["job_id"])

    assert (ended["status"], ended["result_data"], ended["payload"]) == (
        "completed",
        {"größe": [1, None]},
        {"größe": [1, None]},
    )
    assert (ended["title"], ended["priority"], ended["user_id"], ended["tags"]) == ("Echo", 7, "u", ["a"])
    assert [line["text"] async for line in served.logs(job["job_id"])] == ["echoes for the 1. time"]
    assert [line["n"] async for line in served.logs(job["job_id"], follow=True)] == [1]
    assert [attempt["outcome"] for attempt in await served.attempts(job["job_id"])] == ["completed"]


async def test_a_result_that_is_too_long_for_a_stream_is_there_after_waiting(served: Client) -> None:
    job = await served.submit("echo", "x" * 100_000)

    assert len((await served.wait(job["job_id"]))["result_data"]) == 100_000


async def test_files_arrive_as_they_are_and_come_back(served: Client, tmp_path: Path) -> None:
    (path := tmp_path / 'größe "1".csv').write_bytes(bytes(range(256)) * 8000)
    job = await served.wait((await served.submit("digest", files={"file": path}))["job_id"])

    assert job["result_data"] == {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "filename": 'größe "1".csv'}
    copy = await served.artifact(job["job_id"], "copy of it", tmp_path)
    assert (copy.name, copy.read_bytes()) == ("copy of it", path.read_bytes())


async def test_a_file_may_follow_its_job(served: Client) -> None:
    waiting = await served.submit("digest", uploads=["file"])
    assert waiting["waiting_for"] == "upload"
    whole = await served.upload(waiting["job_id"], "file", File(b"a;b\n" * 9, "größe.csv"))
    assert whole["uploads"][0] == {
        "name": "file",
        "filename": "größe.csv",
        "content_type": "text/csv",
        "size": 36,
        "received": 36,
    }

    assert (await served.wait(waiting["job_id"]))["result_data"]["filename"] == "größe.csv"
    with pytest.raises(Problem) as caught:
        await served.upload(waiting["job_id"], "file", b"again")
    assert caught.value.code == "upload-conflict"


async def test_a_file_over_the_limit_is_refused_and_not_taken_for_a_broken_connection(serve: Serve, gate: Gate) -> None:
    del gate
    async with Client(await serve(**{"server.max_upload": 1_000_000}), sleep=Naps()) as client:
        too_much = b"x" * 20_000_000
        for attempt in (client.submit("digest", files={"file": too_much}), _upload_later(client, too_much)):
            with pytest.raises(Problem) as caught:
                await attempt
            assert caught.value.code == "too-large"


async def _upload_later(client: Client, content: bytes) -> None:
    job = await client.submit("digest", uploads=["file"])
    await client.upload(job["job_id"], "file", content)


async def test_one_key_makes_one_job(served: Client) -> None:
    first = await served.submit("echo", 1, idempotency_key="k-1")

    assert (await served.submit("echo", 1, idempotency_key="k-1"))["job_id"] == first["job_id"]
    with pytest.raises(Problem) as caught:
        await served.submit("echo", 2, idempotency_key="k-1")
    assert caught.value.code == "idempotency-key-reused"


async def test_one_key_makes_one_job_of_files_too(served: Client) -> None:
    keyed = [await served.submit("digest", files={"file": b"abc"}, idempotency_key="k-2") for _ in range(2)]

    assert len({job["job_id"] for job in keyed}) == 1


async def test_many_are_submitted_and_watched_to_their_ends(served: Client) -> None:
    answer = await served.submit_many([{"type": "echo", "payload": n} for n in range(150)])
    ids = [entry["job_id"] for entry in answer["jobs"]]
    ended = {job["job_id"] async for job in served.watch_many(ids) if job["status"] == "completed"}

    assert answer["accepted"] == 150
    assert ended == set(ids)


async def test_a_bulk_says_of_each_job_what_became_of_it(served: Client) -> None:
    answer = await served.submit_many([{"type": "echo"}, {"type": "nobody"}])
    assert [sorted(entry) for entry in answer["jobs"]] == [["index", "job_id", "status"], ["index", "problem"]]

    with pytest.raises(Problem) as caught:
        await served.submit_many([{"type": "echo"}, {"type": "nobody"}], atomic=True)
    assert caught.value.pointers[0][0] == "/jobs/1/type"


async def test_a_stored_cursor_brings_what_came_after_it(served: Client) -> None:
    jobs = [await served.wait((await served.submit("echo", n))["job_id"]) for n in range(3)]
    first, second, third = (job["cursor"] for job in jobs)

    async with aclosing(served.watch_many(type="echo", after=first)) as states:
        assert [(await anext(states))["cursor"] for _ in range(2)] == [second, third]
    ids = [job["job_id"] for job in jobs]
    assert [job["cursor"] async for job in served.watch_many(ids, after=second)] == [third]
    assert [job async for job in served.watch_many(ids, after=third)] == []


async def test_a_cursor_of_another_database_is_answered_by_all_there_is(served: Client) -> None:
    job = await served.wait((await served.submit("echo"))["job_id"])

    assert [job["cursor"] async for job in served.watch_many([job["job_id"]], after="0000-7")] == [job["cursor"]]


async def test_a_running_job_is_seen_live_and_cancelled(served: Client, gate: Gate) -> None:
    job = await served.submit("gated")
    await gate.reached.wait()
    with pytest.raises(StillRunning):
        await served.wait(job["job_id"], timeout=0.01)

    async with aclosing(served.watch(job["job_id"])) as states:
        now = await anext(states)
        assert (now["progress_data"]["percentage"], now["progress_data"]["current_step"]) == (40.0, "at the gate")
        assert [stage["status"] for stage in now["stages"]] == ["processing", "queued"]
        await served.cancel(job["job_id"])
        assert [state["status"] async for state in states][-1] == "cancelled"


async def test_an_error_tells_and_a_retry_with_another_payload_is_a_new_job(served: Client) -> None:
    failed = await served.wait((await served.submit("fail", 1))["job_id"])
    assert failed["error_data"] is not None
    assert (failed["error_data"]["code"], failed["error_data"]["details"]) == ("NO_LUCK", {"payload": 1})

    assert (await served.retry(failed["job_id"]))["job_id"] == failed["job_id"]
    assert (await served.wait(failed["job_id"]))["attempt"] == 2
    again = await served.retry(failed["job_id"], payload=2)
    assert again["retried_from"] == failed["job_id"]


async def test_lists_go_over_all_pages_and_are_narrowed(served: Client) -> None:
    await served.submit_many([{"type": "echo", "user_id": f"u{n % 2}"} for n in range(240)])

    assert len({job["job_id"] async for job in served.list()}) == 240
    assert len([job async for job in served.list(user_id="u1", limit=110)]) == 110
    assert (await served.list_page(user_id=["u0", "u1"], limit=500))["next_cursor"] is None
    assert (await served.counts(user_id="u0"))["total"] == 120


async def test_a_submission_that_is_wrong_names_each_fault(served: Client) -> None:
    with pytest.raises(Problem) as caught:
        await served.submit("echo", priority=10, delay=-1.0)
    assert {pointer for pointer, _ in caught.value.pointers} == {"/priority", "/delay"}


@pytest.mark.parametrize("job_id", ["0199f0c2-7a1e-7c3b-9a53-0d1f3b2c4e5f"])
async def test_a_job_that_nobody_knows_is_the_same_problem_everywhere(
    served: Client, job_id: str, tmp_path: Path
) -> None:
    watched, read = served.watch(job_id), served.logs(job_id, follow=True)
    asked = [
        served.get(job_id),
        served.wait(job_id),
        served.cancel(job_id),
        served.attempts(job_id),
        anext(watched),
        anext(read),
    ]
    for answer in [
        *asked,
        served.artifact(job_id, "x", tmp_path),
        served.upload(job_id, "x", b""),
        served.retry(job_id),
    ]:
        with pytest.raises(Problem) as caught:
            await answer
        assert (caught.value.status, caught.value.code) == (404, "unknown-job")


async def test_the_server_says_how_it_is_and_what_it_takes(served: Client) -> None:
    assert (await served.health())["status"] in {"ok", "degraded"}
    assert {one["type"]: one["uploads"] for one in await served.types()} == {
        "digest": ["file"],
        "echo": [],
        "fail": [],
        "gated": [],
    }


async def test_all_of_it_works_below_a_base_path(serve: Serve, gate: Gate, tmp_path: Path) -> None:
    del gate
    url = await serve(**{"server.base_path": "/behind/a/proxy"})
    async with Client(f"{url}/behind/a/proxy", sleep=Naps()) as client:
        job = await client.wait((await client.submit("digest", files={"file": b"abc"}))["job_id"])

        assert (await client.artifact(job["job_id"], "copy of it", tmp_path)).read_bytes() == b"abc"
