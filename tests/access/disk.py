"""A disk that takes nothing, and a writer that is held up: for what has to be durable before it counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.storage.store import Store


@asynccontextmanager
async def refusing(store: Store) -> AsyncIterator[None]:
    """Let the database refuse every change for a block."""
    await _pragma(store, "query_only = on")
    yield
    await _pragma(store, "query_only = off")


@asynccontextmanager
async def held_up(store: Store) -> AsyncIterator[asyncio.Event]:
    """Let the writer wait for a block, or until the event is set; after it all that was asked for is done."""
    begun, free = asyncio.Event(), asyncio.Event()

    async def errand(_connection: Any) -> None:
        begun.set()
        await free.wait()

    store.writer.between(errand, lambda _error: None)
    await begun.wait()
    yield free
    free.set()
    await settled(store)


async def settled(store: Store) -> None:
    """Wait until the writer has done what it was given, and those who wait for it were told."""

    async def errand(_connection: Any) -> None:
        """Do nothing."""

    await store.run(errand)
    for _ in range(5):  # from the future to the task to the caller
        await asyncio.sleep(0)


async def _pragma(store: Store, setting: str) -> None:
    async def errand(connection: Any) -> None:
        await connection.execute_fetchall(f"PRAGMA {setting}")

    await store.run(errand)
