"""API keys and the sessions opened with them, as they are kept: only the SHA-256 of a secret, never the secret."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jobrunner.storage.errand import errand_of
from jobrunner.storage.reader import Reader
from jobrunner.storage.rows import dumps
from jobrunner.storage.writer import Errand

KEY_COLUMNS = "id, name, scopes, hash, created_at, created_by, expires_at, last_used_at, revoked_at"
SESSION_COLUMNS = "id, key_id, hash, address, created_at, expires_at, last_used_at"
INSERT_KEY = f"INSERT INTO keys ({KEY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
REVOKE_KEY = "UPDATE keys SET revoked_at = ? WHERE id = ?"
USE_KEY = "UPDATE keys SET last_used_at = ? WHERE id = ?"
INSERT_SESSION = f"INSERT INTO sessions ({SESSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
DELETE_SESSION = "DELETE FROM sessions WHERE id = ?"
DELETE_EXPIRED = "DELETE FROM sessions WHERE expires_at <= ?"
USE_SESSION = "UPDATE sessions SET last_used_at = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Key:
    """An API key. Times are in milliseconds; `hash` is the SHA-256 of the secret part of its text."""

    id: str
    name: str
    scopes: tuple[str, ...]
    hash: bytes = field(repr=False)
    created_at: int
    created_by: str
    expires_at: int | None = None
    last_used_at: int | None = None
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """An operator who is signed in by a browser. Times are in milliseconds; `hash` is as in Key."""

    id: str
    key_id: str
    hash: bytes = field(repr=False)
    address: str
    created_at: int
    expires_at: int
    last_used_at: int


def insert_key(key: Key) -> Errand:
    """Return the errand that keeps a new key."""
    return errand_of((INSERT_KEY, (
        key.id, key.name, dumps(list(key.scopes)), key.hash, key.created_at, key.created_by,
        key.expires_at, key.last_used_at, key.revoked_at,
    )))  # fmt: skip


def revoke_key(key_id: str, at: int) -> Errand:
    """Return the errand that revokes a key."""
    return errand_of((REVOKE_KEY, (at, key_id)))


def use_key(key_id: str, at: int) -> Errand:
    """Return the errand that notes when a key was last used."""
    return errand_of((USE_KEY, (at, key_id)))


def insert_session(session: Session) -> Errand:
    """Return the errand that keeps a new session and deletes those whose time is over."""
    return errand_of((DELETE_EXPIRED, (session.created_at,)), (INSERT_SESSION, (
        session.id, session.key_id, session.hash, session.address,
        session.created_at, session.expires_at, session.last_used_at,
    )))  # fmt: skip


def delete_session(session_id: str) -> Errand:
    """Return the errand that deletes a session."""
    return errand_of((DELETE_SESSION, (session_id,)))


def use_session(session_id: str, at: int) -> Errand:
    """Return the errand that notes when a session was last used."""
    return errand_of((USE_SESSION, (at, session_id)))


async def read_keys(reader: Reader) -> list[Key]:
    """Return all keys, the revoked and expired ones too, in the order in which they were made."""
    rows = await reader._rows(f"SELECT {KEY_COLUMNS} FROM keys ORDER BY created_at, id")  # noqa: SLF001 - the same room
    return [_key(row) for row in rows]


async def read_sessions(reader: Reader) -> list[Session]:
    """Return all sessions that are kept, in the order in which they were opened."""
    rows = await reader._rows(f"SELECT {SESSION_COLUMNS} FROM sessions ORDER BY created_at, id")  # noqa: SLF001 - the same room
    return [Session(*row) for row in rows]


def _key(row: Sequence[Any]) -> Key:
    key_id, name, scopes, *rest = row
    return Key(key_id, name, tuple(json.loads(scopes)), *rest)
