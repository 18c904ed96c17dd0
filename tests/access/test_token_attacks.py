"""Tokens that are not good, each in another way: all are refused, and nothing of them is said back."""

from __future__ import annotations

import hmac
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jobrunner.access.jwks import Jwks
from jobrunner.access.tokens import LONGEST, Tokens
from jobrunner.errors import Unauthorized
from jobrunner.model.subject import Kind
from tests.access.signing import (
    EC,
    EC_384,
    ED,
    JOB,
    NOW_S,
    OLD,
    OTHER_RSA,
    OWN,
    RSA,
    SECRET,
    auth,
    claims,
    encoded,
    key_set,
    part,
    public,
    raw,
    signed,
)
from tests.clock import ManualClock

OCT = b"a secret that the whole world can read in the set of public keys"
HS256 = {"alg": "HS256", "typ": "JWT"}
PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
DER = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PKCS1 = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


@pytest.fixture
def tokens(clock: ManualClock, tmp_path: Path) -> Tokens:
    """Believe a secret and the keys of an identity provider, all at once."""
    path = tmp_path / "keys.json"
    oct_key = {"kty": "oct", "k": encoded(OCT), "kid": "oct", "alg": "HS256"}
    weak = {**public(EC), "kid": "weak", "x": "AA", "y": "AA"}
    path.write_bytes(key_set(public(RSA, kid="rsa"), public(EC, kid="ec"), public(ED, kid="ed"), oct_key, weak))
    settings = auth(SECRET, jwks_file=path, algorithms=("RS256", "PS256", "ES256", "EdDSA"))
    return Tokens(clock, OWN, settings, Jwks.of(settings, clock))


def by_public_key(key: bytes) -> str:
    """Sign by HMAC with what everybody knows, which no library does by itself."""
    message = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(claims())}"
    return f"{message}.{encoded(hmac.digest(key, message.encode(), 'sha256'))}"


def unsigned(alg: Any) -> str:
    return f"{part({'alg': alg})}.{part(claims())}.{encoded(b'x')}"


def attacks() -> Iterator[tuple[str, str]]:
    """Go through them, each with its name."""
    good = signed()
    head, body, mac = good.split(".")
    for alg in ("none", "None", "NONE", "nOnE", "none ", "", None, [], ["HS256"], {"a": 1}, 0, True, "hs256", "HS1"):
        yield f"alg {alg}", unsigned(alg)
        yield f"alg {alg} with the signature of HS256", f"{part({'alg': alg})}.{body}.{mac}"
        yield f"alg {alg} without a signature", unsigned(alg).rpartition(".")[0] + "."
    yield "no alg", f"{part({'typ': 'JWT'})}.{body}.{mac}"
    for name, key in {"pem": PEM, "pem stripped": PEM.strip(), "der": DER, "pkcs1": PKCS1, "empty": b""}.items():
        yield f"HS256 by the public key as {name}", by_public_key(key)
    jwk = json.dumps(public(RSA, kid="rsa")).encode()
    yield "HS256 by the public key as JWK", by_public_key(jwk)
    yield "oct key", signed(OCT, "HS256", {"kid": "oct"})
    yield "oct key without kid", signed(OCT)
    for kid in (
        "../../../../dev/null",
        "/etc/passwd",
        "' OR 1=1 --",
        "rsa\0",
        "",
        "oct",
        "\ud800",
        "x" * 4_000,
        "weak",
    ):
        yield f"kid {kid[:9]!a}", raw({"alg": "RS256", "kid": kid}, claims(), OTHER_RSA, "RS256")
        yield f"empty secret by kid {kid[:9]!a}", raw({"alg": "HS256", "kid": kid}, claims(), b"\0" * 32)
    no_text: tuple[Any, ...] = (1, None, [], {}, True)
    for bad in no_text:
        yield f"kid {bad}", raw({"alg": "RS256", "kid": bad}, claims(), OTHER_RSA, "RS256")
    own_jwk = {"alg": "RS256", "jwk": public(OTHER_RSA), "kid": "rsa"}
    yield "a key in the header", raw(own_jwk, claims(), OTHER_RSA, "RS256")
    yield "a key behind the header", raw({**own_jwk, "jku": "http://127.0.0.1:1/k"}, claims(), OTHER_RSA, "RS256")
    yield "another key of the kind", signed(OTHER_RSA, "RS256", {"kid": "rsa"})
    yield "a key of another kind", signed(RSA, "RS256", {"kid": "ec"})
    yield "an algorithm that is not allowed", signed(RSA, "RS512", {"kid": "rsa"})
    yield "another curve", signed(EC_384, "ES384", {"kid": "ec"})
    yield "a foreign secret", signed(OLD)
    yield "an empty signature", f"{head}.{body}."
    yield "no signature", f"{head}.{body}"
    yield "five parts", f"{head}.{body}.{mac}.{mac}.{mac}"
    yield "a cut signature", good[:-4]
    yield "padding", f"{good}="
    yield "a header that is no object", raw([], claims())
    yield "a header that is no JSON", raw(b"{", claims())
    yield "crit", raw({**HS256, "crit": ["exp"]}, claims())
    yield "crit of b64", raw({**HS256, "crit": ["b64"], "b64": True}, claims())
    yield "crit that is empty", raw({**HS256, "crit": []}, claims())
    yield "unencoded claims", raw({**HS256, "crit": ["b64"], "b64": False}, claims())
    yield "too large", signed(pad="x" * LONGEST)


