"""Tokens (JWT, RFC 7519): read, and issued.

What kind of key a token is checked with is decided by us, never by the token: an algorithm of shared secrets meets
nothing but secrets, one of key pairs nothing but the keys of the identity provider (RFC 8725, section 3.1).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.algorithms import HMACAlgorithm

from jobrunner.access.claims import LONGEST_SUB, MOST_JOBS, Terms, subject_of
from jobrunner.access.jwks import Jwks
from jobrunner.access.scopes import check_words, tidy
from jobrunner.config import AuthSettings
from jobrunner.engine.clock import Clock
from jobrunner.errors import ConfigError, Invalid, Unauthorized
from jobrunner.model.document import first_fault
from jobrunner.model.identity import is_id
from jobrunner.model.subject import Action, Subject

LONGEST = 8_192
REMEMBERED = 4_096
REMEMBERED_MS = 60_000  # so long a key that the identity provider has withdrawn may still count
AUDIENCE = "jobrunner"
# Algorithm -> how long a secret has to be (RFC 7518, section 3.2).
SHARED = {"HS256": 32, "HS384": 48, "HS512": 64}
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class _Remembered:
    subject: Subject
    since: int
    until: int


class Tokens:
    """Changes: the subjects of tokens that were read lately, by the SHA-256 of the token."""

    def __init__(self, clock: Clock, own: bytes, settings: AuthSettings | None, jwks: Jwks | None) -> None:
        """Believe what our own secret has signed and, with settings, what theirs have; raise ConfigError."""
        self._clock = clock
        self._own = own
        self._jwks = jwks
        theirs = settings or AuthSettings()
        self._secrets = [own, *_secrets_of(theirs)]
        self._algorithms = frozenset(theirs.algorithms) if jwks else frozenset()
        self._jws = _signatures([*SHARED, *self._algorithms])
        leeway_ms = round(theirs.leeway.total_seconds() * 1000)
        # Ours name a fixed audience: the secret is good for one data directory, however the server is configured.
        self._our_terms = Terms(True, AUDIENCE, None, leeway_ms, ())  # noqa: FBT003 - the first word of the terms
        self._their_terms = Terms(False, theirs.audience, theirs.issuer, leeway_ms, theirs.default_allow)  # noqa: FBT003
        self._remembered: dict[bytes, _Remembered] = {}

    async def read(self, text: str) -> Subject:
        """Return whose token it is; raise Unauthorized, which says what is wrong but nothing that stood in it."""
        if len(text) > LONGEST:
            raise Unauthorized(f"The token is longer than {LONGEST} characters.")
        if not _SHAPE.fullmatch(text):
            raise Unauthorized("This is neither an API key nor a token: a token has three parts, with a dot between.")
        digest = hashlib.sha256(text.encode()).digest()
        known, now = self._remembered.get(digest), self._clock.now()
        # `since`, because a clock that was set back could otherwise bring back what is over, or is not yet valid.
        if known is not None and known.since <= now < known.until:
            return known.subject
        payload, terms = await self._verified(text)
        subject = subject_of(payload, terms, self._clock.now())
        self._remember(digest, subject)
        return subject

    def issue(
        self,
        *,
        user_id: str | None,
        allow: Collection[str],
        job_ids: Collection[str] | None,
        expires_in_s: int,
        credential: str | None = None,
    ) -> tuple[str, int]:
        """Return a token of ours and when it ends, in milliseconds; raise Invalid for what no token can say.

        Without a user it has to name jobs, and cannot submit any. It names the `credential` that it was made by.
        """
        check_words(tidy(allow), "/allow", admin=False)
        _check_bounds(user_id, allow, job_ids)
        claims: dict[str, Any] = {"allow": sorted(set(allow))}
        if user_id is not None:
            claims["sub"] = user_id
        if job_ids is not None:
            claims["job_ids"] = sorted(set(job_ids))
        if credential is not None:
            claims["via"] = credential
        text, expires_at = self._sign(claims, expires_in_s)
        if len(text) > LONGEST:
            raise Invalid(
                "The token would be too long to be sent in a header.", pointers=[("/job_ids", "must be fewer")]
            )
        return text, expires_at

    def operator(self, expires_in_s: int = 60) -> str:
        """Return a token that may do everything, for whoever can read the data directory anyway."""
        return self._sign({"operator": True}, expires_in_s)[0]

    def _sign(self, claims: dict[str, Any], expires_in_s: int) -> tuple[str, int]:
        now_s = self._clock.now() // 1000
        ends_s = now_s + expires_in_s
        payload = json.dumps({**claims, "aud": AUDIENCE, "iat": now_s, "exp": ends_s}, separators=(",", ":")).encode()
        return self._jws.encode(payload, self._own, "HS256"), ends_s * 1000

    async def _verified(self, text: str) -> tuple[bytes, Terms]:
        """Return the claims of a token that is signed by somebody we believe, and what is asked of them."""
        algorithm, kid = self._header(text)
        if algorithm in SHARED:
            return self._by_secret(text, algorithm)
        if self._jwks is None or algorithm not in self._algorithms:
            raise Unauthorized("The token is signed by an algorithm that is not accepted here.")
        key = await self._jwks.key(kid, algorithm)
        payload = None if key is None else self._payload(text, key, algorithm)
        if payload is None:
            raise Unauthorized("The token is not signed by a key that is known here.")
        return payload, self._their_terms

    def _header(self, text: str) -> tuple[str, str | None]:
        try:
            header = self._jws.get_unverified_header(text)
        except jwt.PyJWTError:
            raise Unauthorized("The token cannot be read.") from None
        if not {"crit", "b64"}.isdisjoint(header):
            raise Unauthorized("The token needs an extension that is not understood here.")
        return str(header.get("alg")), header.get("kid")

    def _by_secret(self, text: str, algorithm: str) -> tuple[bytes, Terms]:
        for secret in self._secrets:
            payload = self._payload(text, secret, algorithm)
            if payload is not None:
                return payload, self._our_terms if secret is self._own else self._their_terms
        raise Unauthorized(
            f"The token is not signed by a secret that is known here and has the {SHARED[algorithm]} bytes that "
            f"{algorithm} needs."
        )

    def _payload(self, text: str, key: Any, algorithm: str) -> bytes | None:
        """Return what is signed, None when it was not signed by this key."""
        try:
            return bytes(self._jws.decode(text, key, [algorithm]))
        except jwt.PyJWTError:
            return None

    def _remember(self, digest: bytes, subject: Subject) -> None:
        now = self._clock.now()
        until = min(now + REMEMBERED_MS, subject.expires_at or 0)
        self._remembered.pop(digest, None)
        if len(self._remembered) >= REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[digest] = _Remembered(subject, now, until)


class _Prepared(HMACAlgorithm):
    """HMAC by secrets that were looked at once, at the start.

    To look at them for each signature, as PyJWT does, takes longer than to sign; a token goes with each job of an
    application.
    """

    def prepare_key(self, key: str | bytes) -> bytes:
        """Return the secret as it is."""
        return key if isinstance(key, bytes) else key.encode()


def _signatures(algorithms: list[str]) -> jwt.PyJWS:
    """Return what signs, and checks signatures, by these algorithms and no other."""
    jws = jwt.PyJWS(algorithms, {"enforce_minimum_key_length": True})
    for name, digest in {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}.items():
        jws.unregister_algorithm(name)
        jws.register_algorithm(name, _Prepared(digest))
    return jws


def _secrets_of(settings: AuthSettings) -> list[bytes]:
    """Return the shared secrets; refuse a public key, by which everybody who has it could sign."""
    found = [secret.get_secret_value() for secret in settings.jwt_secrets]
    for secret in found:
        try:
            jwt.get_algorithm_by_name("HS256").prepare_key(secret)
        except jwt.InvalidKeyError:
            raise ConfigError("auth.jwt_secrets", "is a public key and no secret; keys go into jwks_file") from None
    return found


def _check_bounds(user_id: str | None, allow: Collection[str], job_ids: Collection[str] | None) -> None:
    faults = []
    if user_id is not None and (not 1 <= len(user_id) <= LONGEST_SUB or first_fault(user_id)):
        faults.append(("/user_id", f"must be text of 1 to {LONGEST_SUB} characters"))
    if job_ids is not None and (len(job_ids) > MOST_JOBS or not all(map(is_id, job_ids))):
        faults.append(("/job_ids", f"must be at most {MOST_JOBS} ids of jobs"))
    if user_id is None and not job_ids:
        faults.append(("/user_id", "must be there, unless job_ids say which jobs it is for"))
    if user_id is None and any(word.partition(":")[0] == Action.SUBMIT for word in allow):
        faults.append(("/allow", "must not hold submit without a user_id: it would be for anybody's jobs"))
    if faults:
        raise Invalid("There can be no such token.", pointers=faults)
