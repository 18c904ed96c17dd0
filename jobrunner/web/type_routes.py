"""Addresses that a type has for itself: what is sent there is its payload. All else is as with POST /jobs.

Steps in braces are members of the payload. What is said beside a payload stands in the query or, where the type has an
envelope, in the members around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from jobrunner.engine.job_type import JobType
from jobrunner.errors import ConfigError, Invalid, RequestError
from jobrunner.model.document import escape
from jobrunner.model.subject import Action
from jobrunner.web.jobs import submit_as
from jobrunner.web.query import Query
from jobrunner.web.rules import KNOWN, Route, Rule

BESIDE = ("priority", "user_id", "title", "tags")


def routes_of(types: Iterable[JobType], taken: Iterable[Route]) -> tuple[Route, ...]:
    """Return the routes of the types; raise ConfigError for one that some request would take for another."""
    owners = {route.path: f"the server's {route.path}" for route in taken}
    made = []
    for job_type in types:
        for path in job_type.routes:
            key = f"types.{job_type.name}.routes"
            for known, owner in owners.items():
                if overlap(path, known):
                    raise ConfigError(key, f"{path} of {job_type.name} is the same address as {owner}")
            owners[path] = f"{path} of {job_type.name}"
            rule = Rule(KNOWN, Action.SUBMIT, job_type=job_type.name)
            made.append(Route("POST", path, rule, _submit_to(job_type.name, job_type.envelope)))
    return tuple(made)


def overlap(one: str, other: str) -> bool:
    """Tell whether there is an address that two paths both mean."""
    steps, others = one.split("/"), other.split("/")
    return len(steps) == len(others) and all(
        step == known or "{" in step[:1] + known[:1] for step, known in zip(steps, others, strict=True)
    )


def _submit_to(job_type: str, envelope: str | None) -> Handler:
    async def submit(request: web.Request) -> web.Response:
        """Accept a job of the type."""
        beside = _beside(request)
        with _pointing(envelope, beside):
            return await submit_as(request, _document_of(job_type, envelope, beside, request.match_info), empty={})

    return submit


def _document_of(
    job_type: str, envelope: str | None, beside: Mapping[str, Any], steps: Mapping[str, str]
) -> Callable[[Any], dict[str, Any]]:
    """Return what makes a submission of what is sent to a route."""

    def document_of(told: Any) -> dict[str, Any]:
        around: dict[str, Any] = {}
        if envelope is not None:
            told, around = _opened(told, envelope)
        for name in beside.keys() & around.keys():
            raise _wrong(name, "stands in the query and in the body")
        return {**around, **beside, "type": job_type, "payload": _with_steps(told, steps)}

    return document_of


def _opened(told: Any, envelope: str) -> tuple[Any, dict[str, Any]]:
    """Return the payload and what stands beside it."""
    if not isinstance(told, dict):
        raise _wrong("", f"an object with the member {envelope!r}")
    around = {name: value for name, value in told.items() if name != envelope}
    for name in around.keys() & {"type", "payload"}:
        raise _wrong(f"/{name}", f"is not said here: the payload is {envelope!r}")
    return told.get(envelope, {}), around


def _with_steps(payload: Any, steps: Mapping[str, str]) -> Any:
    """Put the steps of the path into the payload; one that stands there already has to be the same."""
    if not steps:
        return payload
    if not isinstance(payload, dict):
        raise _wrong("/payload", f"an object, for the address holds its members: {', '.join(steps)}")
    for name, value in steps.items():
        if name in payload and str(payload[name]) != value:
            raise _wrong(f"/payload/{escape(name)}", "the address says something else")
    return {**payload, **{name: value for name, value in steps.items() if name not in payload}}


def _beside(request: web.Request) -> dict[str, Any]:
    """Return what the query says beside the payload."""
    query = Query.of(request, *BESIDE)
    said: dict[str, Any] = {name: query.one(name) for name in ("user_id", "title") if name in query}
    if "priority" in query:
        said["priority"] = query.whole("priority", 0, 0, 9)
    if "tags" in query:
        said["tags"] = request.query.getall("tags")
    return said


@contextmanager
def _pointing(envelope: str | None, beside: Mapping[str, Any]) -> Iterator[None]:
    """Let faults point at where it was said: into the body as it was sent, or at a parameter of the query."""
    try:
        yield
    except RequestError as error:
        error.pointers = tuple((_pointer(where, envelope, beside), fault) for where, fault in error.pointers)
        raise


def _pointer(where: str, envelope: str | None, beside: Mapping[str, Any]) -> str:
    first, *rest = where.removeprefix("/").split("/")
    if where.startswith("/payload"):
        return "".join(f"/{step}" for step in ([] if envelope is None else [escape(envelope)]) + rest)
    return first if first in beside else where


def _wrong(pointer: str, fault: str) -> Invalid:
    return Invalid("The request is not valid.", pointers=[(pointer, fault)])
