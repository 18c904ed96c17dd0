"""What keys and sessions are made of: an id that may be seen, and a secret of which only a hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Container

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32: nothing that looks like something else
ID = rf"[{ALPHABET}]{{8}}"
SECRET = r"[A-Za-z0-9_-]{43}"  # noqa: S105 - the shape of one: 32 bytes as base64url
ID_LENGTH, SECRET_LENGTH = 8, 43
USE_NOTED_EVERY_MS = 60_000
_NOTHING = bytes(32)


def new_id(taken: Container[str]) -> str:
    """Return an id that nobody has."""
    while True:
        found = "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
        if found not in taken:
            return found


def new_secret() -> str:
    """Return 32 random bytes as text."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret.

    One round of SHA-256 is enough: slow hashes are for what people think up, and 256 random bits cannot be guessed
    however fast each guess is. So a wrong key costs the server microseconds, and nobody has to be locked out.
    """
    return hashlib.sha256(secret.encode()).digest()


def matches(secret: str, kept: bytes | None) -> bool:
    """Tell whether a secret is the one that was kept, at the same cost when there is none."""
    return hmac.compare_digest(hash_of(secret), kept or _NOTHING) and kept is not None


def use_is_due(noted_at: int | None, now: int) -> bool:
    """Tell whether a use is to be noted again; a clock that was set back does not put it off."""
    return noted_at is None or not 0 <= now - noted_at < USE_NOTED_EVERY_MS
