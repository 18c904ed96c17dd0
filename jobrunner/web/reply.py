"""An answer in JSON, which nobody may keep unless it says so."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web

from jobrunner.web import show

JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store"}
_NOTHING: Mapping[str, str] = MappingProxyType({})


def reply(value: Any, status: int = 200, headers: Mapping[str, str] = _NOTHING) -> web.Response:
    """Answer with a value, or with bytes that are JSON already."""
    body = value if isinstance(value, bytes) else show.encode(value)
    return web.Response(body=body, status=status, content_type=JSON, headers={**NO_STORE, **headers})