def wrong_claims() -> Iterator[tuple[str, Any]]:
    """Go through claims that a good key has signed all the same."""
    yield "no exp", claims(exp=...)
    yield "expired", claims(exp=NOW_S - 10)
    no_moment: tuple[Any, ...] = (None, "9999999999", -1, 1e300, True, [], {}, NOW_S * 1000, 10**30)
    for bad in no_moment:
        for name in ("exp", "nbf", "iat"):
            yield f"{name} {bad}", claims(**{name: bad})
    yield "not yet", claims(nbf=NOW_S + 11)
    yield "from the future", claims(iat=NOW_S + 11)
    for aud in (..., None, "", "other", "jobrunner ", "JOBRUNNER", [], ["other"], [["jobrunner"]], {"jobrunner": 1}, 1):
        yield f"aud {aud}", claims(aud=aud)
    no_user: tuple[Any, ...] = (..., None, "", 1, ["anna"], {}, "x" * 201, "a\0b", "\0", "\ud800", True)
    for sub in no_user:
        yield f"sub {sub!a:.20}", claims(sub=sub)
    yield "no sub but jobs", claims(sub=..., job_ids=[JOB])
    for allow in (None, "read", {"read": True}, [1], [None], [["read"]], 1, True):
        yield f"allow {allow}", claims(allow=allow)
    for ids in (None, JOB, {JOB: 1}, [1], [None], ["x"], [JOB + "0"], [JOB + "\n"], ["{" + JOB + "}"], [""], ["*"], 1):
        yield f"job_ids {ids}", claims(job_ids=ids)
    yield "claims that are no object", [claims()]
    yield "claims that are null", None
    for text in (b"", b"{", b"\xff", b"\xff\xfe{\x00}\x00", b'{"exp": NaN}', b"[" * 5_000, b'{"a":' * 1_000):
        yield f"claims of {text[:9]!r}", text
    double = json.dumps(claims())[:-1]
    for again in ('"sub": "boss"', '"exp": 9999999999', '"\\u0073ub": "boss"', '"x": {"a": 1, "a": 2}'):
        yield f"twice {again}", f"{double}, {again}}}".encode()
    yield "infinite exp", double.replace(str(NOW_S + 3_600), "1e999").encode() + b"}"
    yield "endless exp", double.replace(str(NOW_S + 3_600), "9" * 5_000).encode() + b"}"


ATTACKS = dict(attacks())
WRONG = dict(wrong_claims())


async def refused(tokens: Tokens, text: str) -> str:
    with pytest.raises(Unauthorized) as raised:
        await tokens.read(text)
    assert raised.value.__cause__ is None
    return raised.value.detail


@pytest.mark.parametrize("name", ATTACKS)
async def test_a_token_that_nobody_we_know_has_signed_is_refused(tokens: Tokens, name: str) -> None:
    assert await refused(tokens, ATTACKS[name])
    assert tokens._remembered == {}


@pytest.mark.parametrize("name", WRONG)
async def test_claims_that_cannot_be_are_refused_whoever_signed_them(tokens: Tokens, name: str) -> None:
    assert await refused(tokens, raw(HS256, WRONG[name]))
    assert await refused(tokens, raw({"alg": "RS256", "kid": "rsa"}, WRONG[name], RSA, "RS256"))


async def test_each_fault_is_told_apart_and_nothing_of_the_token_is_said_back(tokens: Tokens) -> None:
    expected = {
        "expired": signed(exp=NOW_S - 10), "not valid yet": signed(nbf=NOW_S + 60), "needs one": signed(exp=...),
        "another audience": signed(aud="a-foreign-audience"), "names no user": signed(sub=["a-foreign-user"]),
        "allow": signed(allow="a-foreign-right"), "job_ids": signed(job_ids=["a-foreign-job"]),
        "longer than": "a-foreign-token" * 1_000, "neither an API key nor a token": "a-foreign-token",
        "not signed by a secret": signed(OLD), "not signed by a key": signed(OTHER_RSA, "RS256", {"kid": "a-foreign"}),
        "not accepted": unsigned("a-foreign-algorithm"), "extension": raw({**HS256, "b64": True}, {"a-foreign": 1}),
        "claims of the token cannot be read": raw(HS256, b"a-foreign-claim"), "be read": raw(b"a-foreign", b"{}"),
    }  # fmt: skip
    for words, text in expected.items():
        detail = await refused(tokens, text)
        assert words in detail
        assert "foreign" not in detail


