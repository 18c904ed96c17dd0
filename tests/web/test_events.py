"""Streams of changes: what they begin with, what they send, how they end, and that all forms share one cursor."""

from __future__ import annotations

import asyncio
import time

import pytest

from jobrunner import Jobrunner
from jobrunner.web import events as events_module
from tests.web.api import Api, Events, jobs_of
from tests.web.handlers import Gate

STREAM = "text/event-stream"


async def cursor_now(api: Api) -> str:
    return str((await api("GET", "events")).json["cursor"])


async def test_the_stream_of_a_job_begins_with_it_and_ends_with_its_end(api: Api, gate: Gate) -> None:
    job = await api.submit("gated")
    await gate.reached.wait()
    async with api.stream(f"jobs/{job['job_id']}/events") as events:
        first = await events.next()
        assert (first.name, [each["job_id"] for each in first.data["jobs"]]) == ("snapshot", [job["job_id"]])
        assert first.id == first.data["cursor"]
        gate.opened.set()
        told = [event async for event in events]
    assert {event.name for event in told[:-1]} == {"job"}
    assert (told[-2].data["status"], told[-2].data["result_data"]) == ("completed", "passed")
    assert (told[-1].name, told[-1].data, told[-1].id) == (
        "end",
        {"job_id": job["job_id"], "status": "completed"},
        None,
    )


async def test_the_head_of_a_stream_lets_nobody_hold_it_back(api: Api) -> None:
    async with api.stream("events") as events:
        headers = events.response.headers
        assert await events.response.content.readline() == b"retry: 2000\n"
    assert headers["Content-Type"] == f"{STREAM}; charset=utf-8"
    assert headers["Cache-Control"] == "no-store, no-transform"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Vary"] == "Accept"
    assert "Content-Encoding" not in headers


async def test_the_stream_of_an_ended_job_shows_it_and_ends(api: Api) -> None:
    job = await api.run("echo")
    async with api.stream(f"jobs/{job['job_id']}/events") as events:
        assert [event.name async for event in events] == ["snapshot", "end"]


async def test_a_resume_at_the_end_is_answered_204_and_one_before_it_gets_the_end(api: Api, gate: Gate) -> None:
    job = await api.submit("gated")
    before = job["cursor"]
    gate.opened.set()
    path, ended = f"jobs/{job['job_id']}/events", await api.ended(job["job_id"])
    for after in (ended["cursor"], await cursor_now(api)):
        answer = await api("GET", path, headers={"Accept": STREAM, "Last-Event-ID": after})
        assert (answer.status, answer.content) == (204, b"")
        assert (await api("GET", f"{path}?after={after}", headers={"Accept": STREAM})).status == 204
    async with api.stream(path, after=before) as events:
        assert [event.name async for event in events] == ["job", "end"]


async def test_a_filtered_stream_begins_with_what_has_not_ended_and_shows_nothing_else(api: Api, gate: Gate) -> None:
    await api.run("echo", user_id="a")
    mine, other = await api.submit("gated", user_id="a"), await api.submit("gated", user_id="b")
    await gate.reached.wait()
    async with api.stream("events?user_id=a") as events:
        snapshot = await events.next("snapshot")
        assert [job["job_id"] for job in snapshot.data["jobs"]] == [mine["job_id"]]
        assert (snapshot.data["counts"]["completed"], snapshot.data["counts"]["processing"]) == (1, 1)
        gate.opened.set()
        await api.ended(other["job_id"])
        late = await api.run("echo", user_id="a")
        seen = await until(events, late["job_id"], "completed")
    assert {job["user_id"] for job in seen} == {"a"}


async def until(events: Events, job_id: str, status: str) -> list[dict[str, object]]:
    """Return the jobs that a stream shows until one is in a state."""
    seen: list[dict[str, object]] = []
    async for event in events:
        seen += jobs_of(event)
        if any(job["job_id"] == job_id and job["status"] == status for job in jobs_of(event)):
            return seen
    raise AssertionError("the stream has ended")


async def test_a_union_shows_the_jobs_of_any_of_its_filters(api: Api) -> None:
    later = [await api.submit("echo", delay=3600, user_id=user, tags=[user]) for user in "abcd"]
    union = {"any": [{"user_id": ["a", "b"], "tag": "a"}, {"job_id": later[2]["job_id"]}]}
    async with api.stream("events", method="POST", json=union) as events:
        snapshot = await events.next("snapshot")
        assert {job["user_id"] for job in snapshot.data["jobs"]} == {"a", "c"}
        for job in later:
            await api("DELETE", f"jobs/{job['job_id']}")
        seen = await until(events, later[2]["job_id"], "cancelled")
    assert {job["user_id"] for job in seen} == {"a", "c"}


async def test_named_jobs_are_shown_in_any_state_and_those_that_are_missing_are_named(api: Api) -> None:
    job, unknown = await api.run("echo"), "00000000-0000-7000-8000-000000000000"
    async with api.stream(f"events?job_id={job['job_id']}&job_id={unknown}") as events:
        snapshot = await events.next()
    assert [each["job_id"] for each in snapshot.data["jobs"]] == [job["job_id"]]
    assert snapshot.data["missing"] == [unknown]


