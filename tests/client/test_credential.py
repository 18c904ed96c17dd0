"""A client shows its token to its server and to nobody else, and gets another one when it is refused."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from jobrunner.client import Client, Connection
from jobrunner.client.credential import Token
from jobrunner.errors import JobrunnerError, Problem, Unreachable
from tests.client.conftest import Naps
from tests.client.faulty import ID, JOB, Faulty, cut, event, faulty, job, refuse, reply, state, stream

TYPES, EVENTS = "GET /api/v1/types", f"GET {JOB}/events"
REFUSED = refuse(401, "unauthorized")
CANARY = "jr_canary01_9Xq3vTz7LmPp4RkW8sYbNd2FhGc5JtAe6UoQiMxKrVS"


class Source:
    """Returns one token after the other; the last one stays."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.asked = 0

    async def __call__(self) -> str:
        self.asked += 1
        await asyncio.sleep(0)
        return self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]


Connect = Callable[[Token | None], Awaitable[Client]]


@pytest.fixture
async def connect(server: Faulty, naps: Naps) -> AsyncIterator[Connect]:
    opened: list[Client] = []

    async def connect_one(token: Token | None) -> Client:
        opened.append(await Client(server.url, token=token, timeout=5, silence_s=5, sleep=naps).__aenter__())
        return opened[-1]

    yield connect_one
    for client in opened:
        await client.__aexit__()


def shown(server: Faulty) -> list[str | None]:
    return [asked.headers.get("Authorization") for asked in server.asked]


async def test_a_token_is_shown_with_every_call(server: Faulty, connect: Connect) -> None:
    server.on(TYPES, reply({"types": []}))
    for token in ("one", None, "", Source("two")):
        client = await connect(token)
        await client.types()
        await client.types()

    assert shown(server) == [*["Bearer one"] * 2, *[None] * 4, *["Bearer two"] * 2]


async def test_a_function_is_asked_once_and_again_when_its_token_is_refused(server: Faulty, connect: Connect) -> None:
    server.on(TYPES, reply({"types": []}), REFUSED, reply({"types": []}))
    client = await connect(source := Source("one", "two", "three"))
    for _ in range(3):
        await client.types()

    assert shown(server) == ["Bearer one", "Bearer one", "Bearer two", "Bearer two"]
    assert source.asked == 2


@pytest.mark.parametrize(
    ("token", "times"), [("one", 1), (Source("one"), 1), (Source("one", "two"), 2), (Source("one", "two", "three"), 2)]
)
async def test_a_token_that_is_refused_for_good_is_a_problem(
    server: Faulty, connect: Connect, token: Token, times: int
) -> None:
    server.on(TYPES, REFUSED)
    client = await connect(token)

    with pytest.raises(Problem) as caught:
        await client.types()
    assert (caught.value.status, caught.value.code, len(server.asked)) == (401, "unauthorized", times)


async def test_many_calls_that_are_refused_at_once_get_one_new_token(server: Faulty, connect: Connect) -> None:
    async def only_two(request: web.Request) -> web.StreamResponse:
        is_new = request.headers["Authorization"] == "Bearer two"
        return await (reply({"types": []}) if is_new else REFUSED)(request)

    server.on(TYPES, only_two)
    client = await connect(source := Source("one", "two", "three"))
    await asyncio.gather(*(client.types() for _ in range(20)))

    assert source.asked == 2


async def test_a_submission_that_was_refused_goes_with_its_files_again_under_the_same_key(
    server: Faulty, connect: Connect
) -> None:
    bodies: list[bytes] = []

    async def take(request: web.Request) -> web.StreamResponse:
        bodies.append(await request.read())
        return await (REFUSED if len(bodies) == 1 else reply(job(), 202, **{"Jobrunner-Token": "narrow"}))(request)

    server.on("POST /api/v1/jobs", take)
    client = await connect(Source("one", "two"))
    _, token = await client.submit_with_token("data_story", files={"file": b"a;b\n" * 9})

    assert token == "narrow"
    assert len({asked.headers["Idempotency-Key"] for asked in server.asked}) == 1
    assert [body.count(b"a;b\n") for body in bodies] == [9, 9]


