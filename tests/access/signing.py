"""Tokens as others make them: with real keys, by the book or against it."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from pydantic import SecretBytes

from jobrunner.config import AuthSettings
from tests.clock import START

NOW_S = START // 1000
OWN = bytes(range(100, 132))
SECRET = b"a secret of the shop that has 64 bytes, enough for any algorithm"
OLD = b"the secret from before, 32 bytes"
RSA = generate_rsa(65_537, 2_048)
OTHER_RSA = generate_rsa(65_537, 2_048)
EC = generate_private_key(SECP256R1())
EC_384 = generate_private_key(SECP384R1())
ED = Ed25519PrivateKey.generate()
JOB, OTHER_JOB = "0198a000-0000-7000-8000-000000000001", "0198a000-0000-7000-8000-000000000002"

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey


def auth(*secrets: bytes, **settings: Any) -> AuthSettings:
    return AuthSettings(jwt_secrets=tuple(map(SecretBytes, secrets)), **settings)


def claims(**changed: Any) -> dict[str, Any]:
    """Return claims that are good for an hour; a claim that is set to Ellipsis is left out."""
    found = {"sub": "anna", "aud": "jobrunner", "exp": NOW_S + 3_600, **changed}
    return {name: value for name, value in found.items() if value is not ...}


def signed(key: Any = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, algorithm, headers)


def raw(header: Any, payload: Any, key: Any = SECRET, algorithm: str = "HS256") -> str:
    """Sign any bytes whatever: neither part has to be JSON."""
    message = f"{part(header)}.{part(payload)}"
    signer = jwt.get_algorithm_by_name(algorithm)
    return f"{message}.{encoded(signer.sign(message.encode(), signer.prepare_key(key)))}"


def part(value: Any) -> str:
    return encoded(value if isinstance(value, bytes) else json.dumps(value).encode())


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def public(key: PrivateKey, **members: Any) -> dict[str, Any]:
    """Return the public half as an entry of a JWKS."""
    name = {RSAPrivateKey: "RS256", EllipticCurvePrivateKey: "ES256", Ed25519PrivateKey: "EdDSA"}
    algorithm = next(name[kind] for kind in name if isinstance(key, kind))
    entry: dict[str, Any] = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    return {**{k: v for k, v in entry.items() if k != "key_ops"}, **members}


def key_set(*entries: Any) -> bytes:
    return json.dumps({"keys": entries}).encode()