async def test_ids_strictly_rise_and_progress_that_is_not_on_disk_has_none(api: Api, gate: Gate) -> None:
    async with api.stream("events") as events:
        await events.next("snapshot")
        job = await api.submit("telling")
        told = []
        async for event in events:
            told.append(event)
            if not event.id:
                gate.opened.set()
            if event.data["status"] == "completed":
                break
    numbers = [event.number for event in told if event.id]
    assert numbers == sorted(set(numbers))
    assert all(event.data["status"] == "processing" for event in told if not event.id)
    assert told[-1].data["job_id"] == job["job_id"]


async def test_json_and_streams_share_one_cursor(api: Api) -> None:
    begun = (await api("GET", "events")).json
    assert (begun["reset"], begun["jobs"]) == (True, [])
    job = await api.run("echo")
    page = (await api("GET", f"events?after={begun['cursor']}")).json
    assert ([each["job_id"] for each in page["jobs"]], page["reset"], page["more"]) == ([job["job_id"]], False, False)
    async with api.stream("events", after=begun["cursor"]) as events:
        event = await events.next("job")
    assert (event.data, event.id) == (page["jobs"][0], page["cursor"])
    assert (await api("GET", "events", headers={"Last-Event-ID": event.id or ""})).json["jobs"] == []


async def test_a_long_poll_is_held_until_something_changes(api: Api, runner: Jobrunner) -> None:
    after = await cursor_now(api)
    polling = asyncio.create_task(api("GET", f"events?after={after}&user_id=a", headers={"Prefer": "wait=30"}))
    while not len(runner.changes):
        await asyncio.sleep(0)  # until it is held
    await api.run("echo", user_id="b")
    assert not polling.done()
    job = await api.run("echo", user_id="a")
    answer = await polling
    assert [each["job_id"] for each in answer.json["jobs"]] == [job["job_id"]]
    assert answer.headers["Preference-Applied"] == "wait=30"
    union = {"any": [{"user_id": "a"}], "after": answer.json["cursor"]}
    nothing = await api("POST", "events", json=union, headers={"Prefer": "wait=0"})
    assert [each["status"] for each in nothing.json["jobs"]] in ([], ["completed"])


@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        ("*/*", 200, "application/json"),
        ("application/json", 200, "application/json"),
        (STREAM, 200, STREAM),
        (f"text/html, {STREAM}", 200, STREAM),
        (f"application/json;q=0.5, {STREAM}", 200, STREAM),
        (f"{STREAM};q=0.1, application/json", 200, "application/json"),
        (f"{STREAM};q=0, */*;q=0.1", 200, "application/json"),
        ("text/*", 200, STREAM),
        ("text/html", 406, "application/problem+json"),
        ("application/json;q=0", 406, "application/problem+json"),
    ],
)
async def test_the_client_says_what_it_accepts(api: Api, accept: str, status: int, kind: str) -> None:
    async with api.session.get(api.url("events"), headers={"Accept": accept}) as response:
        assert (response.status, response.content_type) == (status, kind)
        if status == 200:
            assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize(
    "cursor", ["other-1", "{epoch}-999999", "{epoch}", "{epoch}-x", "{epoch}--1", "-", "{epoch}-" + "9" * 30]
)
async def test_a_cursor_that_cannot_be_served_is_answered_by_a_reset(api: Api, runner: Jobrunner, cursor: str) -> None:
    job = await api.submit("echo", delay=3600)
    after = cursor.format(epoch=runner.database.epoch)
    async with api.stream("events", after=after) as events:
        event = await events.next()
    assert (event.name, [each["job_id"] for each in event.data["jobs"]]) == ("reset", [job["job_id"]])
    assert event.data["reason"]
    page = (await api("GET", f"events?after={after}")).json
    assert (page["reset"], page["cursor"], page["reason"]) == (True, event.id, event.data["reason"])


async def test_a_stream_that_is_quiet_says_that_it_lives(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "PING_S", 0.05)
    async with api.stream("events") as events:
        await events.next("snapshot")
        ping = await events.next()
    assert (ping.name, ping.data, ping.id) == ("ping", {}, None)


async def test_who_watches_one_waiting_job_is_told_its_place(
    api: Api, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "POSITION_S", 0.05)
    for _ in range(10):
        job = await api.submit("gated")
    async with api.stream(f"jobs/{job['job_id']}/events") as events:
        position = await events.next("position")
        assert position.data == {"job_id": job["job_id"], "queue_position": 2, "estimated_start": None}
        gate.opened.set()
        assert (await events.next("end")).data["status"] == "completed"


async def test_all_streams_end_within_a_second_when_the_server_stops(api: Api, runner: Jobrunner, gate: Gate) -> None:
    job = await api.submit("gated")
    await gate.reached.wait()
    paths = ["events", f"jobs/{job['job_id']}/events", f"jobs/{job['job_id']}/logs", "events?type=echo"]

    async def watch(path: str) -> None:
        async with api.stream(path) as events:
            [event async for event in events]

    watching = [asyncio.create_task(watch(path)) for path in paths for _ in range(3)]
    waiting = asyncio.create_task(api("GET", f"jobs/{job['job_id']}", headers={"Prefer": "wait=30"}))
    while len(runner.changes) < len(watching) + 1:
        await asyncio.sleep(0)  # until all of them watch
    begun = time.monotonic()
    runner.close_intake()
    await asyncio.gather(*watching)
    assert (await waiting).json["status"] == "processing"
    assert time.monotonic() - begun < 1


async def test_a_stream_of_nobody_is_refused(api: Api) -> None:
    assert (await api("GET", "jobs/00000000-0000-7000-8000-000000000000/events")).status == 404
