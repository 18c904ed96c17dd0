"""Calls to services of others over HTTP: bounded in time and in size, and never redirected.

What is called is what the configuration says: no proxy of the environment, no cookie, no other host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerDisconnectedError,
    TCPConnector,
)

CONNECT_S = 10.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unanswered(Exception):
    """No whole answer came; `heard` tells whether the other side may have got the request."""

    def __init__(self, why: str, *, heard: bool) -> None:
        """Say why, for people."""
        super().__init__(why)
        self.heard = heard


class Calls:
    """Changes: the connections, which are opened with the first call."""

    def __init__(self) -> None:
        """Begin without connections."""
        self._session: ClientSession | None = None

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, most: int, total_s: float
    ) -> Reply:
        """Return the answer; raise Unanswered for none in time, or one of more than `most` bytes.

        A request that died with an old connection is repeated, so each has to be one that may be.
        """
        try:
            try:
                return await self._try(method, url, headers, body, most, total_s)
            except (ServerDisconnectedError, ConnectionResetError):
                return await self._try(method, url, headers, body, most, total_s)
        except ClientConnectorError as error:
            raise Unanswered(f"cannot be reached: {error.strerror or error}", heard=False) from None
        except TimeoutError:
            raise Unanswered("did not answer in time", heard=True) from None
        except (ClientError, OSError, ValueError) as error:
            raise Unanswered(f"broke off: {error or type(error).__name__}", heard=True) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _try(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, most: int, total_s: float
    ) -> Reply:
        if self._session is None:
            # As many connections as there are attempts; not decompressed, so that what arrives is what is measured.
            self._session = ClientSession(
                connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar(), auto_decompress=False
            )
        given = {"Accept": "application/json, application/problem+json", "Accept-Encoding": "identity", **headers}
        timeout = ClientTimeout(total=total_s, sock_connect=CONNECT_S)
        async with self._session.request(
            method,
            url,
            data=None if body is None else BytesIO(body),
            headers=given,
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            found = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, found, await _read(response, most))


async def _read(response: ClientResponse, most: int) -> bytes:
    found = bytearray()
    while chunk := await response.content.readany():
        found += chunk
        if len(found) > most:
            raise ValueError(f"more than {most} bytes were answered")
    return bytes(found)
