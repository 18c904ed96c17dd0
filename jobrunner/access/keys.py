"""API keys: made, found by their text, revoked. The text is shown once; nothing here can bring it back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

import structlog

from jobrunner.access.credential import (
    ID,
    ID_LENGTH,
    SECRET,
    SECRET_LENGTH,
    hash_of,
    matches,
    new_id,
    new_secret,
    use_is_due,
)
from jobrunner.access.scopes import check_text, check_words, tidy
from jobrunner.engine.clock import Clock
from jobrunner.errors import Invalid, UnknownKey
from jobrunner.model.subject import ADMIN, Kind, Subject
from jobrunner.storage.errand import keep
from jobrunner.storage.keys import Key, insert_key, read_keys, revoke_key, use_key
from jobrunner.storage.reader import Reader
from jobrunner.storage.writer import Writer

log = structlog.get_logger("jobrunner.access")

KEY_PREFIX = "jr_"
LATEST = 253_402_300_799_999  # the end of the year 9999
_TEXT = re.compile(rf"{KEY_PREFIX}({ID})_({SECRET})")
_LENGTH = len(KEY_PREFIX) + ID_LENGTH + 1 + SECRET_LENGTH


class Keys:
    """Changes: the keys by id, and the revocations that are on their way to the disk."""

    def __init__(self, clock: Clock, writer: Writer) -> None:
        """Begin without keys; `load` reads them."""
        self._clock = clock
        self._writer = writer
        self._keys: dict[str, Key] = {}
        self._revoking: dict[str, asyncio.Task[None]] = {}

    async def load(self, reader: Reader) -> None:
        """Read the keys that are kept."""
        self._keys = {key.id: key for key in await read_keys(reader)}

    async def create(self, name: str, scopes: Sequence[str], by: str, expires_at: int | None = None) -> tuple[str, Key]:
        """Make a key; return its text, which nobody can see again, and what is kept of it, which is on disk then.

        Raise Invalid for a name, a scope or a time that cannot be, StorageUnavailable when the disk does not take it.
        A caller who goes away leaves a key of which nobody has the text.
        """
        now = self._clock.now()
        check_text(name, "/name")
        check_words(scopes, "/scopes", admin=True)
        if expires_at is not None and not now < expires_at <= LATEST:
            raise Invalid("The key would never be valid.", pointers=[("/expires_in", "must end after now")])
        key_id, secret = new_id(self._keys), new_secret()
        key = Key(key_id, name, tidy(scopes), hash_of(secret), now, by, expires_at)
        await asyncio.shield(asyncio.create_task(self._insert(key)))
        return f"{KEY_PREFIX}{key_id}_{secret}", key

    def find(self, text: str) -> Subject | None:
        """Return who has a key; None for one that is not known, was revoked, or has expired. Take any text at all."""
        found = _TEXT.fullmatch(text) if len(text) == _LENGTH else None
        if found is None:
            return None
        key = self._keys.get(found[1])
        if not matches(found[2], key.hash if key else None) or key is None or not self._is_alive(key):
            return None
        self._note_use(key)
        kind = Kind.OPERATOR if ADMIN in key.scopes else Kind.APPLICATION
        name = f"key:{key.id}"
        return Subject(kind, name, frozenset(key.scopes), expires_at=key.expires_at, credential=name)

    async def revoke(self, key_id: str, by: str) -> Key:
        """Make a key worthless: at once here, and on disk when this returns; again changes nothing.

        Raise UnknownKey; raise StorageUnavailable when the disk does not take it, and then the key is good again, as
        it would be after a restart.
        """
        key = self.get(key_id)
        if key.revoked_at is None:
            self._keys[key_id] = replace(key, revoked_at=self._clock.now())
            self._revoking[key_id] = asyncio.create_task(self._revoke(self._keys[key_id], by))
        if key_id in self._revoking:
            await asyncio.shield(self._revoking[key_id])
        return self._keys[key_id]

    def get(self, key_id: str) -> Key:
        """Return a key; raise UnknownKey."""
        if key_id not in self._keys:
            raise UnknownKey("There is no API key of this id.")
        return self._keys[key_id]

    def alive(self, key_id: str) -> bool:
        """Tell whether a key is still good."""
        key = self._keys.get(key_id)
        return key is not None and self._is_alive(key)

    def all(self) -> list[Key]:
        """Return all keys, the revoked and expired ones too, in the order in which they were made."""
        return list(self._keys.values())

    def _is_alive(self, key: Key) -> bool:
        return key.revoked_at is None and (key.expires_at is None or self._clock.now() < key.expires_at)

    async def _insert(self, key: Key) -> None:
        await keep(self._writer, insert_key(key))
        self._keys[key.id] = key
        log.info("key.created", id=key.id, name=key.name, scopes=key.scopes, by=key.created_by)

    async def _revoke(self, key: Key, by: str) -> None:
        try:
            await keep(self._writer, revoke_key(key.id, key.revoked_at or 0))
        except Exception:
            self._keys[key.id] = replace(self._keys[key.id], revoked_at=None)
            raise
        finally:
            del self._revoking[key.id]
        log.info("key.revoked", id=key.id, name=key.name, scopes=key.scopes, by=by)

    def _note_use(self, key: Key) -> None:
        now = self._clock.now()
        if use_is_due(key.last_used_at, now):
            self._keys[key.id] = replace(key, last_used_at=now)
            keep(self._writer, use_key(key.id, now)).add_done_callback(lambda done: _say_unless_noted(key.id, done))


def _say_unless_noted(key_id: str, done: asyncio.Future[None]) -> None:
    error = None if done.cancelled() else done.exception()
    if error is not None:
        log.warning("key.use_was_not_noted", id=key_id, error=str(error))
