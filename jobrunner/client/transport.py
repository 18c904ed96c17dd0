"""HTTP to one server: makes calls, makes them again when that may help, and maps what goes wrong to our errors.

The only home of aiohttp's errors: above it there are `Unreachable` and `Problem`. Must never know what a job is.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, NamedTuple, Self, TypeVar

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from jobrunner.client.call import API, Call
from jobrunner.client.credential import HEADER, Credential, Token
from jobrunner.client.patience import Passing, Patience, passes
from jobrunner.client.problem import problem_from
from jobrunner.errors import ClientError, Problem, Unreachable

Sleep = Callable[[float], Awaitable[object]]
T = TypeVar("T")
_NO_CONTENT, _UNAUTHORIZED = 204, 401
_NOT_AN_ANSWER = 300  # and above; redirects are not followed: they turn a POST into a GET


class Answer(NamedTuple):
    """The JSON of an answer, None when it has no content, and its headers."""

    content: Any
    headers: Mapping[str, str]


class Transport:
    """Speak to one server over one session. `timeout_s` bounds each silence, never a whole answer."""

    def __init__(self, url: str, *, token: Token | None, timeout_s: float, sleep: Sleep) -> None:
        self.url = _checked(url)
        self.sleep = sleep
        self._timeout_s = timeout_s
        self._credential = Credential(token)
        self._session: aiohttp.ClientSession | None = None  # mutable: while open

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0)  # a watcher holds a connection: with a limit the next call would hang
        self._session = aiohttp.ClientSession(connector=connector, auto_decompress=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def address(self, path: str, below: str = API) -> str:
        """Return the full address of a path below the API, or below another path."""
        return f"{self.url}{below}{path}"

    def absolute(self, reference: str) -> str:
        """Return the full address of what the server names by a path."""
        return str(URL(self.url).join(URL(reference, encoded=True)))

    async def json(self, call: Call, *, passing: Passing = passes) -> Any:
        """Make the call, repeat it with patience after what passes, and return the JSON of its answer."""
        return (await self.answer(call, passing=passing)).content

    async def answer(self, call: Call, *, passing: Passing = passes) -> Answer:
        """Do the same, and return the headers too."""

        async def once() -> Answer:
            async with self.open(call) as response:
                return Answer(await self.content(response), response.headers)

        return await self.patiently(once, Patience(passing=passing))

    async def patiently(self, attempt: Callable[[], Awaitable[T]], patience: Patience) -> T:
        """Try, and try again for as long as patience says; raise the last error."""
        while True:
            try:
                return await attempt()
            except ClientError as error:
                delay_s = patience.delay_s(error)
            await self.sleep(delay_s)

    @asynccontextmanager
    async def open(self, call: Call, *, silence_s: float | None = None) -> AsyncIterator[aiohttp.ClientResponse]:
        """Make the call once and give its answer. Raises Problem when that is a refusal, Unreachable when it is cut.

        A token that is refused is renewed, if it can be, and the call made once more.
        """
        async with self._sent(call, silence_s) as response:
            if not await self._is_to_be_repeated(response):
                yield await _accepted(response)
                return
        async with self._sent(call, silence_s) as response:
            yield await _accepted(response)

    async def renew(self, response: aiohttp.ClientResponse) -> bool:
        """Get another token than the one that this answers; say whether there is another."""
        return await self._credential.renew(response.request_info.headers.get(HEADER))

    async def content(self, response: aiohttp.ClientResponse) -> Any:
        """Read the JSON of an answer."""
        if response.status == _NO_CONTENT:
            return None
        if not response.content_type.endswith("json"):
            raise self.not_jobrunner(response)
        return await response.json(content_type=None)

    def not_jobrunner(self, response: aiohttp.ClientResponse) -> Unreachable:
        """Say that somebody else answers at this address."""
        return Unreachable(f"what answers at {self.url} is no jobrunner: it answers with {response.content_type}")

    async def _is_to_be_repeated(self, response: aiohttp.ClientResponse) -> bool:
        return response.status == _UNAUTHORIZED and await self.renew(response)

    @asynccontextmanager
    async def _sent(self, call: Call, silence_s: float | None) -> AsyncIterator[aiohttp.ClientResponse]:
        with _reached(self.url), call.body() as body:
            headers = {**call.headers, **await self._credential.header()}
            async with self._request(call, body, headers, silence_s or self._timeout_s) as response:
                yield response

    def _request(
        self, call: Call, body: Any, headers: Mapping[str, str], silence_s: float
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        if self._session is None:
            raise RuntimeError("use the client inside `async with Client() as client:`")
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._timeout_s, sock_read=silence_s)
        address = URL(self.address(call.path, call.below), encoded=True)
        if call.params:
            address = address.with_query(list(call.params))
        return self._session.request(
            call.method, address, data=body, headers=headers, timeout=timeout, allow_redirects=False
        )


async def _accepted(response: aiohttp.ClientResponse) -> aiohttp.ClientResponse:
    if response.status >= _NOT_AN_ANSWER:
        raise await problem_from(response)
    return response


@contextmanager
def _reached(url: str) -> Iterator[None]:
    try:
        yield
    except aiohttp.ClientError as error:
        _forget_headers(error)
        raise Unreachable(f"no server answers at {url} ({_reason(error)})") from error


def _forget_headers(error: aiohttp.ClientError) -> None:
    """Take the token out of an error that would show what was sent: its repr names every header."""
    if isinstance(error, aiohttp.ClientResponseError):
        error.request_info = error.request_info._replace(headers=CIMultiDictProxy(CIMultiDict()))
        error.args = (error.request_info, error.history)


def was_not_done(error: ClientError) -> bool:
    """Say whether a call that failed certainly changed nothing: it reached nobody, or nobody would begin with it."""
    if isinstance(error, Problem):
        return error.code in {"overloaded", "rate-limited", "shutting-down"}
    return isinstance(error.__cause__, aiohttp.ClientConnectorError)


def _checked(url: str) -> str:
    """Return the address without its last slash; raise ValueError when it is none."""
    parsed = URL(url)
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.query_string or parsed.fragment:
        raise ValueError(f"{url!r} is no address of a server; one looks like http://127.0.0.1:8080")
    return url.rstrip("/")


def _reason(error: aiohttp.ClientError) -> str:
    """Say in the words of the system why it failed."""
    if isinstance(error, aiohttp.ServerTimeoutError):
        return "it was silent for too long"
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError):
        return "the connection broke"
    cause = getattr(error, "os_error", error)
    if isinstance(cause, OSError) and cause.errno is not None and cause.errno > 0:
        return os.strerror(cause.errno)
    return str(cause) or type(error).__name__
