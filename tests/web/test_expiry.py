"""A right that ends takes with it what was opened by it: streams say so, held requests are refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from tests.clock import ManualClock
from tests.web.api import Events
from tests.web.conftest import OpenPeople
from tests.web.people import Headers, People, bearer, signed
from tests.web.raw import connection
from tests.web.test_sessions import signed_in
from tests.web.test_uploads import Slow

End = Callable[[], Awaitable[object]]
BOUND = 60  # seconds that a right lasts here


@pytest.fixture
async def people(open_people: OpenPeople, clock: ManualClock) -> People:
    return await open_people(clock=clock, **{"auth.leeway": "0s", "auth.session_ttl": "1m"})


async def by_token(people: People, clock: ManualClock) -> tuple[Headers, End]:
    async def end() -> None:
        clock.advance(BOUND)

    return bearer(signed("anna", exp=clock.now() / 1000 + BOUND)), end


async def by_key(people: People, _clock: ManualClock) -> tuple[Headers, End]:
    made = await people.key_of("read")
    return bearer(made["key"]), lambda: people(people.operator, "DELETE", f"keys/{made['id']}")


async def by_key_that_ends(people: People, clock: ManualClock) -> tuple[Headers, End]:
    made, (_headers, end) = await people.key_of("read", expires_in=BOUND), await by_token(people, clock)
    return bearer(made["key"]), end


async def by_session(people: People, _clock: ManualClock) -> tuple[Headers, End]:
    page = await signed_in(people)
    return page, lambda: people.api("DELETE", "session", headers=page)


async def by_session_of_a_key(people: People, _clock: ManualClock) -> tuple[Headers, End]:
    made = await people.key_of("admin")
    page = await signed_in(people, made["key"])
    return page, lambda: people(people.operator, "DELETE", f"keys/{made['id']}")


async def by_session_that_is_revoked(people: People, _clock: ManualClock) -> tuple[Headers, End]:
    page = await signed_in(people)
    session_id = page["Cookie"].partition("=")[2].partition(".")[0]
    return page, lambda: people(people.operator, "DELETE", f"sessions/{session_id}")


async def by_session_that_ends(people: People, clock: ManualClock) -> tuple[Headers, End]:
    return await signed_in(people), (await by_token(people, clock))[1]


async def by_token_of_a_key(people: People, _clock: ManualClock) -> tuple[Headers, End]:
    made = await people.key_of("read")
    token = await people.token(bearer(made["key"]), user_id="anna", allow=["read"])
    return token, lambda: people(people.operator, "DELETE", f"keys/{made['id']}")


async def by_token_of_a_submission(people: People, _clock: ManualClock) -> tuple[Headers, End]:
    made = await people.key_of("submit", "read")
    sent = {"type": "echo", "delay": 3_600, "user_id": "anna"}
    accepted = await people(bearer(made["key"]), "POST", "jobs", json=sent)
    token = bearer(accepted.headers["Jobrunner-Token"])
    return token, lambda: people(people.operator, "DELETE", f"keys/{made['id']}")


async def by_token_of_a_key_that_ends(people: People, clock: ManualClock) -> tuple[Headers, End]:
    made = await people.key_of("read", expires_in=BOUND)
    wish = {"user_id": "anna", "allow": ["read"], "expires_in": 10 * BOUND}
    return await people.token(bearer(made["key"]), **wish), (await by_token(people, clock))[1]


WAYS = [
    by_token, by_key, by_key_that_ends, by_session, by_session_of_a_key, by_session_that_is_revoked,
    by_session_that_ends, by_token_of_a_key, by_token_of_a_submission, by_token_of_a_key_that_ends,
]  # fmt: skip
UNION = {"method": "POST", "json": {"any": [{}]}}


@asynccontextmanager
async def streams(people: People, who: Headers) -> AsyncIterator[list[Events]]:
    """Open all streams there are, and read what they begin with."""
    job = (await people(who, "GET", "jobs")).json["jobs"][0]["job_id"]
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("events", {}), (f"jobs/{job}/events", {}), (f"jobs/{job}/logs", {}), ("events", UNION),
    ]  # fmt: skip
    async with AsyncExitStack() as stack:
        opened = []
        for path, options in wanted:
            opened.append(await stack.enter_async_context(people.api.stream(path, headers=who, **options)))
            assert opened[-1].response.status == 200
            if path != f"jobs/{job}/logs":
                await opened[-1].next("snapshot")
        yield opened


@pytest.mark.parametrize("way", WAYS)
async def test_every_stream_says_that_the_right_has_ended_and_ends(
    people: People, clock: ManualClock, way: Callable[[People, ManualClock], Awaitable[tuple[Headers, End]]]
) -> None:
    job = await people.submit(people.application, delay=3_600, user_id="anna")
    who, end = await way(people, clock)
    async with streams(people, who) as opened:
        await end()
        for events in opened:
            told = [event async for event in events]
            assert [(event.name, event.data, event.id) for event in told] == [("expired", {}, None)]
    assert (await people.api("GET", f"jobs/{job['job_id']}", headers=who)).status == 401
    assert not len(people.runner.changes), "nobody listens any longer"


async def test_nothing_is_sent_after_the_right_has_ended(people: People, clock: ManualClock) -> None:
    await people.submit(people.application, delay=3_600, user_id="anna")
    who, end = await by_token(people, clock)
    async with streams(people, who) as opened:
        clock.jump(BOUND)  # the time is over before anybody has noticed
        late = await people.submit(people.application, "echo", user_id="anna")
        for events in (opened[0], opened[3]):
            assert [event.name async for event in events] == ["expired"]
        await end()
        assert [event.name async for event in opened[1]] == ["expired"]
    assert late["job_id"]


async def test_streams_of_others_go_on(people: People, clock: ManualClock) -> None:
    await people.submit(people.application, delay=3_600, user_id="anna")
    who, end = await by_key(people, clock)
    async with people.api.stream("events", headers=people.reading) as kept, streams(people, who) as opened:
        await kept.next("snapshot")
        await end()
        assert [event.name async for event in opened[0]] == ["expired"]
        job = await people.submit(people.application)
        assert (await kept.next("job")).data["job_id"] == job["job_id"]


@pytest.mark.parametrize("way", [by_token, by_key, by_token_of_a_key, by_session])
async def test_a_held_request_is_refused_when_the_right_has_ended_meanwhile(
    people: People, clock: ManualClock, way: Callable[..., Awaitable[tuple[Headers, End]]]
) -> None:
    path = f"jobs/{(await people.submit(people.application, delay=3_600, user_id='anna'))['job_id']}"
    who, end = await way(people, clock)
    cursor = (await people.api("GET", "events", headers=who)).json["cursor"]
    tag = {"If-None-Match": (await people.api("GET", path, headers=who)).headers["ETag"]}
    wanted: list[tuple[str, dict[str, str]]] = [(path, {}), (path, tag), (f"events?after={cursor}", {})]
    asked = [
        asyncio.create_task(people.api("GET", address, headers={**who, "Prefer": "wait=30", **more}))
        for address, more in wanted
    ]
    async with asyncio.timeout(20):
        while len(people.runner.changes) < 3:
            await asyncio.sleep(0)  # until they are held
    await end()
    await people(people.application, "DELETE", path)
    assert [answer.status for answer in await asyncio.gather(*asked)] == [401, 401, 401]


async def test_an_ended_stream_frees_its_place(open_people: OpenPeople, clock: ManualClock) -> None:
    people = await open_people(clock=clock, **{"limits.open_streams": 1, "auth.leeway": "0s"})
    await people.submit(people.application, delay=3_600, user_id="anna")
    who, end = await by_token(people, clock)
    again = bearer(signed("anna", exp=clock.now() / 1000 + 10 * BOUND))
    async with people.api.stream("events", headers=who) as events:
        await events.next("snapshot")
        assert (await people.api("GET", "events", headers={**again, "Accept": "text/event-stream"})).status == 429
        await end()
        assert [event.name async for event in events] == ["expired"]
        async with people.api.stream("events", headers=again) as more:
            assert (await more.next()).name == "snapshot"


@pytest.mark.parametrize(("accept", "path", "body"), [
    ("text/event-stream", "events", b'{"any": [{}]}'),
    ("application/json", "events", b'{"any": [{}]}'),
    ("application/json", "jobs", b'{"type": "echo"}'),
    ("application/json", "jobs/bulk", b'{"jobs": [{"type": "echo"}]}'),
])  # fmt: skip
async def test_a_body_that_arrives_after_the_right_has_ended_is_refused(
    people: People, clock: ManualClock, accept: str, path: str, body: bytes
) -> None:
    who, end = await by_token(people, clock)
    head = [
        f"POST /api/v1/{path} HTTP/1.1", "Host: localhost", f"Accept: {accept}", "Content-Type: application/json",
        f"Authorization: {who['Authorization']}", "Expect: 100-continue", f"Content-Length: {len(body)}", "", "",
    ]  # fmt: skip
    async with connection(people.api) as (reader, writer):
        writer.write("\r\n".join(head).encode())
        await reader.readuntil(b"100 Continue\r\n\r\n")
        writer.write(body[:-1])
        await people(people.operator, "GET", "session")
        await end()
        writer.write(body[-1:])
        answered = await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)
    assert b" 401 " in answered
    assert (await people(people.operator, "GET", "jobs/stats/counts")).json["total"] == 0


async def test_a_right_that_ends_while_a_stream_opens_is_told_in_the_stream(
    people: People, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, end = await by_token(people, clock)
    prepare = web.StreamResponse.prepare

    async def slowly(response: web.StreamResponse, request: web.BaseRequest) -> Any:
        if type(response) is web.StreamResponse:
            await end()
        return await prepare(response, request)

    monkeypatch.setattr(web.StreamResponse, "prepare", slowly)
    async with people.api.stream("events", headers=who) as events:
        assert (events.response.status, [event.name async for event in events]) == (200, ["expired"])


@pytest.mark.parametrize("multipart", [False, True], ids=["put", "multipart"])
async def test_a_file_that_arrives_for_a_key_that_is_revoked_meanwhile_is_refused(
    people: People,
    multipart: bool,  # noqa: FBT001 - pytest names it
) -> None:
    made = await people.key_of("submit")
    if multipart:
        head = b'--b\r\nContent-Disposition: form-data; name="job"\r\n\r\n{"type": "digest"}\r\n'
        head += b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        slow = Slow(head + b"x" * 300_000, b"the end\r\n--b--\r\n")
        how = ("POST", "jobs", {"Content-Type": "multipart/form-data; boundary=b"})
    else:
        job = await people.submit(people.application, "digest", uploads=["file"])
        slow = Slow(b"x" * 300_000, b"the end")
        how = ("PUT", f"jobs/{job['job_id']}/uploads/file", {})
    method, path, headers = how
    sending = asyncio.create_task(people(bearer(made["key"]), method, path, data=slow, headers=headers))
    await slow.began.wait()
    await people(people.operator, "DELETE", f"keys/{made['id']}")
    slow.go_on.set()
    assert (await sending).status == 401
    counts = (await people(people.operator, "GET", "jobs/stats/counts")).json
    assert (counts["completed"], counts["processing"]) == (0, 0)
