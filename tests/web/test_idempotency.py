"""Idempotency-Key: a request that is repeated is done once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from jobrunner import Jobrunner
from tests.web.api import Answer, Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate, files_in

KEY = {"Idempotency-Key": '"4f1c-9a"'}


async def send(api: Api, payload: Any = 1, path: str = "jobs", **headers: str) -> Answer:
    return await api("POST", path, json={"type": "echo", "payload": payload}, headers={**KEY, **headers})


async def total(api: Api) -> int:
    return int((await api("GET", "jobs/stats/counts")).json["total"])


async def test_a_repeat_gets_the_first_answer(api: Api) -> None:
    first, second, slashed = await send(api), await send(api), await send(api, path="jobs/")
    assert (first.status, second.status, slashed.status) == (202, 202, 202)
    assert first.json["job_id"] == second.json["job_id"] == slashed.json["job_id"]
    assert first.headers["Location"] == second.headers["Location"]
    assert await total(api) == 1


async def test_bytes_may_differ_as_long_as_the_request_is_the_same(api: Api) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    first = await api("POST", "jobs", data=b'{"type": "echo", "payload": {"a": 1, "b": 2}}', headers=headers)
    second = await api("POST", "jobs", data=b' {"payload":{"b":2,"a":1},"type":"echo"}', headers=headers)
    assert first.json["job_id"] == second.json["job_id"]


async def test_another_request_with_the_same_key_is_refused(api: Api) -> None:
    await send(api, 1)
    other = await send(api, 2)
    assert (other.status, other.json["code"]) == (422, "idempotency-key-reused")
    assert await total(api) == 1


async def test_repeats_in_flight_join_the_first(api: Api) -> None:
    answers = await asyncio.gather(*(send(api) for _ in range(20)))
    assert len({answer.json["job_id"] for answer in answers}) == 1
    assert {answer.status for answer in answers} == {202}
    assert await total(api) == 1


async def test_a_request_that_was_refused_may_be_sent_again_corrected(api: Api) -> None:
    refused = await api("POST", "jobs", json={"type": "unknown"}, headers=KEY)
    assert (refused.status, (await send(api)).status) == (422, 202)


async def test_a_repeat_after_the_end_may_wait_and_gets_the_result(api: Api) -> None:
    await send(api, "x")
    again = await send(api, "x", Prefer="wait=20")
    assert (again.status, again.json["result_data"]) == (200, "x")


async def test_a_key_survives_a_restart(open_api: OpenApi, runner: Jobrunner) -> None:
    first = await send(await open_api(runner))
    await runner.stop(0)
    api = await open_api()
    assert (await send(api)).json["job_id"] == first.json["job_id"]
    assert (await send(api, 2)).status == 422
    assert await total(api) == 1


@pytest.mark.parametrize("key", ["bare", '""', '"', "'a'", '"a"b"', '"ä"', f'"{"a" * 256}"', '"a", "b"', ""])
async def test_a_key_that_is_no_quoted_text_is_refused(api: Api, key: str) -> None:
    answer = await api("POST", "jobs", json={"type": "echo"}, headers={"Idempotency-Key": key})
    assert (answer.status, answer.json["code"]) == (400, "malformed")
    assert await total(api) == 0


async def test_a_key_is_good_for_one_route(api: Api) -> None:
    await send(api)
    bulk = await api("POST", "jobs/bulk", json={"jobs": [{"type": "echo"}]}, headers=KEY)
    assert bulk.status == 202
    assert await total(api) == 2


async def test_a_repeated_bulk_is_accepted_once(api: Api) -> None:
    body = {"jobs": [{"type": "echo"}, {"type": "unknown"}, {"type": "echo"}]}
    answers = [await api("POST", "jobs/bulk", json=body, headers=KEY) for _ in range(2)]
    assert (answers[0].status, answers[0].json) == (answers[1].status, answers[1].json)
    assert (answers[0].json["accepted"], await total(api)) == (2, 2)


def form(content: bytes) -> FormData:
    body = FormData()
    body.add_field("job", json.dumps({"type": "digest"}), content_type="application/json")
    body.add_field("file", content, filename="a.csv")
    return body


async def test_a_repeat_with_files_keeps_one_copy_of_them(api: Api, tmp_path: Path) -> None:
    answers = [await api("POST", "jobs", data=form(b"abc"), headers=KEY) for _ in range(3)]
    joined = await asyncio.gather(*(api("POST", "jobs", data=form(b"abc"), headers=KEY) for _ in range(5)))
    assert len({answer.json["job_id"] for answer in (*answers, *joined)}) == 1
    assert len(files_in(tmp_path / "data")) == 1
    assert (await api.ended(answers[0].json["job_id"]))["result_data"]["head"] == "abc"


async def test_other_files_of_the_same_size_are_another_request(api: Api, tmp_path: Path) -> None:
    await api("POST", "jobs", data=form(b"abc"), headers=KEY)
    other = await api("POST", "jobs", data=form(b"xyz"), headers=KEY)
    assert (other.status, other.json["code"]) == (422, "idempotency-key-reused")
    assert len(files_in(tmp_path / "data")) == 1


async def test_a_repeated_retry_makes_one_attempt_and_one_new_job(api: Api, gate: Gate) -> None:
    job = await api.run("fail")
    path = f"jobs/{job['job_id']}/retry"
    assert {(await api("POST", path, headers=KEY)).status for _ in range(3)} == {202}
    assert (await api.ended(job["job_id"]))["attempt"] == 2
    other = {"Idempotency-Key": '"new"'}
    new = {(await api("POST", path, json={"payload": 2}, headers=other)).json["job_id"] for _ in range(3)}
    assert (len(new), await total(api)) == (1, 2)
    assert not gate.runs


async def test_a_caller_that_goes_away_and_comes_back_finds_its_job(api: Api, gate: Gate) -> None:
    body = {"type": "gated"}
    sending = asyncio.create_task(api("POST", "jobs", json=body, headers={**KEY, "Prefer": "wait=30"}))
    await gate.reached.wait()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    again = await api("POST", "jobs", json=body, headers=KEY)
    assert (again.status, await total(api), gate.runs) == (202, 1, 1)
