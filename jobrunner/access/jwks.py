"""The public keys of an identity provider: from a file or from an address, kept, and looked at again when it is time.

When they cannot be had, those from before stay: an identity provider that is down must not lock everybody out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from jobrunner.access.jwk_set import PublicKey, choose, read_set
from jobrunner.config import AuthSettings
from jobrunner.engine.clock import Clock
from jobrunner.errors import ConfigError

log = structlog.get_logger("jobrunner.access")

FRESH_S = 600.0
PAUSE_S = 30.0  # between two attempts, whatever tokens ask for: anybody can make up a key id
PATIENCE_S = 5.0
LARGEST = 262_144
HEADERS = {"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}


class Source(Protocol):
    """Where a set of keys comes from."""

    name: str

    def is_due(self) -> bool:
        """Tell whether the set has to be loaded before it is used."""

    def may_load(self) -> bool:
        """Tell whether it makes sense to look for a key that is not in the set."""

    async def load(self) -> bytes:
        """Return the set as it is now; raise OSError (a TimeoutError is one), ValueError or ClientError."""

    def loaded(self) -> None:
        """Note that the set was good."""


class Jwks:
    """Changes: the keys, and the load that is under way."""

    def __init__(self, source: Source, keys: Sequence[PublicKey] = ()) -> None:
        """Begin with some keys; `Jwks.of` is the way to one."""
        self._source = source
        self._keys = keys
        self._loading: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, settings: AuthSettings, clock: Clock) -> Self | None:
        """Return the keys that the settings name, None when they name none; raise ConfigError for a file of no keys."""
        if settings.jwks_url is not None:
            return cls(Address(settings.jwks_url, clock))
        if settings.jwks_file is None:
            return None
        file = File(settings.jwks_file)
        try:
            return cls(file, read_set(file.read())[0])
        except (OSError, ValueError) as error:
            raise ConfigError("auth.jwks_file", f"{file.name} holds no keys: {error}") from error

    async def key(self, kid: str | None, alg: str) -> Any | None:
        """Return the public key for a token that names `kid` and is signed by `alg`, None when there is none."""
        if self._source.is_due():
            await self._load_once()
        found = choose(self._keys, kid, alg)
        if found is None:
            await self._load_once()
            found = choose(self._keys, kid, alg)
        return found

    async def close(self) -> None:
        """Stop what is under way."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)

    async def _load_once(self) -> None:
        if self._loading is None and self._source.may_load():
            self._loading = asyncio.create_task(self._load())
            self._loading.add_done_callback(self._end)
        if self._loading is not None:
            await asyncio.wait([self._loading])

    def _end(self, _task: asyncio.Task[None]) -> None:
        self._loading = None

    async def _load(self) -> None:
        try:
            keys, unusable = read_set(await self._source.load())
        except (OSError, ValueError, ClientError) as error:
            log.warning("jwks.load_failed", source=self._source.name, error=str(error) or type(error).__name__)
            return
        self._source.loaded()
        self._keys = keys
        log.info("jwks.loaded", source=self._source.name, keys=len(keys), unusable=unusable)


class File:
    """A file that may be replaced while it is used. Changes: what it looked like when it was last read."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self.name = str(path)
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    def is_due(self) -> bool:
        """Tell whether the file has changed, good or not, since it was last read."""
        return self._look() != self._seen

    may_load = is_due

    async def load(self) -> bytes:
        """Return what is in the file."""
        return self.read()  # a quarter of a megabyte at most, and only when it has changed

    def read(self) -> bytes:
        """Return what is in the file; raise OSError or ValueError."""
        self._seen = self._look()
        with self._path.open("rb") as file:
            return _bounded(file.read(LARGEST + 1))

    def loaded(self) -> None:
        """Do nothing: that it was read is noted before it is."""

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


class Address:
    """A URL. Changes: when it was last asked, and when it last answered with a set."""

    def __init__(self, url: str, clock: Clock) -> None:
        """Ask for nothing yet."""
        self.name = url
        self._clock = clock
        self._asked_at: float | None = None
        self._loaded_at: float | None = None

    def is_due(self) -> bool:
        """Tell whether the set has its time behind it."""
        return self._loaded_at is None or self._clock.monotonic() - self._loaded_at >= FRESH_S

    def may_load(self) -> bool:
        """Tell whether the last attempt is long enough ago, however it ended."""
        return self._asked_at is None or self._clock.monotonic() - self._asked_at >= PAUSE_S

    async def load(self) -> bytes:
        """Fetch the set, by no redirect: who may answer for the identity provider is what the setting says."""
        self._asked_at = self._clock.monotonic()
        timeout = ClientTimeout(total=PATIENCE_S)
        # Not decompressed either: what is measured is what arrives.
        async with (
            ClientSession(timeout=timeout, cookie_jar=DummyCookieJar(), auto_decompress=False) as session,
            session.get(self.name, headers=HEADERS, allow_redirects=False) as answer,
        ):
            if answer.status != 200:  # noqa: PLR2004 - OK, in the words of HTTP
                raise ValueError(f"it was answered with the status {answer.status}")
            found = bytearray()
            while len(found) <= LARGEST and (chunk := await answer.content.readany()):
                found += chunk
            return _bounded(bytes(found))

    def loaded(self) -> None:
        """Begin the time of the set."""
        self._loaded_at = self._clock.monotonic()


def _bounded(text: bytes) -> bytes:
    if len(text) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST} bytes")
    return text
