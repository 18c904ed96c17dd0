"""Keys, sessions and tokens on a data directory of their own and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from jobrunner.access.keys import Keys
from jobrunner.access.sessions import Sessions
from tests.clock import ManualClock
from tests.storage.store import Store, opened

TTL = timedelta(hours=12)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(tmp_path / "data") as one:
        yield one


@pytest.fixture
def keys(clock: ManualClock, store: Store) -> Keys:
    return Keys(clock, store.writer)


@pytest.fixture
def sessions(clock: ManualClock, store: Store, keys: Keys) -> Sessions:
    return Sessions(clock, store.writer, keys, TTL)
