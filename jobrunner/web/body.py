"""The body of a request: read in time, within its limit, and as JSON that every reader can take."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, NoReturn, TypeVar

from aiohttp import BodyPartReader, web
from aiohttp.http import HttpProcessingError
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jobrunner.errors import Invalid, Malformed, TooLarge, TooSlow, WrongMediaType
from jobrunner.model.document import DEEPEST, escape, first_fault
from jobrunner.web.keys import runner_of
from jobrunner.web.rules import recheck

M = TypeVar("M", bound=BaseModel)

CHUNK = 1 << 18


async def read_json(request: web.Request, limit: int, *, empty: Any = None) -> Any:
    """Return the JSON of a body, or `empty` for none; raise TooLarge, TooSlow, WrongMediaType or Malformed.

    Raise Unauthorized when the right of who sends it has ended meanwhile.
    """
    check_encoding(request)
    if request.body_exists and request.content_type != "application/json":
        raise WrongMediaType(f"Send application/json, not {request.content_type}.")
    data = b"".join([chunk async for chunk in chunks(request, limit)])
    recheck(request)
    return empty if not data and empty is not None else parse(data)


def checked(model: type[M], document: Any, detail: str, pointer: str = "") -> M:
    """Return a document as a model of it; raise Invalid with a pointer for each fault."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise Invalid(detail, pointers=[_fault(each, pointer) for each in _faults(error)]) from None


def check_encoding(request: web.Request) -> None:
    """Raise WrongMediaType for a compressed body, whose real size nobody can know."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongMediaType("Send the body as it is, without Content-Encoding.")


async def chunks(request: web.Request, limit: int) -> AsyncIterator[bytes]:
    """Go through the bytes of a body; raise TooLarge beyond `limit`, TooSlow when none arrive for the time allowed."""
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge(f"The body has {request.content_length} bytes, {limit} are allowed.")
    if request.content.is_eof() and request.content_length is not None:
        yield request.content.read_nowait()  # all of it is here: nothing to wait for
        return
    seen = 0
    while chunk := await in_time(request, request.content.read(CHUNK)):
        seen += len(chunk)
        if seen > limit:
            raise TooLarge(f"The body has more than the {limit} bytes that are allowed.")
        yield chunk


async def part_chunks(request: web.Request, part: BodyPartReader) -> AsyncIterator[bytes]:
    """Go through the bytes of a part of a multipart body."""
    while chunk := await in_time(request, part.read_chunk(CHUNK)):
        yield bytes(chunk)


async def in_time(request: web.Request, read: Any) -> Any:
    """Return what a read brings; raise TooSlow when it takes too long, Malformed when it brings no body."""
    pause_s = runner_of(request).settings.server.body_timeout.total_seconds()
    try:
        async with asyncio.timeout(pause_s):
            return await read
    except TimeoutError:
        raise TooSlow(f"No bytes of the body arrived for {pause_s:g} s.") from None
    except (HttpProcessingError, web.RequestPayloadError) as error:
        raise Malformed(f"The body cannot be read ({type(error).__name__}).") from None


def parse(data: bytes) -> Any:
    """Return JSON; raise Malformed, with a pointer, for what is none or what not every reader can take."""
    try:
        value = json.loads(data.decode(), parse_constant=_refuse_constant, parse_int=_whole, object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {error.start} cannot be decoded.") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error.msg} at line {error.lineno} column {error.colno}.") from None
    except RecursionError:
        raise Malformed(f"The body is nested deeper than {DEEPEST} levels.") from None
    fault = first_fault(value)
    if fault is not None:
        raise Malformed("The JSON holds what not every reader can take.", pointers=[fault])
    return value


def _faults(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _fault(details: ErrorDetails, pointer: str) -> tuple[str, str]:
    steps = (step for step in details["loc"] if not str(step).startswith("function"))
    return pointer + "".join(f"/{escape(step)}" for step in steps), details["msg"]


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"The body holds {name}, which is no JSON; send null.")


def _whole(digits: str) -> int:
    if len(digits) > 20:  # noqa: PLR2004 - the longest number of 64 bits with its sign
        raise Malformed("The body holds an integer that does not fit into 64 bits; send it as text.")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        double, _times = Counter(name for name, _ in pairs).most_common(1)[0]
        raise Malformed(f"The body names {double[:100]!r} twice in one object.")
    return found
