"""Keys and tokens of a data directory that no server has open: so the first key is made before the first start.

It holds the lock meanwhile, so that no server and no second command can come in between. The words are the client's.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jobrunner.access.claims import CONSOLE
from jobrunner.access.keys import Keys
from jobrunner.access.tokens import Tokens
from jobrunner.config import AuthSettings, Settings
from jobrunner.engine.clock import SystemClock
from jobrunner.errors import Invalid
from jobrunner.logs import configure
from jobrunner.storage.database import open_database
from jobrunner.storage.reader import Reader
from jobrunner.storage.secret import own_secret
from jobrunner.storage.writer import Writer
from jobrunner.web.api_keys import key_view
from jobrunner.web.moment import certain
from jobrunner.wire import KeyData, NewKeyData, TokenData


class Offline:
    """What can be done without a server."""

    def __init__(self, settings: Settings, keys: Keys, clock: SystemClock) -> None:
        self.directory: Path = settings.storage.data_dir
        self._auth, self._keys, self._clock = settings.auth, keys, clock

    async def keys(self) -> Sequence[KeyData]:
        """Return the API keys, the revoked ones too."""
        return [key_view(key) for key in self._keys.all()]

    async def create_key(self, name: str, scopes: Sequence[str], expires_in: float | None = None) -> NewKeyData:
        """Make an API key; its text is in this answer and nowhere else."""
        expires_at = None if expires_in is None else self._clock.now() + math.ceil(expires_in) * 1000
        made, key = await self._keys.create(name, scopes, CONSOLE, expires_at)
        return {**key_view(key), "key": made}

    async def revoke_key(self, key_id: str) -> KeyData:
        """Revoke an API key."""
        return key_view(await self._keys.revoke(key_id, CONSOLE))

    async def create_token(
        self, user_id: str, allow: Sequence[str], job_ids: Sequence[str] | None, expires_in: float
    ) -> TokenData:
        """Make a token for a user; the server will know it by the secret of the data directory."""
        longest_s = (self._auth or AuthSettings()).token_ttl.total_seconds()
        if expires_in > longest_s:
            raise Invalid("The token is too long.", pointers=[("/expires_in", f"at most {longest_s:.0f} seconds")])
        tokens = Tokens(self._clock, own_secret(self.directory), self._auth, None)
        made, expires_at = tokens.issue(
            user_id=user_id, allow=allow, job_ids=job_ids, expires_in_s=math.ceil(expires_in)
        )
        return {"token": made, "expires_at": certain(expires_at)}


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Offline]:
    """Open the data directory, made if need be; raise DataDirLocked when a server has it."""
    configure(level="warning")
    database = await open_database(settings.storage.data_dir, settings.storage.synchronous)
    database.lock.describe(f"a command, process {os.getpid()}")
    writer = Writer(database.writing, database.head, database.marker)
    writer.start(_ending(asyncio.current_task()))
    try:
        keys = Keys(clock := SystemClock(), writer)
        await keys.load(Reader(database.reading, writer))
        yield Offline(settings, keys, clock)
    finally:
        clean = await writer.close()
        # After a crash the next server has to find that there was one: it judges the jobs that were running by it.
        await database.close(clean=clean and not database.crashed)


def _ending(task: asyncio.Task[Any] | None) -> Callable[[BaseException], None]:
    """End the command with the writer, without which nothing would ever be answered."""

    def died(_error: BaseException) -> None:
        if task is not None:
            task.cancel()

    return died
