"""Pages and pictures from the network, or those that are shipped. No address of a user's may lead into our own network.

Addresses of private networks and of this machine are refused, but for the shipped product, which this server may serve
itself. What an address leads to is looked at when it is connected to, so that no name can be changed in between.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from pathlib import Path

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector, ThreadedResolver
from aiohttp.abc import ResolveResult
from yarl import URL

from jobrunner import JobError

SHIPPED = Path(__file__).parent
_FILES = ("product.html", "halo.png")
_OWN = tuple(f"/examples/ads/{name}" for name in _FILES)
_LIMIT = 5_000_000
_TIMEOUT = ClientTimeout(total=20)


class _Public(ThreadedResolver):
    """Leads to addresses of the public network alone."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        for one in found:
            if not ipaddress.ip_address(one["host"]).is_global:
                raise JobError("FETCH_REFUSED", f"{host} leads into a private network.", retryable=False)
        return found


async def fetch(address: str) -> bytes:
    """Return what lies at an http(s) address, or the shipped file of this name; raise JobError FETCH_ERROR."""
    if "://" not in address:
        return await asyncio.to_thread(_shipped, address)
    url = URL(address)
    own = url.raw_path.endswith(_OWN)
    if url.scheme not in {"http", "https"} or not (own or _is_public(url.host or "")):
        raise JobError("FETCH_REFUSED", f"Addresses such as {address} are not fetched.", retryable=False)
    try:
        async with (
            TCPConnector(resolver=None if own else _Public()) as connector,
            ClientSession(connector=connector, timeout=_TIMEOUT) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:  # noqa: PLR2004
                raise JobError("FETCH_ERROR", f"{address} answered with {answer.status} {answer.reason}.")
            return await _read(answer)
    except (ClientError, OSError, TimeoutError) as error:
        why = getattr(error, "os_error", error)  # aiohttp says more around it than people want to know
        raise JobError("FETCH_ERROR", f"{address} could not be fetched: {str(why) or 'no answer in time'}.") from error


async def _read(answer: ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_chunked(65_536):
        body += piece
        if len(body) > _LIMIT:
            raise JobError("FETCH_REFUSED", f"{answer.url} is larger than {_LIMIT:,} bytes.", retryable=False)
    return bytes(body)


def _shipped(name: str) -> bytes:
    if name not in _FILES:
        raise JobError("FETCH_REFUSED", f"There is no {name} here, and it is no address.", retryable=False)
    return (SHIPPED / name).read_bytes()


def _is_public(host: str) -> bool:
    """Tell whether a host is a name, which is looked at when it is resolved, or a public address."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return bool(host)
