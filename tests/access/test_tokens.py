"""Tokens that are good: whose they are, what they allow, how long; those we issue, and secrets that are changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jwt
import pytest

from jobrunner.access.jwks import Jwks
from jobrunner.access.tokens import REMEMBERED, Tokens
from jobrunner.config import AuthSettings
from jobrunner.errors import ConfigError, Invalid, Unauthorized
from jobrunner.model.subject import Kind, Subject
from tests.access.signing import (
    EC,
    ED,
    JOB,
    NOW_S,
    OLD,
    OTHER_JOB,
    OWN,
    RSA,
    SECRET,
    auth,
    claims,
    key_set,
    public,
    raw,
    signed,
)
from tests.clock import START, ManualClock

USER: dict[str, Any] = {"allow": ["read"], "job_ids": None, "expires_in_s": 60}


@pytest.fixture
def tokens(clock: ManualClock) -> Tokens:
    return Tokens(clock, OWN, auth(SECRET), None)


async def test_a_token_of_an_application_speaks_for_its_user(tokens: Tokens) -> None:
    text = signed(allow=["read", "submit:dubbing"], job_ids=[JOB, OTHER_JOB.upper()], nbf=NOW_S, iat=NOW_S)
    assert await tokens.read(text) == Subject(
        Kind.USER, "user:anna", frozenset({"read", "submit:dubbing"}), "anna", frozenset({JOB, OTHER_JOB}),
        START + 3_610_000,
    )  # fmt: skip


async def test_a_token_without_allow_has_the_default_and_without_jobs_all_of_the_user(clock: ManualClock) -> None:
    tokens = Tokens(clock, OWN, auth(SECRET, default_allow=("read", "cancel")), None)
    subject = await tokens.read(signed())
    assert (subject.allow, subject.job_ids) == (frozenset({"read", "cancel"}), None)


async def test_unknown_words_grant_nothing_and_admin_least_of_all(tokens: Tokens) -> None:
    words = ["read", "admin", "write", "", "submit:", "submit:a b", "READ", "read\n", "\ud800", "operator"]
    subject = await tokens.read(signed(allow=words, operator=True, admin=True, role="operator", scope="admin"))
    assert (subject.kind, subject.allow) == (Kind.USER, frozenset({"read"}))
    assert (await tokens.read(signed(allow=[]))).allow == frozenset()


@pytest.mark.parametrize("audience", ["jobrunner", ["other", "jobrunner"]])
async def test_the_audience_may_be_one_of_several(tokens: Tokens, audience: object) -> None:
    assert (await tokens.read(signed(aud=audience))).user_id == "anna"


async def test_audience_and_issuer_are_those_of_the_settings(clock: ManualClock) -> None:
    tokens = Tokens(clock, OWN, auth(SECRET, audience="shop", issuer="https://id.example"), None)
    assert (await tokens.read(signed(aud="shop", iss="https://id.example"))).user_id == "anna"
    for wrong in (signed(aud="shop"), signed(aud="shop", iss="https://id.example/"), signed(iss="https://id.example")):
        with pytest.raises(Unauthorized):
            await tokens.read(wrong)
    assert (await tokens.read(tokens.operator())).operates  # ours need neither: their secret says whose they are


async def test_a_moment_may_have_fractions(tokens: Tokens, clock: ManualClock) -> None:
    subject = await tokens.read(signed(exp=NOW_S + 0.5, nbf=float(NOW_S)))
    assert subject.expires_at == START + 10_500


async def test_a_token_ends_at_the_moment_that_its_subject_says(tokens: Tokens, clock: ManualClock) -> None:
    text = signed(exp=NOW_S + 5)
    assert (await tokens.read(text)).expires_at == START + 15_000
    clock.advance(14.999)
    await tokens.read(text)
    clock.advance(0.001)
    with pytest.raises(Unauthorized, match="expired"):
        await tokens.read(text)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_token_begins_within_the_leeway(tokens: Tokens, clock: ManualClock, claim: str) -> None:
    text = raw({"alg": "HS256"}, claims(**{claim: NOW_S + 20}))
    with pytest.raises(Unauthorized, match="not valid yet"):
        await tokens.read(text)
    clock.advance(9.999)
    with pytest.raises(Unauthorized, match="not valid yet"):
        await tokens.read(text)
    clock.advance(0.001)
    await tokens.read(text)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
async def test_a_long_secret_signs_by_each_algorithm(tokens: Tokens, algorithm: str) -> None:
    assert (await tokens.read(signed(SECRET, algorithm))).user_id == "anna"


async def test_a_secret_that_is_changed_is_good_beside_the_new_one_until_it_is_removed(clock: ManualClock) -> None:
    before, after = signed(OLD), signed(SECRET)
    both = Tokens(clock, OWN, auth(OLD, SECRET), None)
    assert await both.read(before) == await both.read(after)
    only_new = Tokens(clock, OWN, auth(SECRET), None)
    assert (await only_new.read(after)).user_id == "anna"
    with pytest.raises(Unauthorized, match="not signed by a secret"):
        await only_new.read(before)


@pytest.mark.parametrize("settings", [None, AuthSettings()])
async def test_without_their_secrets_only_ours_are_read(clock: ManualClock, settings: AuthSettings | None) -> None:
    tokens = Tokens(clock, OWN, settings, None)
    text, _ = tokens.issue(user_id="anna", **USER)
    assert (await tokens.read(text)).user_id == "anna"
    with pytest.raises(Unauthorized):
        await tokens.read(signed())


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (RSA, "PS512"), (EC, "ES256"), (ED, "EdDSA")])
async def test_a_token_of_an_identity_provider_speaks_for_its_user(
    clock: ManualClock, tmp_path: Path, key: Any, algorithm: str
) -> None:
    (tmp_path / "keys.json").write_bytes(key_set(public(key, kid="a")))
    settings = auth(jwks_file=tmp_path / "keys.json", algorithms=(algorithm,))
    tokens = Tokens(clock, OWN, settings, Jwks.of(settings, clock))
    assert (await tokens.read(signed(key, algorithm, {"kid": "a"}))).user_id == "anna"
    assert (await tokens.read(signed(key, algorithm))).user_id == "anna"


async def test_what_we_issue_is_read_as_it_was_meant_until_it_ends(tokens: Tokens, clock: ManualClock) -> None:
    clock.advance(0.7)
    text, ends = tokens.issue(user_id="Zoë 'x'", allow=["submit:a", "read", "read"], job_ids=[JOB], expires_in_s=60)
    assert ends == START + 60_000
    assert await tokens.read(text) == Subject(
        Kind.USER, "user:Zoë 'x'", frozenset({"read", "submit:a"}), "Zoë 'x'", frozenset({JOB}), ends
    )
    clock.advance(59.3)
    with pytest.raises(Unauthorized, match="expired"):
        await tokens.read(text)


async def test_a_token_of_ours_may_be_for_jobs_alone(tokens: Tokens) -> None:
    one, _ = tokens.issue(user_id=None, allow=["read"], job_ids=[JOB], expires_in_s=60)
    two, _ = tokens.issue(user_id=None, allow=["read"], job_ids=[JOB, OTHER_JOB], expires_in_s=60)
    subject = await tokens.read(one)
    assert (subject.kind, subject.name, subject.user_id) == (Kind.USER, f"job:{JOB}", None)
    assert subject.job_ids == frozenset({JOB})
    assert (await tokens.read(two)).name == f"job:{JOB}+1"


async def test_whoever_can_read_the_data_directory_is_an_operator_for_a_minute(
    tokens: Tokens, clock: ManualClock
) -> None:
    text = Tokens(clock, OWN, None, None).operator()
    assert await tokens.read(text) == Subject(Kind.OPERATOR, "console", expires_at=START + 60_000)
    clock.advance(60)
    with pytest.raises(Unauthorized, match="expired"):
        await tokens.read(text)


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"user_id": None}, "/user_id"),
        ({"user_id": None, "job_ids": []}, "/user_id"),
        ({"user_id": None, "job_ids": [JOB], "allow": ["read", "submit:a"]}, "/allow"),
        ({"user_id": ""}, "/user_id"),
        ({"user_id": "x" * 201}, "/user_id"),
        ({"user_id": "a\0"}, "/user_id"),
        ({"user_id": "\ud800"}, "/user_id"),
        ({"allow": []}, "/allow"),
        ({"allow": ["read", "admin"]}, "/allow/1"),
        ({"job_ids": ["x"]}, "/job_ids"),
        ({"job_ids": [JOB] * 1_001}, "/job_ids"),
        ({"job_ids": [f"{JOB[:-4]}{n:04}" for n in range(1_000)]}, "/job_ids"),
    ],
)
def test_what_no_token_can_say_is_not_issued(tokens: Tokens, wanted: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        tokens.issue(**{"user_id": "anna", **USER, **wanted})
    assert [where for where, _ in refused.value.pointers] == [pointer]


async def test_140_jobs_fit_into_a_token(tokens: Tokens) -> None:
    jobs = [f"{JOB[:-4]}{n:04}" for n in range(140)]
    text, _ = tokens.issue(user_id="x" * 200, allow=["read", "cancel", "retry"], job_ids=jobs, expires_in_s=60)
    assert (await tokens.read(text)).job_ids == frozenset(jobs)


async def test_a_token_that_was_read_lately_is_not_checked_again_but_its_end_is(
    tokens: Tokens, clock: ManualClock
) -> None:
    text = signed(exp=NOW_S + 30)
    subject = await tokens.read(text)
    assert await tokens.read(text) is subject
    clock.advance(40)
    with pytest.raises(Unauthorized, match="expired"):
        await tokens.read(text)


async def test_a_token_is_checked_again_after_a_minute_or_when_the_clock_was_set_back(
    tokens: Tokens, clock: ManualClock
) -> None:
    text = signed(nbf=NOW_S)
    first = await tokens.read(text)
    clock.advance(59.999)
    assert await tokens.read(text) is first
    clock.advance(0.001)
    assert await tokens.read(text) is not first
    clock.jump(-3_600)
    with pytest.raises(Unauthorized, match="not valid yet"):
        await tokens.read(text)


async def test_no_more_than_4096_tokens_are_remembered_and_no_wrong_one(tokens: Tokens) -> None:
    for n in range(REMEMBERED + 10):
        await tokens.read(signed(sub=str(n)))
    with pytest.raises(Unauthorized):
        await tokens.read(signed(OLD))
    assert len(tokens._remembered) == REMEMBERED


async def test_a_key_that_an_identity_provider_withdrew_counts_for_a_minute_at_most(
    clock: ManualClock, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(key_set(public(EC, kid="a")))
    settings = auth(jwks_file=path)
    tokens = Tokens(clock, OWN, settings, Jwks.of(settings, clock))
    text = signed(EC, "ES256", {"kid": "a"})
    await tokens.read(text)
    path.write_bytes(key_set())
    clock.advance(60)
    with pytest.raises(Unauthorized, match="not signed by a key"):
        await tokens.read(text)


@pytest.mark.parametrize("kind", ["pem", "jwk"])
def test_a_public_key_is_refused_as_a_secret(clock: ManualClock, kind: str) -> None:
    key = jwt.get_algorithm_by_name("RS256").to_jwk(RSA.public_key()).encode() if kind == "jwk" else b""
    pem = b"-----BEGIN PUBLIC KEY-----\n" + b"A" * 64 + b"\n-----END PUBLIC KEY-----\n"
    with pytest.raises(ConfigError, match="jwt_secrets"):
        Tokens(clock, OWN, auth(key or pem), None)


async def test_a_header_may_say_more_than_we_ask_for(tokens: Tokens) -> None:
    header = {"alg": "HS256", "typ": "at+jwt", "cty": "x", "jku": "https://evil.example", "jwk": {}, "x5u": 1}
    assert (await tokens.read(raw(header, claims()))).user_id == "anna"
