"""Which key of a set checks which signature."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from jobrunner.access.jwk_set import choose, read_set
from tests.access.signing import EC, EC_384, ED, OTHER_RSA, RSA, key_set, public

FITTING = {
    "RSA": {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"},
    "P-256": {"ES256"},
    "P-384": {"ES384"},
    "OKP": {"EdDSA"},
}
KEYS = {"RSA": public(RSA), "P-256": public(EC), "P-384": public(EC_384), "OKP": public(ED)}
ALL = {*FITTING["RSA"], "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512", "none", "ES256K", "RS1", ""}


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_fits_the_algorithms_of_its_kind_and_curve_and_no_other(kind: str) -> None:
    keys, unusable = read_set(key_set(KEYS[kind]))
    assert unusable == 0
    assert {algorithm for algorithm in ALL if keys[0].fits(algorithm)} == FITTING[kind]


def test_a_key_that_names_its_algorithm_is_good_for_no_other() -> None:
    keys, _ = read_set(key_set(public(RSA, alg="PS256")))
    assert [algorithm for algorithm in sorted(ALL) if keys[0].fits(algorithm)] == ["PS256"]


UNUSABLE = {
    "oct": {"kty": "oct", "k": "AAAA"},
    "for encryption": public(RSA, use="enc"),
    "for signing only": public(RSA, key_ops=["sign"]),
    "operations that are no list": public(RSA, key_ops="verify"),
    "a short key": public(generate_private_key(65_537, 1_024)),
    "a kind that is not known": public(RSA, kty="XYZ"),
    "a kind that is no text": public(RSA, kty=["RSA"]),
    "no kind": {"n": "AQAB", "e": "AQAB"},
    "a part is missing": {"kty": "RSA", "e": "AQAB"},
    "a part that is no text": public(RSA, n=1),
    "a part that is null": public(RSA, n=None),
    "a part that is no base64": public(RSA, n="é"),
    "no modulus": public(RSA, n=""),
    "not on the curve": public(EC, x=public(EC_384)["x"][:43], y="A" * 43),
    "a curve that is not known": public(EC, crv="P-1"),
    "another curve": public(EC, crv="P-384"),
    "X25519": public(ED, crv="X25519"),
    "a short point": public(ED, x="AA"),
    "text": "RSA",
    "null": None,
    "a list": [1],
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_used_is_left_out_and_the_others_stay(name: str) -> None:
    keys, unusable = read_set(key_set(UNUSABLE[name], public(RSA, kid="a")))
    assert [key.kid for key in keys] == ["a"]
    assert unusable == 1


@pytest.mark.parametrize("key", [RSA, EC, ED], ids=["RSA", "EC", "OKP"])
def test_of_a_private_key_only_the_public_half_is_read(key: Any) -> None:
    algorithm = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}[public(key)["kty"]]
    entry: dict[str, Any] = jwt.get_algorithm_by_name(algorithm).to_jwk(key, as_dict=True)
    assert "d" in entry
    keys, _ = read_set(key_set({**entry, "key_ops": ["verify"]}))
    assert not hasattr(keys[0].key, "sign")


def test_a_token_that_names_a_key_gets_that_one_or_none() -> None:
    keys, _ = read_set(key_set(public(RSA, kid="a"), public(OTHER_RSA, kid="b"), public(ED, kid="a"), public(EC)))
    assert choose(keys, "b", "RS256") is keys[1].key
    assert choose(keys, "a", "EdDSA") is keys[2].key
    assert choose(keys, "b", "EdDSA") is None
    assert choose(keys, "", "ES256") is None
    assert choose(keys, "c", "RS256") is None


def test_a_token_that_names_none_gets_the_only_one_that_fits() -> None:
    keys, _ = read_set(key_set(public(RSA, kid="a"), public(OTHER_RSA, kid="b"), public(EC)))
    assert choose(keys, None, "ES256") is keys[2].key
    assert choose(keys, None, "RS256") is None
    assert choose(keys, None, "EdDSA") is None


def test_a_key_id_that_is_no_text_names_no_key() -> None:
    keys, _ = read_set(key_set(public(RSA, kid=1)))
    assert choose(keys, "1", "RS256") is None
    assert choose(keys, None, "RS256") is keys[0].key
