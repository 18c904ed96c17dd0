"""A server that breaks on command, and a client that does not really sleep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from jobrunner.client import Client
from tests.client.faulty import Faulty, faulty
from tests.web.conftest import serve

__all__ = ["serve"]


class Naps:
    """Sleeps that take no time and are remembered."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, delay_s: float) -> None:
        self.taken.append(delay_s)
        await asyncio.sleep(0)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
async def server() -> AsyncIterator[Faulty]:
    async with faulty() as running:
        yield running


@pytest.fixture
async def client(server: Faulty, naps: Naps) -> AsyncIterator[Client]:
    async with Client(server.url, timeout=5, silence_s=0.1, sleep=naps) as connected:
        yield connected
