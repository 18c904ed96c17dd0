"""One HTTP call as a value: what is asked, so that it can be asked again. Does no I/O."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from jobrunner.errors import Problem

API = "/api/v1"
Params = Sequence[tuple[str, str]]
Body = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked. `path` is already quoted and lies `below` a path; `body` opens what is sent anew for each try."""

    method: str
    path: str
    params: Params = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = nullcontext
    below: str = API


def get(path: str, params: Params = (), **headers: str) -> Call:
    """Read something."""
    return Call("GET", path, params, headers)


def post(
    path: str, content: object, *, key: str | None = None, params: Params = (), below: str = API, **headers: str
) -> Call:
    """Send JSON; with a key it may be sent again. Raises ValueError for what JSON cannot say, such as NaN."""
    sent = {"Content-Type": "application/json"} | headers | (idempotency(key) if key else {})
    return Call("POST", path, params, sent, _json(content), below)


def put(path: str, content: object) -> Call:
    """Send JSON to stand in a place; it may be sent again."""
    return Call("PUT", path, headers={"Content-Type": "application/json"}, body=_json(content))


def _json(content: object) -> Body:
    data = json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
    return lambda: nullcontext(data)


def idempotency(key: str) -> dict[str, str]:
    """Quote the key as a structured field string (draft-ietf-httpapi-idempotency-key-header, RFC 9651)."""
    if not (key.isascii() and key.isprintable()):
        raise ValueError("an idempotency key is printable ASCII")
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return {"Idempotency-Key": f'"{escaped}"'}


def new_key() -> str:
    """Return a key that nobody has used."""
    return str(uuid.uuid4())


def job_path(job_id: str, *rest: str) -> str:
    """Return the path of a job or of something below it; raise Problem for an id that cannot name one."""
    if not job_id.strip("./"):
        raise Problem(404, "unknown-job", "No such job", f"{job_id!r} is no job id.")
    return path("jobs", job_id, *rest)


def path(*segments: str) -> str:
    """Return a path of names that may hold anything."""
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


def params(**values: object) -> Params:
    """Write query parameters: None is left out, a list repeats its key."""
    return [(key, _text(value)) for key, given in values.items() for value in _each(given)]


def _each(given: object) -> Iterable[object]:
    if given is None:
        return ()
    return given if isinstance(given, (list, tuple, set, frozenset)) else (given,)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(on_the_wire(value))


def on_the_wire(value: object) -> object:
    """Write a time as RFC 3339 in UTC and a duration as seconds; leave the rest."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