async def test_a_good_token_beside_all_these_is_read(tokens: Tokens) -> None:
    for text in (signed(), signed(RSA, "RS256", {"kid": "rsa"}), signed(EC, "ES256"), signed(ED, "EdDSA")):
        assert (await tokens.read(text)).user_id == "anna"


@pytest.mark.parametrize(
    "key", [(SECRET, "HS256"), (RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA")], ids=["HS", "RS", "ES", "Ed"]
)
async def test_nobody_but_our_own_secret_makes_an_operator(tokens: Tokens, key: tuple[Any, str]) -> None:
    roles: dict[str, Any] = {
        "operator": True,
        "kind": "operator",
        "role": "admin",
        "roles": ["operator"],
        "scope": "admin",
    }
    subject = await tokens.read(signed(*key, allow=["admin", "operator", "read"], **roles))
    assert (subject.kind, subject.user_id, subject.allow, subject.operates) == (
        Kind.USER,
        "anna",
        frozenset({"read"}),
        False,
    )
    assert await refused(tokens, signed(*key, sub=..., operator=True))


@pytest.mark.parametrize("value", [1, "true", [True], {"a": True}, None, False])
async def test_an_operator_is_said_to_be_one_by_nothing_but_true(tokens: Tokens, value: object) -> None:
    assert not (await tokens.read(signed(OWN, operator=value))).operates
    assert (await tokens.read(signed(OWN, operator=True))).operates


async def test_ours_must_be_good_too(tokens: Tokens) -> None:
    for bad in (claims(exp=NOW_S), claims(exp=...), claims(aud="other"), claims(sub=...), claims(sub=..., job_ids=[])):
        assert await refused(tokens, raw(HS256, bad, OWN))
    assert await refused(tokens, raw(HS256, claims(operator=True, aud="x"), OWN))
    assert await refused(tokens, raw(HS256, claims(operator=True, exp=NOW_S), OWN))


@pytest.mark.parametrize(("key", "algorithm"), [(OWN, "HS384"), (OWN, "HS512"), (OLD, "HS384")])
@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
async def test_a_secret_that_is_too_short_for_an_algorithm_signs_nothing(
    clock: ManualClock, key: bytes, algorithm: str
) -> None:
    tokens = Tokens(clock, OWN, auth(OLD), None)
    assert "bytes that" in await refused(tokens, signed(key, algorithm))


@pytest.mark.parametrize("key", [(SECRET, "HS256"), (RSA, "RS256"), (EC, "ES256")], ids=["HS", "RS", "ES"])
async def test_no_character_of_a_token_can_be_changed(tokens: Tokens, key: tuple[Any, str]) -> None:
    text = signed(*key)
    for at in range(0, len(text), 3):
        for other in "A_.":
            changed = text[:at] + other + text[at + 1 :]
            if changed != text:
                await refused(tokens, changed)


async def test_parts_of_two_tokens_make_no_third(tokens: Tokens) -> None:
    texts = [signed(), signed(sub="bert"), signed(RSA, "RS256", {"kid": "rsa"}), signed(OWN, operator=True)]
    for parts in itertools.product(*zip(*(text.split(".") for text in texts), strict=True)):
        text = ".".join(parts)
        if text not in texts:
            await refused(tokens, text)


GARBAGE = ["", ".", "..", "a.b.c", "\0.\0.\0", "é.é.é", "\ud800", "x" * 10**7, "." * LONGEST, "jr_x", "Bearer a.b.c"]


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_is_refused(tokens: Tokens, text: str) -> None:
    await refused(tokens, text)


async def test_random_bytes_are_refused_and_raise_nothing_else(tokens: Tokens) -> None:
    random_ = random.Random(7)
    algorithms, kids = ("HS256", "RS256", "PS256", "ES256", "EdDSA"), ("rsa", "ec", "ed", None)
    headers = [part({"alg": alg, "kid": kid}) for alg, kid in itertools.product(algorithms, kids)]
    for _ in range(1_000):
        text = ".".join(encoded(random_.randbytes(random_.choice((0, 1, 7, 32, 64, 256)))) for _ in range(3))
        await refused(tokens, text)
        await refused(tokens, f"{random_.choice(headers)}.{text.partition('.')[2]}")


def test_the_attacks_are_well_made(clock: ManualClock) -> None:
    """Show that what is refused here would be believed by whoever verifies carelessly."""
    assert jwt.decode(ATTACKS["alg none"], options={"verify_signature": False})["sub"] == "anna"
    assert jwt.PyJWS().decode(ATTACKS["oct key"], OCT, ["HS256"])
    message, _, mac = ATTACKS["HS256 by the public key as pem"].rpartition(".")
    assert mac == encoded(hmac.digest(PEM, message.encode(), "sha256"))