async def test_a_watch_whose_right_has_ended_goes_on_from_its_cursor_with_another_token(
    server: Faulty, connect: Connect
) -> None:
    said: list[Connection] = []
    server.on(
        EVENTS,
        stream(state(job(number=2)), event("expired", {}), then="silent"),
        stream(state(job("completed", 5))),
    )
    client = await connect(Source("one", "two"))

    assert [seen["cursor"] async for seen in client.watch(ID, told=said.append)] == ["9f3c-2", "9f3c-5"]
    assert shown(server) == ["Bearer one", "Bearer two"]
    assert server.asked[1].query == {"after": "9f3c-2"}
    assert [one.reason for one in said if not one.live] == ["the right to read it has ended"]


async def test_a_watch_whose_token_cannot_be_renewed_ends_with_what_the_server_says(
    server: Faulty, connect: Connect
) -> None:
    server.on(EVENTS, stream(state(job(number=2)), event("expired", {}), then="silent"), REFUSED)
    client = await connect("one")
    states = client.watch(ID)

    assert (await anext(states))["cursor"] == "9f3c-2"
    with pytest.raises(Problem) as caught:
        await anext(states)
    assert caught.value.status == 401


async def test_a_followed_log_outlives_its_token(server: Faulty, connect: Connect) -> None:
    lines = [{"n": n, "at": "", "stream": "log", "level": "info", "text": ""} for n in (1, 2)]
    first = stream(event("log", lines[0]), event("expired", {}), then="silent")
    server.on(f"GET {JOB}/logs", first, stream(event("log", lines[1]), event("end", {})))
    client = await connect(Source("one", "two"))

    assert [line["n"] async for line in client.logs(ID, follow=True)] == [1, 2]
    assert shown(server) == ["Bearer one", "Bearer two"]


async def test_a_key_that_may_have_been_made_is_not_asked_for_again(server: Faulty, connect: Connect) -> None:
    server.on("POST /api/v1/keys", refuse(429, "rate-limited"), refuse(503, "shutting-down"), cut())
    client = await connect("one")

    with pytest.raises(Unreachable):
        await client.create_key("shop", ["read"])
    assert len(server.asked) == 3


@asynccontextmanager
async def gibberish() -> AsyncIterator[str]:
    """Serve what is not HTTP."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def told_by(error: BaseException) -> str:
    """Write all that an error and what is behind it say of themselves."""
    own = "".join(f"{one!r} {one} {one.args!r} {vars(one)!r}" for one in chain(error))
    return own + "".join(traceback.format_exception(error))


async def errors_of(url: str, naps: Naps) -> JobrunnerError:
    async with Client(url, token=CANARY, timeout=5, sleep=naps) as client:
        assert "canary01" not in repr(client) + repr(vars(client))
        with pytest.raises(JobrunnerError) as caught:
            await client.types()
        return caught.value


async def test_no_error_holds_the_token(server: Faulty, naps: Naps) -> None:
    async with faulty() as gone:
        nowhere = gone.url
    for answer in (REFUSED, cut()):
        server.on(TYPES, answer)
        assert "canary01" not in told_by(await errors_of(server.url, naps))
    assert "canary01" not in told_by(await errors_of(nowhere, naps))


async def test_no_error_about_gibberish_holds_the_token(naps: Naps) -> None:
    async with gibberish() as url:
        error = await errors_of(url, naps)

    assert isinstance(error, Unreachable)
    assert error.__cause__ is not None
    assert "canary01" not in told_by(error)


@pytest.mark.parametrize("token", [f"{CANARY} ", f"{CANARY}\r\nX-Evil: 1", f"Bearer {CANARY}", f"{CANARY}é"])
async def test_what_can_be_no_token_is_refused_without_being_named(token: str) -> None:
    with pytest.raises(ValueError, match="is none") as caught:
        Client(token=token)
    assert "canary01" not in told_by(caught.value)
