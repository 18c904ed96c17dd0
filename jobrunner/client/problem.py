"""A refusal as it came over HTTP -> `errors.Problem`, whoever wrote it: the server (RFC 9457) or a proxy before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from jobrunner.errors import Problem

_LONGEST_DETAIL = 300


async def problem_from(response: aiohttp.ClientResponse) -> Problem:
    """Read the body of a refusal. Raises no more than any reading of a body does."""
    text = (await response.content.read(1 << 20)).decode(errors="replace")
    advice_s = retry_after_s(response.headers.get("Retry-After"), datetime.now(UTC))
    return problem(response.status, response.reason or "", text, advice_s)


def problem(status: int, reason: str, text: str, advice_s: float | None) -> Problem:
    """Make the error from a status and a body; one that is no problem+json gets the code `http-<status>`."""
    body = _object(text)
    code = body.get("code") or str(body.get("type", "")).rpartition("urn:jobrunner:problem:")[2]
    title = str(body.get("title") or reason or f"HTTP {status}")
    detail = str(body.get("detail") or ("" if body else _plain(text)))
    return Problem(
        status, str(code or f"http-{status}"), title, detail, pointers=_pointers(body), retry_after_s=advice_s
    )


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Read Retry-After, seconds or an HTTP date (RFC 9110, section 10.2.3); None when it is neither."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


def _object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _pointers(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the faults; a parameter has its name where a body has a pointer."""
    faults = body.get("errors")
    faults = [fault for fault in faults if isinstance(fault, dict)] if isinstance(faults, list) else []
    return [
        (str(fault.get("pointer") or fault.get("parameter") or ""), str(fault.get("detail", ""))) for fault in faults
    ]


def _plain(text: str) -> str:
    """Return one short line of a body that was not made for us; a page of HTML says nothing."""
    line = " ".join(text.split())
    return "" if line.startswith("<") else line[:_LONGEST_DETAIL]
