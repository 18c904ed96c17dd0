"""Limits over HTTP: what is left is told as the IETF draft says, 429 says truly when to come again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import FormData

from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.web.api import Answer
from tests.web.conftest import OpenApi, OpenPeople
from tests.web.people import Headers, People, acquaint, rights, user

ECHO = {"type": "echo"}
MINUTE, HOUR = "limits.submissions_per_minute", "limits.submissions_per_hour"
ITEM = re.compile(r'"([a-z-]+)"((?:;[a-z]+=(?:\d+|"[a-z-]+"))*)')


def quotas(text: str) -> dict[str, dict[str, int | str]]:
    """Read a list of RFC 9651, whose items are strings with parameters."""
    found = [ITEM.fullmatch(each.strip()) for each in text.split(",")]
    assert all(found), text
    return {
        each[1]: {
            name: json.loads(value) for name, value in (pair.split("=") for pair in each[2].split(";") if "=" in pair)
        }
        for each in found
        if each
    }


def told(answer: Answer) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return quotas(answer.headers["RateLimit-Policy"]), quotas(answer.headers["RateLimit"])


async def submit(people: People, who: Headers, *, headers: Headers | None = None, **members: Any) -> Answer:
    return await people(who, "POST", "jobs", json={**ECHO, **members}, headers=dict(headers or {}))


async def test_every_submission_tells_what_is_left_and_429_when_to_come_again(
    open_people: OpenPeople, clock: ManualClock
) -> None:
    people, anna = await open_people(clock=clock, **{MINUTE: 2, HOUR: 100}), user("anna")
    first = await submit(people, anna)
    assert told(first) == (
        {"submissions-minute": {"q": 2, "w": 60}, "submissions-hour": {"q": 100, "w": 3_600}},
        {"submissions-minute": {"r": 1, "t": 60}, "submissions-hour": {"r": 99, "t": 3_600}},
    )
    clock.advance(10)
    assert told(await submit(people, anna))[1]["submissions-minute"] == {"r": 0, "t": 50}
    clock.advance(20.5)
    refused = await submit(people, anna)
    assert (refused.status, refused.json["code"]) == (429, "rate-limited")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert told(refused)[1]["submissions-minute"] == {"r": 0, "t": 30}
    after_s = int(refused.headers["Retry-After"])
    assert after_s == 30
    clock.advance(after_s - 1)
    assert (await submit(people, anna)).status == 429
    clock.advance(1)
    assert (await submit(people, anna)).status == 202
    assert "RateLimit" not in (await people(anna, "GET", "jobs")).headers


async def test_each_user_is_counted_by_the_user_and_each_key_by_the_key(open_people: OpenPeople) -> None:
    people = await open_people(**{MINUTE: 1})
    assert (await submit(people, user("anna"))).status == 202
    assert (await submit(people, people.application, user_id="anna")).status == 429, "whoever submits for her"
    assert (await submit(people, people.operator, user_id="anna")).status == 429
    assert (await submit(people, user("bob"))).status == 202
    assert [(await submit(people, people.application)).status for _ in range(2)] == [202, 429]
    for _ in range(3):
        unlimited = await submit(people, people.operator)
        assert (unlimited.status, "RateLimit" in unlimited.headers) == (202, False)


async def test_a_user_may_be_allowed_more_and_a_type_less(open_people: OpenPeople) -> None:
    people = await open_people(**{
        MINUTE: 2, "limits.users.anna.submissions_per_minute": 4, "types.order.limits.submissions_per_minute": 1,
    })  # fmt: skip
    assert [(await submit(people, user("bob"))).status for _ in range(3)] == [202, 202, 429]
    order: dict[str, Any] = {"type": "order", "payload": {"rows": 1}}
    found = [await submit(people, user("anna"), **order) for _ in range(2)]
    assert [answer.status for answer in found] == [202, 429]
    assert told(found[1])[0]["order-minute"] == {"q": 1, "w": 60}
    assert [(await submit(people, user("anna"))).status for _ in range(4)] == [202, 202, 202, 429]


async def test_what_is_not_accepted_or_only_repeated_is_not_counted(open_people: OpenPeople) -> None:
    people, anna = await open_people(**{MINUTE: 2}), user("anna")
    bad: list[dict[str, Any]] = [{"type": "nothing"}, {"priority": 10}, {"type": "order", "payload": {"rows": "x"}}]
    for members in bad:
        assert (await submit(people, anna, **members)).status == 422
    once = {"Idempotency-Key": '"a"'}
    ids = {(await submit(people, anna, headers=once)).json["job_id"] for _ in range(4)}
    assert len(ids) == 1
    assert told(await submit(people, anna))[1]["submissions-minute"]["r"] == 0
    assert (await submit(people, anna, headers=once)).status == 202
    assert (await submit(people, anna, headers={"Idempotency-Key": '"b"'})).status == 429


async def test_a_bulk_is_admitted_as_a_whole_or_not_at_all(open_people: OpenPeople, clock: ManualClock) -> None:
    people, anna = await open_people(clock=clock, **{MINUTE: 3}), user("anna")
    refused = await people(anna, "POST", "jobs/bulk", json={"jobs": [ECHO] * 4})
    assert refused.status == 429
    assert (await people(anna, "GET", "jobs/stats/counts")).json["total"] == 0
    some = await people(anna, "POST", "jobs/bulk", json={"jobs": [ECHO, {"type": "nothing"}, ECHO, ECHO]})
    assert (some.status, some.json["accepted"], told(some)[1]["submissions-minute"]["r"]) == (202, 3, 0)
    assert (await people(anna, "POST", "jobs/bulk", json={"jobs": [ECHO]})).status == 429
    mixed = [{**ECHO, "user_id": "anna"}, {**ECHO, "user_id": "bob"}]
    assert (await people(people.application, "POST", "jobs/bulk", json={"jobs": mixed})).status == 429
    clock.advance(60)
    assert (await people(people.application, "POST", "jobs/bulk", json={"jobs": mixed})).status == 202


async def test_bytes_of_uploads_are_counted_for_a_day(open_people: OpenPeople, clock: ManualClock) -> None:
    people, anna = await open_people(clock=clock, **{"limits.upload_per_day": "10KB"}), user("anna")

    async def put(size: int) -> Answer:
        job = (await submit(people, anna, type="digest", uploads=["file"])).json["job_id"]
        return await people(anna, "PUT", f"jobs/{job}/uploads/file", data=b"x" * size)

    taken = await put(6_000)
    assert (taken.status, told(taken)) == (200, (
        {"upload-day": {"q": 10_000, "w": 86_400, "qu": "content-bytes"}}, {"upload-day": {"r": 4_000, "t": 86_400}},
    ))  # fmt: skip
    refused = await put(4_001)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "86400")
    assert (await put(4_000)).status == 200
    clock.advance(86_400)
    assert (await put(10_000)).status == 200


async def test_files_of_one_request_are_counted_once_each(open_people: OpenPeople) -> None:
    people, anna = await open_people(**{"limits.upload_per_day": "10KB"}), user("anna")

    def form(*sizes: int) -> FormData:
        made = FormData({"job": json.dumps({"type": "echo"})})
        for index, size in enumerate(sizes):
            made.add_field(f"f{index}", b"x" * size, filename="a")
        return made

    accepted = await people(anna, "POST", "jobs", data=form(4_000, 4_000))
    assert (accepted.status, told(accepted)[1]["upload-day"]["r"]) == (202, 2_000)
    assert (await people(anna, "POST", "jobs", data=form(3_000))).status == 429
    assert (await people(anna, "POST", "jobs", data=form(1_000))).status == 202, "a refusal took nothing"


async def test_streams_and_waiting_jobs_are_bounded_for_each_user(open_people: OpenPeople) -> None:
    people = await open_people(**{"limits.open_streams": 1, "limits.max_queued": 2})
    sse = {"Accept": "text/event-stream"}
    async with people.api.stream("events", headers=user("anna")) as events:
        await events.next("snapshot")
        refused = await people(user("anna"), "GET", "events", headers=sse)
        assert (refused.status, told(refused)) == (429, ({"streams": {"q": 1}}, {"streams": {"r": 0}}))
        assert int(refused.headers["Retry-After"]) > 0
        assert (await people(user("anna"), "HEAD", "events", headers=sse)).status == 200
        assert (await people(user("anna"), "GET", "events")).status == 200
        async with people.api.stream("events", headers=user("bob")) as others:
            await others.next("snapshot")
        async with (
            people.api.stream("events", headers=people.operator) as one,
            people.api.stream("events", headers=people.operator) as two,
        ):
            assert [(await each.next()).name for each in (one, two)] == ["snapshot", "snapshot"]
    waiting = [await submit(people, user("anna"), delay=3_600) for _ in range(3)]
    assert [answer.status for answer in waiting][:2] == [202, 202]
    assert (waiting[2].status in {429, 503}, int(waiting[2].headers["Retry-After"]) > 0) == (True, True)
    assert (await submit(people, user("bob"), delay=3_600)).status == 202


async def test_an_hour_is_counted_across_a_restart(
    open_people: OpenPeople, open_runner: OpenRunner, open_api: OpenApi, clock: ManualClock, tmp_path: Any
) -> None:
    people = await open_people(clock=clock, **{HOUR: 2})
    assert [(await submit(people, user("anna"))).status for _ in range(2)] == [202, 202]
    await people.runner.stop(0)
    clock.advance(600)
    runner = await open_runner(clock=clock, **rights(tmp_path), **{HOUR: 2})
    people = await acquaint(await open_api(runner), runner)
    refused = await submit(people, user("anna"))
    assert refused.status == 429
    clock.advance(int(refused.headers["Retry-After"]))
    assert (await submit(people, user("anna"))).status == 202


@pytest.mark.parametrize("who", ["", "anna"])
async def test_without_auth_whoever_sits_at_this_machine_is_not_limited(open_api: OpenApi, who: str) -> None:
    api = await open_api(**{MINUTE: 1})
    about = {"user_id": who} if who else {}
    answers = [await api("POST", "jobs", json={**ECHO, **about}) for _ in range(2)]
    assert [answer.status for answer in answers] == [202, 429 if who else 202]
