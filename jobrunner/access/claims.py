"""The claims of a token whose signature was good (RFC 7519): what they have to hold, and what they give.

Never repeats any of them in an error: a token that is refused may still be somebody's secret.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from jobrunner.access.scopes import known
from jobrunner.errors import Unauthorized
from jobrunner.model.document import first_fault
from jobrunner.model.identity import is_id
from jobrunner.model.subject import Kind, Subject

MOST_JOBS = 1_000
LONGEST_SUB = 200
LATEST_S = 253_402_300_799  # the end of the year 9999
CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of a token. `own`: only we can have signed it, so that it may give more, and by our own clock."""

    own: bool
    audience: str
    issuer: str | None
    leeway_ms: int
    default_allow: tuple[str, ...]


def subject_of(payload: bytes, terms: Terms, now: int) -> Subject:
    """Return who the claims speak of, whose `expires_at` is the first moment at which they are refused.

    Raise Unauthorized for claims that cannot be read, are not for us, or not for now.
    """
    claims = _read(payload)
    expires_at = _check_time(claims, terms, now)
    _check_sides(claims, terms)
    if terms.own and claims.get("operator") is True:
        return Subject(Kind.OPERATOR, CONSOLE, expires_at=expires_at)
    job_ids = _job_ids(claims)
    user_id = _user(claims, optional=terms.own and bool(job_ids))
    name = f"user:{user_id}" if user_id is not None else _name_of_jobs(job_ids or frozenset())
    credential = str(claims["via"]) if terms.own and "via" in claims else None
    return Subject(Kind.USER, name, _allow(claims, terms), user_id, job_ids, expires_at, credential)


def _read(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload.decode(), parse_constant=_refuse_constant, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise Unauthorized("The claims of the token cannot be read.")
    return claims


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that comes twice (RFC 7519, section 4): whoever signed it may have read the other one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _check_time(claims: dict[str, Any], terms: Terms, now: int) -> int:
    """Return when the token ends."""
    expires_at = _moment(claims, "exp")
    if expires_at is None:
        raise Unauthorized("The token has no expiry (exp), and needs one.")
    expires_at += 0 if terms.own else terms.leeway_ms
    if now >= expires_at:
        raise Unauthorized("The token has expired.")
    if now < max(_moment(claims, "nbf") or 0, _moment(claims, "iat") or 0) - terms.leeway_ms:
        raise Unauthorized("The token is not valid yet (nbf, iat).")
    return expires_at


def _moment(claims: dict[str, Any], name: str) -> int | None:
    """Return a time in milliseconds; also what comes in fractions of a second (RFC 7519, section 2)."""
    if name not in claims:
        return None
    value = claims[name]
    if type(value) not in (int, float) or not 0 <= value <= LATEST_S:
        raise Unauthorized(f"The token's {name} is not a time in seconds since 1970.")
    return int(value * 1000)


def _check_sides(claims: dict[str, Any], terms: Terms) -> None:
    audience = claims.get("aud")
    if not (audience == terms.audience or (isinstance(audience, list) and terms.audience in audience)):
        raise Unauthorized("The token is for another audience (aud), or for none.")
    if terms.issuer is not None and claims.get("iss") != terms.issuer:
        raise Unauthorized("The token is of another issuer (iss), or of none.")


def _user(claims: dict[str, Any], *, optional: bool) -> str | None:
    if "sub" not in claims and optional:
        return None
    sub = claims.get("sub")
    if not isinstance(sub, str) or not 1 <= len(sub) <= LONGEST_SUB or first_fault(sub):
        raise Unauthorized(f"The token names no user (sub) by text of 1 to {LONGEST_SUB} characters.")
    return sub


def _job_ids(claims: dict[str, Any]) -> frozenset[str] | None:
    if "job_ids" not in claims:
        return None
    found = claims["job_ids"]
    if not isinstance(found, list) or len(found) > MOST_JOBS or not all(map(_names_a_job, found)):
        raise Unauthorized(f"The token's job_ids are not a list of at most {MOST_JOBS} ids of jobs.")
    return frozenset(job_id.lower() for job_id in found)


def _names_a_job(value: object) -> bool:
    return isinstance(value, str) and is_id(value.lower())


def _allow(claims: dict[str, Any], terms: Terms) -> frozenset[str]:
    words = claims.get("allow", list(terms.default_allow))
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Unauthorized("The token's allow is not a list of words.")
    return known(words)


def _name_of_jobs(job_ids: frozenset[str]) -> str:
    first = min(job_ids)
    return f"job:{first}" if len(job_ids) == 1 else f"job:{first}+{len(job_ids) - 1}"
