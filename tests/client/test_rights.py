"""Keys, tokens, sessions, history and links: the client and the real server, with `[auth]`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from jobrunner import Context, Jobrunner, Registry
from jobrunner import job as serves
from jobrunner.access.tokens import Tokens
from jobrunner.client import Client
from jobrunner.client.credential import Token
from jobrunner.engine.clock import SystemClock
from jobrunner.errors import Problem
from jobrunner.storage.secret import own_secret
from jobrunner.wire import ActData, KeyData, NewKeyData, SessionData, TokenData, WhoAmI
from tests.client.conftest import Naps
from tests.conftest import OpenRunner
from tests.web.conftest import Serve
from tests.web.shape import faults

Connect = Callable[[Token | None], Awaitable[Client]]


@pytest.fixture
async def secured(open_runner: OpenRunner, registry: Registry) -> Jobrunner:
    """An engine behind `[auth]`."""

    @serves("echo", registry=registry)
    async def _echo(context: Context, payload: Any) -> Any:
        await context.artifact("echo it.txt", str(payload), "text/plain")
        return payload

    @serves("other", registry=registry)
    async def _other(_context: Context, payload: Any) -> Any:
        return payload

    return await open_runner(**{"auth.audience": "jobrunner"})


@pytest.fixture
async def connect(serve: Serve, secured: Jobrunner) -> AsyncIterator[Connect]:
    url = await serve(secured)
    async with AsyncExitStack() as stack:

        async def connect_one(token: Token | None) -> Client:
            return await stack.enter_async_context(Client(url, token=token, sleep=Naps()))

        yield connect_one


@pytest.fixture
async def operator(connect: Connect, secured: Jobrunner) -> Client:
    """Somebody who can read the data directory."""
    return await connect(Tokens(SystemClock(), own_secret(secured.database.path), None, None).operator())


@pytest.fixture
async def application(connect: Connect, operator: Client) -> Client:
    key = await operator.create_key("shop", ["read", "submit:echo", "cancel"])
    return await connect(key["key"])


async def refused(attempt: Awaitable[object]) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        await attempt
    return caught.value.status, caught.value.code


async def test_without_a_token_nobody_is_served(connect: Connect) -> None:
    client = await connect(None)

    assert await refused(client.types()) == (401, "unauthorized")
    assert await refused(client.session()) == (401, "unauthorized")


async def test_a_key_is_made_used_listed_and_revoked(connect: Connect, operator: Client) -> None:
    made = await operator.create_key("shop", ["read"], timedelta(days=90))
    client = await connect(made["key"])
    await client.types()
    (listed,) = await operator.keys()

    assert faults(made, NewKeyData) == faults(listed, KeyData) == []
    assert {name: made[name] for name in ("id", "name", "scopes")} == {
        "id": listed["id"], "name": "shop", "scopes": ["read"],
    }  # fmt: skip
    assert listed["last_used_at"] is not None
    assert made["key"] not in str(listed)
    assert (await operator.revoke_key(made["id"]))["revoked_at"] is not None
    assert await refused(client.types()) == (401, "unauthorized")
    assert await refused(operator.revoke_key("nokey/..")) == (404, "unknown-key")
    assert await refused(operator.create_key("", ["read"])) == (422, "invalid")


async def test_an_application_hands_a_user_a_narrow_right(connect: Connect, application: Client) -> None:
    job, token = await application.submit_with_token("echo", 1, user_id="anna")
    assert token is not None
    browser = await connect(token)

    assert (await browser.wait(job["job_id"]))["result_data"] == 1
    other = await application.submit("echo", 2, user_id="anna")
    assert await refused(browser.get(other["job_id"])) == (404, "unknown-job")
    assert await refused(browser.submit("echo", 3)) == (403, "forbidden")


async def test_a_submission_by_an_operator_brings_no_token(operator: Client) -> None:
    assert (await operator.submit_with_token("echo", 1))[1] is None


async def test_a_token_is_made_within_the_rights_of_the_key(connect: Connect, application: Client) -> None:
    made = await application.create_token("anna", ["read", "submit:echo"], expires_in=timedelta(minutes=5))
    anna = await connect(made["token"])
    job = await anna.submit("echo", 1)

    assert faults(made, TokenData) == []
    assert (job["user_id"], [each["job_id"] async for each in anna.list()]) == ("anna", [job["job_id"]])
    assert await refused(anna.submit("other")) == (403, "forbidden")
    assert await refused(application.create_token("anna", ["retry"])) == (403, "forbidden")
    assert await refused(application.create_token("anna", expires_in=10**9)) == (422, "invalid")


async def test_everybody_can_ask_who_they_are(connect: Connect, operator: Client, application: Client) -> None:
    token = await application.create_token("anna", job_ids=[(await application.submit("echo"))["job_id"]])
    told = [await client.session() for client in (operator, application, await connect(token["token"]))]

    assert [faults(one, WhoAmI) for one in told] == [[], [], []]
    assert [(one["kind"], one["user_id"]) for one in told] == [
        ("operator", None),
        ("application", None),
        ("user", "anna"),
    ]
    assert [one["via"] for one in told[1:]] == ["key", "token"]


async def test_those_who_are_signed_in_by_a_browser_are_listed_and_signed_out(operator: Client) -> None:
    key = (await operator.create_key("boss", ["admin"]))["key"]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.post(f"{operator.url}/api/v1/session", json={"key": key}) as answer:
            assert answer.status == 201
        (session,) = await operator.sessions()
        assert faults(session, SessionData) == []
        assert (session["key_name"], session["address"]) == ("boss", "127.0.0.1")
        await operator.close_session(session["id"])

        async with browser.get(f"{operator.url}/api/v1/session") as answer:
            assert answer.status == 401
    assert await operator.sessions() == []
    assert await refused(operator.close_session(session["id"])) == (404, "unknown-session")


async def test_the_history_says_who_did_what(application: Client, operator: Client) -> None:
    job = await application.submit("echo", delay=3600)
    await operator.cancel(job["job_id"])
    history = await application.history(job["job_id"])

    assert [faults(act, ActData) for act in history] == [[], []]
    assert [act["action"] for act in history] == ["submitted", "cancelled"]


async def test_a_link_opens_one_file_without_a_token(application: Client) -> None:
    job = await application.wait((await application.submit("echo", "hello"))["job_id"])
    link = await application.link(job["job_id"], "echo it.txt")

    async with aiohttp.ClientSession() as anybody:
        async with anybody.get(link) as answer:
            assert (answer.status, await answer.text()) == (200, "hello")
        async with anybody.get(application.artifact_url(job["job_id"], "echo it.txt")) as answer:
            assert answer.status == 401


async def test_a_watch_goes_on_when_its_key_is_revoked_and_the_function_has_another(
    connect: Connect, operator: Client
) -> None:
    keys = [await operator.create_key(name, ["read", "cancel"]) for name in ("old", "new")]
    given = iter(keys)

    async def next_key() -> str:
        return next(given)["key"]

    watcher, stubborn = await connect(next_key), await connect(keys[0]["key"])
    job = await operator.submit("echo", delay=3600)
    async with aclosing(watcher.watch(job["job_id"])) as states, aclosing(stubborn.watch(job["job_id"])) as others:
        assert [(await anext(each))["status"] for each in (states, others)] == ["queued", "queued"]
        coming = asyncio.ensure_future(anext(states))
        await operator.revoke_key(keys[0]["id"])
        assert await refused(anext(others)) == (401, "unauthorized")
        await operator.cancel(job["job_id"])

        assert (await coming)["status"] == "cancelled"
