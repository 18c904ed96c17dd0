"""What a client accepts (RFC 9110, section 12.5.1): a stream of events, or JSON."""

from __future__ import annotations

import re

from aiohttp import web

from jobrunner.errors import NotAcceptable

JSON = "application/json"
STREAM = "text/event-stream"
QUALITY = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)")


def wants_stream(request: web.Request) -> bool:
    """Tell whether events are accepted, and not JSON first; raise NotAcceptable for neither."""
    ranges = ",".join(request.headers.getall("Accept", ["*/*"])).lower().split(",")
    for quality, kind in sorted(map(_parsed, ranges), key=lambda pair: -pair[0]):
        if quality and kind in {STREAM, "text/*"}:
            return True
        if quality and kind in {JSON, "application/*", "*/*", ""}:
            return False
    raise NotAcceptable(f"There is {STREAM} and {JSON}.")


def _parsed(given: str) -> tuple[float, str]:
    kind, *parameters = (each.strip() for each in given.split(";"))
    found = (QUALITY.fullmatch(each) for each in parameters)
    return next((float(each[1]) for each in found if each), 1.0), kind
