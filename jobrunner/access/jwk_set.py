"""A set of public keys as an identity provider publishes it (RFC 7517). Reads it; knows nothing of where it lies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

# What a public key is made of, by its kind. Nothing else is handed on: a private key in the set is used as its public
# half, and `oct`, a secret that everybody can read, is not used at all.
PARTS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
BY_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
READ_BY = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}  # each reads all keys of its kind


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key of a set; `algorithm` is the only one it is good for, where the set says so."""

    kid: str | None
    kind: str
    curve: str | None
    algorithm: str | None
    key: Any

    def fits(self, algorithm: str) -> bool:
        """Tell whether a signature by an algorithm can be checked with the key."""
        if self.algorithm not in (None, algorithm):
            return False
        if self.kind == "EC":
            return self.curve is not None and self.curve == CURVES.get(algorithm)
        return algorithm == "EdDSA" if self.kind == "OKP" else algorithm in BY_RSA


def read_set(text: bytes) -> tuple[Sequence[PublicKey], int]:
    """Return the keys of a set, and how many of its entries cannot be used; raise ValueError for what is no set."""
    try:
        document = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("it is no JSON object with a list of keys (RFC 7517)")  # noqa: TRY004 - not our type but their text
    keys = list(_usable(entries))
    return keys, len(entries) - len(keys)


def choose(keys: Sequence[PublicKey], kid: str | None, algorithm: str) -> Any | None:
    """Return the key that a token names; without a name the only one that fits, None when there are several."""
    fitting = [key for key in keys if key.fits(algorithm) and kid in (None, key.kid)]
    return fitting[0].key if fitting and (kid is not None or len(fitting) == 1) else None


def _usable(entries: Sequence[Any]) -> Iterator[PublicKey]:
    for entry in entries:
        if isinstance(entry, dict) and _is_for_signatures(entry):
            key = _public_key(entry)
            if key is not None:
                yield key


def _is_for_signatures(entry: dict[str, Any]) -> bool:
    operations = entry.get("key_ops", ["verify"])
    return entry.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _public_key(entry: dict[str, Any]) -> PublicKey | None:
    kind, kid, curve, algorithm = (_text(entry.get(name)) for name in ("kty", "kid", "crv", "alg"))
    if kind not in PARTS:
        return None
    reading = jwt.get_algorithm_by_name(READ_BY[kind])
    try:
        key = reading.from_jwk({"kty": kind, **{part: entry[part] for part in PARTS[kind]}})
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return None if reading.check_key_length(key) else PublicKey(kid, kind, curve, algorithm, key)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
